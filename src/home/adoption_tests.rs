//! What a home issued after a copy of it was made comes back into that copy.

use std::{path::Path, time::Duration};

use time::Duration as Span;

use super::{
    adoption::Foundling,
    issuance::Issued,
    layout::Layout,
    opened::Home,
    order::Order,
    test_ca::{NoPassphrase, TestCa, order, server},
};
use crate::{
    authority::{
        AdoptError, Adoptee, Adoption, CertificateRecord, Holder, IssuanceRequest, KeyFate, KeyFound, KeyLeft, Label,
        Lifetime, Lineage, OnOtherNames, RecordedName, Standing, Status,
    },
    keys::{KeyPurpose, PassphraseSource, PrivateKey},
    store::StoreError,
    system::{FileMode, files::write_new},
    x509::{Certificate, KeyAlgorithm, RevocationReason, SerialNumber},
};

/// The home as it is now, in another place: what the first one issues from now on is lost to it.
pub(super) fn copy(ca: &TestCa, place: &Path) -> Home {
    ca.home.authority().store().verify().unwrap();
    copy_tree(ca.home.layout().directory(), place);
    Home::open(Layout::new(place), ca.doors()).unwrap()
}

fn copy_tree(from: &Path, to: &Path) {
    use std::os::unix::fs::{PermissionsExt, symlink};
    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.read_link() {
            Ok(said) => symlink(said, target).unwrap(),
            Err(_) if path.is_dir() => copy_tree(&path, &target),
            Err(_) => drop(std::fs::copy(path, target).unwrap()),
        }
    }
}

pub(super) struct Lost {
    pub(super) certificate: Certificate,
    pub(super) names: Vec<RecordedName>,
    pub(super) key: PrivateKey,
}

impl Lost {
    pub(super) fn of(issued: &Issued) -> Self {
        let key = std::fs::read(&issued.files.as_ref().unwrap().key).unwrap();
        Self {
            certificate: Certificate::from_der(&issued.certificate).unwrap(),
            names: issued.names.clone(),
            key: PrivateKey::from_pem(&key, || NoPassphrase.passphrase(&KeyPurpose::Issuing)).unwrap(),
        }
    }

    pub(super) fn foundling(&self) -> Foundling<'_> {
        Foundling { key: None, ..self.with_key() }
    }

    pub(super) fn with_key(&self) -> Foundling<'_> {
        let label = self.names.first().map(|name| Label::parse(&name.to_string()).unwrap());
        Foundling { certificate: &self.certificate, names: self.names.clone(), label, key: Some(&self.key) }
    }

    fn serial(&self) -> SerialNumber {
        self.certificate.tbs().serial_number().unwrap()
    }
}

pub(super) fn adopt(home: &Home, foundling: &Foundling<'_>) -> Result<Adoption, AdoptError> {
    let planned = home.plan_adoption(&[foundling]).unwrap().pop().unwrap();
    let done = home.adopt_others(&[foundling]).unwrap().pop().unwrap();
    assert_eq!(format!("{planned:?}"), format!("{done:?}"), "what was told before is what was done");
    done
}

fn newest(home: &Home, label: &str) -> CertificateRecord {
    home.authority().by_label(label, 1).unwrap().pop().unwrap()
}

fn live(home: &Home, label: &str) -> String {
    home.layout().live_link(label).read_link().unwrap().display().to_string()
}

#[track_caller]
fn is_sound(home: &Home) {
    assert_eq!(home.examine(None, &mut |_| ()).unwrap().flaws, []);
}

#[test]
fn a_certificate_with_its_key_comes_back_under_its_label_and_is_renewed() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    ca.issue(&["nas.lan"]).unwrap();
    let home = copy(&ca, &place.path().join("copy"));
    let lost = Lost::of(&ca.issue(&["hub.lan", "192.168.0.1"]).unwrap());
    let issuer = home.issuing().unwrap().id();
    assert_eq!(home.authority().standing(issuer, &lost.serial()).unwrap(), None);
    let label = Label::parse("hub.lan").unwrap();
    let entered = Adoption::Entered { label: Some(label.clone()), key: KeyFate::Kept };
    assert_eq!(adopt(&home, &lost.with_key()).unwrap(), entered);
    assert_eq!(home.authority().standing(issuer, &lost.serial()).unwrap(), Some(Standing::Good));
    assert_eq!(live(&home, "hub.lan"), "../archive/hub.lan/1");
    let kept = home.kept("hub.lan", &NoPassphrase).unwrap();
    assert_eq!((&kept.certificate, kept.record.generation), (&lost.certificate, Some(1)));
    assert_eq!(kept.record.known_issue(), Some(lost.certificate.tbs().validity().not_before()));
    assert_eq!(kept.record.subject, None);
    is_sound(&home);
    let entries = home.authority().audit_head().unwrap().entries;
    assert_eq!(adopt(&home, &lost.with_key()).unwrap(), Adoption::Known);
    assert_eq!(home.authority().audit_head().unwrap().entries, entries);
    let last = home.authority().newest_audit_entries(Default::default(), 1).unwrap();
    assert!(last[0].act == "adopt" && last[0].detail.contains(&lost.certificate.fingerprint()), "{last:?}");
    // The next one follows it.
    let intent = home.authority().intent("hub.lan").unwrap().unwrap();
    assert_eq!((intent.profile.as_str(), intent.key), ("server", Some(KeyAlgorithm::P256)));
    let profile = server();
    let issuer = home.issuer(&NoPassphrase).unwrap();
    let next = home.issue(&issuer, order(&profile, &["hub.lan", "192.168.0.1"])).unwrap();
    assert_eq!((next.generation, live(&home, "hub.lan").as_str()), (Some(2), "../archive/hub.lan/2"));
    is_sound(&home);
}

#[test]
fn without_its_key_a_certificate_is_known_and_can_be_revoked() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let home = copy(&ca, &place.path().join("copy"));
    let lost = Lost::of(&ca.issue(&["hub.lan"]).unwrap());
    let label = Label::parse("hub.lan").unwrap();
    assert_eq!(
        adopt(&home, &lost.foundling()).unwrap(),
        Adoption::Entered { label: Some(label), key: KeyFate::Absent }
    );
    let record = newest(&home, "hub.lan");
    assert_eq!((record.generation, record.status(super::test_ca::NOW)), (None, Status::Good));
    assert!(home.authority().intent("hub.lan").unwrap().is_none() && !home.layout().live_link("hub.lan").exists());
    home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    let issuing = home.issuing().unwrap();
    let standing = home.authority().standing(issuing.id(), &lost.serial()).unwrap();
    assert!(matches!(standing, Some(Standing::Revoked(_))));
    home.publish_crl(issuing, &NoPassphrase).unwrap();
    let crl = std::fs::read(home.layout().crl(&issuing.file_stem())).unwrap();
    let crl = crate::x509::CertificateList::from_der(&crl).unwrap();
    assert!(crl.tbs().revoked().any(|entry| SerialNumber::from_octets(entry.serial) == Ok(lost.serial())));
    is_sound(&home);
}

#[test]
fn a_key_that_is_found_later_comes_to_its_certificate() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let home = copy(&ca, &place.path().join("copy"));
    let (hub, nas) = (Lost::of(&ca.issue(&["hub.lan"]).unwrap()), Lost::of(&ca.issue(&["nas.lan"]).unwrap()));
    for outcome in home.adopt_others(&[&hub.foundling(), &nas.foundling()]).unwrap() {
        assert!(matches!(outcome, Ok(Adoption::Entered { key: KeyFate::Absent, .. })));
    }
    let issued_at = newest(&home, "hub.lan").issued_at;
    assert_eq!(adopt(&home, &hub.foundling()).unwrap(), Adoption::Known);
    let label = Label::parse("hub.lan").unwrap();
    // Stopped before the key was there: it stays good.
    let adoptee = Adoptee { certificate: &hub.certificate, names: &hub.names, label: Some(&label), key: KeyFound::Yes };
    assert_eq!(home.authority().begin_adoption(&[adoptee]).unwrap().kept.len(), 1);
    assert_eq!(newest(&home, "hub.lan").status(super::test_ca::NOW), Status::Good);
    assert_eq!(adopt(&home, &hub.foundling()).unwrap(), Adoption::Known);
    let entered = Adoption::Entered { label: Some(label), key: KeyFate::Kept };
    assert_eq!(adopt(&home, &hub.with_key()).unwrap(), entered);
    assert_eq!(home.kept("hub.lan", &NoPassphrase).unwrap().certificate, hub.certificate);
    assert_eq!(live(&home, "hub.lan"), "../archive/hub.lan/1");
    assert_eq!(newest(&home, "hub.lan").issued_at, issued_at);
    assert_eq!(adopt(&home, &hub.with_key()).unwrap(), Adoption::Known);
    is_sound(&home);
    // What is revoked serves nobody, and its key is not brought back.
    home.authority().revoke(&newest(&home, "nas.lan"), RevocationReason::Superseded).unwrap();
    assert_eq!(adopt(&home, &nas.with_key()).unwrap(), Adoption::Known);
    assert!(newest(&home, "nas.lan").revoked_at.is_some() && !home.layout().live_link("nas.lan").exists());
    is_sound(&home);
}

#[test]
fn the_newest_certificate_of_a_label_is_the_one_under_live() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let profile = server();
    let label = Label::parse("web").unwrap();
    let called_web = || Order { label: label.clone(), ..order(&profile, &["hub.lan"]) };
    ca.home.issue(&ca.issuer(), called_web()).unwrap();
    let home = copy(&ca, &place.path().join("copy"));
    ca.clock.advance(Duration::from_secs(60));
    let older = Lost::of(&ca.home.issue(&ca.issuer(), called_web()).unwrap());
    ca.clock.advance(Duration::from_secs(60));
    let newer = Lost::of(&ca.home.issue(&ca.issuer(), called_web()).unwrap());
    // The label that stands for these names has another one, and both are named at once.
    let outcomes = home.adopt_others(&[&older.with_key(), &newer.with_key()]).unwrap();
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let left = KeyFate::Left(KeyLeft::Older(label.clone()));
    let expected = [(None, left.clone()), (Some(label.clone()), KeyFate::Kept)];
    assert_eq!(outcomes, expected.map(|(label, key)| Adoption::Entered { label, key }));
    assert_eq!(live(&home, "web"), "../archive/web/2");
    assert_eq!(home.kept("web", &NoPassphrase).unwrap().certificate, newer.certificate);
    is_sound(&home);
    // What was made here meanwhile is newer still.
    let again = copy(&ca, &place.path().join("again"));
    ca.clock.advance(Duration::from_secs(60));
    let late = Lost::of(&ca.home.issue(&ca.issuer(), called_web()).unwrap());
    ca.clock.advance(Duration::from_secs(60));
    again.issue(&again.issuer(&NoPassphrase).unwrap(), called_web()).unwrap();
    let before = live(&again, "web");
    assert_eq!(adopt(&again, &late.with_key()).unwrap(), Adoption::Entered { label: None, key: left });
    assert_eq!(live(&again, "web"), before);
    is_sound(&again);
}

#[test]
fn a_key_stays_where_it_is_if_its_label_is_another_or_its_certificate_is_not_good() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    ca.issue(&["hub.lan"]).unwrap();
    let home = copy(&ca, &place.path().join("copy"));
    let profile = server();
    let two = Order {
        on_other_names: OnOtherNames::Replace,
        lifetime: Lifetime::Days(30),
        ..order(&profile, &["hub.lan", "nas.lan"])
    };
    let other = Lost::of(&ca.home.issue(&ca.issuer(), two).unwrap());
    let label = Label::parse("hub.lan").unwrap();
    let left = |why| Adoption::Entered { label: None, key: KeyFate::Left(why) };
    assert_eq!(adopt(&home, &other.with_key()).unwrap(), left(KeyLeft::OtherNames(label)));
    let short = Lost::of(&ca.issue_for(&["short.lan"], Lifetime::Days(1)).unwrap());
    let spoiled = Lost::of(&ca.issue(&["spoiled.lan"]).unwrap());
    // A label that has no key here has none to follow it with, but it is one of what is kept here.
    assert_eq!(adopt(&home, &spoiled.foundling()).unwrap(), {
        Adoption::Entered { label: Some(Label::parse("spoiled.lan").unwrap()), key: KeyFate::Absent }
    });
    ca.clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(adopt(&home, &short.with_key()).unwrap(), left(KeyLeft::NotGood));
    home.authority().revoke(&newest(&home, "spoiled.lan"), RevocationReason::KeyCompromise).unwrap();
    let issuer = ca.issuer();
    let key = &spoiled.key;
    let again = ca.home.certify(&issuer, key, super::test_ca::san(&["more.lan"]), &profile, Lifetime::Default, None);
    let again = Certificate::from_der(&again.unwrap().certificate).unwrap();
    let names = vec![RecordedName::Dns("more.lan".to_owned())];
    let more = Foundling { certificate: &again, names, label: Label::parse("more.lan").ok(), key: Some(key) };
    assert_eq!(adopt(&home, &more).unwrap(), left(KeyLeft::Spoiled));
    is_sound(&home);
}

#[test]
fn what_is_not_ours_or_not_as_it_was_signed_is_refused_and_nothing_is_written() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let home = copy(&ca, &place.path().join("copy"));
    let lost = Lost::of(&ca.issue(&["hub.lan"]).unwrap());
    let foreign = Lost::of(&TestCa::new().issue(&["hub.lan"]).unwrap());
    let mut forged = lost.certificate.as_der().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let forged = Certificate::from_der(&forged).unwrap();
    let forged = Foundling { certificate: &forged, ..lost.with_key() };
    let own = home.root().unwrap().certificate();
    let own = Foundling { certificate: own, ..lost.foundling() };
    let entries = home.authority().audit_head().unwrap();
    assert!(matches!(adopt(&home, &foreign.with_key()), Err(AdoptError::ByAnother { .. })));
    assert!(matches!(adopt(&home, &forged), Err(AdoptError::NotSigned { .. })));
    assert!(matches!(adopt(&home, &own), Err(AdoptError::Own { .. })));
    assert_eq!(home.authority().audit_head().unwrap(), entries);
    assert!(!home.layout().archive().exists());
    // Others that come with them are entered all the same.
    let outcomes = home.adopt_others(&[&forged, &lost.with_key(), &foreign.foundling()]).unwrap();
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, false]);
    // A number that another certificate has is nobody's to take.
    let text =
        "UPDATE certificates SET certificate = (SELECT certificate FROM issuers LIMIT 1) WHERE label = 'hub.lan'";
    let change = home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
    assert_eq!(change.unwrap(), 1);
    assert!(matches!(adopt(&home, &lost.with_key()), Err(AdoptError::SerialTaken { .. })));
}

#[test]
fn an_adoption_that_was_stopped_is_finished_by_the_same_again() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let home = copy(&ca, &place.path().join("copy"));
    let names = ["privkey.pem", "cert.pem", "chain.pem", "fullchain.pem"];
    // Stopped while one of the files was written: its number is reserved, and nobody is told that it is good.
    for (stopped_at, _) in names.iter().enumerate() {
        let name = format!("h{stopped_at}.lan");
        let issued = ca.issue(&[&name]).unwrap();
        let lost = Lost::of(&issued);
        let label = Label::parse(&name).unwrap();
        let adoptee =
            Adoptee { certificate: &lost.certificate, names: &lost.names, label: Some(&label), key: KeyFound::Yes };
        assert_eq!(home.authority().begin_adoption(&[adoptee]).unwrap().kept.len(), 1);
        let standing = || home.authority().standing(home.issuing().unwrap().id(), &lost.serial()).unwrap();
        assert_eq!(standing(), None);
        let generation = home.layout().generation(&name, 1);
        std::fs::create_dir_all(&generation).unwrap();
        for (place, file) in names.iter().enumerate().take(stopped_at + 1) {
            let whole = std::fs::read(ca.home.layout().live_link(&name).join(file)).unwrap();
            let written = if place == stopped_at { &whole[..whole.len() / 2] } else { &whole };
            write_new(&generation.join(file), written, FileMode::Secret).unwrap();
        }
        let entered = Adoption::Entered { label: Some(label), key: KeyFate::Kept };
        assert_eq!(adopt(&home, &lost.with_key()).unwrap(), entered);
        assert_eq!((standing(), live(&home, &name)), (Some(Standing::Good), format!("../archive/{name}/1")));
        for file in names {
            let read = |home: &Home| std::fs::read(home.layout().live_link(&name).join(file)).unwrap();
            assert_eq!(read(&home), read(&ca.home), "{name} {file}");
        }
    }
    is_sound(&home);
    // What is not of it is not written over.
    let other = copy(&ca, &place.path().join("other"));
    let nas = Lost::of(&ca.issue(&["nas.lan"]).unwrap());
    let generation = other.layout().generation("nas.lan", 1);
    std::fs::create_dir_all(&generation).unwrap();
    write_new(&generation.join("privkey.pem"), b"a key in service", FileMode::Secret).unwrap();
    assert!(other.adopt_others(&[&nas.with_key()]).is_err());
    assert_eq!(std::fs::read_to_string(generation.join("privkey.pem")).unwrap(), "a key in service");
}

#[test]
fn what_was_reserved_when_the_copy_was_made_is_entered_where_it_stands() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let profile = server();
    let key = PrivateKey::generate(KeyAlgorithm::P256, &*ca.doors().random).unwrap();
    let request = IssuanceRequest {
        profile: &profile,
        holder: Holder::EndEntity(super::test_ca::san(&["hub.lan"])),
        public_key: key.public_key().clone(),
        lifetime: Lifetime::Default,
        lineage: Lineage::Elsewhere { label: None },
    };
    let signed = ca.home.authority().sign(&ca.issuer(), &[request]).unwrap().signed;
    let home = copy(&ca, &place.path().join("copy"));
    let certificate = Certificate::from_der(signed[0].as_der()).unwrap();
    let names = vec![RecordedName::Dns("hub.lan".to_owned())];
    let found = Foundling { certificate: &certificate, names, label: Label::parse("hub.lan").ok(), key: Some(&key) };
    assert!(matches!(adopt(&home, &found).unwrap(), Adoption::Entered { key: KeyFate::Kept, .. }));
    assert_eq!(home.authority().by_serial(signed[0].serial()).unwrap().len(), 1);
    is_sound(&home);
}

#[test]
fn serial_numbers_go_on_above_those_that_are_entered() {
    let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
    let home = copy(&ca, &place.path().join("copy"));
    let lost = Lost::of(&ca.issue(&["hub.lan"]).unwrap());
    assert!(lost.serial().to_string().starts_with("01"));
    adopt(&home, &lost.foundling()).unwrap();
    drop(home);
    ca.clock.advance(Duration::from_secs(Span::DAY.whole_seconds().unsigned_abs()));
    let home = Home::open(Layout::new(place.path().join("copy")), ca.doors()).unwrap();
    let profile = server();
    let next = home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["nas.lan"])).unwrap();
    assert!(next.serial.starts_with("02"), "{}", next.serial);
}
