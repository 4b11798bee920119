//! Traefik in front of another server.

use super::behind;
use crate::{
    plan::shell_word,
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        neighbours::Neighbours,
        offered::{Delivery, Preset},
        place::Place,
        site::Site,
        target::Target,
        template::{Value, fill},
    },
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let file = format!("{}/{}.yml", directory(site), site.label());
    Ok(Preset {
        target: Target::Traefik,
        delivery: Delivery::of(site.files()),
        documents: vec![
            Document {
                file_name: "site.yml",
                language: Language::Yaml,
                text: text(site, &[CERTIFICATE, DEFAULTS, SITE].concat())?,
                belongs: format!("{file}, the directory of the file provider"),
            },
            Document {
                file_name: "traefik.yml",
                language: Language::Yaml,
                text: text(site, STATIC)?,
                belongs: "/etc/traefik/traefik.yml".to_owned(),
            },
        ],
        secrets: Vec::new(),
        // It looks at the directory by itself.
        installation: site.place().map_or(Installation::ByHand(NO_PLACE), |_| Setting::file(&file).into()),
        hook: Some(format!("touch {}", shell_word(&file))),
        verify: site.verify(site.port(443)),
        steps: vec![
            Instruction::typing("Put site.yml in its place", format!("cp site.yml {}", shell_word(&file))),
            Instruction::words(
                "Put traefik.yml in its place, /etc/traefik/traefik.yml, or add what yours lacks; Traefik reads this one when it starts.",
            ),
            behind::instruction(site),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "Traefik 3. It looks at its own files, not at those of certificates: a touch of this file makes it read them anew.",
            "Whoever comes by an address says no name, and is shown the certificate that has it, or else the default one. There is one for \
             all of Traefik: where several presets share it, stores and options stand in one of them only, the first; whoever takes that away \
             installs another one once more.",
        ],
    })
}

/// The same beside what Traefik is told on this machine already: there is one default certificate, that of the first label.
///
/// # Errors
/// A path that YAML cannot hold.
pub(super) fn beside(mut preset: Preset, site: &Site, neighbours: &Neighbours) -> Result<Preset, PresetError> {
    if neighbours.files().any(|(_, text)| text.lines().any(|line| line.trim() == "defaultCertificate:")) {
        for document in preset.documents.iter_mut().take(1) {
            document.text = text(site, &[CERTIFICATE, SITE].concat())?;
        }
    }
    Ok(preset)
}

fn text(site: &Site, template: &str) -> Result<String, PresetError> {
    let (certificate, key) = (site.files().fullchain(), site.files().key());
    let rules: Vec<String> = site.url_names().map(|name| rule(&name)).collect();
    let rule = rules.join(" || ");
    let values = [
        ("directory", Value::Word(directory(site))),
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("rule", Value::Word(&rule)),
        ("label", Value::Word(site.label())),
        ("port", Value::Plain(site.port(443).to_string())),
        ("upstream", Value::Plain(behind::upstream(site).to_string())),
    ];
    fill(Target::Traefik, Language::Yaml, template, &values)
}

/// That of its file provider.
fn directory(site: &Site) -> &str {
    site.place().map_or("/etc/traefik/dynamic", Place::directory)
}

const NO_PLACE: &str = "nothing is known of where its file provider looks";

/// A wildcard is a host of any one label.
fn rule(name: &str) -> String {
    match name.strip_prefix("*.") {
        None => format!("Host(`{}`)", name.trim_matches(['[', ']'])),
        Some(below) => format!("HostRegexp(`^[^.]+\\.{}$`)", below.replace('.', "\\.")),
    }
}

const CERTIFICATE: &str = "\
tls:
  certificates:
    - certFile: <<cert>>
      keyFile: <<key>>
";

const DEFAULTS: &str = "  stores:
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
";

const SITE: &str = "
http:
  routers:
    <<label>>:
      rule: <<rule>>
      entryPoints: [websecure]
      service: <<label>>
      middlewares: [<<label>>]
      tls: {}
  middlewares:
    <<label>>:
      headers:
        # What a visitor says of himself is not passed on; X-Forwarded-For and its like are Traefik's own.
        customRequestHeaders:
          Forwarded: ''
          X-Scheme: ''
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
