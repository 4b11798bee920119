//! Apache's httpd in front of another server, WebSockets included.

use std::net::Ipv4Addr;

use super::behind;
use crate::preset::{
    document::Document,
    error::PresetError,
    language::Language,
    neighbours::APACHE_MODULES,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(443));
    let names: Vec<String> = site.url_names().collect();
    // A host name, if there is one: of an address Apache warns, since it does not look for it in a certificate; and it takes
    // neither an IPv6 address nor a wildcard here.
    let mut singles = names.iter().filter(|name| !name.starts_with(['[', '*']));
    let is_host = |name: &&String| name.parse::<Ipv4Addr>().is_err();
    let first = singles.clone().find(is_host).or_else(|| singles.next()).map_or("localhost", String::as_str);
    // Of an IPv6 address Apache looks for what stands between the brackets.
    let inner = |name: &String| name.trim_matches(['[', ']']).to_owned();
    let others: Vec<String> = names.iter().filter(|name| *name != first).map(inner).collect();
    let aliases = if others.is_empty() { String::new() } else { format!("\n    ServerAlias {}", others.join(" ")) };
    let to = if port == 443 { String::new() } else { format!(":{port}") };
    // Debian's ports.conf has it for 443.
    let listen = if port == 443 { String::new() } else { format!("\nListen {port}\n") };
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("port", Value::Plain(port.to_string())),
        ("to", Value::Plain(to)),
        ("listen", Value::Plain(listen)),
        ("first", Value::Plain(first.to_owned())),
        ("aliases", Value::Plain(aliases)),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let text = fill(Target::Apache, Language::Apache, APACHE, &values)?;
    Ok(Preset {
        target: Target::Apache,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "apache.conf",
            language: Language::Apache,
            text,
            belongs: format!("/etc/apache2/sites-available/{}.conf", site.label()),
        }],
        hook: Some("systemctl reload apache2".to_owned()),
        verify: site.verify(port),
        steps: vec![
            format!("Put apache.conf in its place as /etc/apache2/sites-available/{}.conf.", site.label()),
            format!("Switch it on: a2enmod {} && a2ensite {}", APACHE_MODULES.join(" "), site.label()),
            "See that Apache takes it, and let it: apachectl configtest && systemctl reload apache2".to_owned(),
            behind::step(site),
        ],
        remarks: vec![
            "Where a name of it is the machine's own, Debian's page has that name at port 80, and does not send to HTTPS: a2dissite \
             000-default",
            "Apache 2.4.47 or newer: `upgrade=websocket` passes WebSockets on, without mod_proxy_wstunnel.",
            "Apache 2.4.8 or newer reads the chain out of SSLCertificateFile; SSLCertificateChainFile is of old posts.",
        ],
    })
}

const APACHE: &str = "\
# HTTPS in front of a server on port <<upstream>> of this machine, WebSockets included.
<<listen>>
<VirtualHost *:80>
    ServerName <<first>><<aliases>>
    RewriteEngine on
    RewriteRule ^ https://%{SERVER_NAME}<<to>>%{REQUEST_URI} [R=301,NE,L]
</VirtualHost>

<VirtualHost *:<<port>>>
    ServerName <<first>><<aliases>>
    Protocols h2 http/1.1

    SSLEngine on
    SSLCertificateFile    <<cert>>
    SSLCertificateKeyFile <<key>>
    SSLProtocol           -all +TLSv1.2 +TLSv1.3
    SSLCipherSuite        ECDHE+AESGCM:ECDHE+CHACHA20
    SSLSessionTickets     off

    ProxyPass / http://127.0.0.1:<<upstream>>/ upgrade=websocket
    ProxyPreserveHost on
    # A kernel may say nothing for a long time.
    ProxyTimeout 86400
    # What a visitor says of himself is not passed on.
    RequestHeader unset X-Forwarded-For
    RequestHeader set X-Forwarded-Proto https
</VirtualHost>
";
