//! What the key of a root signed and is not what this home makes for an issuing CA is not adopted.

use std::fs;
use std::path::Path;

use hubca::keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource, PrivateKey};
use hubca::profile::Scope;
use hubca::x509::template::{CertificateTemplate, Criticality};
use hubca::x509::{BasicConstraints, Certificate, DistinguishedName, KeyUsage, SignatureAlgorithm, Validity, pem};
use time::{Duration, OffsetDateTime};

use crate::scene::Scene;

type Change = Box<dyn Fn(&mut CertificateTemplate)>;

#[test]
fn what_the_key_of_the_root_signed_and_is_not_what_is_made_here_is_refused() {
    let scene = Scene::new();
    let backup = scene.back_up("hub.tar.age", &["--with-root-key"]);
    scene.home.hubca(&["rotate", "issuing"]).succeeded();
    fs::rename(scene.home.path(), scene.file("saved")).unwrap();
    scene.restore(&backup, "home").succeeded();
    let root = certificate(&scene.home.file("root/root.crt.pem"));
    let first = certificate(&scene.home.file("issuing/1/ca.crt.pem"));
    let lost = certificate(&scene.file("saved/issuing/2/ca.crt.pem"));
    let root_key = key(&scene.home.file("root/root.key.pem"));
    let adopt = |certificate: &Certificate| {
        let path = scene.file("found.crt");
        fs::write(&path, pem::encode(pem::CERTIFICATE, certificate.as_der())).unwrap();
        scene.home.hubca(&["adopt", path.to_str().unwrap(), "--json"])
    };
    let entries = || scene.home.hubca(&["audit", "verify", "--json"]).succeeded().json()["entries"].clone();
    let (before, now) = (entries(), OffsetDateTime::now_utc().replace_nanosecond(0).unwrap());
    let wide = Scope::private(None, &["example.com".to_owned()], Criticality::Critical).unwrap();
    let wide = wide.constraints().map(|(constraints, how)| (constraints.clone(), how));
    let name = first.tbs().subject().clone();
    let (serial, public_key) = (first.tbs().serial_number().unwrap(), first.tbs().public_key().clone());
    let cases: Vec<(&str, Change)> = vec![
        ("have CAs below it", Box::new(|made| made.basic_constraints = BasicConstraints::Ca { path_len: Some(1) })),
        ("have CAs below it", Box::new(|made| made.basic_constraints = BasicConstraints::Ca { path_len: None })),
        ("it may vouch for more", Box::new(|made| made.name_constraints = None)),
        ("it may vouch for more", Box::new(move |made| made.name_constraints.clone_from(&wide))),
        ("not what this home makes", Box::new(|made| made.key_usage = vec![KeyUsage::KeyCertSign])),
        (
            "not what this home makes",
            Box::new(move |made| made.validity = Validity::days_from(now - Duration::days(1), 1).unwrap()),
        ),
        (
            "not what this home makes",
            Box::new(move |made| made.validity = Validity::days_from(now + Duration::days(1), 90).unwrap()),
        ),
        ("not what this home makes", Box::new(|made| made.authority_key_identifier = None)),
        ("is the name of issuing/1", Box::new(move |made| made.subject = name.clone())),
        ("has its serial number", Box::new(move |made| made.serial_number = serial)),
        ("its key is that of another CA", Box::new(move |made| made.public_key = public_key.clone())),
    ];
    for (place, (expected, change)) in cases.iter().enumerate() {
        let mut template = template_of(&lost, &root);
        change(&mut template);
        let refused = adopt(&signed(&template, &root_key)).failed_with(1);
        let causes = refused.error()["causes"].to_string();
        assert!(causes.contains(expected), "{place}: {causes}");
    }
    // By the key of another.
    let forged = adopt(&signed(&template_of(&lost, &root), &key(&scene.file("saved/issuing/2/ca.key.pem"))));
    assert!(forged.failed_with(1).stderr.contains("did not sign it"));
    assert_eq!(entries(), before);
    assert!(!scene.home.file("issuing/2").exists());
    // As it was it is taken, and what has its number is refused from then on.
    adopt(&lost).succeeded();
    let name = DistinguishedName::new(Some("Home Hub"), Some("Home Hub Issuing CA 00000000")).unwrap();
    let twin = CertificateTemplate { subject: name, ..template_of(&lost, &root) };
    assert!(adopt(&signed(&twin, &root_key)).failed_with(1).stderr.contains("has its serial number"));
    scene.home.hubca(&["audit", "verify"]).succeeded();
}

/// What the root would sign again for a CA.
fn template_of(ca: &Certificate, root: &Certificate) -> CertificateTemplate {
    let (own, above) = (ca.tbs(), root.tbs());
    CertificateTemplate {
        serial_number: own.serial_number().unwrap(),
        issuer: above.subject().clone(),
        authority_key_identifier: above.subject_key_identifier().unwrap(),
        signature_algorithm: SignatureAlgorithm::EcdsaWithSha256,
        validity: own.validity(),
        subject: own.subject().clone(),
        public_key: own.public_key().clone(),
        basic_constraints: BasicConstraints::Ca { path_len: Some(0) },
        key_usage: vec![KeyUsage::DigitalSignature, KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: own.extended_key_usage().unwrap(),
        subject_alt_names: None,
        name_constraints: own.name_constraints().unwrap().map(|constraints| (constraints, Criticality::Critical)),
        crl_url: None,
        ocsp_url: None,
        ocsp_no_check: false,
    }
}

fn signed(template: &CertificateTemplate, key: &PrivateKey) -> Certificate {
    let tbs = template.encode().unwrap();
    let signature = key.to_signing_key().unwrap().sign(tbs.as_der()).unwrap();
    Certificate::assemble(&tbs, &signature).unwrap()
}

fn certificate(path: &Path) -> Certificate {
    Certificate::from_der(&pem::parse(&fs::read(path).unwrap()).unwrap()[0].contents).unwrap()
}

fn key(path: &Path) -> PrivateKey {
    PrivateKey::from_pem(&fs::read(path).unwrap(), || Nobody.passphrase(&KeyPurpose::Root)).unwrap()
}

/// The keys of tests have no passphrase.
struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}
