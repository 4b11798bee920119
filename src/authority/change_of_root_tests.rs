//! A change of root: what is in force at each step, and what leads from one root to the other.

use super::*;
use crate::{
    authority::{
        hierarchy::{EstablishError, NewRoot},
        ledger::Ledger,
        tests::{doors, establish_with},
    },
    keys::PrivateKey,
    lint::{Platform, examine},
    system::SystemRandom,
    x509::{BasicConstraints, CertificationPath, KeyAlgorithm},
};

fn key(algorithm: KeyAlgorithm) -> PrivateKey {
    PrivateKey::generate(algorithm, &SystemRandom).unwrap()
}

/// An authority with a change of root begun, and the two keys of the old root and its issuing CA.
fn begun(directory: &tempfile::TempDir, algorithm: KeyAlgorithm) -> Authority {
    let (root_key, issuing_key) = (key(KeyAlgorithm::P256), key(KeyAlgorithm::P256));
    let ledger = Ledger::create(&directory.path().join("ledger.db")).unwrap();
    let mut authority = establish_with(ledger, &root_key, &issuing_key);
    let old = authority.issuer(authority.root().unwrap(), root_key.to_signing_key().unwrap()).unwrap();
    let (new_key, new_issuing) = (key(algorithm), key(algorithm));
    let scope = authority.scope().unwrap();
    let new = NewRoot { scope: &scope, root_key: &new_key, issuing_key: &new_issuing };
    let candidates = authority.draft_change_of_root(&old, &new).unwrap();
    assert!(authority.rotation().is_none(), "nothing has begun before it is admitted");
    authority.admit(candidates).unwrap();
    authority
}

fn names(certificates: &[Certificate]) -> Vec<(String, String)> {
    let tbs = certificates.iter().map(Certificate::tbs);
    tbs.map(|tbs| (tbs.subject().to_string(), tbs.issuer().to_string())).collect()
}

#[test]
fn the_old_root_stays_in_force_until_the_cut_and_the_new_one_is_handed_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut authority = begun(&directory, KeyAlgorithm::P256);
    let change = authority.rotation().unwrap();
    assert_eq!((change.old.ordinal(), change.new.ordinal(), change.stage), (1, 2, Stage::Begun));
    assert_eq!((authority.root().unwrap().ordinal(), authority.issuing().unwrap().ordinal()), (1, 1));
    let (first, beside) = authority.roots_to_hand_out().unwrap();
    assert_eq!((first.ordinal(), beside.unwrap().ordinal()), (2, 1));
    assert!(authority.earlier_roots().is_empty() && authority.withdrawn_roots().is_empty());
    assert_eq!(authority.cut_over().unwrap(), Effect::Taken);
    assert_eq!(authority.cut_over().unwrap(), Effect::TakenBefore);
    assert_eq!((authority.root().unwrap().ordinal(), authority.issuing().unwrap().ordinal()), (2, 2));
    assert_eq!((authority.earlier_roots().len(), authority.withdrawn_roots().len()), (1, 0));
    assert_eq!(authority.rotation().unwrap().stage, Stage::CutOver);
    assert!(matches!(authority.abandon_rotation(), Err(RotationError::CutOver)));
    assert_eq!(authority.retire_root().unwrap(), Effect::Taken);
    assert_eq!(authority.retire_root().unwrap(), Effect::TakenBefore);
    assert!(authority.rotation().is_none() && authority.is_unsettled());
    assert_eq!(authority.roots_to_hand_out().unwrap().0.ordinal(), 2);
    assert_eq!(authority.withdrawn_roots().iter().map(|root| root.ordinal()).collect::<Vec<_>>(), [1]);
    assert!(matches!(authority.verify_audit().unwrap(), crate::authority::Verdict::Whole { .. }));
}

#[test]
fn what_was_abandoned_is_never_in_force() {
    let directory = tempfile::tempdir().unwrap();
    let mut authority = begun(&directory, KeyAlgorithm::P256);
    assert!(matches!(authority.retire_root(), Err(RotationError::NotCutOver)));
    assert_eq!(authority.abandon_rotation().unwrap(), Effect::Taken);
    assert!(matches!(authority.cut_over(), Err(RotationError::NotUnderWay)));
    drop(authority);
    let authority = Authority::open(Ledger::open(&directory.path().join("ledger.db")).unwrap(), doors()).unwrap();
    assert!(authority.rotation().is_none());
    assert_eq!((authority.root().unwrap().ordinal(), authority.issuing().unwrap().ordinal()), (1, 1));
    assert!(authority.earlier_roots().is_empty());
    assert_eq!(authority.withdrawn_roots().iter().map(|root| root.ordinal()).collect::<Vec<_>>(), [2]);
}

#[test]
fn each_cross_certificate_is_the_other_roots_word_and_breaks_no_rule() {
    for algorithm in [KeyAlgorithm::P256, KeyAlgorithm::P384, "rsa2048".parse().unwrap()] {
        let directory = tempfile::tempdir().unwrap();
        let authority = begun(&directory, algorithm);
        let ChangeOfRoot { old, new, .. } = authority.rotation().unwrap();
        let (old, new) = (old.certificate(), new.certificate());
        for (root, other) in [(old, new), (new, old)] {
            let cross = authority.cross_of(root).unwrap();
            cross.verify_signed_by(other.tbs().public_key()).unwrap();
            let (tbs, of) = (cross.tbs(), root.tbs());
            assert_eq!(tbs.subject().as_der(), of.subject().as_der());
            assert_eq!(tbs.issuer().as_der(), other.tbs().subject().as_der());
            assert_eq!(tbs.public_key(), of.public_key());
            assert_eq!(tbs.subject_key_identifier(), of.subject_key_identifier());
            assert_eq!(tbs.authority_key_identifier(), other.tbs().subject_key_identifier());
            assert_eq!(tbs.name_constraints().unwrap(), of.name_constraints().unwrap());
            assert_eq!(tbs.basic_constraints(), Ok(Some(BasicConstraints::Ca { path_len: Some(1) })));
            for limit in [of.validity(), other.tbs().validity()] {
                assert!(tbs.validity().is_inside(&limit));
            }
        }
    }
}

#[test]
fn a_server_sends_what_leads_to_both_roots() {
    let directory = tempfile::tempdir().unwrap();
    let mut authority = begun(&directory, KeyAlgorithm::P256);
    let chain = authority.chain_of(authority.issuing().unwrap());
    let served = authority.served_above(&chain);
    let subject = |ca: &CaCertificate| ca.certificate().tbs().subject().to_string();
    let ChangeOfRoot { old, new, .. } = authority.rotation().unwrap();
    let (old, new) = (subject(old), subject(new));
    assert_eq!(names(&served)[1], (old.clone(), new.clone()));
    // The whole of it is one chain below the new root, and no platform has a word against it.
    let mut whole = served.clone();
    whole.push(authority.rotation().unwrap().new.certificate().clone());
    let path = CertificationPath::assemble(whole).unwrap();
    assert_eq!((path.certificates().len(), path.strangers().len()), (3, 0));
    assert_eq!(examine(&path, authority.doors().clock.now(), &Platform::ALL).findings, []);
    authority.cut_over().unwrap();
    let after = authority.served_above(&authority.chain_of(authority.issuing().unwrap()));
    assert_eq!(names(&after)[1], (new, old));
    assert_eq!(authority.served_above(&chain), served, "a leaf that has not moved goes on as before");
    authority.retire_root().unwrap();
    assert_eq!(authority.served_above(&chain).len(), 1);
}

#[test]
fn a_root_follows_a_root_that_followed_one() {
    let directory = tempfile::tempdir().unwrap();
    let (root_key, issuing_key) = (key(KeyAlgorithm::P256), key(KeyAlgorithm::P256));
    let ledger = Ledger::create(&directory.path().join("ledger.db")).unwrap();
    let mut authority = establish_with(ledger, &root_key, &issuing_key);
    let mut latest = root_key;
    for ordinal in [2, 4] {
        let old = authority.issuer(authority.root().unwrap(), latest.to_signing_key().unwrap()).unwrap();
        let (new_key, new_issuing) = (key(KeyAlgorithm::P256), key(KeyAlgorithm::P256));
        let scope = authority.scope().unwrap();
        let new = NewRoot { scope: &scope, root_key: &new_key, issuing_key: &new_issuing };
        let candidates = authority.draft_change_of_root(&old, &new).unwrap();
        authority.admit(candidates).unwrap();
        assert!(matches!(authority.draft_change_of_root(&old, &new), Err(EstablishError::RotationUnderWay)));
        authority.cut_over().unwrap();
        authority.retire_root().unwrap();
        assert_eq!(authority.root().unwrap().ordinal(), ordinal);
        let root = authority.issuer(authority.root().unwrap(), new_key.to_signing_key().unwrap()).unwrap();
        let another = key(KeyAlgorithm::P256);
        let again = NewRoot { root_key: &another, ..new };
        assert!(authority.draft_change_of_root(&root, &again).is_err(), "a key of a CA serves as no other");
        assert!(authority.draft_issuing(&root, &latest, &scope).is_err());
        latest = new_key;
    }
    assert_eq!(authority.earlier_roots().len(), 2);
}
