//! GnuTLS, NSS, Python's cryptography and pkilint read the same answers and come to the same end.

use std::{fs, process::Command, time::Duration};

use hubca::x509::RevocationReason;

use crate::{
    scene::{Scene, words},
    support::{
        responder::AtWork,
        tools::{commands, present, python},
    },
};

#[test]
fn gnutls_takes_the_answer_from_the_responder() {
    if !present("ocsp by GnuTLS", &commands(&["ocsptool"])) {
        return;
    }
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let asked = |scene: &Scene, at_work: &AtWork| {
        let output = Command::new("ocsptool")
            .args([&format!("--ask={}", at_work.url), "--load-cert"])
            .arg(&scene.good)
            .arg("--load-issuer")
            .arg(&scene.issuing)
            .arg("--load-trust")
            .arg(&scene.issuing)
            .output()
            .unwrap();
        words(&output)
    };
    let said = asked(&scene, &at_work);
    assert!(said.contains("Verifying OCSP Response: Success"), "{said}");
    assert!(said.contains("Certificate Status: good"), "{said}");
    scene.revoke("hub.lan", RevocationReason::Superseded);
    std::thread::sleep(A_MOMENT);
    let said = asked(&scene, &at_work);
    assert!(said.contains("Certificate Status: revoked"), "{said}");
}

#[test]
fn cryptography_reads_what_it_asked_with_either_digest() {
    if !present("ocsp by cryptography", &[python()]) {
        return;
    }
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let asked = || {
        let mut command = Command::new(python());
        words(&command.args(["-c", ASK, &at_work.url]).args([&scene.good, &scene.issuing]).output().unwrap())
    };
    assert_eq!(asked(), "GOOD SHA1\nGOOD SHA256\n");
    scene.revoke("hub.lan", RevocationReason::Superseded);
    std::thread::sleep(A_MOMENT);
    assert_eq!(asked(), "REVOKED SHA1\nREVOKED SHA256\n");
}

#[test]
fn pkilint_finds_nothing_in_an_answer() {
    let linter = python().with_file_name("lint_ocsp_response");
    if !present("ocsp by pkilint", std::slice::from_ref(&linter)) {
        return;
    }
    for key in ["p256", "rsa2048"] {
        let scene = Scene::set(&["--key", key]);
        let at_work = AtWork::start(&scene.home, &[]);
        for options in [&["-no_nonce"][..], &[]] {
            let (status, der) = at_work.post(&scene.request(&[&scene.good], options));
            assert_eq!(status, 200);
            let path = scene.home.directory().join("response.der");
            fs::write(&path, der).unwrap();
            let output = Command::new(&linter).args(["lint", "-s", "WARNING"]).arg(&path).output().unwrap();
            assert_eq!((output.status.code(), words(&output).trim()), (Some(0), ""), "{key} {options:?}");
        }
    }
}

#[test]
fn nss_is_told_that_a_certificate_is_good() {
    if !present("ocsp by NSS", &commands(&["certutil", "ocspclnt"])) {
        return;
    }
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let database = scene.home.directory().join("nss");
    fs::create_dir(&database).unwrap();
    let database = format!("sql:{}", database.display());
    let certutil = |arguments: &[&str]| {
        let output = Command::new("certutil").args(["-d", &database]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
    };
    certutil(&["-N", "--empty-password"]);
    let responder = scene.home.file("live/hubca-ocsp-issuing-1/cert.pem");
    for (name, trust, path) in [
        ("root", "C,,", &scene.root),
        ("issuing", ",,", &scene.issuing),
        ("responder", ",,", &responder),
        ("hub", ",,", &scene.good),
    ] {
        certutil(&["-A", "-n", name, "-t", trust, "-a", "-i", path.to_str().unwrap()]);
    }
    let asked = || {
        let line = ["-d", &database, "-S", "hub", "-l", &at_work.url, "-t", "responder"];
        Command::new("ocspclnt").args(line).output().unwrap()
    };
    let good = asked();
    assert!(good.status.success(), "{}", words(&good));
    scene.revoke("hub.lan", RevocationReason::KeyCompromise);
    std::thread::sleep(A_MOMENT);
    let revoked = asked();
    assert!(words(&revoked).to_lowercase().contains("revoked"), "{}", words(&revoked));
}

/// Longer than it takes a responder to know what another process wrote down.
const A_MOMENT: Duration = Duration::from_secs(1);

const ASK: &str = "
import sys, urllib.request
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
url, leaf, issuer = sys.argv[1], *(x509.load_pem_x509_certificate(open(p, 'rb').read()) for p in sys.argv[2:])
for digest in (hashes.SHA1(), hashes.SHA256()):
    asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, digest).add_extension(x509.OCSPNonce(b'n' * 32), False)
    body = asked.build().public_bytes(serialization.Encoding.DER)
    request = urllib.request.Request(url, body, {'Content-Type': 'application/ocsp-request'})
    response = ocsp.load_der_ocsp_response(urllib.request.urlopen(request).read())
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b'n' * 32
    responder = response.certificates[0]
    responder.verify_directly_issued_by(issuer)
    responder.public_key().verify(response.signature, response.tbs_response_bytes, ec.ECDSA(response.signature_hash_algorithm))
    print(response.certificate_status.name, response.hash_algorithm.name.upper())
";
