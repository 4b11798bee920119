//! Every preset as it is written, and what hostile directories do to it.

use super::*;
use crate::{
    plan::{Deed, Step},
    x509::{Certificate, DnsName, GeneralName, SubjectAltNames, pem},
};

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
fn who_has_addresses_of_one_family_alone_is_served_in_it() {
    let line = |target, names: &[&str]| {
        let files = CertificateFiles::of_label("hub.lan").unwrap();
        let names = names
            .iter()
            .map(|name| GeneralName::parse_ip(name).or_else(|_| DnsName::parse(name).map(GeneralName::Dns)));
        let names = SubjectAltNames::new(names.map(Result::unwrap).collect()).unwrap();
        preset(target, &Site::of_names("hub.lan", &names, files).unwrap()).unwrap().documents[0].text.clone()
    };
    for (names, any) in [
        (&["fd00::1"][..], "::"),
        (&["hub.lan", "fd00::1"], "::"),
        (&["fd00::1", "10.0.0.5"], "0.0.0.0"),
        (&["hub.lan"], "0.0.0.0"),
    ] {
        assert!(line(Target::Uvicorn, names).contains(&format!(" --host {any} ")), "{names:?}");
        assert!(line(Target::Jupyter, names).contains(&format!("c.ServerApp.ip = '{any}'")), "{names:?}");
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
    assert_eq!(words(Target::Nginx).split(" --verify ").next(), Some("hubca edit hub.lan --for nginx"));
    assert!(!words(Target::Postgresql).contains("--verify"));
    let elsewhere = preset(Target::Haproxy, &site("/srv/tls")).unwrap().remembering("hub.lan").join(" ");
    assert!(elsewhere.starts_with("hubca edit hub.lan --for haproxy --combined /srv/tls/combined.pem"), "{elsewhere}");
    let elsewhere = preset(Target::Nginx, &site("/srv/tls")).unwrap().remembering("hub.lan").join(" ");
    assert!(elsewhere.starts_with("hubca edit hub.lan --for nginx --out /srv/tls"), "{elsewhere}");
}

#[test]
fn what_has_a_place_on_every_machine_is_put_there_and_taken_away_again() {
    let own = std::path::Path::new("/home/ann");
    let placed = |target| {
        let offered = preset(target, &site("/etc/hubca/hub.lan")).unwrap();
        installation(&offered, "hub.lan", Some(own), None, &Neighbours::default())
            .ok()
            .map(|plan| (plan.steps().to_vec(), plan.undoing().steps().to_vec()))
    };
    let told = |steps: &[Step]| {
        let line = |step: &Step| match step.deed() {
            Deed::Write { path, .. } => format!("write {}", path.display()),
            Deed::WriteBlock { path, .. } => format!("add to {}", path.display()),
            Deed::RemoveBlock { path, .. } => format!("take out of {}", path.display()),
            Deed::Restore { path, .. } => format!("restore {}", path.display()),
            Deed::MakeDirectory { path } => format!("make {}", path.display()),
            Deed::Remove { path, .. } => format!("remove {}", path.display()),
            Deed::Run { words, .. } => words.join(" "),
        };
        steps.iter().map(line).collect::<Vec<_>>()
    };
    let (install, remove) = placed(Target::Nginx).unwrap();
    let reload = "systemctl reload-or-restart nginx";
    assert_eq!(told(&install), ["write /etc/nginx/conf.d/hub.lan.conf", "nginx -t", reload]);
    assert_eq!(told(&remove), ["restore /etc/nginx/conf.d/hub.lan.conf", reload]);
    let Deed::Write { content, .. } = install[0].deed() else { panic!("a file") };
    let first = String::from_utf8_lossy(content).lines().next().unwrap_or_default().to_owned();
    assert!(
        first.starts_with("# Written by hubca (") && first.ends_with("): hubca export preset nginx hub.lan --install")
    );
    let (install, remove) = placed(Target::Jupyter).unwrap();
    let config = "/home/ann/.jupyter/jupyter_server_config.py";
    assert_eq!(told(&install), ["make /home/ann/.jupyter".to_owned(), format!("add to {config}")]);
    assert_eq!(told(&remove), [format!("take out of {config}")]);
    let (_, remove) = placed(Target::Apache).unwrap();
    let file = "restore /etc/apache2/sites-available/hub.lan.conf";
    assert_eq!(told(&remove), ["a2dissite -q hub.lan", file, "systemctl reload-or-restart apache2"]);
    // Those of which a place has to be found first, and those that are put there by a person.
    let by_hand: Vec<_> =
        Target::ALL.into_iter().filter(|target| placed(*target).is_none()).map(Target::as_str).collect();
    assert_eq!(
        by_hand.join(" "),
        "traefik home-assistant node uvicorn postgresql docker-registry proxmox synology unifi dev generic"
    );
}

#[test]
fn a_server_is_looked_at_where_no_name_has_to_be_looked_up() {
    let verify = |names: &[&str], own: &[&str]| {
        let files = CertificateFiles::of_label("hub.lan").unwrap();
        let name =
            |name: &&str| GeneralName::parse_ip(name).or_else(|_| DnsName::parse(name).map(GeneralName::Dns)).unwrap();
        let names = SubjectAltNames::new(names.iter().map(name).collect()).unwrap();
        let site = Site::of_names("hub.lan", &names, files).unwrap();
        let site = site.on_machine_with(own.iter().map(|address| address.parse().unwrap()));
        preset(Target::Nginx, &site).unwrap().verify
    };
    let all = ["nas.lan", "10.0.0.5", "192.168.0.1", "fd00::1"];
    assert_eq!(verify(&all, &["127.0.0.1", "192.168.0.1"]).as_deref(), Some("192.168.0.1:443"));
    assert_eq!(verify(&all, &["fd00::1"]).as_deref(), Some("[fd00::1]:443"));
    assert_eq!(verify(&all, &["172.16.0.1"]).as_deref(), Some("10.0.0.5:443"));
    assert_eq!(verify(&["*.nas.lan", "nas.lan"], &["192.168.0.1"]).as_deref(), Some("nas.lan:443"));
}
