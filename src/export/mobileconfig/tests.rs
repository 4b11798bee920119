//! A profile is read back as Apple's schema wants it, and two of them are compared.

use plist::{Dictionary, Value};
use uuid::Uuid;

use super::{
    super::{AnchorError, Icon},
    *,
};
use crate::{
    system::FileMode,
    x509::{Certificate, pem},
};

const ROOT: &str = include_str!("../../../tests/fixtures/pki/root.crt.pem");
const OTHER_ROOT: &str = include_str!("../../../tests/fixtures/pki/other-root.crt.pem");
const ISSUING: &str = include_str!("../../../tests/fixtures/pki/issuing.crt.pem");
const LEAF: &str = include_str!("../../../tests/fixtures/pki/leaf.crt.pem");

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

fn web_clip(address: &str) -> WebClip {
    let address = WebAddress::new(address).unwrap();
    let label = address.label(&anchor("Home Hub", ROOT));
    WebClip::new(address, label, Icon::drawn())
}

fn identity() -> DeviceIdentity {
    DeviceIdentity::new("ipad", certificate(LEAF), b"sealed".to_vec())
}

#[test]
fn everything_together_has_identifiers_and_uuids_of_its_own_that_stay() {
    let anchor = anchor("Home Hub", ROOT);
    let whole = |address: &str| {
        let profile = Profile::new(&anchor).with_contents(Contents::WithIssuing).with_consent(Consent::Asked);
        read(&profile.with_web_clip(web_clip(address)).with_identity(identity()).artifact())
    };
    let (first, second) = (whole("https://192.168.0.1:8000"), whole("https://hub.local/"));
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        let values = |profile: &Dictionary| {
            let inner: Vec<_> = payloads(profile).iter().map(|payload| text(payload, key).to_owned()).collect();
            [vec![text(profile, key).to_owned()], inner].concat()
        };
        // Another address takes the place of the first one.
        assert_eq!(values(&first), values(&second));
        let distinct: std::collections::BTreeSet<_> = values(&first).into_iter().collect();
        assert_eq!(distinct.len(), 5);
    }
}

#[test]
fn a_web_clip_has_its_address_its_label_and_our_icon() {
    let anchor = anchor("Home Hub", ROOT);
    let profile = read(&Profile::new(&anchor).with_web_clip(web_clip("HTTPS://192.168.0.1:8000")).artifact());
    let clip = payloads(&profile)[1];
    assert_eq!(text(clip, "PayloadType"), "com.apple.webClip.managed");
    assert_eq!(text(clip, "URL"), "https://192.168.0.1:8000/");
    assert_eq!(text(clip, "Label"), "Home Hub");
    assert_eq!(clip.get("Icon").unwrap().as_data(), Some(Icon::drawn().as_png()));
}

#[test]
fn a_label_is_the_hosts_first_word_or_the_name_of_the_ca() {
    let anchor = anchor("Home Hub", ROOT);
    for (address, label) in [
        ("https://jupyter.lan/user", "jupyter"),
        ("https://[fd00::1]:8000", "Home Hub"),
        ("http://10.0.0.7", "Home Hub"),
        ("https://bücher.lan", "Home Hub"),
    ] {
        assert_eq!(WebAddress::new(address).unwrap().label(&anchor), WebClipLabel::new(label).unwrap(), "{address}");
    }
}

#[test]
fn an_address_that_runs_code_hides_or_tells_a_password_is_refused() {
    let refused = |text: &str| WebAddress::new(text).unwrap_err();
    for (text, scheme) in [
        ("javascript:alert(1)", "javascript"),
        ("data:text/html,x", "data"),
        ("file:///etc/passwd", "file"),
        ("itms-services://?action=x", "itms-services"),
    ] {
        assert_eq!(refused(text), WebAddressError::Scheme(scheme.to_owned()));
    }
    assert_eq!(refused("java\nscript:alert(1)"), WebAddressError::Unprintable('\n'));
    assert_eq!(refused("https://hub.lan/\u{202e}moc"), WebAddressError::Unprintable('\u{202e}'));
    assert_eq!(refused("https://anna:secret@hub.lan"), WebAddressError::Credentials);
    assert!(!refused("https://anna:secret@hub.lan").to_string().contains("secret"));
    assert!(matches!(refused("hub.local"), WebAddressError::Malformed { .. }));
    assert!(matches!(refused("https://"), WebAddressError::Malformed { .. }));
    assert_eq!(refused(&format!("https://hub.lan/{}", "a".repeat(2000))), WebAddressError::TooLong(2016));
}

#[test]
fn a_label_that_cannot_be_shown_is_refused() {
    assert_eq!(WebClipLabel::new("  "), Err(WebClipLabelError::Empty));
    assert_eq!(WebClipLabel::new("a\tb"), Err(WebClipLabelError::Unprintable('\t')));
    assert_eq!(WebClipLabel::new(&"x".repeat(65)), Err(WebClipLabelError::TooLong(65)));
    assert!(WebClipLabel::new("Anna & <Ben>").is_ok());
}

#[test]
fn consent_is_asked_in_each_language_with_the_whole_fingerprint() {
    let anchor = anchor("A & B <script>", ROOT);
    let profile = read(&Profile::new(&anchor).with_consent(Consent::Asked).artifact());
    let texts = profile.get("ConsentText").unwrap().as_dictionary().unwrap();
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["default", "en", "de"]);
    assert_eq!(text(texts, "default"), text(texts, "en"));
    for language in ["en", "de"] {
        let told = text(texts, language);
        assert!(told.contains("A & B <script>"));
        let digits: String = told.chars().filter(|character| !character.is_whitespace()).collect();
        assert!(digits.contains(&anchor.root().fingerprint()));
    }
}

#[test]
fn an_identity_is_for_its_owner_alone_and_its_password_is_not_there() {
    let anchor = anchor("Home Hub", ROOT);
    let artifact = Profile::new(&anchor).with_identity(identity()).artifact();
    assert_eq!((artifact.file_name(), artifact.mode()), ("home-hub-ipad.mobileconfig", FileMode::Secret));
    assert_eq!(profile(&anchor, Contents::RootOnly).mode(), FileMode::Public);
    let profile = read(&artifact);
    let payload = payloads(&profile)[1];
    assert_eq!(text(payload, "PayloadType"), "com.apple.security.pkcs12");
    assert_eq!(text(payload, "PayloadDisplayName"), "ipad");
    assert_eq!(payload.get("PayloadContent").unwrap().as_data(), Some(&b"sealed"[..]));
    assert!(!payload.contains_key("Password"));
}

#[test]
fn a_mac_is_named_where_it_is_meant_and_what_is_personal_goes_to_its_person() {
    let anchor = anchor("Home Hub", ROOT);
    let for_mac = Profile::new(&anchor).for_audience(Audience::Macs);
    let artifact = for_mac.clone().artifact();
    assert_eq!(artifact.file_name(), "home-hub-macos.mobileconfig");
    let plain = read(&artifact);
    assert_eq!(plain.get("TargetDeviceType").unwrap().as_signed_integer(), Some(5));
    assert_eq!(text(&plain, "PayloadScope"), "System");
    let personal = read(&for_mac.with_web_clip(web_clip("https://hub.local")).artifact());
    assert_eq!(text(&personal, "PayloadScope"), "User");
    let everybody = read(&profile(&anchor, Contents::RootOnly));
    assert!(!everybody.contains_key("PayloadScope"));
    assert_eq!(text(&plain, "PayloadIdentifier"), text(&everybody, "PayloadIdentifier"));
}
