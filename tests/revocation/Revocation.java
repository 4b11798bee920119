// Java's PKIX validator with revocation on: a root, a chain, and the lists that it may look into. Ends with 0 if the chain holds.

import java.io.FileInputStream;
import java.io.InputStream;
import java.security.cert.CRL;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

public final class Revocation {
    public static void main(String[] arguments) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> chain = new ArrayList<>();
        Collection<? extends CRL> lists;
        X509Certificate root;
        try (InputStream file = new FileInputStream(arguments[0])) {
            root = (X509Certificate) factory.generateCertificate(file);
        }
        try (InputStream file = new FileInputStream(arguments[1])) {
            chain.addAll(factory.generateCertificates(file));
        }
        try (InputStream file = new FileInputStream(arguments[2])) {
            lists = factory.generateCRLs(file);
        }
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(true);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        CertPath path = factory.generateCertPath(chain);
        try {
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (CertPathValidatorException refused) {
            System.out.println(refused.getReason() + ": " + refused.getMessage());
            System.exit(1);
        }
    }
}
