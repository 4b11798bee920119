//! Requests by others: of what they ask, the key and the names reach a certificate, and nothing else.

use std::{fs, path::PathBuf, process::Command};

use rcgen::{CertificateParams, CustomExtension, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

use hubca::x509::{Certificate, oid, pem};

use crate::support::{Answer, TestHome};

/// Extensions that a request may ask for: a dotted identifier and a DER value for it.
fn extensions() -> Vec<(&'static str, Vec<u8>)> {
    let null = vec![5, 0];
    let sequence = vec![0x30, 0];
    let octets = vec![4, 1, 0];
    let oids = |content: &[u8]| [&[0x30, content.len() as u8], content].concat();
    let server = [6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
    let ocsp = [6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 9];
    let code = [6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 3];
    let any = [6, 4, 0x55, 0x1d, 0x25, 0];
    vec![
        ("2.5.29.19", vec![0x30, 3, 1, 1, 0xff]),          // CA:TRUE
        ("2.5.29.19", vec![0x30, 6, 1, 1, 0xff, 2, 1, 5]), // CA:TRUE, pathlen:5
        ("2.5.29.19", sequence.clone()),                   // CA:FALSE
        ("2.5.29.19", null.clone()),                       // not a BasicConstraints
        ("2.5.29.15", vec![3, 2, 2, 4]),                   // keyCertSign
        ("2.5.29.15", vec![3, 2, 1, 2]),                   // cRLSign
        ("2.5.29.15", vec![3, 2, 1, 6]),                   // both
        ("2.5.29.15", vec![3, 3, 7, 0xff, 0x80]),          // everything
        ("2.5.29.37", oids(&server)),
        ("2.5.29.37", oids(&ocsp)),
        ("2.5.29.37", oids(&code)),
        ("2.5.29.37", oids(&any)),
        ("2.5.29.37", sequence.clone()), // no purpose at all
        ("2.5.29.30", vec![0x30, 0x0b, 0xa0, 9, 0x30, 7, 0x82, 5, b'l', b'o', b'c', b'a', b'l']),
        ("2.5.29.32", vec![0x30, 8, 0x30, 6, 6, 4, 0x55, 0x1d, 0x20, 0]),
        ("2.5.29.33", sequence.clone()),
        ("2.5.29.36", vec![0x30, 3, 0x80, 1, 0]),
        ("2.5.29.54", vec![2, 1, 0]),
        ("2.5.29.14", [&[4, 20][..], &[7; 20]].concat()), // a key identifier of its own choice
        ("2.5.29.35", [&[0x30, 22, 0x80, 20][..], &[7; 20]].concat()),
        ("2.5.29.18", vec![0x30, 6, 0x82, 4, b'e', b'v', b'i', b'l']),
        ("2.5.29.31", sequence.clone()),
        ("2.5.29.46", sequence.clone()),
        ("2.5.29.9", sequence.clone()),
        ("2.5.29.16", sequence.clone()),
        ("2.5.29.21", vec![10, 1, 1]),
        ("2.5.29.20", vec![2, 1, 1]),
        ("1.3.6.1.5.5.7.1.1", sequence.clone()),
        ("1.3.6.1.5.5.7.1.11", sequence.clone()),
        ("1.3.6.1.5.5.7.1.3", sequence.clone()),
        ("1.3.6.1.5.5.7.1.24", vec![0x30, 3, 2, 1, 5]), // must-staple
        ("1.3.6.1.5.5.7.1.31", [&[4, 32][..], &[1; 32]].concat()),
        ("1.3.6.1.5.5.7.48.1.5", null.clone()),
        ("1.3.6.1.4.1.11129.2.4.2", octets.clone()),
        ("1.3.6.1.4.1.11129.2.4.3", null.clone()),
        ("1.3.6.1.4.1.311.20.2", vec![0x1e, 4, 0, b'C', 0, b'A']),
        ("1.3.6.1.4.1.311.21.7", sequence.clone()),
        ("1.3.6.1.4.1.311.21.10", sequence.clone()),
        ("1.3.6.1.4.1.311.25.2", sequence.clone()),
        ("2.16.840.1.113730.1.1", vec![3, 2, 0, 7]),
        ("2.16.840.1.113730.1.13", vec![0x16, 2, b'h', b'i']),
        ("1.2.3.4.5.6.7.8.9", octets),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Plain,
    Critical,
    Duplicate,
}

fn request(key: &KeyPair, name: &str, dotted: &str, value: &[u8], way: Way) -> String {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "evil.example.com");
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut extension = CustomExtension::from_oid_content(&arcs, value.to_vec());
    extension.set_criticality(way == Way::Critical);
    parameters.custom_extensions.push(extension.clone());
    if way == Way::Duplicate {
        parameters.custom_extensions.push(extension);
    }
    pem::encode(pem::CERTIFICATE_REQUEST, parameters.serialize_request(key).unwrap().der())
}

fn write(home: &TestHome, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = home.directory().join(name);
    fs::write(&path, content).unwrap();
    path
}

fn sign(home: &TestHome, request: &std::path::Path) -> Answer {
    home.hubca(&["sign".as_ref(), request.as_os_str(), "--json".as_ref()])
}

fn signed(answer: &Answer) -> Certificate {
    let blocks = pem::parse(answer.json()["fullchain"].as_str().unwrap().as_bytes()).unwrap();
    Certificate::from_der(&blocks[0].contents).unwrap()
}

#[test]
fn nothing_that_a_request_asks_for_reaches_the_certificate_but_its_key_and_names() {
    let home = TestHome::with_ca::<&str>(&[]);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let extensions = extensions();
    assert!(extensions.len() >= 40);
    let granted = [
        oid::BASIC_CONSTRAINTS,
        oid::KEY_USAGE,
        oid::EXTENDED_KEY_USAGE,
        oid::SUBJECT_ALT_NAME,
        oid::SUBJECT_KEY_IDENTIFIER,
        oid::AUTHORITY_KEY_IDENTIFIER,
    ];
    let plain = {
        let path = write(&home, "plain.csr", request(&key, "plain.lan", "1.2.3", &[5, 0], Way::Plain));
        signed(&sign(&home, &path).succeeded())
    };
    for (number, (dotted, value)) in extensions.iter().enumerate() {
        for way in [Way::Plain, Way::Critical, Way::Duplicate] {
            let name = format!("r{number}.lan");
            let path = write(&home, &format!("{number}-{way:?}.csr"), request(&key, &name, dotted, value, way));
            let answer = sign(&home, &path);
            if answer.code != Some(0) {
                // Refusing is as good, if it says why.
                assert_eq!(answer.code, Some(1), "{answer}");
                assert!(answer.error()["message"].as_str().unwrap().len() > 10);
                continue;
            }
            let certificate = signed(&answer);
            let tbs = certificate.tbs();
            for extension in tbs.extensions() {
                assert!(granted.contains(&extension.oid.as_str()), "{dotted} {way:?}: {}", extension.oid);
            }
            assert!(!tbs.is_ca(), "{dotted} {way:?}");
            for same in [oid::BASIC_CONSTRAINTS, oid::KEY_USAGE, oid::EXTENDED_KEY_USAGE, oid::SUBJECT_KEY_IDENTIFIER] {
                assert_eq!(tbs.extension(same), plain.tbs().extension(same), "{dotted} {way:?}");
            }
            assert_eq!(tbs.subject().common_name(), Some(name.as_str()));
            assert_eq!(tbs.public_key().key_bits(), rcgen::PublicKeyData::der_bytes(&key));
        }
    }
}

#[test]
fn a_request_for_power_is_signed_without_it_and_the_person_is_told() {
    let home = TestHome::with_ca::<&str>(&[]);
    let key = KeyPair::generate().unwrap();
    let path = write(&home, "ca.csr", request(&key, "hub.lan", "2.5.29.19", &[0x30, 3, 1, 1, 0xff], Way::Critical));
    let told = home.hubca(&["sign".as_ref(), path.as_os_str()]).succeeded();
    assert!(told.stderr.contains("CA:TRUE"), "{told}");
}

/// `openssl req -new` with these words, and a subjectAltName.
fn openssl_request(home: &TestHome, name: &str, words: &[&str]) -> PathBuf {
    let path = home.directory().join(name);
    let output = Command::new("openssl")
        .args(["req", "-new", "-nodes", "-subj", "/CN=hub.lan", "-addext", "subjectAltName=DNS:hub.lan"])
        .args(words)
        .arg("-keyout")
        .arg(home.directory().join("key.pem"))
        .arg("-out")
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    path
}

#[test]
fn requests_by_openssl_are_signed_in_pem_and_der_and_from_standard_input() {
    let home = TestHome::with_ca::<&str>(&[]);
    let kinds: [&[&str]; 4] = [
        &["-newkey", "rsa:2048"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha512"],
    ];
    for (number, words) in kinds.iter().enumerate() {
        sign(&home, &openssl_request(&home, &format!("{number}.pem"), words)).succeeded();
        let der = [*words, &["-outform", "DER"]].concat();
        sign(&home, &openssl_request(&home, &format!("{number}.der"), &der)).succeeded();
    }
    let path = openssl_request(&home, "stdin.pem", kinds[1]);
    let input = fs::File::open(path).unwrap();
    let output = home.command().args(["sign", "-", "--json"]).stdin(input).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn weak_and_odd_keys_are_refused_with_their_kind() {
    let home = TestHome::with_ca::<&str>(&[]);
    let kinds: [(&[&str], &str); 6] = [
        (&["-newkey", "rsa:1024"], "1024"),
        (&["-newkey", "ed25519"], "Ed25519"),
        (&["-newkey", "ed448"], "Ed448"),
        (&["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "secp256k1"),
        (&["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], "P-521"),
        (&["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"], "brainpool"),
    ];
    for (number, (words, kind)) in kinds.iter().enumerate() {
        let answer = sign(&home, &openssl_request(&home, &format!("{number}.pem"), words)).failed_with(1);
        assert!(answer.error().to_string().contains(kind), "{answer}");
    }
    let listed = home.hubca(&["list", "--all", "--json"]).succeeded();
    assert_eq!(listed.json().as_array().unwrap().len(), 2, "nothing but the two CAs: {listed}");
}

#[test]
fn a_request_whose_signature_does_not_verify_is_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    let path = openssl_request(&home, "good.der", &["-newkey", "rsa:2048", "-outform", "DER"]);
    let mut der = fs::read(&path).unwrap();
    let last = der.len() - 1;
    der[last] ^= 1;
    let answer = sign(&home, &write(&home, "forged.der", &der)).failed_with(1);
    assert!(answer.error().to_string().contains("signature"), "{answer}");
}

#[test]
fn what_is_no_request_is_refused_by_what_it_is() {
    let home = TestHome::with_ca::<&str>(&[]);
    let root = home.file("root/root.crt.pem");
    let cases: [(PathBuf, &str); 5] = [
        (write(&home, "empty", ""), "request"),
        (write(&home, "text", "hello"), "request"),
        (write(&home, "huge", vec![b'a'; 65 * 1024]), "65536"),
        (root, "CERTIFICATE"),
        (home.directory().join("missing"), "missing"),
    ];
    for (path, word) in cases {
        let answer = sign(&home, &path).failed_with(1);
        assert!(answer.error().to_string().contains(word), "{word}: {answer}");
    }
}

#[test]
fn a_request_without_a_name_that_a_server_has_is_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    let key = KeyPair::generate().unwrap();
    let nameless = CertificateParams::default().serialize_request(&key).unwrap();
    let answer = sign(&home, &write(&home, "nameless.der", nameless.der())).failed_with(1);
    assert!(answer.error().to_string().contains("name"), "{answer}");
    for (number, san) in ["email:a@hub.lan", "URI:https://hub.lan/", "DNS:192.168.0.1", "DNS:*.lan", "DNS:example.com"]
        .iter()
        .enumerate()
    {
        let path = home.directory().join(format!("{number}.pem"));
        let status = Command::new("openssl")
            .args(["req", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=x", "-addext"])
            .arg(format!("subjectAltName={san}"))
            .arg("-keyout")
            .arg(home.directory().join("key.pem"))
            .arg("-out")
            .arg(&path)
            .output()
            .unwrap()
            .status;
        assert!(status.success());
        sign(&home, &path).failed_with(1);
    }
}
