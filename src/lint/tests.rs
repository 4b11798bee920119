//! The fixtures of `tests/fixtures/lint`, each named for its one defect, and drafts of our own beside them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use time::{Duration, macros::datetime};

use super::*;
use crate::x509::{
    BasicConstraints, CertificateTemplate, CertificationPath, DistinguishedName, DnsName, ExtendedKeyUsage,
    GeneralName, KeyUsage, SerialNumber, SignatureAlgorithm, SubjectAltNames, Validity, oid, pem, serial_number::Epoch,
};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// Defects that cannot be had alone: what else a fixture shows.
const COMPANIONS: &[(&str, &[&str])] = &[
    ("chain-signature/another-ca-of-the-name", &["aki-some", "ca-ski"]),
    ("issuer-ca/issued-by-a-server", &["ca-ku", "ca-sign", "ca-true", "nc-path", "path-len"]),
    ("issuer-other/subject-of-its-issuer", &["cn-san"]),
    ("leaf-days/valid-for-900-days", &["leaf-days-397"]),
    ("leaf-self/as-openssl-req-makes-it", &["cn-san", "leaf-bc", "leaf-days-397", "leaf-eku", "san-ip", "san-some"]),
    ("nc-cn/beside-addresses-only", &["cn-san"]),
    ("nc-cn/outside-the-scope", &["cn-san"]),
    ("nc-fit/outside-the-issuing-ca", &["nc-cn"]),
    ("nc-fit-root/outside-the-root", &["nc-path"]),
    ("nc-form/empty", &["nc-kinds"]),
    ("nc-ignored/root-only", &["nc-path"]),
    ("nc-path/none-below-a-constrained-root", &["nc-ignored"]),
    ("san-ip/address-in-common-name", &["cn-san"]),
    ("san-mapped/ipv4-in-ipv6", &["nc-fit", "nc-fit-root"]),
    ("san-some/e-mail-only", &["san-kinds"]),
    ("validity-order/ends-before-it-starts", &["expired"]),
];

/// A forged signature shows on what is signed, not on a draft.
const SHOWN_BY_SIGNATURE: &str = "root-self/signed-by-another-key";

/// Rules that a role given by the caller breaks: no certificate by others shows that it was meant to be another.
const WITHOUT_FIXTURE: [&str; 2] = ["client-eku", "ocsp-eku"];

fn fixtures() -> BTreeMap<String, Vec<PathBuf>> {
    let listed = |path: &Path| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint");
    let folders = listed(&home).into_iter().filter(|path| path.is_dir());
    let named = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    folders.map(|folder| (named(&folder), listed(&folder))).collect()
}

fn read(file: &Path) -> Vec<Certificate> {
    let blocks = pem::parse(&std::fs::read(file).unwrap()).unwrap();
    blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect()
}

fn fixture(name: &str) -> Vec<Certificate> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint").join(name).with_extension("pem"))
}

fn examined(certificates: Vec<Certificate>) -> Examination {
    examine(&CertificationPath::assemble(certificates).unwrap(), NOW, &Platform::ALL)
}

/// What is found when each certificate of a chain is taken for a draft of ours.
fn cleared(certificates: &[Certificate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, certificate) in certificates.iter().enumerate() {
        let issuers: Vec<&Certificate> = certificates[place + 1..].iter().collect();
        let role = examination::role(&Reading::of(certificate), place);
        let circumstances = Circumstances { role, issuers: &issuers, now: NOW };
        match clear(certificate.tbs().clone(), &circumstances, &[]) {
            Ok(cleared) => findings.extend_from_slice(cleared.waived()),
            Err(refused) => findings.extend_from_slice(refused.as_slice()),
        }
    }
    findings
}

#[test]
fn nothing_is_found_in_good_chains() {
    for file in &fixtures()["good"] {
        let certificates = read(file);
        assert_eq!(cleared(&certificates), [], "{}", file.display());
        let examination = examined(certificates);
        assert_eq!(examination.findings, [], "{}", file.display());
        assert!(examination.ok && examination.verdicts.values().all(|verdict| *verdict == Verdict::Accepted));
    }
}

#[test]
fn each_fixture_breaks_the_rule_it_is_named_for_and_no_other() {
    let mut wrong = Vec::new();
    for (folder, files) in fixtures().into_iter().filter(|(folder, _)| folder != "good") {
        let rule = rules().find(|rule| rule.id().as_str() == folder).unwrap_or_else(|| panic!("no rule {folder}"));
        for file in files {
            let label = format!("{folder}/{}", file.file_stem().unwrap().to_str().unwrap());
            let certificates = read(&file);
            let drafted = cleared(&certificates);
            let is_drafted = drafted.iter().any(|finding| finding.rule == rule.id());
            if is_drafted != (rule.on_issue() != OnIssue::NotAsked) && label != SHOWN_BY_SIGNATURE {
                wrong.push(format!("{label}: drafted {drafted:#?}"));
            }
            let findings = examined(certificates).findings;
            let mut enforcing: Vec<Platform> = findings
                .iter()
                .filter(|finding| finding.rule == rule.id())
                .flat_map(|finding| finding.platforms.clone())
                .collect();
            enforcing.sort();
            enforcing.dedup();
            let mut expected = [rule.refused_by(), rule.noted_for()].concat();
            expected.sort();
            if enforcing != expected {
                wrong.push(format!("{label}: examined for {enforcing:?}"));
            }
            let others: BTreeSet<&str> =
                findings.iter().map(|finding| finding.rule.as_str()).filter(|other| *other != folder).collect();
            let companions =
                COMPANIONS.iter().find(|(fixture, _)| *fixture == label).map_or(&[][..], |(_, rules)| rules);
            if others != companions.iter().copied().collect() {
                wrong.push(format!("    (\"{label}\", &{others:?}),"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_fixture_that_breaks_it() {
    let fixtures = fixtures();
    // What a server does stands in no certificate: `connection` has its own tests.
    let of_certificates = rules().filter(|rule| rule.concerns() != "the connection");
    let without = of_certificates.map(|rule| rule.id().as_str()).filter(|id| !fixtures.contains_key(*id));
    assert_eq!(without.collect::<Vec<_>>(), WITHOUT_FIXTURE);
}

/// The usual certificate of a server, to be changed; the names and the key are those of the good fixture.
fn template() -> CertificateTemplate {
    let chain = fixture("good/server");
    let (hub, issuing) = (chain[0].tbs(), chain[1].tbs());
    CertificateTemplate {
        serial_number: SerialNumber::from_epoch(Epoch::FIRST, [7; 16]),
        issuer: issuing.subject().clone(),
        authority_key_identifier: issuing.subject_key_identifier().unwrap(),
        signature_algorithm: SignatureAlgorithm::EcdsaWithSha256,
        validity: Validity::days_from(NOW - Duration::HOUR, 397).unwrap(),
        subject: hub.subject().clone(),
        public_key: hub.public_key().clone(),
        basic_constraints: BasicConstraints::EndEntity,
        key_usage: vec![KeyUsage::DigitalSignature],
        extended_key_usage: Some(ExtendedKeyUsage::new(vec![oid::SERVER_AUTH.to_owned()])),
        subject_alt_names: SubjectAltNames::new(vec![host("hub.lan")]).ok(),
        name_constraints: None,
        crl_url: None,
        ocsp_url: None,
        ocsp_no_check: false,
    }
}

fn host(name: &str) -> GeneralName {
    GeneralName::Dns(DnsName::parse(name).unwrap())
}

fn clear_as(role: Role, template: &CertificateTemplate, waived: &[RuleId]) -> Result<Cleared, Findings> {
    let chain = fixture("good/server");
    let issuers = if role == Role::Root { vec![] } else { vec![&chain[1], &chain[2]] };
    clear(template.encode().unwrap(), &Circumstances { role, issuers: &issuers, now: NOW }, waived)
}

fn refusals(role: Role, template: &CertificateTemplate) -> Vec<&'static str> {
    let refused = clear_as(role, template, &[]).unwrap_err();
    refused.as_slice().iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_draft_of_ours_is_cleared_byte_for_byte() {
    let cleared = clear_as(Role::Server, &template(), &[]).unwrap();
    assert_eq!(cleared.tbs().as_der(), template().encode().unwrap().as_der());
    assert_eq!(cleared.waived(), []);
}

#[test]
fn a_server_of_825_days_is_cleared_with_a_remark_and_one_of_900_refused() {
    let lasting = |days| CertificateTemplate { validity: Validity::days_from(NOW, days).unwrap(), ..template() };
    let cleared = clear_as(Role::Server, &lasting(825), &[]).unwrap();
    assert_eq!(cleared.waived()[0].rule.as_str(), "leaf-days-397");
    assert_eq!(cleared.waived()[0].severity, Severity::Warning);
    let refused = clear_as(Role::Server, &lasting(900), &[]).unwrap_err();
    let finding = &refused.as_slice()[0];
    assert_eq!(finding.message, "valid for 900 days, and iOS and macOS accept at most 825");
    assert_eq!(finding.advice, "issue it again with --days 397");
    assert_eq!(finding.certificate, "O=Home, CN=hub.lan");
}

#[test]
fn a_waiver_lets_a_warning_pass_and_keeps_it_but_never_an_error() {
    let enciphering =
        CertificateTemplate { key_usage: vec![KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment], ..template() };
    assert_eq!(refusals(Role::Server, &enciphering), ["leaf-ku-ec"]);
    let cleared = clear_as(Role::Server, &enciphering, &["leaf-ku-ec".parse().unwrap()]).unwrap();
    assert_eq!(cleared.waived().len(), 1);
    let aimless = CertificateTemplate { extended_key_usage: None, ..template() };
    assert!(clear_as(Role::Server, &aimless, &["leaf-eku".parse().unwrap()]).is_err());
}

#[test]
fn a_name_outside_the_scope_is_refused_for_every_ca_above() {
    let outside = CertificateTemplate {
        subject: DistinguishedName::new(Some("Home"), None).unwrap(),
        subject_alt_names: SubjectAltNames::new(vec![GeneralName::parse_ip("8.8.8.8").unwrap()]).ok(),
        ..template()
    };
    assert_eq!(refusals(Role::Server, &outside), ["nc-fit", "nc-fit-root"]);
}

#[test]
fn a_client_and_a_responder_need_their_own_purposes() {
    let nameless = CertificateTemplate { subject_alt_names: None, ..template() };
    assert_eq!(refusals(Role::Client, &nameless), ["client-eku"]);
    let unchecked = CertificateTemplate { ocsp_no_check: true, ..nameless };
    assert_eq!(refusals(Role::OcspResponder, &unchecked), ["ocsp-eku"]);
}

#[test]
fn a_root_that_another_issues_is_refused() {
    let root = CertificateTemplate {
        validity: Validity::days_from(NOW - Duration::DAY, 3650).unwrap(),
        basic_constraints: BasicConstraints::Ca { path_len: None },
        key_usage: vec![KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        extended_key_usage: None,
        subject_alt_names: None,
        authority_key_identifier: None,
        ..template()
    };
    assert_eq!(refusals(Role::Root, &root), ["root-self"]);
    let own = CertificateTemplate { issuer: root.subject.clone(), ..root };
    assert!(clear_as(Role::Root, &own, &[]).is_ok());
}

#[test]
fn a_sub_ca_below_a_path_length_of_zero_is_refused() {
    let below = CertificateTemplate {
        basic_constraints: BasicConstraints::Ca { path_len: Some(0) },
        key_usage: vec![KeyUsage::KeyCertSign, KeyUsage::CrlSign],
        subject_alt_names: None,
        ..template()
    };
    assert_eq!(refusals(Role::Issuing, &below), ["path-len", "nc-path"]);
}

#[test]
fn platforms_answer_for_themselves() {
    let verdicts = examined(fixture("key-eddsa/ed25519")).verdicts;
    assert_eq!(verdicts[&Platform::Ios], Verdict::Refused);
    assert_eq!(verdicts[&Platform::Java], Verdict::Accepted);
    let verdicts = examined(fixture("nc-fit-root/outside-the-root")).verdicts;
    assert_eq!(verdicts[&Platform::Chrome], Verdict::Refused);
    assert_eq!(verdicts[&Platform::Android], Verdict::AcceptedWithRemarks);
}

#[test]
fn a_client_may_have_a_common_name_that_is_no_host_name() {
    let named = |name: &str| CertificateTemplate {
        subject: DistinguishedName::new(None, Some(name)).unwrap(),
        extended_key_usage: Some(ExtendedKeyUsage::new(vec![oid::CLIENT_AUTH.to_owned()])),
        subject_alt_names: None,
        ..template()
    };
    for name in ["alice", "Alice M. Example", "alice@hub.lan"] {
        assert!(clear_as(Role::Client, &named(name), &[]).is_ok(), "{name}");
    }
    assert_eq!(refusals(Role::Client, &named("alice.example.com")), ["nc-cn"; 2]);
}

#[test]
fn only_the_platforms_asked_about_are_told() {
    let path = CertificationPath::assemble(fixture("leaf-days/valid-for-900-days")).unwrap();
    let examination = examine(&path, NOW, &[Platform::Java, Platform::Chrome]);
    assert!(examination.ok);
    let told: Vec<_> = examination.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(told, ["leaf-days-397"]);
    assert_eq!(examination.findings[0].platforms, [Platform::Chrome]);
}

#[test]
fn findings_are_written_with_these_keys() {
    let examination = examined(fixture("san-ip/address-as-host-name"));
    let json = serde_json::to_value(&examination).unwrap();
    let finding = json["findings"][0].as_object().unwrap();
    let keys: BTreeSet<&str> = finding.keys().map(String::as_str).collect();
    let expected = ["advice", "certificate", "citation", "message", "platforms", "rule", "severity"];
    assert_eq!(keys, expected.into_iter().collect());
    assert_eq!((finding["rule"].as_str(), finding["severity"].as_str()), (Some("san-ip"), Some("error")));
    assert_eq!(json["verdicts"]["ios"], "refused");
    assert_eq!(json["ok"], false);
}

#[test]
fn text_of_others_reaches_no_terminal_as_it_is() {
    for name in ["san-dns/nul", "subject-text/direction-change"] {
        let findings = examined(fixture(name)).findings;
        assert!(!findings.is_empty());
        for finding in findings {
            assert!(!format!("{finding}{}", finding.certificate).chars().any(crate::x509::name::is_unprintable));
        }
    }
}

#[test]
fn the_page_of_rules_says_what_the_table_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/lint-rules.md");
    let generated = page_of_rules();
    #[expect(clippy::disallowed_methods, reason = "the way to write the page anew, in a test only")]
    if std::env::var_os("HUBCA_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        std::fs::write(&page, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(written == generated, "write it anew: HUBCA_WRITE_DOCS=1 cargo test --lib lint::tests::the_page");
}

fn page_of_rules() -> String {
    let mut page = String::from(PREFACE);
    for rule in rules() {
        let named = |platforms: &[Platform]| match platforms {
            [] => "nobody".to_owned(),
            all if all.len() == Platform::ALL.len() => "everybody".to_owned(),
            some => Platform::list(some),
        };
        page += &format!(
            "\n## `{}`\n\n{}.\n\n- Concerns: {}\n- When we issue: {}\n- Refused by: {}\n- Worth a remark for: {}\n- Source: {}\n- What to do: {}\n",
            rule.id(),
            capitalised(rule.demand()),
            rule.concerns(),
            rule.on_issue().name(),
            named(rule.refused_by()),
            named(rule.noted_for()),
            rule.citation(),
            rule.advice(),
        );
    }
    page
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const PREFACE: &str = "# Lint rules

<!-- Generated from the table in src/lint: HUBCA_WRITE_DOCS=1 cargo test --lib lint::tests::the_page -->

What a certificate must be to work on phones, tablets and computers. `hubca` holds its own certificates to all of these
before they are signed, and `hubca check` tells them of any chain, for each platform; the last of them, about the
connection, of a server that shows one.

*When we issue* says what a violation means on our own road: **refused**, whatever the profile says; **refused unless
waived** by a profile that names the rule; **told**, and kept in the audit log; or **cannot arise**, where a rule is
about chains by others. *Refused by* are the platforms that do not take such a certificate (`error`), *worth a remark
for* those that take it (`warning`).

Not demanded, because a private CA need not: Certificate Transparency, a host name with a dot, the lifetimes of
public CAs. Not seen, because the certificate is read for what it says: how an instant is encoded (UTCTime or
GeneralizedTime), and the minimum and maximum of a subtree.
";
