//! A signed profile: openssl and GnuTLS find the signature good, the content is the profile byte for byte, and what was changed is
//! refused. The signer is one that a CA of openssl's made, as a public CA would.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::{
    TestHome,
    tools::{commands, present},
};

/// A root, a CA below it, and a signer, made by openssl in one directory.
struct Signer {
    directory: PathBuf,
    home: TestHome,
}

/// How openssl makes a key, and the digest it signs with.
const KEYS: [(&str, &[&str], &str); 4] = [
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "SHA256"),
    ("rsa4096", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"], "SHA256"),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "SHA256"),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "SHA384"),
];

const PASSPHRASE: &str = "open sesame";

impl Signer {
    fn new(key: &[&str]) -> Self {
        let home = TestHome::with_ca::<&str>(&[]);
        let signer = Self { directory: home.directory().to_owned(), home };
        let subjects =
            [("root", "/CN=Public Root"), ("middle", "/O=Public/CN=Middle"), ("leaf", "/CN=hub.example.org")];
        for (name, subject) in subjects {
            signer.openssl(&[&["genpkey", "-out", &format!("{name}.key")][..], key].concat());
            let request = format!("{name}.csr");
            signer.openssl(&["req", "-new", "-key", &format!("{name}.key"), "-subj", subject, "-out", &request]);
        }
        fs::write(signer.file("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n").unwrap();
        fs::write(
            signer.file("leaf.ext"),
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:hub.example.org\n",
        )
        .unwrap();
        signer.certify("root", &["-signkey", "root.key"], "ca.ext");
        signer.certify("middle", &["-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial"], "ca.ext");
        signer.certify("leaf", &["-CA", "middle.crt", "-CAkey", "middle.key", "-CAcreateserial"], "leaf.ext");
        signer
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn openssl(&self, line: &[&str]) {
        let output = Command::new("openssl").args(line).current_dir(&self.directory).output().unwrap();
        assert!(output.status.success(), "openssl {line:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn certify(&self, name: &str, by: &[&str], extensions: &str) {
        let (request, certificate) = (format!("{name}.csr"), format!("{name}.crt"));
        let line = ["x509", "-req", "-in", &request, "-days", "30", "-extfile", extensions, "-out", &certificate];
        self.openssl(&[&line[..], by].concat());
    }

    /// The profile that is written with these options besides.
    fn export(&self, name: &str, options: &[&str]) -> PathBuf {
        let out = self.file(name);
        self.home.hubca(&[&["export", "ios", "--out", out.to_str().unwrap()][..], options].concat()).succeeded();
        out
    }

    /// What openssl says of a signed profile, whose content it writes into `content`.
    fn verify(&self, signed: &Path) -> Output {
        let line = ["cms", "-verify", "-binary", "-inform", "der", "-CAfile", "root.crt", "-purpose", "any"];
        let mut command = Command::new("openssl");
        command.args(line).args(["-no-CApath", "-no-CAstore", "-out", "content", "-in"]).arg(signed);
        command.current_dir(&self.directory).output().unwrap()
    }
}

#[test]
fn openssl_and_gnutls_find_a_signed_profile_good_and_every_octet_in_it() {
    if !present("signed profiles", &commands(&["openssl", "certtool"])) {
        return;
    }
    for (name, key, digest) in KEYS {
        let signer = Signer::new(key);
        let plain = fs::read(signer.export("plain", &[])).unwrap();
        let line = ["--sign-cert", "leaf.crt", "--sign-key", "leaf.key", "--sign-chain", "middle.crt"];
        let signed = signer.export("signed", &line);
        let output = signer.verify(&signed);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(fs::read(signer.file("content")).unwrap() == plain, "{name}: the content is another");
        let told = Command::new("openssl")
            .args(["cms", "-cmsout", "-print", "-inform", "der", "-in"])
            .arg(&signed)
            .output()
            .unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        for wanted in
            ["d.signedData", "version: 1", "issuerAndSerialNumber", "contentType", "signingTime", "messageDigest"]
        {
            assert!(told.contains(wanted), "{name}: no {wanted} in\n{told}");
        }
        assert!(told.to_uppercase().contains(digest), "{name}: no {digest} in\n{told}");
        // The signer and the CA between it and the root, which devices have.
        assert_eq!(told.matches("d.certificate:").count(), 2, "{name}");
        let output = Command::new("certtool")
            .args(["--p7-verify", "--inder", "--load-ca-certificate", "root.crt", "--infile"])
            .arg(&signed)
            .current_dir(&signer.directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_changed_profile_and_another_root_are_refused() {
    if !present("signed profiles", &commands(&["openssl"])) {
        return;
    }
    let signer = Signer::new(KEYS[2].1);
    let line = ["--sign-cert", "leaf.crt", "--sign-key", "leaf.key", "--sign-chain", "middle.crt"];
    let signed = signer.export("signed", &line);
    let mut bytes = fs::read(&signed).unwrap();
    let place = bytes.windows(8).position(|window| window == b"Test Hub").unwrap();
    bytes[place] = b'B';
    let changed = signer.file("changed");
    fs::write(&changed, &bytes).unwrap();
    assert!(signer.verify(&signed).status.success());
    assert!(!signer.verify(&changed).status.success());
    let told = signer.home.hubca(&["inspect", changed.to_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!(told["objects"][0]["signature"]["matches"], false);
    // Without the CA in the middle the path ends before the root.
    let alone = signer.export("alone", &["--sign-cert", "leaf.crt", "--sign-key", "leaf.key"]);
    assert!(!signer.verify(&alone).status.success());
    fs::copy(signer.home.file("root/root.crt.pem"), signer.file("root.crt")).unwrap();
    assert!(!signer.verify(&signed).status.success());
}

#[test]
fn an_encrypted_key_signs_once_its_passphrase_is_there() {
    if !present("signed profiles", &commands(&["openssl"])) {
        return;
    }
    let signer = Signer::new(KEYS[2].1);
    let sealing = ["pkcs8", "-topk8", "-in", "leaf.key", "-out", "sealed.key", "-passout"];
    signer.openssl(&[&sealing[..], &[&format!("pass:{PASSPHRASE}")]].concat());
    fs::write(signer.file("passphrase"), PASSPHRASE).unwrap();
    for name in ["passphrase", "sealed.key"] {
        fs::set_permissions(signer.file(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let line = ["--sign-cert", "leaf.crt", "--sign-key", "sealed.key", "--sign-chain", "middle.crt"];
    let unasked = signer.home.hubca(&[&["export", "ios", "--out", "x"][..], &line].concat()).failed_with(1);
    assert!(unasked.stderr.contains("--sign-passphrase-file"), "{unasked}");
    let signed = signer.export("signed", &[&line[..], &["--sign-passphrase-file", "passphrase"]].concat());
    assert!(signer.verify(&signed).status.success());
}

#[test]
fn a_profile_that_openssl_signed_is_told_in_words() {
    if !present("signed profiles", &commands(&["openssl"])) {
        return;
    }
    let signer = Signer::new(KEYS[0].1);
    signer.export("plain", &[]);
    let line = ["-signer", "leaf.crt", "-inkey", "leaf.key", "-certfile", "middle.crt", "-binary", "-in", "plain"];
    for (form, options) in
        [("der", &["-nodetach"][..]), ("ber", &["-nodetach", "-stream"]), ("keyid", &["-nodetach", "-keyid"])]
    {
        // `smime` signs as Apple's own guide does; `cms` can name the signer by its key.
        let command = if form == "keyid" { "cms" } else { "smime" };
        signer.openssl(&[&[command, "-sign", "-outform", "der", "-out", form][..], &line, options].concat());
        let told = signer.home.hubca(&["inspect", form, "--json"]).succeeded().json();
        let profile = &told["objects"][0];
        assert_eq!(profile["kind"], "apple_profile", "{form}");
        assert_eq!(profile["display_name"], "Test Hub", "{form}");
        assert_eq!(profile["signature"]["matches"], true, "{form}: {}", profile["signature"]["reason"]);
        assert_eq!(profile["signature"]["signer"]["subject"], "CN=hub.example.org", "{form}");
    }
}
