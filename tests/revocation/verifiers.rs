//! openssl, GnuTLS, NSS, Java, Python's cryptography and pkilint, with CAs of both kinds of key.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::TestHome;
use crate::support::tools::{commands, present, python};

/// A CA with a certificate that is good and one that is revoked.
struct Scene {
    home: TestHome,
    key: &'static str,
}

impl Scene {
    fn both() -> [Self; 2] {
        ["p256", "rsa2048"].map(|key| {
            let home = TestHome::with_ca(&["--key", key]);
            home.hubca(&["issue", "--dns", "good.lan"]).succeeded();
            home.hubca(&["issue", "--dns", "bad.lan"]).succeeded();
            home.hubca(&["revoke", "bad.lan", "--reason", "keyCompromise"]).succeeded();
            Self { home, key }
        })
    }

    fn path(&self, name: &str) -> String {
        self.home.file(name).to_str().unwrap().to_owned()
    }

    /// Both lists in one PEM file.
    fn lists(&self) -> String {
        let path = self.home.directory().join("lists.pem");
        let texts = ["crl/root-1.crl.pem", "crl/issuing-1.crl.pem"].map(|name| std::fs::read(self.path(name)).unwrap());
        std::fs::write(&path, texts.concat()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Asks a verifier about both certificates.
    #[track_caller]
    fn asks(&self, verify: impl Fn(&str) -> Output, refusal: &str) {
        for (label, expected) in [("good.lan", true), ("bad.lan", false)] {
            let output = verify(label);
            let told = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
            let told = String::from_utf8_lossy(&told);
            assert_eq!(output.status.success(), expected, "{} {label}: {told}", self.key);
            assert!(expected || told.contains(refusal), "{} {label}: {told}", self.key);
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

#[track_caller]
fn ran(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let told = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {told}");
    told
}

#[test]
fn openssl_refuses_what_is_revoked() {
    if !present("CRLs", &commands(&["openssl"])) {
        return;
    }
    for scene in Scene::both() {
        let (root, lists) = (scene.path("root/root.crt.pem"), scene.lists());
        for (list, ca) in [("crl/issuing-1.crl", "issuing/1/ca.crt.pem"), ("crl/root-1.crl", "root/root.crt.pem")] {
            let line =
                ["crl", "-inform", "DER", "-in", &scene.path(list), "-CAfile", &scene.path(ca), "-noout", "-verify"];
            assert!(ran("openssl", &line).contains("verify OK"));
        }
        let verify = |label: &str| {
            let (chain, leaf) =
                (scene.path(&format!("live/{label}/chain.pem")), scene.path(&format!("live/{label}/cert.pem")));
            let line = ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", &lists, "-CAfile", &root];
            run("openssl", &[&line[..], &["-untrusted", &chain, &leaf]].concat())
        };
        scene.asks(verify, "certificate revoked");
    }
}

#[test]
fn gnutls_refuses_what_is_revoked() {
    if !present("CRLs", &commands(&["certtool"])) {
        return;
    }
    for scene in Scene::both() {
        let (root, lists) = (scene.path("root/root.crt.pem"), scene.path("crl/issuing-1.crl.pem"));
        for (list, ca) in
            [("crl/issuing-1.crl.pem", "issuing/1/ca.crt.pem"), ("crl/root-1.crl.pem", "root/root.crt.pem")]
        {
            let line = ["--verify-crl", "--load-ca-certificate", &scene.path(ca), "--infile", &scene.path(list)];
            assert!(ran("certtool", &line).contains("Verified. The certificate is trusted."));
        }
        let verify = |label: &str| {
            let chain = scene.path(&format!("live/{label}/fullchain.pem"));
            run("certtool", &["--verify", "--load-ca-certificate", &root, "--load-crl", &lists, "--infile", &chain])
        };
        scene.asks(verify, "revoked");
    }
}

#[test]
fn nss_refuses_what_is_revoked() {
    if !present("CRLs", &commands(&["certutil", "crlutil"])) {
        return;
    }
    for scene in Scene::both() {
        let directory = tempfile::tempdir().unwrap();
        let place = format!("sql:{}", directory.path().display());
        ran("certutil", &["-N", "-d", &place, "--empty-password"]);
        let add = |name: &str, trust: &str, file: &str| {
            ran("certutil", &["-A", "-n", name, "-t", trust, "-a", "-i", &scene.path(file), "-d", &place]);
        };
        add("root", "C,,", "root/root.crt.pem");
        add("issuing", ",,", "issuing/1/ca.crt.pem");
        for label in ["good.lan", "bad.lan"] {
            add(label, ",,", &format!("live/{label}/cert.pem"));
        }
        for list in ["crl/root-1.crl", "crl/issuing-1.crl"] {
            ran("crlutil", &["-I", "-t", "1", "-i", &scene.path(list), "-d", &place]);
        }
        scene.asks(|label| run("certutil", &["-V", "-n", label, "-u", "V", "-d", &place]), "has been revoked");
    }
}

#[test]
fn java_reads_both_lists() {
    if !present("CRLs", &commands(&["keytool"])) {
        return;
    }
    for scene in Scene::both() {
        let told = ran("keytool", &["-printcrl", "-file", &scene.path("crl/issuing-1.crl")]);
        assert!(told.contains("Reason Code: Key Compromise") || told.contains("KEY_COMPROMISE"), "{told}");
        ran("keytool", &["-printcrl", "-file", &scene.path("crl/root-1.crl.pem")]);
    }
}

#[test]
fn java_refuses_what_is_revoked() {
    if !present("CRLs", &commands(&["java"])) {
        return;
    }
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revocation/Revocation.java");
    for scene in Scene::both() {
        let (root, lists) = (scene.path("root/root.crt.pem"), scene.lists());
        let verify = |label: &str| {
            let chain = scene.path(&format!("live/{label}/fullchain.pem"));
            run("java", &[judge.to_str().unwrap(), &root, &chain, &lists])
        };
        scene.asks(verify, "REVOKED");
    }
}

#[test]
fn cryptography_verifies_both_lists_and_finds_what_is_revoked() {
    if !present("CRLs", &[python()]) {
        return;
    }
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revocation/lists.py");
    for scene in Scene::both() {
        let python = python();
        let home = scene.home.path().to_str().unwrap();
        ran(python.to_str().unwrap(), &[judge.to_str().unwrap(), home]);
    }
}

#[test]
fn pkilint_finds_nothing_in_either_list() {
    if !present("CRLs", &[python()]) {
        return;
    }
    let python: PathBuf = python();
    let lint = |kind: &str, rules: &str, list: &str| {
        let line = ["-m", "pkilint.bin.lint_crl", "lint", "-t", kind, "-p", rules, "-s", "WARNING", list];
        let output = run(python.to_str().unwrap(), &line);
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    for scene in Scene::both() {
        for rules in ["PKIX", "BR"] {
            for (kind, list) in [("CRL", "crl/issuing-1.crl"), ("ARL", "crl/root-1.crl")] {
                let (passed, told) = lint(kind, rules, &scene.path(list));
                assert!(passed, "{} {kind} {rules}: {told}", scene.key);
            }
        }
        // It can say no: a list of servers must not last a year.
        let (passed, told) = lint("CRL", "BR", &scene.path("crl/root-1.crl"));
        assert!(!passed, "{told}");
    }
}
