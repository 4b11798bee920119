//! A profile is read back as Apple's schema wants it, and two of them are compared.

use plist::{Dictionary, Value};

use super::{super::AnchorError, *};
use crate::x509::pem;

const ROOT: &str = include_str!("../../tests/fixtures/pki/root.crt.pem");
const OTHER_ROOT: &str = include_str!("../../tests/fixtures/pki/other-root.crt.pem");
const ISSUING: &str = include_str!("../../tests/fixtures/pki/issuing.crt.pem");
const LEAF: &str = include_str!("../../tests/fixtures/pki/leaf.crt.pem");

fn certificate(text: &str) -> Certificate {
    Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
}

fn anchor(name: &str, root: &str) -> Anchor {
    Anchor::new(name, certificate(root), [certificate(ISSUING)]).unwrap()
}

fn read(artifact: &Artifact) -> Dictionary {
    Value::from_reader_xml(artifact.contents()).unwrap().into_dictionary().unwrap()
}

fn payloads(profile: &Dictionary) -> Vec<&Dictionary> {
    let payloads = profile.get("PayloadContent").unwrap().as_array().unwrap();
    payloads.iter().map(|payload| payload.as_dictionary().unwrap()).collect()
}

fn text<'a>(dictionary: &'a Dictionary, key: &str) -> &'a str {
    dictionary.get(key).unwrap_or_else(|| panic!("{key}")).as_string().unwrap()
}

#[test]
fn the_profile_has_the_keys_of_the_schema_and_the_root_in_der() {
    let anchor = anchor("Home Hub", ROOT);
    let artifact = profile(&anchor, Contents::RootOnly);
    assert_eq!(artifact.file_name(), "home-hub.mobileconfig");
    assert_eq!(artifact.media_type(), "application/x-apple-aspen-config");
    let profile = read(&artifact);
    assert_eq!(text(&profile, "PayloadType"), "Configuration");
    assert_eq!(profile.get("PayloadVersion").unwrap().as_signed_integer(), Some(1));
    assert!(text(&profile, "PayloadDescription").contains(&anchor.root().fingerprint()));
    assert!(!profile.contains_key("TargetDeviceType"));
    let payloads = payloads(&profile);
    assert_eq!(payloads.len(), 1);
    assert_eq!(text(payloads[0], "PayloadType"), "com.apple.security.root");
    assert_eq!(payloads[0].get("PayloadVersion").unwrap().as_signed_integer(), Some(1));
    assert_eq!(text(payloads[0], "PayloadCertificateFileName"), "home-hub.cer");
    assert_eq!(payloads[0].get("PayloadContent").unwrap().as_data(), Some(anchor.root().as_der()));
}

#[test]
fn identifiers_come_from_the_fingerprint_and_uuids_from_its_halves() {
    let anchor = anchor("Home Hub", ROOT);
    let profile = read(&profile(&anchor, Contents::RootOnly));
    let fingerprint = anchor.root().fingerprint();
    let identifier = format!("io.hubca.{}", &fingerprint[..16]);
    assert_eq!(text(&profile, "PayloadIdentifier"), identifier);
    assert_eq!(text(payloads(&profile)[0], "PayloadIdentifier"), format!("{identifier}.root"));
    let uuids = [text(payloads(&profile)[0], "PayloadUUID"), text(&profile, "PayloadUUID")];
    for (uuid, half) in uuids.into_iter().zip([&fingerprint[..32], &fingerprint[32..]]) {
        let parsed: Uuid = uuid.parse().unwrap();
        assert_eq!(parsed.get_version_num(), 8);
        assert_eq!(parsed.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(parsed.simple().to_string()[..12], half[..12]);
    }
    assert_ne!(uuids[0], uuids[1]);
}

#[test]
fn the_same_root_gives_the_same_bytes_and_another_root_other_identifiers() {
    let first = profile(&anchor("Home Hub", ROOT), Contents::RootOnly);
    assert!(first == profile(&anchor("Home Hub", ROOT), Contents::RootOnly));
    let renamed = read(&profile(&anchor("Another name", ROOT), Contents::WithIssuing));
    let other = read(&profile(&anchor("Home Hub", OTHER_ROOT), Contents::RootOnly));
    let first = read(&first);
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        assert_eq!(text(&first, key), text(&renamed, key));
        assert_ne!(text(&first, key), text(&other, key));
        assert_eq!(text(payloads(&first)[0], key), text(payloads(&renamed)[0], key));
        assert_ne!(text(payloads(&first)[0], key), text(payloads(&other)[0], key));
    }
}

#[test]
fn a_name_that_looks_like_markup_stays_a_name() {
    for name in ["</string><key>x</key>", "<script>alert(1)</script>", "a & b \"c\" 'd' ]]>", "&amp;", "Ünïcode 家 🏠"]
    {
        let profile = read(&profile(&anchor(name, ROOT), Contents::RootOnly));
        assert_eq!(text(&profile, "PayloadDisplayName"), name);
        assert_eq!(text(&profile, "PayloadOrganization"), name);
        assert_eq!(profile.len(), 8);
    }
}

#[test]
fn a_name_with_control_characters_is_refused() {
    for character in ['\0', '\u{1b}', '\n', '\u{85}', '\u{202e}', '\u{ffff}'] {
        let refused = Anchor::new(format!("a{character}b"), certificate(ROOT), []);
        assert_eq!(refused.unwrap_err(), AnchorError::Unprintable(character));
    }
}

#[test]
fn a_leaf_is_never_handed_out_as_a_root() {
    assert!(matches!(Anchor::new("Home", certificate(LEAF), []), Err(AnchorError::NotACa(_))));
    assert!(matches!(Anchor::new("Home", certificate(ROOT), [certificate(LEAF)]), Err(AnchorError::NotACa(_))));
}

#[test]
fn the_issuing_ca_is_added_only_where_it_is_asked_for_and_never_a_key() {
    let anchor = anchor("Home Hub", ROOT);
    let artifact = profile(&anchor, Contents::WithIssuing);
    let profile = read(&artifact);
    let payloads = payloads(&profile);
    assert_eq!(payloads.len(), 2);
    assert_eq!(text(payloads[1], "PayloadType"), "com.apple.security.pkcs1");
    assert_eq!(payloads[1].get("PayloadContent").unwrap().as_data(), Some(anchor.issuing()[0].as_der()));
    assert_ne!(text(payloads[1], "PayloadUUID"), text(payloads[0], "PayloadUUID"));
    assert!(!artifact.contents().windows(11).any(|window| window == b"PRIVATE KEY"));
}
