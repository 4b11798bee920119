//! JupyterHub, whose proxy ends TLS itself or stands behind another server that does.

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
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = |language, template| fill(Target::Jupyterhub, language, template, &values);
    Ok(Preset {
        target: Target::Jupyterhub,
        delivery: Delivery::of(site.files()),
        documents: vec![
            hub(text(Language::Python, OWN_PROXY)?),
            Document {
                file_name: "jupyterhub-proxy.sh",
                language: Language::Shell,
                text: text(Language::Shell, PROXY)?,
                belongs: "what a service of its own runs, such as jupyterhub-proxy.service".to_owned(),
            },
        ],
        hook: Some("systemctl restart jupyterhub".to_owned()),
        verify: site.verify(port),
        steps: vec![
            "Add jupyterhub_config.py to yours.".to_owned(),
            "Restart the hub: systemctl restart jupyterhub".to_owned(),
            "If the hub itself is to go on as well, let a service jupyterhub-proxy run jupyterhub-proxy.sh, with the same \
             CONFIGPROXY_AUTH_TOKEN for both; the hook is then: systemctl restart jupyterhub-proxy"
                .to_owned(),
        ],
        remarks: vec![
            "The proxy in front holds the certificate and reads it when it starts. While it does, WebSockets drop for a \
             moment; notebooks and their kernels go on.",
            "internal_ssl is left alone: it has a CA of its own.",
        ],
    })
}

pub(super) fn behind_proxy(site: &Site) -> Result<Preset, PresetError> {
    let port = site.upstream(8000);
    let values = [("port", Value::Plain(port.to_string()))];
    let text = fill(Target::JupyterhubBehindProxy, Language::Python, BEHIND_PROXY, &values)?;
    Ok(Preset {
        target: Target::JupyterhubBehindProxy,
        delivery: Delivery::ByHand,
        documents: vec![hub(text)],
        hook: None,
        verify: None,
        steps: vec![
            "Add jupyterhub_config.py to yours, and restart the hub: systemctl restart jupyterhub".to_owned(),
            format!("Put nginx in front: hubca export preset nginx {} --upstream {port}", site.label()),
        ],
        remarks: vec![
            "The certificate is nginx's: a renewal reloads nginx, and neither hub nor notebooks notice.",
            "bind_url is on loopback, so that nobody reaches the hub without TLS.",
        ],
    })
}

fn hub(text: String) -> Document {
    Document {
        file_name: "jupyterhub_config.py",
        language: Language::Python,
        text,
        belongs: "jupyterhub_config.py, often /etc/jupyterhub/jupyterhub_config.py".to_owned(),
    }
}

const OWN_PROXY: &str = "\
c = get_config()
c.JupyterHub.bind_url = 'https://:<<port>>'
c.JupyterHub.ssl_cert = <<cert>>
c.JupyterHub.ssl_key = <<key>>
# Notebooks go on while the hub, and its proxy with it, are restarted.
c.JupyterHub.cleanup_servers = False

# Where the proxy is a service of its own, jupyterhub-proxy.sh, it alone is restarted for a new certificate:
# c.ConfigurableHTTPProxy.should_start = False
# c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:8001'
";

const PROXY: &str = "\
#!/bin/sh
exec configurable-http-proxy \\
    --port <<port>> --ssl-cert <<cert>> --ssl-key <<key>> \\
    --api-ip 127.0.0.1 --api-port 8001 \\
    --default-target http://127.0.0.1:8081 --error-target http://127.0.0.1:8081/hub/error
";

const BEHIND_PROXY: &str = "\
c = get_config()
c.JupyterHub.bind_url = 'http://127.0.0.1:<<port>>'
";
