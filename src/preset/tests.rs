//! Every preset as it is written, and what hostile directories do to it.

use super::*;
use crate::x509::{Certificate, pem};

fn certificate() -> Certificate {
    let text = include_str!("../../tests/fixtures/pki/leaf.crt.pem");
    Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
}

fn site(directory: &str) -> Site {
    Site::new("hub.lan", &certificate(), CertificateFiles::in_directory(directory).unwrap()).unwrap()
}

#[test]
fn every_target_has_a_preset_that_is_whole() {
    for target in Target::ALL {
        assert_eq!(target.as_str().parse(), Ok(target));
        let preset = preset(target, &site("/etc/hubca/hub.lan")).unwrap();
        assert_eq!(preset.target, target);
        assert!((2..=4).contains(&preset.steps.len()), "{target}");
        for document in &preset.documents {
            assert!(!document.text.contains("<<") && document.text.ends_with('\n'), "{target}: {}", document.text);
        }
    }
    assert_eq!("iis".parse::<Target>(), Err(UnknownTarget { word: "iis".to_owned() }));
}

#[test]
fn a_directory_has_to_be_one_that_a_configuration_can_hold() {
    for bad in ["", "tls", "./tls", "/tls\nssl off;", "/tls\0", "/tls\r", "/t\u{2028}", "/\u{7f}", &"/x".repeat(600)] {
        assert!(CertificateFiles::in_directory(bad).is_err(), "{bad:?}");
    }
    assert_eq!(CertificateFiles::in_directory("/tls/").unwrap().key(), "/tls/privkey.pem");
}

#[test]
fn no_language_obeys_a_word() {
    let hostile = [
        "/a b",
        "/a\"; return 200; \"",
        "/a'b",
        "/a\\",
        "/a;b",
        "/a#b",
        "/${HOME}",
        "/$host",
        "/{$HOME}",
        "/%{ENV:X}",
        "/<<key>>",
        "/é",
        "/a`id`",
        "/a&&b",
        "/ ",
        "/%h",
    ];
    for text in hostile {
        let said = |language: Language| language.word(text).ok();
        // Each is read back by a reader of the language, or by its rules where there is none.
        assert_eq!(
            said(Language::Json).map(|word| serde_json::from_str::<String>(&word).unwrap()).as_deref(),
            Some(text)
        );
        assert_eq!(said(Language::Javascript), said(Language::Json));
        assert!(!said(Language::Yaml).unwrap().contains('{'));
        assert_eq!(
            said(Language::Postgresql)
                .map(|word| word[1..word.len() - 1].replace("''", "'").replace("\\\\", "\\"))
                .as_deref(),
            Some(text)
        );
        assert_eq!(said(Language::Shell).and_then(|word| shell_words::split(&word).ok()), Some(vec![text.to_owned()]));
        for language in [Language::Nginx, Language::Apache, Language::Haproxy, Language::Caddyfile] {
            let Some(word) = said(language) else { continue };
            let inner = &word[1..word.len() - 1];
            let quotes = inner.match_indices('"').filter(|(at, _)| !inner[..*at].ends_with('\\')).count();
            assert_eq!(quotes, 0, "{language}: {word}");
        }
    }
    let obeyed = [
        (Language::Nginx, "/$host"),
        (Language::Apache, "/${HOME}"),
        (Language::Caddyfile, "/{$HOME}"),
        (Language::Mosquitto, "/tls "),
    ];
    for (language, text) in obeyed {
        assert!(matches!(language.word(text), Err(UnsayableError { .. })), "{language}");
    }
}

#[test]
fn what_is_filled_in_is_never_read_again() {
    let preset = preset(Target::Jupyter, &site("/<<port>>/it's")).unwrap();
    assert!(preset.documents[0].text.contains(r"c.ServerApp.certfile = '/<<port>>/it\'s/fullchain.pem'"));
}

#[test]
fn what_hubca_is_to_remember_is_a_command_of_its_own() {
    let words = |target| preset(target, &site("/etc/hubca/hub.lan")).unwrap().remembering("hub.lan").join(" ");
    assert!(
        words(Target::Nginx).starts_with("hubca edit hub.lan --out /etc/hubca/hub.lan --hook systemctl reload nginx")
    );
    assert!(words(Target::Caddy).contains("--group caddy"));
    assert!(words(Target::Haproxy).contains("--combined /etc/hubca/hub.lan/combined.pem"));
    assert!(words(Target::Postgresql).contains("--owner postgres") && !words(Target::Postgresql).contains("--verify"));
}
