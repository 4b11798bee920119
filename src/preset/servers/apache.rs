//! Apache's httpd in front of another server, WebSockets included.

use std::{
    ffi::OsStr,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use super::behind;
use crate::{
    plan::Step,
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        neighbours::{APACHE_MODULES, Neighbours},
        offered::{Delivery, Preset},
        place::NoPlace,
        site::Site,
        target::Target,
        template::{Value, fill},
    },
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(HTTPS));
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
    let to = if port == HTTPS { String::new() } else { format!(":{port}") };
    // Debian's ports.conf has it for 443.
    let listen = if port == HTTPS { String::new() } else { format!("\nListen {port}\n") };
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("port", Value::Plain(port.to_string())),
        ("to", Value::Plain(to)),
        ("listen", Value::Plain(listen)),
        ("first", Value::Plain(first.to_owned())),
        ("aliases", Value::Plain(aliases)),
        ("upstream", Value::Plain(behind::upstream(site).to_string())),
    ];
    let text = fill(Target::Apache, Language::Apache, APACHE, &values)?;
    let (label, file) = (site.label(), format!("/etc/apache2/sites-available/{}.conf", site.label()));
    let setting = Setting::file(&file)
        .then(
            Step::run("switch it on", &["a2ensite", "-q", label])
                .unless(format!("/etc/apache2/sites-enabled/{label}.conf"))
                .undone_by("switch it off", &["a2dissite", "-q", label]),
        )
        .checked("Apache", &["apache2ctl", "configtest"])
        .reloading("apache2");
    Ok(Preset {
        target: Target::Apache,
        delivery: Delivery::of(site.files()),
        documents: vec![Document { file_name: "apache.conf", language: Language::Apache, text, belongs: file.clone() }],
        secrets: Vec::new(),
        installation: setting.into(),
        hook: Some("systemctl reload apache2".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Put apache.conf in its place", format!("cp apache.conf {file}")),
            Instruction::typing("Switch it on", format!("a2enmod {} && a2ensite {label}", APACHE_MODULES.join(" "))),
            Instruction::typing(
                "See that Apache takes it, and let it",
                "apachectl configtest && systemctl reload apache2",
            ),
            behind::instruction(site),
        ],
        cautions: vec![
            "Where a name of it is the machine's own, Debian's page has that name at port 80, and does not send to HTTPS: a2dissite \
             000-default",
        ],
        remarks: vec![
            "Who comes by an address says no name, and is shown the certificate of the first file by the alphabet that serves at this port.",
            "Apache 2.4.47 or newer: `upgrade=websocket` passes WebSockets on, without mod_proxy_wstunnel.",
            "Apache 2.4.8 or newer reads the chain out of SSLCertificateFile; SSLCertificateChainFile is of old posts.",
        ],
    })
}

/// The same beside what Apache is told on this machine already.
///
/// # Errors
/// One of its addresses, or of another label's, would be shown another certificate: who comes by an address is shown that of the first
/// file by the alphabet.
pub(super) fn beside(mut preset: Preset, site: &Site, neighbours: &Neighbours) -> Result<Preset, NoPlace> {
    let port = site.port(HTTPS);
    let opening = format!("<VirtualHost *:{port}>");
    let file = format!("{}.conf", site.label());
    let is_before = |path: &Path| path.file_name().is_some_and(|name| name < OsStr::new(&file));
    for (path, text) in neighbours.files() {
        let Some((_, block)) = text.split_once(&opening) else { continue };
        let names = block.lines().take_while(|line| !line.contains("</VirtualHost>")).filter(|line| {
            line.split_whitespace().next().is_some_and(|first| ["ServerName", "ServerAlias"].contains(&first))
        });
        let has_address = || names.flat_map(str::split_whitespace).any(|name| name.parse::<IpAddr>().is_ok());
        if (is_before(path) && site.has_addresses()) || (!is_before(path) && has_address()) {
            return Err(NoPlace::Address { path: path.to_owned() });
        }
    }
    if let (Installation::Here(setting), off @ [_, ..]) = (preset.installation.clone(), neighbours.off()) {
        preset.installation = setting.then_first(loading(off)).into();
    }
    Ok(preset)
}

/// Loads the modules that are not loaded yet. A removal finds them loaded, and leaves them to whoever uses them by then.
fn loading(modules: &[&str]) -> Step {
    let (mut on, mut off) = (vec!["a2enmod", "-q"], vec!["a2dismod", "-q"]);
    on.extend(modules);
    off.extend(modules.iter().rev());
    Step::run("switch on what it uses", &on).undone_by("switch off what it used", &off)
}

const HTTPS: u16 = 443;

const APACHE: &str = "\
# HTTPS in front of a server on port <<upstream>> of this machine, WebSockets included.
<<listen>>
<VirtualHost *:80>
    ServerName <<first>><<aliases>>
    RewriteEngine on
    # With a blank, a question mark or the like in it a name is written down as it was asked for.
    RewriteRule ^(.*)$ https://%{SERVER_NAME}<<to>>$1 [B,BNE=/._-~,BNP,NE,R=301,L]
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
    RequestHeader unset X-Forwarded-Host
    RequestHeader unset X-Forwarded-Server
    RequestHeader unset Forwarded
    RequestHeader unset X-Scheme
    RequestHeader set X-Forwarded-Port <<port>>
    RequestHeader set X-Forwarded-Proto https
    RequestHeader set X-Real-IP expr=%{REMOTE_ADDR}
</VirtualHost>
";
