//! Every preset as it is written, and what hostile directories do to it.

use super::*;
use crate::{
    plan::{Deed, Step},
    system::{FileMode, files::replace},
    x509::{Certificate, DnsName, GeneralName, SubjectAltNames, pem},
};

pub(super) fn certificate() -> Certificate {
    let text = include_str!("../../tests/fixtures/pki/leaf.crt.pem");
    Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
}

pub(super) fn site(directory: &str) -> Site {
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
    for bad in [
        "",
        "tls",
        "/",
        "//",
        "./tls",
        "/tls\nssl off;",
        "/tls\0",
        "/tls\r",
        "/t\u{2028}",
        "/\u{7f}",
        &"/x".repeat(600),
    ] {
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
fn each_is_served_in_the_families_of_its_addresses() {
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
        (&["10.0.0.5"], "0.0.0.0"),
        (&["hub.lan"], "0.0.0.0"),
    ] {
        assert!(line(Target::Uvicorn, names).contains(&format!(" --host {any} ")), "{names:?}");
        assert!(line(Target::Jupyter, names).contains(&format!("c.ServerApp.ip = '{any}'")), "{names:?}");
    }
    let both = &["fd00::1", "10.0.0.5"];
    assert!(line(Target::Uvicorn, both).contains(" --host '' ") && line(Target::Jupyter, both).contains(".ip = '*'"));
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
    assert!(words(Target::Postgresql).ends_with(" --verify 127.0.0.1:5432"));
    let elsewhere = preset(Target::Haproxy, &site("/srv/tls")).unwrap().remembering("hub.lan").join(" ");
    assert!(elsewhere.starts_with("hubca edit hub.lan --for haproxy --combined /srv/tls/combined.pem"), "{elsewhere}");
    let elsewhere = preset(Target::Nginx, &site("/srv/tls")).unwrap().remembering("hub.lan").join(" ");
    assert!(elsewhere.starts_with("hubca edit hub.lan --for nginx --out /srv/tls"), "{elsewhere}");
}

#[test]
fn what_has_a_place_on_every_machine_is_put_there_and_taken_away_again() {
    let own = std::path::Path::new("/home/ann/.jupyter");
    let placed = |target: Target| {
        let place = target.is_a_persons_own().then(|| Place::find(target, None, Some(own), own).unwrap()).flatten();
        let offered = preset(target, &site("/etc/hubca/hub.lan").configured_in(place)).unwrap();
        let plan = offered.plan("hub.lan", &format!("hubca export preset {target} hub.lan --install")).ok()?;
        Some((plan.steps().to_vec(), plan.undoing().steps().to_vec()))
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

#[test]
fn a_proxy_does_not_stand_in_front_of_itself() {
    let check = |target, port, upstream| {
        check_upstream(target, &site("/etc/hubca/hub.lan").at_port(port).in_front_of(upstream)).is_ok()
    };
    for target in [Target::Nginx, Target::Apache, Target::Caddy, Target::Traefik, Target::Haproxy] {
        assert!(check(target, None, None) && check(target, Some(8443), Some(443)), "{target}");
        for (port, upstream) in [(Some(8888), None), (None, Some(443)), (None, Some(80)), (Some(9000), Some(9000))] {
            assert!(!check(target, port, upstream), "{target} at {port:?} in front of {upstream:?}");
        }
    }
    assert!(check(Target::Jupyter, Some(8888), None) && check(Target::JupyterBehindProxy, None, Some(8888)));
}

#[test]
fn what_was_said_of_the_server_behind_stands_in_the_text() {
    for target in Target::ALL {
        let place = target.is_a_persons_own().then(|| {
            let own = std::path::Path::new("/home/ann/.jupyter");
            Place::find(target, None, Some(own), own).unwrap().unwrap()
        });
        let site = site("/etc/hubca/hub.lan").configured_in(place).in_front_of(Some(9000));
        let text = preset(target, &site).unwrap().documents.first().map_or(String::new(), |it| it.text.clone());
        let is_behind = matches!(target, Target::JupyterBehindProxy | Target::JupyterhubBehindProxy);
        let said = Standing::Ours(text).upstream(target);
        assert_eq!(said, (target.is_proxy() || is_behind).then_some(9000), "{target}");
        assert_eq!(Standing::Nothing.upstream(target), None);
    }
}

#[test]
fn nginx_is_told_of_http2_in_the_way_of_its_release() {
    let text = |release| {
        let site = site("/etc/hubca/hub.lan").for_release(release);
        preset(Target::Nginx, &site).unwrap().documents[0].text.clone()
    };
    let release = |said| release_of_nginx(said);
    assert_eq!(release("nginx version: nginx/1.22.1 (Ubuntu)\n"), Some([1, 22, 1]));
    assert_eq!(release("nginx version: openresty/1.27\n"), None);
    for old in [None, Some([1, 22, 1]), Some([1, 25, 0])] {
        assert!(text(old).contains("listen 443 ssl http2;") && !text(old).contains("http2 on;"));
    }
    for new in [Some([1, 25, 1]), Some([1, 26, 0]), Some([2, 0, 0])] {
        assert!(text(new).contains("listen 443 ssl;\n") && text(new).contains("\n    http2 on;\n    server_name"));
    }
}

#[test]
fn postgresql_is_looked_at_where_it_listens() {
    let machine = tempfile::tempdir().unwrap();
    let cluster = machine.path().join("etc/postgresql/15/main");
    std::fs::create_dir_all(&cluster).unwrap();
    for (said, shown) in [
        ("", "127.0.0.1:5432"),
        ("#port = 1\nport = 5433\t\t# (change requires restart)\n", "127.0.0.1:5433"),
        ("listen_addresses = '*'\n", "127.0.0.1:5432"),
        ("listen_addresses = '192.168.0.7, localhost'\n", "127.0.0.1:5432"),
        ("listen_addresses='192.168.0.7'\nport 6000\n", "192.168.0.7:6000"),
        ("listen_addresses = 'fd00::1'\n", "[fd00::1]:5432"),
        ("listen_addresses = '::'\n", "[::1]:5432"),
    ] {
        let text = format!("include_dir = 'conf.d'\n{said}");
        replace(&cluster.join("postgresql.conf"), text.as_bytes(), FileMode::Public).unwrap();
        let place = Place::find(Target::Postgresql, None, None, machine.path()).unwrap();
        let preset = preset(Target::Postgresql, &site("/etc/hubca/hub.lan").configured_in(place)).unwrap();
        assert_eq!(preset.verify.as_deref(), Some(shown), "{said}");
    }
}
