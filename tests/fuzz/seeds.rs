//! Where the targets begin: `seeds DIRECTORY` writes a directory for each, of the files in tests/fixtures and what hubca makes.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use hubca::{
    keys::{Passphrase, PrivateKey},
    system::SystemRandom,
    x509::{
        Certificate, DistinguishedName, SerialNumber,
        ocsp::{CertId, IdHash, Nonce, OcspRequest},
        pem,
    },
};
use hubca_fuzz::{request, with_hub};
use libfuzzer_sys as _;

fn main() {
    let place = PathBuf::from(env::args_os().nth(1).expect("seeds DIRECTORY"));
    for (target, seeds) in all() {
        let directory = place.join(target);
        fs::create_dir_all(&directory).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(directory.join(number.to_string()), seed).unwrap();
        }
    }
}

fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let pki = files(&fixtures().join("pki"));
    let lint = files(&fixtures().join("lint"));
    let of = |label: &'static str| move |text: &Vec<u8>| contents(text, label);
    let certificates: Vec<_> = pki.iter().chain(&lint).flat_map(of(pem::CERTIFICATE)).collect();
    let crls: Vec<_> = pki.iter().flat_map(of(pem::X509_CRL)).collect();
    let requests: Vec<_> = pki.iter().flat_map(of(pem::CERTIFICATE_REQUEST)).collect();
    let asked = questions();
    let told = ["ios", "der", "pem"].map(handed_out);
    let inspected =
        [&certificates[..], &crls, &requests, &asked, &pki, &told, &files(&fixtures().join("keys"))].concat();
    vec![
        ("adopt", [certificates.clone(), pki.clone(), made_certificates()].concat()),
        (
            "audit_log",
            vec![with_hub(|hub| {
                let log = hub.path("log");
                hub.run(&["audit", "export", log.to_str().unwrap()]);
                fs::read(log).unwrap()
            })],
        ),
        (
            "backup",
            vec![
                b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n".to_vec(),
                vec![0],
                vec![0, 1, 3, 0, 9],
            ],
        ),
        (
            "batch",
            vec![
                b"label,ip,dns,days,profile\nhub,192.168.0.1 fd00::1,hub.lan *.hub.lan,90,server\n,,nas.local,,\n"
                    .to_vec(),
            ],
        ),
        ("certificate", certificates),
        ("crl", crls),
        ("index_line", vec![BOOK.to_vec()]),
        ("inspect", inspected),
        ("key", keys(&pki)),
        ("ocsp_request", asked),
        ("old_ca", vec![[BOOK, CONFIGURATION, b"1000\n"].join(&0)]),
        ("pem", pki.clone()),
        ("pkcs12", vec![b"hub.lanpassword123\x07".to_vec()]),
        ("profile", files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../profiles")))),
        ("request", [requests, pki.into_iter().filter(|text| is_request(text)).collect(), made_requests()].concat()),
        ("settings", vec![SETTINGS.to_vec(), b"backup_stamp = \"x\"\nbackup_days = 3\n".to_vec()]),
    ]
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// What every file below a directory holds, but for the programs that made them.
fn files(directory: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let held = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false if path.extension().is_none_or(|ending| ending == "py") => Vec::new(),
        false => vec![fs::read(path).unwrap()],
    };
    paths.into_iter().flat_map(held).collect()
}

fn contents(text: &[u8], label: &str) -> Vec<Vec<u8>> {
    let blocks = pem::parse(text).unwrap_or_default();
    blocks.into_iter().filter(|block| block.label == label).map(|block| block.contents).collect()
}

fn is_request(text: &[u8]) -> bool {
    !contents(text, pem::CERTIFICATE_REQUEST).is_empty()
}

fn handed_out(target: &str) -> Vec<u8> {
    with_hub(|hub| {
        let file = hub.path(target);
        hub.run(&["export", target, "--out", file.to_str().unwrap()]);
        fs::read(file).unwrap()
    })
}

fn questions() -> Vec<Vec<u8>> {
    let root = with_hub(|hub| contents(&hub.root(), pem::CERTIFICATE).remove(0));
    let root = Certificate::from_der(&root).unwrap();
    let id = |hash| CertId::new(hash, &root, &SerialNumber::from_octets(&[1, 2, 3]).unwrap()).unwrap();
    let (old, new) = (id(IdHash::Sha1), id(IdHash::Sha256));
    let nonce = Nonce::new(b"once").unwrap();
    let asked = [OcspRequest::new(vec![old.clone()], None), OcspRequest::new(vec![old, new], Some(nonce))];
    asked.iter().map(|request| request.to_der().unwrap()).collect()
}

fn keys(pki: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_key = |text: &&Vec<u8>| text.windows(12).any(|part| part == b"PRIVATE KEY-");
    let mut keys: Vec<Vec<u8>> = pki.iter().filter(is_key).cloned().collect();
    let open = keys.iter().find_map(|text| PrivateKey::from_pem(text, || unreachable!()).ok()).unwrap();
    let passphrase = Passphrase::new(b"sesame".to_vec()).unwrap();
    keys.push(open.to_encrypted_pem(&passphrase, &SystemRandom).unwrap().into_bytes());
    keys.push(TRADITIONAL.to_vec());
    keys
}

/// Requests as [`request`] takes them, with the length of their subject before it.
fn made_requests() -> Vec<Vec<u8>> {
    let name = DistinguishedName::new(Some("Home"), Some("hub.lan")).unwrap();
    let subject = name.as_der();
    // subjectAltName: hub.lan and 192.168.0.1; basicConstraints: CA:TRUE.
    let names = b"\x30\x18\x06\x03\x55\x1d\x11\x04\x11\x30\x0f\x82\x07hub.lan\x87\x04\xc0\xa8\x00\x01";
    let ca = b"\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x05\x30\x03\x01\x01\xff";
    let extensions = [&names[..], ca].concat();
    assert!(hubca::x509::CertificationRequest::parse(&request(subject, &extensions)).is_ok());
    let length = u8::try_from(subject.len()).unwrap();
    [&names[..], &extensions].map(|extensions| [&[length][..], subject, extensions].concat()).to_vec()
}

/// Certificates as `adopt` takes them: how long the serial number and the subject are, then both and the extensions.
fn made_certificates() -> Vec<Vec<u8>> {
    let name = DistinguishedName::new(Some("Home"), Some("hub.lan")).unwrap();
    let (serial, subject) = (b"\x01\x02\x03", name.as_der());
    let length = u8::try_from(subject.len()).unwrap();
    let names = b"\x30\x18\x06\x03\x55\x1d\x11\x04\x11\x30\x0f\x82\x07hub.lan\x87\x04\xc0\xa8\x00\x01";
    let text = [&[3, length][..], serial, subject, names].concat();
    with_hub(|hub| {
        let file = hub.write("seed.crt", &hub.certificate(serial, subject, names));
        let adopted = hub.run(&["adopt", &file]).done().unwrap();
        assert_eq!(adopted["certificates"][0]["outcome"], "adopted");
    });
    vec![text]
}

const BOOK: &[u8] = b"V\t271229201530Z\t\t1000\tunknown\t/C=DE/O=Home/CN=hub.lan\r\n\
R\t20991229201530Z\t261129201530Z,keyCompromise\t0A\tunknown\t/CN=\\xC3\\xA9t\\xC3\\xA9\n\
R\t271229201530Z\t261129201530Z,keyTime,20260101000000Z\t0B\tunknown\t/CN=a\\\tb\n\
E\t201229201530Z\t\t0C\tnewcerts/0C.pem\t/CN=nas.lan/emailAddress=ann@home\n";
const CONFIGURATION: &[u8] = b"[ ca ]\ndefault_ca = one # this\n[ one ]\ndir = .\ndatabase = $dir/index.txt\n\
certificate = ${dir}/certs/ca.cert.pem\nprivate_key = \"$(dir)/private/\\\nca.key.pem\"\ncrlnumber = $one::dir/crlnumber\n";
const SETTINGS: &[u8] = b"key = \"p384\"\nprofile = \"server\"\ncrl_url = \"http://192.168.0.1/crl/{issuer}.crl\"\n\
ocsp_url = \"http://192.168.0.1:2560/\"\n";
const TRADITIONAL: &[u8] =
    b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\
\nAAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8=\n-----END EC PRIVATE KEY-----\n";
