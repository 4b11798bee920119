//! What every certificate that hubca issues has to be, whatever asked for it.

use std::{collections::BTreeSet, time::Duration};

use hubca::{
    lint::{Platform, examine},
    profile::Profile,
    x509::{AltName, Certificate, CertificationPath, oid, pem},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::Value;

use crate::NOW;

/// Sees that a chain is an end entity's with exactly these names, as its profile has it; and where it is a server's, that no rule of
/// hubca's speaks against it, and that rustls takes it for each of its names.
pub fn judge(fullchain: &[u8], root: &[u8], names: &Value, profile: &Profile) {
    let chain: Vec<Certificate> = [fullchain, root].into_iter().flat_map(certificates).collect();
    let tbs = chain[0].tbs();
    assert!(!tbs.is_ca() && tbs.name_constraints().unwrap().is_none());
    let found = tbs.subject_alt_names().unwrap().unwrap();
    let found: BTreeSet<String> = found.iter().map(text).collect();
    let told =
        names.as_array().unwrap().iter().map(|name| name["dns"].as_str().or(name["ip"].as_str()).unwrap().to_owned());
    assert_eq!(found, told.collect());
    let (life, above) = (tbs.validity(), chain[1].tbs().validity());
    assert!(life.not_before() >= above.not_before() && life.not_after() <= above.not_after());
    let most = time::Duration::days(i64::from(profile.most_days().min(825)));
    assert!(life.not_after() - life.not_before() < most, "{life:?}");
    assert_eq!(tbs.extended_key_usage().unwrap().as_ref(), profile.extended_key_usage());
    if profile.extended_key_usage().is_some_and(|usage| usage.allows(oid::SERVER_AUTH)) {
        let names: Vec<&str> = found.iter().map(String::as_str).collect();
        taken_by_rustls(&chain, &names);
        let examination = examine(&CertificationPath::assemble(chain).unwrap(), NOW, &Platform::ALL);
        assert!(examination.ok || !profile.waived().is_empty(), "{examination:?}");
    }
}

fn taken_by_rustls(chain: &[Certificate], names: &[&str]) {
    let der: Vec<CertificateDer<'_>> = chain.iter().map(|one| CertificateDer::from(one.as_der())).collect();
    let [leaf, above @ .., root] = der.as_slice() else { panic!("a chain of one") };
    let leaf = webpki::EndEntityCert::try_from(leaf).unwrap();
    let anchors = [webpki::anchor_from_trusted_cert(root).unwrap()];
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW.unix_timestamp().unsigned_abs()));
    let usage = webpki::KeyUsage::server_auth();
    let verdict = leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, above, now, usage, None, None);
    verdict.map(|_| ()).unwrap();
    for name in names {
        let visited = name.replacen('*', "any", 1);
        leaf.verify_is_valid_for_subject_name(&ServerName::try_from(visited.as_str()).unwrap()).unwrap();
    }
}

fn text(name: &AltName) -> String {
    match name {
        AltName::Dns(text) => text.clone(),
        other => other.ip().unwrap().to_string(),
    }
}

fn certificates(text: &[u8]) -> Vec<Certificate> {
    let blocks = pem::parse(text).unwrap();
    blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect()
}
