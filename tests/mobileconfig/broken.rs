//! Profiles that are broken in one place: each is made from a good one by one change, and the judge names that defect first.

use std::{fs, process::Command};

use hubca::x509::{Certificate, pem};
use plist::{Dictionary, Value};

use crate::{
    finding::Rule,
    support::tools::{commands, present},
    validator::findings,
    workshop::{EVERYTHING, Workshop, certificate, picture},
};

/// A good profile, and what it is broken with.
struct Scene {
    good: Dictionary,
    root: Certificate,
    other_root: Certificate,
    leaf: Certificate,
    /// The private key of the leaf, in PEM.
    key: String,
}

impl Scene {
    fn new() -> Self {
        let workshop = Workshop::new("A & B <script>");
        let good = workshop.export("macos", &EVERYTHING);
        assert!(findings(&good, &workshop.root()).is_empty());
        Self {
            good: Value::from_reader_xml(good.as_slice()).unwrap().into_dictionary().unwrap(),
            root: workshop.root(),
            other_root: Workshop::new("A & B <script>").root(),
            leaf: certificate(&workshop.home.file("live/ipad/cert.pem")),
            key: fs::read_to_string(workshop.home.file("live/ipad/privkey.pem")).unwrap(),
        }
    }

    fn key_der(&self) -> Vec<u8> {
        pem::parse(self.key.as_bytes()).unwrap().remove(0).contents
    }

    /// Certificate and key as PKCS#12 that anybody can read.
    fn open_pkcs12(&self) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("both.pem");
        fs::write(&path, format!("{}{}", self.key, pem::encode(pem::CERTIFICATE, self.leaf.as_der()))).unwrap();
        let options = ["pkcs12", "-export", "-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:x", "-in"];
        let output = Command::new("openssl").args(options).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

/// One defect: its name, the rule that it breaks, where, and the change that makes it.
type Defect = (&'static str, Rule, &'static str, fn(&mut Dictionary, &Scene));

const DEFECTS: &[Defect] = &[
    ("type-absent", Rule::Required, "PayloadType", |profile, _| drop(profile.remove("PayloadType"))),
    ("type-of-something-else", Rule::Allowed, "PayloadType", |profile, _| set(profile, "PayloadType", "Profile")),
    ("version-two", Rule::Allowed, "PayloadVersion", |profile, _| set(profile, "PayloadVersion", 2)),
    ("version-as-text", Rule::Type, "PayloadVersion", |profile, _| set(profile, "PayloadVersion", "1")),
    ("version-of-a-payload", Rule::Allowed, "PayloadContent[0].PayloadVersion", |profile, _| {
        set(payload(profile, ROOT), "PayloadVersion", 0);
    }),
    ("key-unknown", Rule::KnownKey, "PayloadColour", |profile, _| set(profile, "PayloadColour", "blue")),
    ("key-in-small-letters", Rule::KnownKey, "PayloadContent[2].url", |profile, _| {
        set(payload(profile, CLIP), "url", "https://hub.lan");
    }),
    ("key-of-another-payload", Rule::KnownKey, "PayloadContent[0].Password", |profile, _| {
        set(payload(profile, ROOT), "Password", "open sesame");
    }),
    ("payloads-absent", Rule::Required, "PayloadContent", |profile, _| drop(profile.remove("PayloadContent"))),
    ("payloads-in-a-dictionary", Rule::Type, "PayloadContent", |profile, _| {
        set(profile, "PayloadContent", Value::Dictionary(Dictionary::new()));
    }),
    ("payload-as-text", Rule::Type, "PayloadContent[4]", |profile, _| payloads(profile).push("root".into())),
    ("payload-of-no-type", Rule::PayloadType, "PayloadContent[2].PayloadType", |profile, _| {
        set(payload(profile, CLIP), "PayloadType", "com.apple.webClip");
    }),
    ("payload-twice-that-is-single", Rule::PayloadType, "PayloadContent", |profile, _| {
        for place in [CLIP, IDENTITY] {
            let clip = payload(profile, place);
            let kept: Vec<String> = clip.keys().filter(|key| !COMMON.contains(&key.as_str())).cloned().collect();
            kept.iter().for_each(|key| drop(clip.remove(key)));
            set(clip, "PayloadType", "com.apple.profileRemovalPassword");
        }
    }),
    ("identifier-absent", Rule::Required, "PayloadIdentifier", |profile, _| {
        drop(profile.remove("PayloadIdentifier"));
    }),
    ("identifier-without-dots", Rule::Identifier, "PayloadIdentifier", |profile, _| {
        set(profile, "PayloadIdentifier", "hubca");
    }),
    ("identifier-with-spaces", Rule::Identifier, "PayloadContent[0].PayloadIdentifier", |profile, _| {
        set(payload(profile, ROOT), "PayloadIdentifier", "io.hubca.home hub.root");
    }),
    ("identifier-twice", Rule::Identifier, "PayloadContent[1].PayloadIdentifier", |profile, _| {
        copy(profile, ROOT, ISSUING, "PayloadIdentifier");
    }),
    ("identifier-below-another", Rule::Identifier, "PayloadContent[0].PayloadIdentifier", |profile, _| {
        set(payload(profile, ROOT), "PayloadIdentifier", "io.hubca.0000000000000000.root");
    }),
    ("uuid-absent", Rule::Required, "PayloadContent[0].PayloadUUID", |profile, _| {
        drop(payload(profile, ROOT).remove("PayloadUUID"));
    }),
    ("uuid-cut-off", Rule::Uuid, "PayloadUUID", |profile, _| {
        set(profile, "PayloadUUID", "3F2504E0-4F89-8BD3-9A0C");
    }),
    ("uuid-of-no-variant", Rule::Uuid, "PayloadUUID", |profile, _| {
        set(profile, "PayloadUUID", "3F2504E0-4F89-8BD3-0A0C-0305E82C3301");
    }),
    ("uuid-twice", Rule::Uuid, "PayloadContent[1].PayloadUUID", |profile, _| {
        copy(profile, ROOT, ISSUING, "PayloadUUID");
    }),
    ("root-absent", Rule::Root, "PayloadContent", |profile, _| drop(payloads(profile).remove(ROOT))),
    ("root-twice", Rule::Root, "PayloadContent", |profile, scene| {
        let issuing = payload(profile, ISSUING);
        set(issuing, "PayloadType", "com.apple.security.root");
        set(issuing, "PayloadContent", Value::Data(scene.root.as_der().to_vec()));
    }),
    ("root-of-another-ca", Rule::Root, "PayloadContent[0].PayloadContent", |profile, scene| {
        set(payload(profile, ROOT), "PayloadContent", Value::Data(scene.other_root.as_der().to_vec()));
    }),
    ("root-in-pem", Rule::Root, "PayloadContent[0].PayloadContent", |profile, scene| {
        let text = pem::encode(pem::CERTIFICATE, scene.root.as_der());
        set(payload(profile, ROOT), "PayloadContent", Value::Data(text.into_bytes()));
    }),
    ("root-as-text", Rule::Type, "PayloadContent[0].PayloadContent", |profile, scene| {
        set(payload(profile, ROOT), "PayloadContent", pem::encode(pem::CERTIFICATE, scene.root.as_der()));
    }),
    ("root-with-a-tail", Rule::Root, "PayloadContent[0].PayloadContent", |profile, scene| {
        set(payload(profile, ROOT), "PayloadContent", Value::Data([scene.root.as_der(), b"\0"].concat()));
    }),
    ("leaf-beside-the-root", Rule::Certificate, "PayloadContent[1].PayloadContent", |profile, scene| {
        set(payload(profile, ISSUING), "PayloadContent", Value::Data(scene.leaf.as_der().to_vec()));
    }),
    ("key-in-a-description", Rule::PrivateKey, "PayloadDescription", |profile, scene| {
        set(profile, "PayloadDescription", scene.key.as_str());
    }),
    ("key-in-der", Rule::PrivateKey, "PayloadContent[3].PayloadContent", |profile, scene| {
        set(payload(profile, IDENTITY), "PayloadContent", Value::Data(scene.key_der()));
    }),
    ("identity-not-sealed", Rule::PrivateKey, "PayloadContent[3].PayloadContent", |profile, scene| {
        set(payload(profile, IDENTITY), "PayloadContent", Value::Data(scene.open_pkcs12()));
    }),
    ("identity-with-its-password", Rule::Password, "PayloadContent[3].Password", |profile, _| {
        set(payload(profile, IDENTITY), "Password", "canary");
    }),
    ("device-seven", Rule::Allowed, "TargetDeviceType", |profile, _| set(profile, "TargetDeviceType", 7)),
    ("scope-of-everybody", Rule::Allowed, "PayloadScope", |profile, _| set(profile, "PayloadScope", "Everybody")),
    ("removal-date-as-text", Rule::Type, "RemovalDate", |profile, _| set(profile, "RemovalDate", "2030-01-01")),
    ("removal-forbidden", Rule::Removable, "PayloadRemovalDisallowed", |profile, _| {
        set(profile, "PayloadRemovalDisallowed", true);
    }),
    ("consent-as-text", Rule::Type, "ConsentText", |profile, _| set(profile, "ConsentText", "I agree")),
    ("consent-to-nothing", Rule::Required, "ConsentText.", |profile, _| {
        set(profile, "ConsentText", Value::Dictionary(Dictionary::new()));
    }),
    ("consent-for-some", Rule::Consent, "ConsentText", |profile, _| drop(consent(profile).remove("default"))),
    ("consent-in-no-language", Rule::Consent, "ConsentText.German", |profile, _| {
        set(consent(profile), "German", "Einverstanden");
    }),
    ("consent-as-a-list", Rule::Type, "ConsentText.en", |profile, _| {
        set(consent(profile), "en", Value::Array(vec!["I agree".into()]));
    }),
    ("clip-without-label", Rule::Required, "PayloadContent[2].Label", |profile, _| {
        drop(payload(profile, CLIP).remove("Label"));
    }),
    ("clip-to-nowhere", Rule::Allowed, "PayloadContent[2].URL", |profile, _| {
        set(payload(profile, CLIP), "URL", "192.168.0.1:8000");
    }),
    ("clip-runs-code", Rule::Url, "PayloadContent[2].URL", |profile, _| {
        set(payload(profile, CLIP), "URL", "javascript:alert(1)");
    }),
    ("clip-with-a-password", Rule::Url, "PayloadContent[2].URL", |profile, _| {
        set(payload(profile, CLIP), "URL", "https://anna:canary@hub.lan/");
    }),
    ("icon-of-another-kind", Rule::Icon, "PayloadContent[2].Icon", |profile, _| {
        set(payload(profile, CLIP), "Icon", Value::Data(b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec()));
    }),
    ("icon-cut-off", Rule::Icon, "PayloadContent[2].Icon", |profile, _| {
        let whole = picture(180, 180, png::BitDepth::Eight);
        set(payload(profile, CLIP), "Icon", Value::Data(whole[..60].to_vec()));
    }),
    ("icon-oblong", Rule::Icon, "PayloadContent[2].Icon", |profile, _| {
        set(payload(profile, CLIP), "Icon", Value::Data(picture(180, 120, png::BitDepth::Eight)));
    }),
    ("icon-too-wide", Rule::Icon, "PayloadContent[2].Icon", |profile, _| {
        set(payload(profile, CLIP), "Icon", Value::Data(picture(401, 401, png::BitDepth::Eight)));
    }),
    ("icon-too-large", Rule::Icon, "PayloadContent[2].Icon", |profile, _| {
        set(payload(profile, CLIP), "Icon", Value::Data(picture(400, 400, png::BitDepth::Sixteen)));
    }),
    ("name-that-turns-round", Rule::Words, "PayloadDisplayName", |profile, _| {
        set(profile, "PayloadDisplayName", "Home \u{202e}buH");
    }),
];

#[test]
fn each_defect_is_named() {
    if !present("broken profiles", &commands(&["openssl"])) {
        return;
    }
    let scene = Scene::new();
    for (name, rule, place, change) in DEFECTS {
        let mut profile = scene.good.clone();
        change(&mut profile, &scene);
        let mut xml = Vec::new();
        Value::Dictionary(profile).to_writer_xml(&mut xml).unwrap();
        let found = findings(&xml, &scene.root);
        let first = found.first().unwrap_or_else(|| panic!("`{name}` passes"));
        assert_eq!((first.rule, first.place.as_str()), (*rule, *place), "{name}: {first}");
    }
}

#[test]
fn defects_that_no_dictionary_can_have_are_named() {
    let scene = Scene::new();
    let mut good = Vec::new();
    Value::Dictionary(scene.good.clone()).to_writer_xml(&mut good).unwrap();
    let good = String::from_utf8(good).unwrap();
    assert!(findings(good.as_bytes(), &scene.root).is_empty());
    let version = "<key>PayloadVersion</key>";
    let twice = good.replacen(version, &format!("{version}<integer>1</integer>{version}"), 1);
    let unescaped = good.replace("A &amp; B", "A & B");
    let cut_off = &good[..good.len() / 2];
    let list = "<plist version=\"1.0\"><array/></plist>";
    for (name, profile, rule) in [
        ("key-twice", twice.as_str(), Rule::OnceEach),
        ("name-not-escaped", &unescaped, Rule::Xml),
        ("cut-off", cut_off, Rule::Xml),
        ("no-dictionary", list, Rule::Xml),
    ] {
        let found = findings(profile.as_bytes(), &scene.root);
        assert_eq!(found.first().map(|finding| finding.rule), Some(rule), "{name}");
    }
}

fn set(dictionary: &mut Dictionary, key: &str, value: impl Into<Value>) {
    dictionary.insert(key.to_owned(), value.into());
}

fn payloads(profile: &mut Dictionary) -> &mut Vec<Value> {
    profile.get_mut("PayloadContent").unwrap().as_array_mut().unwrap()
}

fn payload(profile: &mut Dictionary, place: usize) -> &mut Dictionary {
    payloads(profile)[place].as_dictionary_mut().unwrap()
}

fn consent(profile: &mut Dictionary) -> &mut Dictionary {
    profile.get_mut("ConsentText").unwrap().as_dictionary_mut().unwrap()
}

fn copy(profile: &mut Dictionary, from: usize, to: usize, key: &str) {
    let value = payload(profile, from)[key].clone();
    set(payload(profile, to), key, value);
}

/// Where the payloads stand.
const ROOT: usize = 0;
const ISSUING: usize = 1;
const CLIP: usize = 2;
const IDENTITY: usize = 3;
/// The keys that every payload has.
const COMMON: [&str; 7] = [
    "PayloadType",
    "PayloadVersion",
    "PayloadIdentifier",
    "PayloadUUID",
    "PayloadDisplayName",
    "PayloadDescription",
    "PayloadOrganization",
];
