//! Traefik in front of another server.

use crate::preset::{
    document::Document,
    error::PresetError,
    language::Language,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key) = (site.files().fullchain(), site.files().key());
    let rules: Vec<String> = site.url_names().map(|name| rule(&name)).collect();
    let rule = rules.join(" || ");
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("rule", Value::Word(&rule)),
        ("label", Value::Word(site.label())),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let text = fill(Target::Traefik, Language::Yaml, TRAEFIK, &values)?;
    Ok(Preset {
        target: Target::Traefik,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "traefik.yml",
            language: Language::Yaml,
            text,
            belongs: format!("/etc/traefik/dynamic/{}.yml, the directory of the file provider", site.label()),
        }],
        hook: Some(format!("touch /etc/traefik/dynamic/{}.yml", site.label())),
        verify: site.verify(site.port(443)),
        steps: vec![
            format!("Put traefik.yml in its place as /etc/traefik/dynamic/{}.yml.", site.label()),
            "In the static configuration, have an entry point `websecure` at :443, and \
             providers.file.directory: /etc/traefik/dynamic with watch: true."
                .to_owned(),
        ],
        remarks: vec![
            "Traefik looks at its own files, not at those of certificates: a touch of this file makes it read them anew.",
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

const TRAEFIK: &str = "\
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
