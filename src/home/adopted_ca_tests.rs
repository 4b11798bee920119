//! A CA that was made after a copy of its home comes back into that copy, and what it issued with it.

use std::{fs, path::Path};

use tempfile::TempDir;
use time::Duration;

use super::{
    adoption::Foundling,
    adoption_tests::{Lost, copy},
    crl::CrlOutcome,
    error::HomeError,
    opened::{CaKey, Home},
    rotation::{NextIssuing, NextRoot, Unused},
    survey::{FindingKind, SurveyOptions},
    test_ca::{NOW, NoPassphrase, TestCa, order, server},
};
use crate::{
    authority::{AdoptError, Adoption, BackupRecord, IssuerRole, KeyFate, Label, SetAside, Standing},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource, PrivateKey, Protection},
    system::{FileMode, files::write_new},
    x509::{Certificate, KeyAlgorithm, RevocationReason, pem},
};

/// A copy of a home, and the home, which made another issuing CA since.
struct Scene {
    ca: TestCa,
    /// The first home as it is now.
    lost: Home,
    /// The copy that knows nothing of it.
    home: Home,
    _place: TempDir,
}

/// A CA that was made since.
struct LostCa {
    certificate: Certificate,
    key: PrivateKey,
}

impl Scene {
    fn new() -> Self {
        let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
        let home = copy(&ca, &place.path().join("copy"));
        let mut lost = Home::open(ca.home.layout().clone(), ca.doors()).unwrap();
        rotate(&mut lost);
        Self { ca, lost, home, _place: place }
    }

    fn lost_ca(&self) -> LostCa {
        LostCa::of(&self.lost, 2)
    }

    fn issue_lost(&self, name: &str) -> Lost {
        let profile = server();
        Lost::of(&self.lost.issue(&self.lost.issuer(&NoPassphrase).unwrap(), order(&profile, &[name])).unwrap())
    }

    /// What a command would say, and what it does.
    fn adopt(&mut self, found: &[&Foundling<'_>]) -> Vec<Result<Adoption, AdoptError>> {
        adopt(&mut self.home, found)
    }

    fn only(&mut self, found: &Foundling<'_>) -> Result<Adoption, AdoptError> {
        self.adopt(&[found]).pop().unwrap()
    }
}

impl LostCa {
    fn of(home: &Home, ordinal: i64) -> Self {
        let read = |path: &Path| fs::read(path).unwrap();
        let certificate = pem::parse(&read(&home.layout().issuing_certificate(ordinal))).unwrap();
        Self {
            certificate: Certificate::from_der(&certificate[0].contents).unwrap(),
            key: key(&read(&home.layout().issuing_key(ordinal))),
        }
    }

    fn with_key(&self) -> Foundling<'_> {
        Foundling { key: Some(&self.key), ..self.foundling() }
    }

    fn foundling(&self) -> Foundling<'_> {
        Foundling { certificate: &self.certificate, names: Vec::new(), label: None, key: None }
    }
}

fn key(text: &[u8]) -> PrivateKey {
    PrivateKey::from_pem(text, || NoPassphrase.passphrase(&KeyPurpose::Issuing)).unwrap()
}

fn rotate(home: &mut Home) {
    let next = NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::PassOver };
    home.rotate_issuing(next, &NoPassphrase).unwrap();
}

fn adopt(home: &mut Home, found: &[&Foundling<'_>]) -> Vec<Result<Adoption, AdoptError>> {
    let planned = home.plan_adoption(found).unwrap();
    let done = home.adopt(found, &NoPassphrase).unwrap();
    assert_eq!(format!("{planned:?}"), format!("{done:?}"), "what was told before is what was done");
    done
}

fn becomes(path: &str, set_aside: Option<SetAside>) -> Adoption {
    Adoption::Ca { ca: path.to_owned(), set_aside }
}

fn kept(name: &str) -> Adoption {
    Adoption::Entered { label: Label::parse(name).ok(), key: KeyFate::Kept }
}

#[track_caller]
fn is_sound(home: &Home) {
    assert_eq!(home.examine(None, &mut |_| ()).unwrap().flaws, []);
}

fn lists(home: &Home) -> Vec<String> {
    home.authority().crl_state().unwrap().iter().map(|state| state.ca.path()).collect()
}

fn restored(home: &Home) {
    let audit = home.authority().audit_head().unwrap();
    let record = BackupRecord { made_at: NOW, path: "/srv/b.age".to_owned(), audit, without: Vec::new(), flaws: 0 };
    home.authority().note_restore(&record).unwrap();
}

#[test]
fn a_ca_comes_back_with_its_key_and_what_it_issued_and_issues_from_then_on() {
    let mut scene = Scene::new();
    let (lost, hub) = (scene.lost_ca(), scene.issue_lost("hub.lan"));
    // Whatever comes first.
    let outcomes = scene.adopt(&[&hub.with_key(), &lost.with_key()]);
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes, [kept("hub.lan"), becomes("issuing/2", None)]);
    let home = &scene.home;
    let issuing = home.issuing().unwrap();
    assert_eq!((issuing.path().as_str(), issuing.certificate()), ("issuing/2", &lost.certificate));
    let read = |home: &Home, file: &str| fs::read(home.layout().live_link("hub.lan").join(file)).unwrap();
    for file in ["privkey.pem", "fullchain.pem", "chain.pem"] {
        assert_eq!(read(home, file), read(&scene.lost, file), "{file}");
    }
    assert_eq!(key(&fs::read(home.layout().issuing_key(2)).unwrap()).public_key(), lost.key.public_key());
    is_sound(home);
    // The list that it may have signed meanwhile is passed by far.
    let highest = home.authority().highest_crl_number(issuing).unwrap();
    assert_eq!(highest, (NOW + Duration::days(365)).unix_timestamp() * 1000);
    assert!(
        home.authority().crl_state().unwrap().iter().any(|state| state.ca.id() == issuing.id() && state.is_behind())
    );
    let record = home.authority().by_label("hub.lan", 1).unwrap().pop().unwrap();
    home.authority().revoke(&record, RevocationReason::Superseded).unwrap();
    let made = home.renew_crls(&NoPassphrase).unwrap();
    let of_it = made.iter().find_map(|outcome| match outcome {
        CrlOutcome::Made(crl) if crl.issuer == "issuing/2" => Some((crl.revoked, crl.record.number > highest)),
        _ => None,
    });
    assert_eq!(of_it, Some((1, true)));
    let profile = server();
    let next = home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["nas.lan"])).unwrap();
    assert!(Certificate::from_der(&next.certificate).unwrap().is_issued_by(&lost.certificate));
    is_sound(home);
    let entries = home.authority().audit_head().unwrap().entries;
    let again = scene.adopt(&[&lost.with_key(), &hub.with_key()]);
    assert!(again.iter().all(|outcome| matches!(outcome, Ok(Adoption::Known))), "{again:?}");
    assert_eq!(scene.home.authority().audit_head().unwrap().entries, entries);
}

#[test]
fn without_its_key_a_ca_is_set_aside_until_that_is_found() {
    let mut scene = Scene::new();
    let (lost, hub) = (scene.lost_ca(), scene.issue_lost("hub.lan"));
    let outcomes = scene.adopt(&[&lost.foundling(), &hub.with_key()]);
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes, [becomes("issuing/2", Some(SetAside::Keyless)), kept("hub.lan")]);
    let home = &scene.home;
    assert_eq!(home.issuing().unwrap().path(), "issuing/1");
    assert!(home.layout().issuing_certificate(2).exists() && !home.layout().issuing_key(2).exists());
    // No list of it is ever due, and a person is told.
    assert_eq!(lists(home), ["root/1", "issuing/1"]);
    assert!(home.renew_crls(&NoPassphrase).unwrap().iter().all(|outcome| matches!(outcome, CrlOutcome::Made(_))));
    let ca = home.ca_named("issuing/2").unwrap();
    assert!(matches!(home.publish_crl(ca, &NoPassphrase), Err(HomeError::NoIssuingKey { .. })));
    assert!(home.authority().asked_about().unwrap().iter().all(|asked| asked.id() != ca.id()));
    let told = |home: &Home| {
        let findings = home.survey(SurveyOptions::default()).unwrap().findings;
        findings.iter().filter(|finding| finding.kind == FindingKind::CaKeyless).count()
    };
    assert_eq!(told(home), 1);
    // What is renewed is issued by the other.
    let profile = server();
    let next = home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
    assert!(!Certificate::from_der(&next.certificate).unwrap().is_issued_by(&lost.certificate));
    assert_eq!((next.generation, told(home)), (Some(2), 0));
    is_sound(home);
    // Its root can say of all that it issued.
    assert_eq!(scene.only(&lost.foundling()).unwrap(), Adoption::Known);
    assert_eq!(scene.only(&lost.with_key()).unwrap(), becomes("issuing/2", None));
    assert_eq!(scene.only(&lost.with_key()).unwrap(), Adoption::Known);
    let home = &scene.home;
    assert_eq!((home.issuing().unwrap().path().as_str(), lists(home).len()), ("issuing/2", 3));
    is_sound(home);
    home.issuer(&NoPassphrase).unwrap();
}

#[test]
fn a_ca_without_its_key_is_revoked_by_the_root_and_its_servers_move_over() {
    let mut scene = Scene::new();
    let (lost, hub) = (scene.lost_ca(), scene.issue_lost("hub.lan"));
    scene.adopt(&[&lost.foundling(), &hub.with_key()]);
    let home = &scene.home;
    let serial = lost.certificate.tbs().serial_number().unwrap();
    let record = home.authority().by_serial(&serial.to_string()).unwrap().pop().unwrap();
    home.authority().revoke(&record, RevocationReason::Superseded).unwrap();
    let root = home.root().unwrap();
    assert_eq!(home.publish_crl(root, &NoPassphrase).unwrap().revoked, 1);
    assert!(matches!(home.authority().standing(root.id(), &serial).unwrap(), Some(Standing::Revoked(_))));
    let needy = home.needy(&super::renewal::RenewalWish::default()).unwrap();
    assert_eq!(needy.iter().map(|one| one.label.as_str()).collect::<Vec<_>>(), ["hub.lan"]);
    is_sound(home);
}

#[test]
fn what_was_made_after_it_goes_on_issuing() {
    let mut scene = Scene::new();
    let (lost, hub) = (scene.lost_ca(), scene.issue_lost("hub.lan"));
    // The clock says nothing about which of them was made later: it stands still, and is behind for the next one.
    restored(&scene.home);
    scene.home = Home::open(scene.home.layout().clone(), scene.ca.doors()).unwrap();
    rotate(&mut scene.home);
    let outcomes = scene.adopt(&[&lost.with_key(), &hub.foundling()]);
    assert_eq!(outcomes[0].as_ref().unwrap(), &becomes("issuing/3", Some(SetAside::Superseded)));
    assert!(outcomes[1].is_ok());
    let home = &scene.home;
    assert_eq!(home.issuing().unwrap().path(), "issuing/2");
    assert_eq!(lists(home), ["root/1", "issuing/1", "issuing/2", "issuing/3"]);
    // Its lists can be made all the same.
    let ca = home.ca_named("issuing/3").unwrap();
    home.publish_crl(ca, &NoPassphrase).unwrap();
    is_sound(home);
    // The next one that is made is the newest of all.
    rotate(&mut scene.home);
    assert_eq!(scene.home.issuing().unwrap().path(), "issuing/4");
}

#[test]
fn of_two_the_one_that_was_made_later_issues() {
    let mut scene = Scene::new();
    scene.ca.clock.advance(std::time::Duration::from_secs(3 * 86_400));
    rotate(&mut scene.lost);
    let (second, third) = (scene.lost_ca(), LostCa::of(&scene.lost, 3));
    let outcomes = scene.adopt(&[&third.with_key(), &second.with_key()]);
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes, [becomes("issuing/3", None), becomes("issuing/2", None)]);
    assert_eq!(scene.home.issuing().unwrap().certificate(), &third.certificate);
    is_sound(&scene.home);
}

#[test]
fn a_change_of_root_is_not_adopted() {
    let mut scene = Scene::new();
    let next =
        NextRoot { key: KeyAlgorithm::P256, root_key: None, protection: Protection::FileMode, root_key_out: None };
    scene.lost.begin_rotation(next, &NoPassphrase).unwrap();
    let head = scene.home.authority().audit_head().unwrap();
    let cas: Vec<_> = scene.lost.authority().cas()[3..].iter().map(|ca| ca.certificate().clone()).collect();
    assert_eq!(cas.len(), 4);
    for (ca, role) in cas.iter().zip(scene.lost.authority().cas()[3..].iter().map(|ca| ca.role()).collect::<Vec<_>>()) {
        let found = Foundling { certificate: ca, names: Vec::new(), label: None, key: None };
        let outcome = adopt(&mut scene.home, &[&found]).pop().unwrap().unwrap_err();
        let is_by_ours = ca.is_issued_by(scene.home.root().unwrap().certificate());
        let is_expected = match role {
            IssuerRole::Root => matches!(outcome, AdoptError::OfRoot { .. }),
            IssuerRole::Cross if is_by_ours => matches!(outcome, AdoptError::MayHaveCas { .. }),
            _ => matches!(outcome, AdoptError::OfCa { .. }),
        };
        assert!(is_expected, "{role:?}: {outcome:?}");
    }
    assert_eq!(scene.home.authority().audit_head().unwrap(), head);
}

#[test]
fn an_adoption_of_a_ca_that_was_stopped_is_finished_by_the_same_again() {
    let mut scene = Scene::new();
    let (lost, layout) = (scene.lost_ca(), scene.home.layout().clone());
    let staging = layout.admission();
    let stage = |scene: &Scene| {
        fs::create_dir_all(staging.issuing_of(2)).unwrap();
        fs::copy(scene.lost.layout().issuing_key(2), staging.issuing_key(2)).unwrap();
    };
    // Stopped before the ledger had it.
    stage(&scene);
    assert_eq!(scene.only(&lost.with_key()).unwrap(), becomes("issuing/2", None));
    assert!(layout.issuing_key(2).exists() && !staging.directory().exists());
    // Stopped after it, before the files were in their places.
    fs::create_dir_all(staging.issuing()).unwrap();
    fs::rename(layout.issuing_of(2), staging.issuing_of(2)).unwrap();
    scene.home = Home::open(layout.clone(), scene.ca.doors()).unwrap();
    assert!(layout.issuing_key(2).exists() && !staging.directory().exists());
    assert_eq!(scene.only(&lost.with_key()).unwrap(), Adoption::Known);
    // A key that is gone is brought by the same command, and one that was brought before the ledger said so is told then.
    fs::remove_file(layout.issuing_key(2)).unwrap();
    assert_eq!(scene.only(&lost.with_key()).unwrap(), becomes("issuing/2", None));
    scene.home.issuer(&NoPassphrase).unwrap();
    is_sound(&scene.home);
    let mut scene = Scene::new();
    let lost = scene.lost_ca();
    scene.only(&lost.foundling()).unwrap();
    fs::copy(scene.lost.layout().issuing_key(2), scene.home.layout().issuing_key(2)).unwrap();
    assert_eq!(scene.home.issuing().unwrap().path(), "issuing/1");
    assert_eq!(scene.only(&lost.with_key()).unwrap(), becomes("issuing/2", None));
    assert_eq!(scene.home.issuing().unwrap().path(), "issuing/2");
    is_sound(&scene.home);
}

#[test]
fn what_lies_where_a_ca_would_be_is_not_touched() {
    let mut scene = Scene::new();
    let lost = scene.lost_ca();
    let place = scene.home.layout().issuing_of(2);
    fs::create_dir(&place).unwrap();
    write_new(&place.join("ca.key.pem"), b"a key in service", FileMode::Secret).unwrap();
    let head = scene.home.authority().audit_head().unwrap();
    let refused = scene.home.adopt(&[&lost.with_key()], &NoPassphrase);
    assert!(matches!(refused, Err(HomeError::CaInTheWay { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(place.join("ca.key.pem")).unwrap(), "a key in service");
    assert_eq!(scene.home.authority().audit_head().unwrap(), head);
}

struct Secret(Passphrase);

impl PassphraseSource for Secret {
    fn passphrase(&self, _: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Ok(self.0.clone())
    }
}

#[test]
fn the_key_lies_under_the_passphrase_of_the_one_that_issued_before() {
    let mut scene = Scene::new();
    let lost = scene.lost_ca();
    let secret = Secret(Passphrase::new(b"six random words".to_vec()).unwrap());
    scene.home.protect_key(CaKey::Issuing, &NoPassphrase, &secret.0).unwrap();
    assert!(scene.home.adopt(&[&lost.with_key()], &NoPassphrase).is_err());
    assert_eq!(scene.home.issuing().unwrap().path(), "issuing/1");
    scene.home.adopt(&[&lost.with_key()], &secret).unwrap().pop().unwrap().unwrap();
    let file = scene.home.key_file(CaKey::Issuing).unwrap();
    assert!(file.path().ends_with("issuing/2/ca.key.pem") && file.is_encrypted().unwrap());
    scene.home.issuer(&secret).unwrap();
}
