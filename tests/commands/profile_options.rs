//! What a profile for Apple devices is refused to be made of, and that nothing is written then.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use crate::support::{Answer, TestHome};

/// `hubca export ios OPTIONS…`, which has to fail with that code and leave no file.
#[track_caller]
fn refused(home: &TestHome, options: &[&str], code: i32) -> Answer {
    let answer = home.hubca(&[&["export", "ios"][..], options].concat()).failed_with(code);
    let names = fs::read_dir(home.directory()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let written: Vec<String> = names.filter(|name| name.ends_with(".mobileconfig")).collect();
    assert!(written.is_empty(), "{written:?} {answer}");
    answer
}

#[track_caller]
fn assert_says(answer: &Answer, words: &[&str]) {
    let told = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.iter().all(|word| told.contains(word)), "{words:?} in {answer}");
}

fn write(home: &TestHome, name: &str, bytes: &[u8]) {
    fs::write(home.directory().join(name), bytes).unwrap();
}

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&vec![0; (width * height) as usize]).unwrap();
    png
}

#[test]
fn an_address_that_no_icon_should_open_is_a_wrong_command_line() {
    let home = TestHome::with_ca::<&str>(&[]);
    for (address, word) in [
        ("javascript:alert(1)", "not `javascript:`"),
        ("data:text/html,<script>", "not `data:`"),
        ("ftp://hub.lan", "not `ftp:`"),
        ("hub.lan", "is no URL"),
        ("https://", "is no URL"),
        ("https://hub lan/", "is no URL"),
        ("https://anna:canary@hub.lan/", "a user name or a password"),
        ("https://hub.lan/\u{1b}[2J", "which cannot be shown"),
        ("java\tscript:alert(1)", "which cannot be shown"),
        ("https://hub.lan/\u{202e}gnp", "which cannot be shown"),
    ] {
        let answer = refused(&home, &["--web-clip", address], 2);
        assert_says(&answer, &[word, "hint:"]);
        assert!(!answer.stderr.contains(['\u{1b}', '\u{202e}']) && !answer.stderr.contains("canary"), "{answer}");
    }
    assert_says(
        &refused(&home, &["--web-clip", &format!("https://hub.lan/{}", "a".repeat(3000))], 2),
        &["at most 2000"],
    );
}

#[test]
fn a_label_that_cannot_be_shown_is_a_wrong_command_line() {
    let home = TestHome::with_ca::<&str>(&[]);
    for (label, word) in [
        ("", "is empty"),
        ("   ", "is empty"),
        ("a\nb", "cannot be shown"),
        ("\u{202e}buH", "cannot be shown"),
        ("\u{1b}[31m", "cannot be shown"),
        (&"x".repeat(65), "at most 64"),
    ] {
        assert_says(&refused(&home, &["--web-clip", "https://hub.lan", "--web-clip-label", label], 2), &[word]);
    }
}

#[test]
fn a_picture_that_is_no_icon_is_refused_with_its_figures() {
    let home = TestHome::with_ca::<&str>(&[]);
    write(&home, "photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF");
    write(&home, "oblong.png", &picture(180, 120));
    write(&home, "wide.png", &picture(512, 512));
    write(&home, "cut-off.png", &picture(180, 180)[..60]);
    write(&home, "huge.png", &vec![0; 2_000_000]);
    let mut bomb = picture(8, 8);
    bomb[16..24].copy_from_slice(b"\x7f\xff\xff\xff\x7f\xff\xff\xff");
    write(&home, "bomb.png", &bomb);
    for (file, word) in [
        ("photo.jpg", "no PNG"),
        ("oblong.png", "180 × 120"),
        ("wide.png", "512 × 512"),
        ("cut-off.png", "no PNG"),
        ("huge.png", "larger"),
        ("bomb.png", "no PNG"),
        ("absent.png", "absent.png"),
        (".", "is no icon"),
    ] {
        let answer = refused(&home, &["--web-clip", "https://hub.lan", "--icon", file], 1);
        assert_says(&answer, &["is no icon", word]);
    }
}

#[test]
fn options_that_need_another_are_a_wrong_command_line() {
    let home = TestHome::with_ca::<&str>(&[]);
    for options in [
        &["--web-clip-label", "Hub"][..],
        &["--icon", "hub.png"],
        &["--sign-cert", "a.pem"],
        &["--sign-key", "a.pem"],
        &["--sign-chain", "a.pem"],
        &["--sign-passphrase-file", "a"],
        &["--sign-cert", "a.pem", "--sign-chain", "b.pem"],
        &["--password-file", "a"],
        &["--legacy"],
    ] {
        refused(&home, options, 2);
    }
    for target in ["pem", "der", "android"] {
        home.hubca(&["export", target, "--web-clip", "https://hub.lan"]).failed_with(2);
    }
}

/// A root of openssl's and two certificates below it, one of which is over, one whose key must not sign, and keys.
fn signers(directory: &Path) {
    let script = "
        set -e
        key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; chmod 600 $1.key; }
        for name in root good over cipher other; do key $name; done
        openssl req -x509 -new -key root.key -subj '/CN=Public Root' -days 30 -out root.crt
        make() {
            openssl req -new -key $1.key -subj /CN=$1 -out $1.csr
            openssl x509 -req -in $1.csr -CA root.crt -CAkey root.key -CAcreateserial -out $1.crt -extfile $1.ext $2 $3
        }
        echo keyUsage=digitalSignature | tee good.ext > over.ext
        echo keyUsage=keyAgreement > cipher.ext
        make good -days 30; make over -days -1; make cipher -days 30
        openssl req -x509 -new -key other.key -subj '/CN=Other Root' -days 30 -out other.crt
        openssl genpkey -algorithm ed25519 -out ed25519.key; chmod 600 ed25519.key
        cp good.key open.key; chmod 644 open.key
        openssl pkcs8 -topk8 -in good.key -passout pass:secret -out sealed.key; chmod 600 sealed.key
        cp good.crt closed.crt; echo wrong > wrong; chmod 600 wrong closed.crt; echo not a certificate > text";
    let output = Command::new("bash").args(["-c", script]).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_signer_that_devices_would_not_believe_is_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    signers(home.directory());
    for (certificate, key, more, words) in [
        ("good.crt", "other.key", &[][..], &["the key is not that of the certificate of `CN=good`", "hint:"][..]),
        ("over.crt", "over.key", &[], &["`CN=over`", "which is not now", "hint:"]),
        ("cipher.crt", "cipher.key", &[], &["`CN=cipher` is not for signing", "hint:"]),
        ("good.crt", "ed25519.key", &[], &["keys are not used here; P-256"]),
        ("good.crt", "open.key", &[], &["open.key", "chmod"]),
        ("good.crt", "sealed.key", &[], &["is encrypted", "--sign-passphrase-file"]),
        (
            "good.crt",
            "sealed.key",
            &["--sign-passphrase-file", "wrong"],
            &["the passphrase does not open `sealed.key`"],
        ),
        ("good.crt", "closed.crt", &[], &["no private key in it"]),
        ("home/root/root.crt.pem", "home/root/root.key.pem", &[], &["Test Hub Root CA", "is not for signing"]),
        ("good.crt", "absent.key", &[], &["absent.key"]),
        ("absent.crt", "good.key", &[], &["absent.crt"]),
        ("good.key", "good.key", &[], &["there is no certificate in it"]),
        ("text", "good.key", &[], &["it is no certificate"]),
        ("good.crt", "good.key", &["--sign-chain", "other.crt"], &["`CN=Other Root`", "is not above the signer's"]),
    ] {
        let line = [&["--sign-cert", certificate, "--sign-key", key][..], more].concat();
        assert_says(&refused(&home, &line, 1), words);
    }
}

#[test]
fn a_note_says_what_devices_will_show() {
    let home = TestHome::with_ca::<&str>(&[]);
    signers(home.directory());
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let sign = |certificate: &str, key: &str| {
        let line = ["export", "ios", "--force", "--out", "x", "--sign-cert", certificate, "--sign-key", key];
        home.hubca(&line).succeeded()
    };
    let [certificate, key] = ["fullchain.pem", "privkey.pem"].map(|name| home.file("live/hub.lan").join(name));
    assert_says(&sign(certificate.to_str().unwrap(), key.to_str().unwrap()), &["`Not Verified`", "a public CA"]);
    assert_says(&sign("good.crt", "good.key"), &["`Not Verified`", "--sign-chain"]);
    let quiet = home.hubca(&[
        "export",
        "ios",
        "--force",
        "--out",
        "x",
        "--sign-cert",
        "good.crt",
        "--sign-key",
        "good.key",
        "--sign-chain",
        "root.crt",
        "-q",
    ]);
    assert_eq!(quiet.succeeded().stderr, "");
}

#[test]
fn an_identity_has_to_be_kept_and_good() {
    let home = TestHome::with_ca::<&str>(&[]);
    write(&home, "password", b"open sesame\n");
    fs::set_permissions(home.directory().join("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let client = |label: &'static str| ["--client", label, "--password-file", "password"];
    assert_says(&refused(&home, &client("ipad"), 1), &["no certificate `ipad`", "hubca --home"]);
    let request = home.directory().join("printer.csr");
    let key = rcgen::KeyPair::generate().unwrap();
    let der = rcgen::CertificateParams::new(vec!["printer.lan".to_owned()]).unwrap().serialize_request(&key).unwrap();
    fs::write(&request, hubca::x509::pem::encode("CERTIFICATE REQUEST", der.der())).unwrap();
    home.hubca(&["sign", "printer.csr", "--label", "printer"]).succeeded();
    assert_says(&refused(&home, &client("printer"), 1), &["the private key of `printer` is not kept here"]);
    home.hubca(&["issue", "--dns", "hub.lan", "--label", "hub"]).succeeded();
    write(&home, "empty", b"\n");
    fs::set_permissions(home.directory().join("empty"), fs::Permissions::from_mode(0o600)).unwrap();
    refused(&home, &["--client", "hub", "--password-file", "empty"], 1);
    write(&home, "shared", b"open sesame\n");
    fs::set_permissions(home.directory().join("shared"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&home, &["--client", "hub", "--password-file", "shared"], 1);
    let answer = home.hubca(&[&["export", "ios"][..], &client("hub")].concat()).succeeded();
    assert_says(&answer, &["a certificate of the profile `server`", "--profile client"]);
}
