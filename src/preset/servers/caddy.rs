//! Caddy in front of another server.

use super::behind;
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
    let sites = |scheme, port: &str| {
        let names: Vec<String> = site.url_names().map(|name| format!("{scheme}://{name}{port}")).collect();
        names.join(", ")
    };
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("sites", Value::Plain(sites("https", &format!(":{port}")))),
        ("http-sites", Value::Plain(sites("http", ""))),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let fill = |template| fill(Target::Caddy, Language::Caddyfile, template, &values);
    let mut text = fill(CADDY)?;
    // The same names may be served at other ports as well, and each is sent to one of them.
    if port == 443 {
        text.push_str(&fill(HTTP)?);
    }
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
            behind::step(site),
        ],
        remarks: vec![
            "Its service reloads with --force, and so has to whoever does it otherwise: Caddy passes over a configuration that \
             has not changed, and would keep the old certificate.",
            "HTTP is sent to port 443 in so many words: by itself Caddy leaves it to a site at :80, such as that of Debian's Caddyfile, and for \
             another port it still does.",
            "WebSockets need no line of their own. A reload closes the WebSockets \
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

const HTTP: &str = "
<<http-sites>> {
\tredir https://{host}{uri} permanent
}
";
