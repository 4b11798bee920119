//! What no device would take for a CA, or cannot be opened: refused, with what it means and the way out, and nothing is left.

use std::path::Path;

use crate::openssl_ca::openssl;
use crate::support::TestHome;

/// A root with an open key, made by these commands; gives the two files.
fn root(directory: &Path, key: &str, options: &str) -> [String; 2] {
    let [key_path, cert_path] = ["root.key", "root.crt"].map(|name| directory.join(name).to_str().unwrap().to_owned());
    openssl(&format!("{key} -out {key_path}"));
    openssl(&format!("req -x509 -new -key {key_path} {options} -out {cert_path}"));
    [cert_path, key_path]
}

#[track_caller]
fn refusal(home: &TestHome, [cert, key]: &[String; 2]) -> String {
    let answer = home
        .hubca(&["--json", "import", "pem", "--root-cert", cert, "--root-key", key, "--no-passphrase"])
        .failed_with(1);
    assert!(!home.path().exists(), "something is left: {answer}");
    answer.error().to_string()
}

const P256: &str = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";

#[test]
fn keys_that_devices_refuse_are_refused_with_what_it_means() {
    for (key, told) in [
        ("genpkey -algorithm ED25519", "Ed25519 keys are not used here"),
        ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", "RSA key is refused"),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", "P-521 keys are not used here"),
    ] {
        let home = TestHome::empty();
        let files = root(home.directory(), key, "-subj /CN=Old -days 3650");
        let said = refusal(&home, &files);
        assert!(said.contains(told) && said.contains("refuse") && said.contains("make a new CA with hubca"), "{said}");
    }
}

#[test]
fn certificates_that_are_no_cas_are_refused() {
    let home = TestHome::empty();
    let files = root(home.directory(), P256, "-subj /CN=Old -days 3650 -addext basicConstraints=critical,CA:FALSE");
    assert!(refusal(&home, &files).contains("does not say that it is a CA"));
    let home = TestHome::empty();
    let files = root(home.directory(), P256, "-subj /CN=Old -days 3650 -addext keyUsage=digitalSignature");
    assert!(refusal(&home, &files).contains("does not let it sign certificates"));
    // As `openssl x509 -req -signkey` makes it, of version 1.
    let home = TestHome::empty();
    let [cert, key] = root(home.directory(), P256, "-subj /CN=Old -days 3650");
    let request = home.directory().join("root.csr").to_str().unwrap().to_owned();
    openssl(&format!("req -new -key {key} -subj /CN=Old -out {request}"));
    openssl(&format!("x509 -req -in {request} -signkey {key} -days 3650 -out {cert}"));
    let said = refusal(&home, &[cert, key]);
    assert!(said.contains("it is of version 1"), "{said}");
}

#[test]
fn what_is_over_or_belongs_to_another_is_refused() {
    let home = TestHome::empty();
    let [cert, key] = root(home.directory(), P256, "-subj /CN=Old -days 3650");
    let other = home.directory().join("other.key").to_str().unwrap().to_owned();
    openssl(&format!("{P256} -out {other}"));
    assert!(refusal(&home, &[cert.clone(), other]).contains("is not that of"));
    let request = home.directory().join("root.csr").to_str().unwrap().to_owned();
    let book = home.directory().join("book");
    std::fs::write(&book, "").unwrap();
    openssl(&format!("req -new -key {key} -subj /CN=Old -out {request}"));
    let config = home.directory().join("over.cnf");
    let text = format!(
        "[ca]\ndefault_ca=o\n[o]\ndatabase={}\nnew_certs_dir={}\nrand_serial=yes\npolicy=p\ndefault_md=sha256\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nbasicConstraints=critical,CA:TRUE\n",
        book.display(),
        home.directory().display()
    );
    std::fs::write(&config, text).unwrap();
    openssl(&format!(
        "ca -config {} -batch -selfsign -keyfile {key} -in {request} -startdate 20150101000000Z -enddate 20160101000000Z -out {cert}",
        config.display()
    ));
    let said = refusal(&home, &[cert, key]);
    assert!(said.contains("2016-01-01") && said.contains("make a new CA with hubca"), "{said}");
}

#[test]
fn a_root_without_a_common_name_moves_in_and_iphones_are_told_of() {
    let home = TestHome::empty();
    let [cert, key] =
        root(home.directory(), P256, "-subj /O=Physics -days 3650 -addext keyUsage=critical,keyCertSign,cRLSign");
    let report = home
        .hubca(&["--json", "import", "pem", "--root-cert", &cert, "--root-key", &key, "--no-passphrase"])
        .succeeded()
        .json();
    assert_eq!(report["name"], "Physics");
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "root-cn").unwrap();
    assert_eq!(finding["platforms"][0], "ios");
}

#[test]
fn a_home_with_a_ca_is_not_moved_into() {
    let home = TestHome::with_ca::<&str>(&[]);
    let [cert, key] = root(home.directory(), P256, "-subj /CN=Old -days 3650");
    let answer = home
        .hubca(&["--json", "import", "pem", "--root-cert", &cert, "--root-key", &key, "--no-passphrase"])
        .failed_with(1);
    assert_eq!(answer.error()["kind"], "exists");
}

#[test]
fn a_directory_without_a_ca_says_what_was_looked_for() {
    let home = TestHome::empty();
    let answer = home.hubca(&["--json", "import", "openssl", home.directory().to_str().unwrap()]).failed_with(1);
    let said = answer.error().to_string();
    assert!(said.contains("certs/ca.cert.pem") && said.contains("--config"), "{said}");
    for tool in ["easy-rsa", "mkcert", "minica", "step"] {
        let words = ["--json", "import", tool, home.directory().to_str().unwrap()];
        let said = home.hubca(&words).failed_with(1).error().to_string();
        assert!(said.contains("no CA certificate") && !said.contains("--config"), "{tool}: {said}");
        let error = home.hubca(&["--json", "import", tool, "nowhere"]).failed_with(1).error();
        assert_eq!(error["message"], "there is no directory `nowhere`", "{tool}");
    }
}
