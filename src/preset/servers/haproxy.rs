//! haproxy in front of another server.

use super::behind;
use crate::preset::{
    document::Document,
    error::PresetError,
    installation::Setting,
    instruction::Instruction,
    language::Language,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (combined, port) = (site.files().combined(), site.port(443));
    let redirect =
        if port == 443 { "scheme https".to_owned() } else { format!("location https://%[hdr(host)]:{port}%[pathq]") };
    let values = [
        ("combined", Value::Word(&combined)),
        ("port", Value::Plain(port.to_string())),
        ("redirect", Value::Plain(redirect)),
        ("label", Value::Plain(site.label().to_owned())),
        ("upstream", Value::Plain(behind::upstream(site).to_string())),
    ];
    let text = fill(Target::Haproxy, Language::Haproxy, HAPROXY, &values)?;
    Ok(Preset {
        target: Target::Haproxy,
        delivery: Delivery::Combined { path: combined, group: None },
        documents: vec![Document {
            file_name: "haproxy.cfg",
            language: Language::Haproxy,
            text,
            belongs: format!("the end of {CONFIGURATION}"),
        }],
        secrets: Vec::new(),
        installation: Setting::lines(CONFIGURATION)
            .checked("haproxy", &["haproxy", "-c", "-f", CONFIGURATION])
            .reloading("haproxy")
            .into(),
        hook: Some("systemctl reload haproxy".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Add haproxy.cfg to the end of yours", format!("cat haproxy.cfg >>{CONFIGURATION}")),
            Instruction::typing(
                "See that haproxy takes it, and let it",
                format!("haproxy -c -f {CONFIGURATION} && systemctl reload haproxy"),
            ),
            behind::instruction(site),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "Lines of a second preset would answer at the same ports, and haproxy would show either certificate at random: for more names, \
             let one certificate have them all.",
            "haproxy wants key, certificate and chain in one file, and reads it before it gives up root: 0600 is enough.",
            "`timeout tunnel` is for WebSockets: a kernel may say nothing for a long time.",
        ],
    })
}

const CONFIGURATION: &str = "/etc/haproxy/haproxy.cfg";

const HAPROXY: &str = "\
frontend <<label>>
    mode http
    bind :80,:::80 v6only
    bind :<<port>>,:::<<port>> v6only ssl crt <<combined>> alpn h2,http/1.1 ssl-min-ver TLSv1.2 ciphers ECDHE+AESGCM:ECDHE+CHACHA20
    http-request redirect <<redirect>> code 301 unless { ssl_fc }
    # In place of what a visitor says of himself.
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Port <<port>>
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Real-IP %[src]
    http-request del-header Forwarded
    http-request del-header X-Forwarded-Server
    http-request del-header X-Scheme
    timeout client 1m
    default_backend <<label>>-server

backend <<label>>-server
    mode http
    timeout connect 5s
    timeout server 1m
    timeout tunnel 1d
    server one 127.0.0.1:<<upstream>>
";
