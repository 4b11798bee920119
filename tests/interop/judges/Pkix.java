// Java's PKIX trust manager as a judge; README.md beside this file tells what goes in and out.

import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

public final class Pkix {
    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] fields = line.split("\t");
            List<X509Certificate> roots = read(fields[0]);
            List<X509Certificate> sent = read(fields[2]);
            sent.addAll(read(fields[1]));
            answers.println(judge(roots, sent, fields[3].equals("dns"), fields[4]));
        }
    }

    private static String judge(List<X509Certificate> roots, List<X509Certificate> sent, boolean isDns, String name)
            throws Exception {
        X509ExtendedTrustManager manager = trusting(roots);
        String exchange = sent.get(0).getPublicKey().getAlgorithm().equals("EC") ? "ECDHE_ECDSA" : "ECDHE_RSA";
        try {
            manager.checkServerTrusted(sent.toArray(new X509Certificate[0]), exchange, new Connecting(name, isDns));
            return "accepts";
        } catch (CertificateException refused) {
            StringBuilder reason = new StringBuilder();
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                reason.append(reason.length() == 0 ? "" : ": ").append(cause.getMessage());
            }
            return "refuses\t" + reason.toString().replaceAll("\\s+", " ");
        }
    }

    private static X509ExtendedTrustManager trusting(List<X509Certificate> roots) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate root : roots) {
            store.setCertificateEntry("root " + store.size(), root);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager) {
                return (X509ExtendedTrustManager) manager;
            }
        }
        throw new IllegalStateException("no X509ExtendedTrustManager");
    }

    private static List<X509Certificate> read(String path) throws Exception {
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream file = new FileInputStream(path)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                certificates.add((X509Certificate) certificate);
            }
        }
        return certificates;
    }

    /**
     * A TLS client in the middle of its handshake with {@code host}: all that the trust manager asks of an engine, and the only
     * public way to make it compare the name as HTTPS does.
     */
    private static final class Connecting extends SSLEngine {
        private final String host;
        private final boolean isDns;

        Connecting(String host, boolean isDns) {
            super(host, 443);
            this.host = host;
            this.isDns = isDns;
        }

        @Override public SSLSession getHandshakeSession() {
            return new Session(host, isDns);
        }

        @Override public SSLParameters getSSLParameters() {
            SSLParameters parameters = new SSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            return parameters;
        }

        @Override public SSLEngineResult wrap(ByteBuffer[] s, int o, int l, ByteBuffer d) { throw new UnsupportedOperationException(); }
        @Override public SSLEngineResult unwrap(ByteBuffer s, ByteBuffer[] d, int o, int l) { throw new UnsupportedOperationException(); }
        @Override public Runnable getDelegatedTask() { return null; }
        @Override public void closeInbound() { }
        @Override public boolean isInboundDone() { return false; }
        @Override public void closeOutbound() { }
        @Override public boolean isOutboundDone() { return false; }
        @Override public String[] getSupportedCipherSuites() { return new String[0]; }
        @Override public String[] getEnabledCipherSuites() { return new String[0]; }
        @Override public void setEnabledCipherSuites(String[] suites) { }
        @Override public String[] getSupportedProtocols() { return new String[0]; }
        @Override public String[] getEnabledProtocols() { return new String[0]; }
        @Override public void setEnabledProtocols(String[] protocols) { }
        @Override public SSLSession getSession() { return getHandshakeSession(); }
        @Override public void beginHandshake() { }
        @Override public SSLEngineResult.HandshakeStatus getHandshakeStatus() { return SSLEngineResult.HandshakeStatus.NEED_TASK; }
        @Override public void setUseClientMode(boolean mode) { }
        @Override public boolean getUseClientMode() { return true; }
        @Override public void setNeedClientAuth(boolean need) { }
        @Override public boolean getNeedClientAuth() { return false; }
        @Override public void setWantClientAuth(boolean want) { }
        @Override public boolean getWantClientAuth() { return false; }
        @Override public void setEnableSessionCreation(boolean flag) { }
        @Override public boolean getEnableSessionCreation() { return true; }
    }

    private static final class Session extends ExtendedSSLSession {
        private final String host;
        private final boolean isDns;

        Session(String host, boolean isDns) {
            this.host = host;
            this.isDns = isDns;
        }

        @Override public String getPeerHost() { return host; }
        @Override public int getPeerPort() { return 443; }
        @Override public String getProtocol() { return "TLSv1.2"; }
        // Server name indication carries DNS names only (RFC 6066 section 3).
        @Override public List<SNIServerName> getRequestedServerNames() {
            return isDns ? List.of(new SNIHostName(host)) : List.of();
        }
        @Override public List<byte[]> getStatusResponses() { return List.of(); }
        @Override public String[] getLocalSupportedSignatureAlgorithms() {
            return new String[] {
                "SHA256withECDSA", "SHA384withECDSA", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA",
            };
        }
        @Override public String[] getPeerSupportedSignatureAlgorithms() { return getLocalSupportedSignatureAlgorithms(); }

        @Override public byte[] getId() { return new byte[0]; }
        @Override public SSLSessionContext getSessionContext() { return null; }
        @Override public long getCreationTime() { return 0; }
        @Override public long getLastAccessedTime() { return 0; }
        @Override public void invalidate() { }
        @Override public boolean isValid() { return true; }
        @Override public void putValue(String name, Object value) { }
        @Override public Object getValue(String name) { return null; }
        @Override public void removeValue(String name) { }
        @Override public String[] getValueNames() { return new String[0]; }
        @Override public Certificate[] getPeerCertificates() { return new Certificate[0]; }
        @Override public Certificate[] getLocalCertificates() { return new Certificate[0]; }
        @Override public Principal getPeerPrincipal() { return null; }
        @Override public Principal getLocalPrincipal() { return null; }
        @Override public String getCipherSuite() { return "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"; }
        @Override public int getPacketBufferSize() { return 16384; }
        @Override public int getApplicationBufferSize() { return 16384; }
    }
}
