//! The settings that the programs people run need for a certificate, each as a file of its own: the presets of a bundle.
//!
//! They expect the files in one directory, `/etc/hubca/<label>`. What stands in them is a label and names that a
//! certificate vouches for: words without a character that any of these languages obeys.

use std::net::IpAddr;

use super::artifact::Artifact;
use crate::x509::{Certificate, DnsName};

/// Where the presets expect the files of a label.
pub(super) fn directory(label: &str) -> String {
    format!("/etc/hubca/{label}")
}

/// A file for nginx, Apache, Jupyter Server and JupyterHub each.
pub(super) fn presets(label: &str, certificate: &Certificate) -> Vec<Artifact> {
    let fill = |text: &str| {
        text.replace("{directory}", &directory(label))
            .replace("{names}", &names(certificate).join(" "))
            .replace("{first}", names(certificate).first().map_or("localhost", String::as_str))
    };
    [
        ("nginx.conf", NGINX),
        ("apache.conf", APACHE),
        ("jupyter_server_config.py", JUPYTER_SERVER),
        ("jupyterhub_config.py", JUPYTERHUB),
    ]
    .map(|(name, text)| Artifact::public(name.to_owned(), MEDIA_TYPE, fill(text).into_bytes()))
    .into()
}

/// The names as they stand in a URL (RFC 3986 3.2.2); one that is neither an address nor a host name is left out.
fn names(certificate: &Certificate) -> Vec<String> {
    let names = certificate.tbs().subject_alt_names().ok().flatten().unwrap_or_default();
    let spelled = |name: &crate::x509::AltName| match (name, name.ip()) {
        (_, Some(IpAddr::V6(address))) => Some(format!("[{address}]")),
        (_, Some(IpAddr::V4(address))) => Some(address.to_string()),
        (crate::x509::AltName::Dns(text), None) => DnsName::parse(text).ok().map(|name| name.as_str().to_owned()),
        _ => None,
    };
    names.iter().filter_map(spelled).collect()
}

const MEDIA_TYPE: &str = "text/plain; charset=utf-8";

const NGINX: &str = "\
# For nginx, in the block `http`, as in /etc/nginx/conf.d/: HTTPS in front of a server on port 8888 of this machine,
# WebSockets included. An answer to a certificate's status is not stapled: a private CA has nobody who gives one.

map $http_upgrade $hubca_connection {
    default upgrade;
    ''      close;
}

server {
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name {names};

    ssl_certificate     {directory}/fullchain.pem;
    ssl_certificate_key {directory}/privkey.pem;
    ssl_protocols       TLSv1.2 TLSv1.3;

    client_max_body_size 1g;

    location / {
        proxy_pass http://127.0.0.1:8888;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $hubca_connection;
        # A kernel may say nothing for a long time.
        proxy_read_timeout 1d;
        proxy_buffering off;
    }
}
";

const APACHE: &str = "\
# For Apache 2.4.47 or newer, which passes WebSockets on, with the modules ssl, headers, proxy and proxy_http: HTTPS in
# front of a server on port 8888 of this machine.

<VirtualHost *:443>
    ServerName {first}
    SSLEngine on
    SSLCertificateFile    {directory}/fullchain.pem
    SSLCertificateKeyFile {directory}/privkey.pem
    SSLProtocol           -all +TLSv1.2 +TLSv1.3
    ProxyPreserveHost     on
    ProxyPass        / http://127.0.0.1:8888/ upgrade=websocket
    ProxyPassReverse / http://127.0.0.1:8888/
    RequestHeader set X-Forwarded-Proto https
</VirtualHost>
";

const JUPYTER_SERVER: &str = "\
# For Jupyter Server, Notebook 7 and JupyterLab: ~/.jupyter/jupyter_server_config.py

c = get_config()
c.ServerApp.certfile = '{directory}/fullchain.pem'
c.ServerApp.keyfile = '{directory}/privkey.pem'
";

const JUPYTERHUB: &str = "\
# For JupyterHub that ends TLS itself: jupyterhub_config.py

c = get_config()
c.JupyterHub.ssl_cert = '{directory}/fullchain.pem'
c.JupyterHub.ssl_key = '{directory}/privkey.pem'
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::pem;

    #[test]
    fn each_preset_names_the_two_files_and_what_the_certificate_vouches_for() {
        let text = include_str!("../../tests/fixtures/pki/leaf.crt.pem");
        let leaf = Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap();
        let presets = presets("hub.lan", &leaf);
        assert_eq!(presets.len(), 4);
        for preset in &presets {
            let text = String::from_utf8(preset.contents().to_vec()).unwrap();
            let name = preset.file_name();
            assert!(text.contains("/etc/hubca/hub.lan/fullchain.pem"), "{name}");
            assert!(text.contains("/etc/hubca/hub.lan/privkey.pem"), "{name}");
            assert!(!text.contains("{names}") && !text.contains("{first}") && !text.contains("{directory}"), "{name}");
        }
        let nginx = String::from_utf8(presets[0].contents().to_vec()).unwrap();
        assert!(names(&leaf).iter().all(|name| nginx.contains(name.as_str())) && !names(&leaf).is_empty());
    }
}
