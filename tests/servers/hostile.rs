//! Directories and names that would like to break out of a configuration: the servers' own parsers find the files in just those
//! directories, or there is no preset.

use std::{fs, path::Path};

use hubca::{
    preset::{CertificateFiles, Site, Target, preset},
    x509::{Certificate, pem},
};

use crate::{
    languages::words,
    support::machine::{Machine, on_a_machine},
};

/// A server that can be asked about a configuration without being started.
struct Parser {
    target: Target,
    tools: &'static [&'static str],
    /// What stands around many presets in a file `all`, and the question.
    asks: &'static str,
    /// Whether there is no way to write such a directory down.
    refuses: fn(&str) -> bool,
}

const NGINX: Parser = Parser {
    target: Target::Nginx,
    tools: &["nginx"],
    asks: "rm -f /etc/nginx/sites-enabled/default; cp all /etc/nginx/conf.d/all.conf; nginx -t",
    refuses: |word| word.contains('$'),
};

const APACHE: Parser = Parser {
    target: Target::Apache,
    tools: &["apache2"],
    asks: "a2enmod ssl http2 headers rewrite proxy_http; cp all /etc/apache2/sites-enabled/all.conf; apachectl configtest",
    refuses: |word| word.contains("${") || word.contains("%{"),
};

const CADDY: Parser = Parser {
    target: Target::Caddy,
    tools: &["caddy"],
    asks: "caddy validate --adapter caddyfile --config all",
    refuses: |word| word.contains(['{', '}', '\\']),
};

const HAPROXY: Parser = Parser {
    target: Target::Haproxy,
    tools: &["haproxy"],
    asks: "haproxy -c -f /etc/haproxy/haproxy.cfg -f all",
    refuses: |_| false,
};

#[test]
fn nginx_finds_the_files_in_just_that_directory() {
    finds_the_files(&NGINX);
}

#[test]
fn apache_finds_the_files_in_just_that_directory() {
    finds_the_files(&APACHE);
}

#[test]
fn caddy_finds_the_files_in_just_that_directory() {
    finds_the_files(&CADDY);
}

#[test]
fn haproxy_finds_the_files_in_just_that_directory() {
    finds_the_files(&HAPROXY);
}

#[test]
fn mosquitto_finds_the_files_in_just_that_directory() {
    on_a_machine("hostile directories with Mosquitto", &["mosquitto"], |machine| {
        let said = told(machine, Target::Mosquitto, |_| false);
        // The lines for the machine alone may be there once.
        let listeners = said.iter().filter_map(|text| text.split_once("\n\n")).map(|(_local, listener)| listener);
        fs::write("/etc/mosquitto/conf.d/all.conf", listeners.collect::<String>()).unwrap();
        machine.run("chown -R mosquitto /run/mosquitto /var/log/mosquitto /run/tls");
        // It opens no port before it has all files.
        let last = u16::try_from(FIRST_PORT + said.len() - 1).unwrap();
        drop(machine.serve(last, "mosquitto -c /etc/mosquitto/mosquitto.conf"));
    });
}

fn finds_the_files(parser: &Parser) {
    on_a_machine(&format!("hostile directories with {}", parser.target), parser.tools, |machine| {
        let said = told(machine, parser.target, parser.refuses);
        fs::write(machine.written("all"), said.concat()).unwrap();
        machine.run(parser.asks);
        // It does look there.
        let moved = fs::read_dir("/run/tls").unwrap().next().unwrap().unwrap().path();
        fs::rename(&moved, "/run/elsewhere").unwrap();
        let asked = machine.shell(parser.asks.rsplit("; ").next().unwrap()).output().unwrap();
        assert!(!asked.status.success(), "{}", moved.display());
    });
}

/// The presets of a server for all hostile directories, at ports of their own: files lie in each that has one.
fn told(machine: &Machine, target: Target, refuses: fn(&str) -> bool) -> Vec<String> {
    machine.issue(&["--combined", "/etc/hubca/hub.lan/combined.pem"]);
    let certificate = newest();
    let mut said = Vec::new();
    for word in words() {
        let directory = format!("/run/tls/{word}");
        let files = CertificateFiles::in_directory(&directory).unwrap();
        let port = u16::try_from(FIRST_PORT + said.len()).unwrap();
        let site = Site::new(&format!("hub{port}"), &certificate, files).unwrap().at_port(Some(port));
        let Ok(preset) = preset(target, &site) else {
            assert!(refuses(&word), "{target} has a preset for no {word:?}");
            continue;
        };
        assert!(!refuses(&word), "{target} has a preset for {word:?}");
        fs::create_dir_all(&directory).unwrap();
        for file in fs::read_dir("/etc/hubca/hub.lan").unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), Path::new(&directory).join(file.file_name())).unwrap();
        }
        said.push(preset.documents[0].text.clone());
    }
    assert!(said.len() > 40, "{}", said.len());
    said
}

/// The certificate that the machine has.
pub(crate) fn newest() -> Certificate {
    let text = fs::read("/etc/hubca/hub.lan/cert.pem").unwrap();
    Certificate::from_der(&pem::parse(&text).unwrap().remove(0).contents).unwrap()
}

const FIRST_PORT: usize = 20_000;

/// The worst names that a certificate may have.
#[test]
fn a_server_takes_whatever_names_a_certificate_has() {
    let tools: Vec<&str> = [NGINX, APACHE, CADDY, HAPROXY].iter().flat_map(|parser| parser.tools).copied().collect();
    on_a_machine("hostile names", &tools, |machine| {
        let long = format!("{0}.{0}.{0}.{1}.lan", "a".repeat(63), "b".repeat(57));
        assert_eq!(long.len(), 253);
        let wildcard = format!("*.{}", &long[2..]);
        let every = [&["--dns", &long, "--dns", &wildcard][..], &["--dns", "xn--bcher-kva.lan"]];
        let addresses = ["--ip", "fe80::1", "--ip", "fd00:1:2:3:4:5:6:7", "--ip", "::1", "--ip", "127.0.0.1"];
        let cases: [&[&str]; 5] = [
            &[&every.concat()[..], &addresses].concat(),
            &["--dns", &long],
            &["--dns", &wildcard],
            &["--ip", "fe80::1"],
            &["--ip", "127.0.0.1"],
        ];
        let place = ["--out", "/etc/hubca/hub.lan", "--combined", "/etc/hubca/hub.lan/combined.pem", "--force"];
        for (number, names) in cases.into_iter().enumerate() {
            let label = format!("{number}{}", "-._z".repeat(16).get(..63).unwrap());
            machine.hubca(&[&["issue", "--label", &label][..], names, &place].concat()).succeeded();
            for parser in [NGINX, APACHE, CADDY, HAPROXY] {
                let files = CertificateFiles::in_directory("/etc/hubca/hub.lan").unwrap();
                let site = Site::new(&label, &newest(), files).unwrap();
                fs::write(machine.written("all"), &preset(parser.target, &site).unwrap().documents[0].text).unwrap();
                let said = machine.shell(parser.asks).output().unwrap();
                let (is_taken, said) = (said.status.success(), [said.stdout, said.stderr].concat());
                assert!(is_taken, "{} {names:?}: {}", parser.target, String::from_utf8_lossy(&said));
            }
        }
    });
}
