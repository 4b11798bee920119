//! Traefik in front of another server.

use super::behind;
use crate::{
    plan::shell_word,
    preset::{
        document::Document,
        error::PresetError,
        language::Language,
        offered::{Delivery, Preset},
        place::Place,
        site::Site,
        target::Target,
        template::{Value, fill},
    },
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(443));
    let rules: Vec<String> = site.url_names().map(|name| rule(&name)).collect();
    let rule = rules.join(" || ");
    let directory = site.place().map_or("/etc/traefik/dynamic", Place::directory);
    let file = format!("{directory}/{}.yml", site.label());
    let values = [
        ("directory", Value::Word(directory)),
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("rule", Value::Word(&rule)),
        ("label", Value::Word(site.label())),
        ("port", Value::Plain(port.to_string())),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let text = |template| fill(Target::Traefik, Language::Yaml, template, &values);
    Ok(Preset {
        target: Target::Traefik,
        delivery: Delivery::of(site.files()),
        documents: vec![
            Document {
                file_name: "site.yml",
                language: Language::Yaml,
                text: text(SITE)?,
                belongs: format!("{file}, the directory of the file provider"),
            },
            Document {
                file_name: "traefik.yml",
                language: Language::Yaml,
                text: text(STATIC)?,
                belongs: "/etc/traefik/traefik.yml".to_owned(),
            },
        ],
        hook: Some(format!("touch {}", shell_word(&file))),
        verify: site.verify(port),
        steps: vec![
            format!("Put site.yml in its place as {file}."),
            "Put traefik.yml in its place, /etc/traefik/traefik.yml, or add what yours lacks; Traefik reads this one when it starts."
                .to_owned(),
            behind::step(site),
        ],
        remarks: vec![
            "Traefik 3. It looks at its own files, not at those of certificates: a touch of this file makes it read them anew.",
            "Whoever comes by address says no name, and gets the default certificate. There is one for all of Traefik: where \
             several presets share it, stores and options stand in one of them only.",
        ],
    })
}

/// A wildcard is a host of any one label.
fn rule(name: &str) -> String {
    match name.strip_prefix("*.") {
        None => format!("Host(`{}`)", name.trim_matches(['[', ']'])),
        Some(below) => format!("HostRegexp(`^[^.]+\\.{}$`)", below.replace('.', "\\.")),
    }
}

const SITE: &str = "\
tls:
  certificates:
    - certFile: <<cert>>
      keyFile: <<key>>
  stores:
    default:
      defaultCertificate:
        certFile: <<cert>>
        keyFile: <<key>>
  options:
    default:
      minVersion: VersionTLS12
      # Traefik's own list has some that are not authenticated.
      cipherSuites:
        - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
        - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256

http:
  routers:
    <<label>>:
      rule: <<rule>>
      entryPoints: [websecure]
      service: <<label>>
      tls: {}
  services:
    <<label>>:
      loadBalancer:
        servers:
          - url: http://127.0.0.1:<<upstream>>
";

const STATIC: &str = "\
entryPoints:
  web:
    address: :80
    http:
      redirections:
        entryPoint:
          to: websecure
          scheme: https
  websecure:
    address: :<<port>>
    transport:
      respondingTimeouts:
        # A large notebook over a slow network.
        readTimeout: 10m

providers:
  file:
    directory: <<directory>>
    watch: true
";
