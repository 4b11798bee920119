//! Caddy in front of another server.

use crate::{
    preset::{
        document::Document,
        error::PresetError,
        language::Language,
        offered::{Delivery, Preset},
        site::Site,
        target::Target,
        template::{Value, fill},
    },
    system::FileMode,
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(443));
    let sites: Vec<String> = site.url_names().map(|name| format!("https://{name}:{port}")).collect();
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("sites", Value::Plain(sites.join(", "))),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let text = fill(Target::Caddy, Language::Caddyfile, CADDY, &values)?;
    Ok(Preset {
        target: Target::Caddy,
        delivery: Delivery::Directory {
            path: site.files().directory().to_owned(),
            owner: None,
            group: Some("caddy"),
            mode: FileMode::Group,
        },
        documents: vec![Document {
            file_name: "Caddyfile",
            language: Language::Caddyfile,
            text,
            belongs: "/etc/caddy/Caddyfile".to_owned(),
        }],
        hook: Some("systemctl reload caddy".to_owned()),
        verify: site.verify(port),
        steps: vec![
            "Add Caddyfile to yours, /etc/caddy/Caddyfile.".to_owned(),
            "See that Caddy takes it, and let it: caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy"
                .to_owned(),
        ],
        remarks: vec![
            "Its service reloads with --force, and so has to whoever does it otherwise: Caddy passes over a configuration that \
             has not changed, and would keep the old certificate.",
            "WebSockets need no line of their own, and HTTP is sent to HTTPS by Caddy itself. A reload closes the WebSockets \
             that are open; pages of notebooks open theirs again. Caddy 2.7 and newer can wait: stream_close_delay.",
        ],
    })
}

const CADDY: &str = "\
<<sites>> {
\ttls <<cert>> <<key>>
\treverse_proxy 127.0.0.1:<<upstream>>
}
";
