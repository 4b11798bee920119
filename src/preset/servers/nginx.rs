//! nginx in front of another server, WebSockets included.

use super::behind;
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
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(443));
    let to = if port == 443 { String::new() } else { format!(":{port}") };
    let names: Vec<String> = site.url_names().map(server_name).collect();
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("port", Value::Plain(port.to_string())),
        ("to", Value::Plain(to)),
        ("names", Value::Plain(names.join(" "))),
        ("upstream", Value::Plain(site.upstream(8888).to_string())),
    ];
    let text = fill(Target::Nginx, Language::Nginx, NGINX, &values)?;
    Ok(Preset {
        target: Target::Nginx,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "nginx.conf",
            language: Language::Nginx,
            text,
            belongs: format!("/etc/nginx/conf.d/{}.conf", site.label()),
        }],
        hook: Some("systemctl reload nginx".to_owned()),
        verify: site.verify(port),
        steps: vec![
            format!("Put nginx.conf in its place as /etc/nginx/conf.d/{}.conf.", site.label()),
            "See that nginx takes it: nginx -t".to_owned(),
            "Let it: systemctl reload nginx".to_owned(),
            behind::step(site),
        ],
        remarks: vec![
            "nginx's own list of ciphers is longer: of TLS 1.2 it has some without forward secrecy and some that are not \
             authenticated. Those of ssl_ciphers agree on keys over elliptic curves, so no dhparam file is needed.",
            "nginx 1.25.1 and newer say that `http2` behind `listen` is deprecated, and take it; their `http2 on;` is an error \
             to the nginx of Debian 12.",
            "Strict-Transport-Security is left out. Browsers ignore it for addresses, and where a private name moves to \
             another machine it locks people out for as long as it says.",
            "Stapling is left out: there is nobody who would give an answer to staple.",
        ],
    })
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
    listen <<port>> ssl http2;
    listen [::]:<<port>> ssl http2;
    server_name <<names>>;

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
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $hubca_connection;
        # A kernel may say nothing for a long time.
        proxy_read_timeout 1d;
        proxy_send_timeout 1d;
        proxy_buffering off;
    }
}
";
