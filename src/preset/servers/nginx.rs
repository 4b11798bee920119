//! nginx in front of another server, WebSockets included.

use std::net::IpAddr;

use super::behind;
use crate::preset::{
    document::Document,
    error::PresetError,
    installation::Setting,
    instruction::Instruction,
    language::Language,
    neighbours::Neighbours,
    offered::{Delivery, Preset},
    place::NoPlace,
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(HTTPS));
    let to = if port == HTTPS { String::new() } else { format!(":{port}") };
    let names: Vec<String> = site.url_names().map(server_name).collect();
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("port", Value::Plain(port.to_string())),
        ("to", Value::Plain(to)),
        ("listen", Value::Plain(if is_new(site) { "ssl" } else { "ssl http2" }.to_owned())),
        ("http2", Value::Plain(if is_new(site) { "    http2 on;\n" } else { "" }.to_owned())),
        ("names", Value::Plain(names.join(" "))),
        ("upstream", Value::Plain(behind::upstream(site).to_string())),
    ];
    let text = fill(Target::Nginx, Language::Nginx, NGINX, &values)?;
    let file = format!("/etc/nginx/conf.d/{}.conf", site.label());
    Ok(Preset {
        target: Target::Nginx,
        delivery: Delivery::of(site.files()),
        documents: vec![Document { file_name: "nginx.conf", language: Language::Nginx, text, belongs: file.clone() }],
        secrets: Vec::new(),
        installation: Setting::file(&file).checked("nginx", &["nginx", "-t"]).reloading("nginx").into(),
        hook: Some("systemctl reload nginx".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Put nginx.conf in its place", format!("cp nginx.conf {file}")),
            Instruction::typing("See that nginx takes it", "nginx -t"),
            Instruction::typing("Let it", "systemctl reload nginx"),
            behind::instruction(site),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "nginx's own list of ciphers is longer: of TLS 1.2 it has some without forward secrecy and some that are not \
             authenticated. Those of ssl_ciphers agree on keys over elliptic curves, so no dhparam file is needed.",
            "Who comes by an address says no name, and is shown the certificate of the first file by the alphabet, unless another says \
             `default_server` behind its `listen`.",
            if is_new(site) {
                "`http2 on;` is what nginx 1.25.1 and newer want, such as the one of this machine; older ones take `http2` behind `listen` alone."
            } else {
                "nginx 1.25.1 and newer say that `http2` behind `listen` is deprecated, and take it; their `http2 on;` is an error \
                 to older ones, such as that of Debian 12."
            },
            "Strict-Transport-Security is left out. Browsers ignore it for addresses, and where a private name moves to \
             another machine it locks people out for as long as it says.",
            "Stapling is left out: there is nobody who would give an answer to staple.",
        ],
    })
}

/// Whether the nginx that is there wants HTTP/2 switched on in a line of its own.
fn is_new(site: &Site) -> bool {
    site.release().is_some_and(|release| release >= [1, 25, 1])
}

/// Which release of nginx says this of itself: `nginx version: nginx/1.22.1`.
pub fn release(said: &str) -> Option<[u32; 3]> {
    let (_, told) = said.split_once("nginx/")?;
    let mut numbers = told.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next()?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some([next()?, next()?, next()?])
}

/// The same beside what nginx is told on this machine already: who comes by an address, and so says no name, is shown this certificate.
///
/// # Errors
/// Another file has that of its own shown.
pub(super) fn beside(mut preset: Preset, site: &Site, neighbours: &Neighbours) -> Result<Preset, NoPlace> {
    if !site.has_addresses() {
        return Ok(preset);
    }
    let port = site.port(HTTPS).to_string();
    let is_taken = |text: &str| {
        let words =
            |line: &str| line.trim().trim_end_matches(';').split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines: Vec<Vec<String>> = text.lines().map(words).collect();
        let is_at_port = |place: &str| place == port || place.rsplit_once(':').is_some_and(|(_, its)| its == port);
        let listens = |line: &&Vec<String>| {
            line.first().is_some_and(|word| word == "listen") && line.get(1).is_some_and(|place| is_at_port(place))
        };
        let says_so = |line: &Vec<String>| line.iter().any(|word| word == "default_server");
        let names_address = |line: &Vec<String>| {
            line.first().is_some_and(|word| word == "server_name")
                && line.iter().any(|name| name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
        };
        lines.iter().any(|line| listens(&line) && says_so(line))
            || (lines.iter().any(|line| listens(&line)) && lines.iter().any(names_address))
    };
    if let Some((path, _)) = neighbours.files().find(|(_, text)| is_taken(text)) {
        return Err(NoPlace::Address { path: path.to_owned() });
    }
    for document in &mut preset.documents {
        document.text = document.text.replace(&format!("{port} ssl"), &format!("{port} ssl default_server"));
    }
    Ok(preset)
}

/// A name as it stands in `server_name`. nginx keeps names in a table whose places are for short ones: a long one is a regular
/// expression.
fn server_name(name: String) -> String {
    if name.len() <= LONGEST_IN_TABLE {
        return name;
    }
    let literal = |part: &str| part.replace('.', "\\.");
    match name.strip_prefix("*.") {
        None => format!("~^{}$", literal(&name)),
        Some(below) => format!("~^.+\\.{}$", literal(below)),
    }
}

/// What `server_names_hash_bucket_size` has room for by itself, and a few octets less.
const LONGEST_IN_TABLE: usize = 40;

const HTTPS: u16 = 443;

const NGINX: &str = "\
# In the block `http`: HTTPS in front of a server on port <<upstream>> of this machine, WebSockets included.

map $http_upgrade $hubca_connection {
    default upgrade;
    ''      close;
}

server {
    listen 80;
    listen [::]:80;
    server_name <<names>>;
    return 301 https://$host<<to>>$request_uri;
}

server {
    listen <<port>> <<listen>>;
    listen [::]:<<port>> <<listen>>;
<<http2>>    server_name <<names>>;

    ssl_certificate     <<cert>>;
    ssl_certificate_key <<key>>;
    ssl_protocols       TLSv1.2 TLSv1.3;
    ssl_ciphers         ECDHE+AESGCM:ECDHE+CHACHA20;
    ssl_session_cache   shared:hubca:1m;
    ssl_session_tickets off;

    # Notebooks with pictures in them.
    client_max_body_size 1g;

    location / {
        proxy_pass http://127.0.0.1:<<upstream>>;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Forwarded-Proto $scheme;
        # What else a visitor may say of himself is not passed on.
        proxy_set_header X-Forwarded-Server '';
        proxy_set_header X-Scheme '';
        proxy_set_header Forwarded '';
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $hubca_connection;
        # A kernel may say nothing for a long time.
        proxy_read_timeout 1d;
        proxy_send_timeout 1d;
        proxy_buffering off;
    }
}
";
