//! Rotation at home: keys and certificates come together or not at all, and every chain under `live/` follows.

use std::fs;

use super::*;
use crate::{
    authority::{Destination, EstablishError, Ledger, RotationError, Stage},
    home::{
        crl::CrlOutcome,
        order::Order,
        renewal::{Need, Reason, RenewalWish},
        survey::{FindingKind, SurveyOptions},
        test_ca::{NOW, NoPassphrase, TestCa, order, server},
    },
    keys::PassphraseError,
    profile::Scope,
    store::StoreError,
    system::files::directory::entries,
    x509::{Certificate, RevocationReason, pem},
};

pub(super) const NEXT: NextIssuing<'_> =
    NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::Take };
pub(super) const NEW: NextRoot<'_> =
    NextRoot { key: KeyAlgorithm::P256, root_key: None, protection: Protection::FileMode, root_key_out: None };

pub(super) fn reopened(ca: &TestCa) -> Home {
    Home::open(ca.home.layout().clone(), ca.doors()).unwrap()
}

fn certificates(path: &Path) -> Vec<Certificate> {
    let blocks = pem::parse(&fs::read(path).unwrap()).unwrap();
    blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect()
}

/// Each certificate of a label's `fullchain.pem` by subject and issuer, in one word each.
pub(super) fn served(home: &Home, label: &str) -> Vec<String> {
    let live = home.layout().live_link(label);
    let (whole, chain) = (certificates(&live.join("fullchain.pem")), certificates(&live.join("chain.pem")));
    assert_eq!(whole[1..], chain);
    let name = |name: &crate::x509::DistinguishedName| {
        let known = [(IssuerRole::Root, "root"), (IssuerRole::Issuing, "issuing")];
        let mut cas = known.iter().flat_map(|(role, word)| {
            (1..9).filter_map(move |ordinal| Some((home.authority().ca(*role, ordinal)?, format!("{word}{ordinal}"))))
        });
        cas.find(|(ca, _)| ca.certificate().tbs().subject() == name).map_or_else(|| "leaf".to_owned(), |(_, word)| word)
    };
    whole.iter().map(|one| format!("{}<{}", name(one.tbs().subject()), name(one.tbs().issuer()))).collect()
}

struct Secret(Passphrase);

impl PassphraseSource for Secret {
    fn passphrase(&self, _: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Ok(self.0.clone())
    }
}

fn secret(word: &str) -> Secret {
    Secret(Passphrase::new(word.as_bytes().to_vec()).unwrap())
}

#[test]
fn a_further_issuing_ca_issues_below_the_same_root() {
    let ca = TestCa::new();
    ca.issue(&["old.lan"]).unwrap();
    let mut home = reopened(&ca);
    assert_eq!(home.rotate_issuing(NEXT, &NoPassphrase).unwrap(), Effect::Taken);
    assert_eq!(home.issuing().unwrap().ordinal(), 2);
    assert!(!home.layout().admission().directory().exists());
    assert_eq!(certificates(&home.layout().issuing_certificate(2)), [home.issuing().unwrap().certificate().clone()]);
    let home = reopened(&ca);
    let profile = server();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["new.lan"])).unwrap();
    assert_eq!(served(&home, "old.lan"), ["leaf<issuing1", "issuing1<root1"]);
    assert_eq!(served(&home, "new.lan"), ["leaf<issuing2", "issuing2<root1"]);
    let scopes =
        [1, 2].map(|ordinal| Scope::of(home.authority().ca(IssuerRole::Issuing, ordinal).unwrap().certificate()));
    assert_eq!(scopes[0], scopes[1]);
}

#[test]
fn no_issuing_ca_may_vouch_for_what_its_root_leaves_out() {
    let ca = TestCa::new();
    let mut home = reopened(&ca);
    let permit = ["lab.lan".to_owned(), "example.org".to_owned()];
    let next = NextIssuing { permit: &permit, ..NEXT };
    let refused = home.rotate_issuing(next, &NoPassphrase).unwrap_err().to_string();
    assert!(refused.starts_with("`example.org` is outside what `root/1` may vouch for"), "{refused}");
    assert!(home.unused_issuing(next).is_err());
    assert_eq!(home.issuing().unwrap().ordinal(), 1);
    let covered = NextIssuing { permit: &permit[..1], ..NEXT };
    assert_eq!(home.rotate_issuing(covered, &NoPassphrase).unwrap(), Effect::Taken);
}

#[test]
fn the_next_issuing_key_has_the_passphrase_of_the_one_before() {
    let ca = TestCa::new();
    let right = secret("correct horse");
    ca.home.protect_key(CaKey::Issuing, &NoPassphrase, &right.0).unwrap();
    let mut home = reopened(&ca);
    let before =
        home.authority().select(crate::authority::Selection::All, Page { limit: 99, before: None }).unwrap().len();
    assert!(home.rotate_issuing(NEXT, &secret("wrong horse")).is_err());
    assert!(home.rotate_issuing(NEXT, &NoPassphrase).is_err());
    let after =
        home.authority().select(crate::authority::Selection::All, Page { limit: 99, before: None }).unwrap().len();
    assert_eq!(before, after, "a wrong passphrase changes nothing");
    home.rotate_issuing(NEXT, &right).unwrap();
    assert!(home.key_file(CaKey::Issuing).unwrap().is_encrypted().unwrap());
    home.issuer(&right).unwrap();
}

#[test]
fn a_root_key_that_was_taken_away_is_named() {
    let ca = TestCa::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let stick = elsewhere.path().join("stick.pem");
    fs::rename(ca.home.layout().root_key(1), &stick).unwrap();
    let mut home = reopened(&ca);
    assert!(matches!(home.rotate_issuing(NEXT, &NoPassphrase), Err(HomeError::NoRootKey { .. })));
    let other = NextIssuing { root_key: Some(&home.layout().issuing_key(1)), ..NEXT };
    assert!(matches!(home.rotate_issuing(other, &NoPassphrase), Err(HomeError::Issuer(_))), "another CA's key");
    home.rotate_issuing(NextIssuing { root_key: Some(&stick), ..NEXT }, &NoPassphrase).unwrap();
    assert_eq!(home.issuing().unwrap().ordinal(), 2);
}

#[test]
fn a_change_of_root_brings_every_chain_along() {
    let ca = TestCa::new();
    ca.issue(&["a.lan"]).unwrap();
    ca.issue(&["b.lan"]).unwrap();
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    assert!(home.authority().is_unsettled());
    assert_eq!(home.renew_chains().unwrap(), ["a.lan", "b.lan"]);
    assert!(home.renew_chains().unwrap().is_empty() && !home.authority().is_unsettled());
    let both = ["leaf<issuing1", "issuing1<root1", "root1<root2"];
    assert_eq!(served(&home, "a.lan"), both);
    assert!(matches!(
        home.begin_rotation(NEW, &NoPassphrase),
        Err(HomeError::Establish(EstablishError::RotationUnderWay))
    ));
    let profile = server();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["c.lan"])).unwrap();
    assert_eq!(served(&home, "c.lan"), both, "what is issued meanwhile has the same chain");

    assert_eq!(home.cut_over().unwrap(), Effect::Taken);
    let mut home = reopened(&ca);
    assert_eq!(home.authority().rotation().unwrap().stage, Stage::CutOver);
    home.renew_chains().unwrap();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["b.lan"])).unwrap();
    assert_eq!(served(&home, "a.lan"), both);
    assert_eq!(served(&home, "b.lan"), ["leaf<issuing2", "issuing2<root2", "root2<root1"]);
    assert!(matches!(home.retire_root(StillNeeded::Refuse), Err(HomeError::OldRootInUse { certificates: 2 })));
    assert!(matches!(home.abandon_rotation(), Err(HomeError::Rotation(RotationError::CutOver))));
    for name in ["a.lan", "c.lan"] {
        home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &[name])).unwrap();
    }
    assert_eq!(home.retire_root(StillNeeded::Refuse).unwrap(), Effect::Taken);
    assert_eq!(home.renew_chains().unwrap(), ["a.lan", "b.lan", "c.lan"]);
    assert_eq!(served(&home, "a.lan"), ["leaf<issuing2", "issuing2<root2"]);
    let home = reopened(&ca);
    assert_eq!((home.root().unwrap().ordinal(), home.authority().earlier_roots().len()), (2, 1));
    // The next one is made below the root in force.
    let mut home = home;
    assert_eq!(home.rotate_issuing(NEXT, &NoPassphrase).unwrap(), Effect::Taken);
    assert_eq!(home.issuing().unwrap().ordinal(), 3);
}

#[test]
fn the_chain_of_a_newest_certificate_that_is_not_in_use_follows_as_well() {
    let ca = TestCa::new();
    ca.issue(&["a.lan"]).unwrap();
    ca.issue(&["a.lan"]).unwrap();
    let mut home = reopened(&ca);
    home.authority().withdraw("a.lan", 1, "the hook failed", || Ok::<_, HomeError>(())).unwrap();
    let chain = |generation| fs::read(ca.home.layout().generation("a.lan", generation).join("chain.pem")).unwrap();
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    assert_eq!(home.renew_chains().unwrap(), ["a.lan"]);
    assert_eq!(certificates(&ca.home.layout().generation("a.lan", 2).join("fullchain.pem")).len(), 3);
    assert_eq!(chain(1), chain(2));
    home.abandon_rotation().unwrap();
    assert_eq!(home.renew_chains().unwrap(), ["a.lan"]);
    assert_eq!(chain(1), chain(2));
    assert_eq!(home.labels_by_others(home.root().unwrap().certificate()).unwrap(), ["a.lan"], "a label is told once");
}

#[test]
fn an_issuing_ca_that_nothing_came_of_is_the_one_that_is_wanted() {
    let ca = TestCa::new();
    let mut home = reopened(&ca);
    let rotate = |home: &mut Home, next: NextIssuing<'_>| {
        let effect = home.rotate_issuing(next, &NoPassphrase).unwrap();
        (effect, home.issuing().unwrap().ordinal())
    };
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 2), "that of `init` is no answer to a rotation");
    // As if it had been stopped before its first list, and with its key not in its place yet.
    let (layout, staging) = (home.layout().clone(), home.layout().admission());
    let entries = "DELETE FROM audit WHERE act IN ('reserve-crl', 'issue-crl') AND sequence > (SELECT MAX(sequence) FROM audit \
                   WHERE act NOT IN ('reserve-crl', 'issue-crl'))";
    for text in ["DELETE FROM crls WHERE issuer = (SELECT MAX(id) FROM issuers)", entries] {
        let gone = home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
        assert!(gone.unwrap() > 0, "{text}");
    }
    fs::create_dir_all(staging.issuing()).unwrap();
    fs::rename(layout.issuing().join("2"), staging.issuing().join("2")).unwrap();
    assert_eq!(rotate(&mut home, NEXT), (Effect::TakenBefore, 2));
    assert!(home.authority().crl_state().unwrap().iter().all(|state| state.newest.is_some()));
    assert_eq!(rotate(&mut home, NextIssuing { key: KeyAlgorithm::P384, ..NEXT }), (Effect::Taken, 3));
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 4), "another kind of key is another CA");
    assert_eq!(rotate(&mut home, NextIssuing { unused: Unused::PassOver, ..NEXT }), (Effect::Taken, 5));
    fs::remove_file(home.layout().issuing_key(5)).unwrap();
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 6));
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&server(), &["a.lan"])).unwrap();
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 7));
    ca.clock.set(NOW + Duration::days(1));
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 8));
    let rows = home.authority().by_serial(&serial_of(home.issuing().unwrap())).unwrap();
    home.authority().revoke(&rows[0], RevocationReason::CaCompromise).unwrap();
    assert_eq!(rotate(&mut home, NEXT), (Effect::Taken, 9));
}

#[test]
fn a_server_that_did_not_take_its_new_certificate_needs_the_old_root_still() {
    let ca = TestCa::new();
    ca.issue(&["a.lan"]).unwrap();
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.cut_over().unwrap();
    let profile = server();
    let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
    let next = Order { destination, ..order(&profile, &["a.lan"]) };
    home.issue(&home.issuer(&NoPassphrase).unwrap(), next).unwrap();
    home.authority().withdraw("a.lan", 1, "the hook failed", || Ok::<_, HomeError>(())).unwrap();
    assert!(matches!(home.retire_root(StillNeeded::Refuse), Err(HomeError::OldRootInUse { certificates: 1 })));
}

#[test]
fn what_a_revoked_ca_issued_moves_over_with_the_next_renewal_and_its_list_ends_with_the_last_of_it() {
    let ca = TestCa::new();
    ca.issue(&["a.lan"]).unwrap();
    let mut home = reopened(&ca);
    let authority = home.authority();
    let rows = authority.by_serial(&serial_of(home.issuing().unwrap())).unwrap();
    authority.revoke(&rows[0], RevocationReason::CaCompromise).unwrap();
    let wish = RenewalWish::default();
    let due = |home: &Home| home.needy(&wish).unwrap().into_iter().map(|one| one.need).collect::<Vec<_>>();
    assert_eq!(due(&home), [Need::Certificate(Reason::Revoked)]);
    let kinds = |home: &Home| {
        let survey = home.survey(SurveyOptions::default()).unwrap();
        survey.findings.iter().filter(|finding| finding.kind == FindingKind::CaRevoked).count()
    };
    assert_eq!(kinds(&home), 1);
    home.rotate_issuing(NEXT, &NoPassphrase).unwrap();
    assert_eq!((due(&home), kinds(&home)), (vec![Need::Certificate(Reason::Revoked)], 1));
    let profile = server();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["a.lan"])).unwrap();
    assert_eq!((due(&home), kinds(&home)), (vec![], 0));
    home.renew_crls(&NoPassphrase).unwrap();
    let lists =
        |home: &Home| home.authority().crl_state().unwrap().iter().map(|state| state.ca.path()).collect::<Vec<_>>();
    assert_eq!(lists(&home), ["root/1", "issuing/1", "issuing/2"]);
    // Nothing of the first is valid any more, and its key is gone: nobody is told of it again.
    ca.clock.set(NOW + Duration::days(398));
    fs::remove_file(home.layout().issuing_key(1)).unwrap();
    assert_eq!(lists(&home), ["root/1", "issuing/2"]);
    assert!(home.renew_crls(&NoPassphrase).unwrap().iter().all(|outcome| matches!(outcome, CrlOutcome::Made(_))));
}

fn serial_of(ca: &CaCertificate) -> String {
    ca.certificate().tbs().serial_number().unwrap().to_string()
}

#[test]
fn what_was_abandoned_leaves_the_chains() {
    let ca = TestCa::new();
    ca.issue(&["a.lan"]).unwrap();
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.renew_chains().unwrap();
    home.abandon_rotation().unwrap();
    home.renew_chains().unwrap();
    assert_eq!(served(&home, "a.lan"), ["leaf<issuing1", "issuing1<root1"]);
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    assert_eq!(home.authority().rotation().unwrap().new.ordinal(), 3);
}

#[test]
fn a_key_that_the_ledger_took_in_is_moved_by_the_next_command_and_another_is_forgotten() {
    let ca = TestCa::new();
    let mut home = reopened(&ca);
    let stick = tempfile::tempdir().unwrap();
    home.begin_rotation(NextRoot { root_key_out: Some(stick.path()), ..NEW }, &NoPassphrase).unwrap();
    assert_eq!(entries(stick.path()).unwrap(), ["root-2.key.pem"]);
    // As if it had been stopped after the ledger's transaction, with one of two directories moved.
    let (layout, staging) = (home.layout().clone(), home.layout().admission());
    fs::create_dir_all(staging.issuing()).unwrap();
    fs::rename(layout.issuing().join("2"), staging.issuing().join("2")).unwrap();
    drop(home);
    let home = reopened(&ca);
    assert!(layout.issuing_key(2).exists() && !staging.directory().exists());
    assert!(home.authority().issuing_below(home.authority().rotation().unwrap().new).len() == 1);
    // As if one had been stopped before it.
    fs::create_dir_all(staging.issuing().join("7")).unwrap();
    fs::copy(layout.issuing_key(2), staging.issuing_key(7)).unwrap();
    drop(reopened(&ca));
    assert!(!staging.directory().exists() && !layout.issuing_key(7).exists());
    assert_eq!(entries(stick.path()).unwrap(), ["root-2.key.pem"]);
}

#[test]
fn a_lost_ledger_row_keeps_no_key_outside() {
    let ca = TestCa::new();
    let stick = tempfile::tempdir().unwrap();
    let mut home = reopened(&ca);
    // The directory where the key shall lie is gone.
    let missing = stick.path().join("not there");
    assert!(home.begin_rotation(NextRoot { root_key_out: Some(&missing), ..NEW }, &NoPassphrase).is_err());
    assert!(!home.layout().admission().directory().exists());
    let home = reopened(&ca);
    assert!(home.authority().rotation().is_none());
    assert!(Ledger::open(&home.layout().ledger()).is_ok());
}

#[test]
fn the_next_issuing_ca_is_wanted_before_certificates_get_shorter() {
    let ca = TestCa::new();
    assert_eq!(ca.home.issuing_end_if_due().unwrap(), None);
    let end = ca.home.issuing().unwrap().certificate().tbs().validity().not_after();
    ca.clock.set(end - Duration::days(397 + 90));
    assert_eq!(ca.home.issuing_end_if_due().unwrap(), None);
    ca.clock.set(end - Duration::days(397 + 90) + Duration::SECOND);
    assert_eq!(ca.home.issuing_end_if_due().unwrap(), Some(end));
}
