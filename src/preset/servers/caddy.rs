//! Caddy in front of another server.

use super::behind;
use crate::{
    preset::{
        document::Document,
        error::PresetError,
        installation::Setting,
        instruction::Instruction,
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
        ("port", Value::Plain(port.to_string())),
        ("http-sites", Value::Plain(sites("http", ""))),
        ("upstream", Value::Plain(behind::upstream(site).to_string())),
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
            belongs: CADDYFILE.to_owned(),
        }],
        secrets: Vec::new(),
        installation: Setting::lines(CADDYFILE)
            .checked("Caddy", &["caddy", "validate", "--adapter", "caddyfile", "--config", CADDYFILE])
            .reloading("caddy")
            .into(),
        hook: Some("systemctl reload caddy".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Add Caddyfile to yours", format!("cat Caddyfile >>{CADDYFILE}")),
            Instruction::typing(
                "See that Caddy takes it, and let it",
                format!("caddy validate --config {CADDYFILE} && systemctl reload caddy"),
            ),
            behind::instruction(site),
        ],
        cautions: Vec::new(),
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

const CADDYFILE: &str = "/etc/caddy/Caddyfile";

const CADDY: &str = "\
<<sites>> {
\ttls <<cert>> <<key>>
\treverse_proxy 127.0.0.1:<<upstream>> {
\t\t# What a visitor says of himself is not passed on; X-Forwarded-For, -Host and -Proto are Caddy's own.
\t\theader_up -Forwarded
\t\theader_up -X-Forwarded-Server
\t\theader_up -X-Scheme
\t\theader_up X-Forwarded-Port <<port>>
\t\theader_up X-Real-IP {remote_host}
\t}
}
";

const HTTP: &str = "
<<http-sites>> {
\tredir https://{host}{uri} permanent
}
";
