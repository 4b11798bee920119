//! JupyterHub, whose proxy ends TLS itself or stands behind another server that does.

use crate::{
    plan::Step,
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        neighbours::Neighbours,
        offered::{Delivery, Preset},
        secret::Secret,
        site::Site,
        target::Target,
        template::{Value, fill},
    },
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(443));
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("port", Value::Plain(port.to_string())),
        ("pid-file", Value::Word(PID_FILE)),
        ("cookie-secret", Value::Word(COOKIE_SECRET.file_name)),
        ("proxy-token", Value::Word(PROXY_TOKEN.file_name)),
    ];
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
                belongs: "the directory of jupyterhub_config.py, only where the proxy is a service of its own"
                    .to_owned(),
            },
        ],
        secrets: vec![COOKIE_SECRET, PROXY_TOKEN],
        installation: installation(),
        // Only that process, and only if it still is the proxy: its number may have passed to another.
        hook: Some(format!("pkill --pidfile {PID_FILE} --full configurable-http-proxy")),
        verify: site.verify(port),
        steps: vec![
            Instruction::words(
                "Add jupyterhub_config.py to yours, and put the two secrets beside it, for the user who runs the hub alone.",
            ),
            Instruction::typing("Restart the hub", "systemctl restart jupyterhub"),
            Instruction::typing(
                "If notebooks are not to be cut off for a moment either when the hub is restarted, let a service \
                 jupyterhub-proxy run jupyterhub-proxy.sh, uncomment the last lines of jupyterhub_config.py, and \
                 let renewals, when all else is done, restart that service",
                format!("hubca edit {} --hook 'systemctl restart jupyterhub-proxy'", site.label()),
            ),
        ],
        cautions: vec![
            "A restart of the hub leaves notebooks and kernels alone as well, though an open page may ask whether to start \
             the server again: dismiss that. Where systemd runs it and notebooks are \
             processes of the hub's own, its unit needs KillMode=process for that.",
            "A hub that is not root's cannot write to /run: give pid_file another place then, and the hook too.",
        ],
        remarks: vec![
            "The proxy in front holds the certificate and reads it when it starts. A renewal ends the proxy alone, and the \
             hub starts it anew at once, with all its routes: open pages connect again by themselves, notebooks and kernels \
             go on, nobody is logged out.",
            "internal_ssl is left alone: it is for the way between proxy, hub and notebooks, and has a CA of its own.",
        ],
    })
}

pub(super) fn behind_proxy(site: &Site) -> Result<Preset, PresetError> {
    let port = site.upstream(8000);
    let values = [("port", Value::Plain(port.to_string())), ("cookie-secret", Value::Word(COOKIE_SECRET.file_name))];
    let text = fill(Target::JupyterhubBehindProxy, Language::Python, BEHIND_PROXY, &values)?;
    Ok(Preset {
        target: Target::JupyterhubBehindProxy,
        delivery: Delivery::ByHand,
        documents: vec![hub(text)],
        // Its own proxy is never restarted alone, and needs no token that lasts.
        secrets: vec![COOKIE_SECRET],
        installation: installation(),
        hook: None,
        verify: None,
        steps: vec![
            Instruction::typing(
                "Add jupyterhub_config.py to yours, put the cookie secret beside it, for the user who runs the hub alone, and restart \
                 the hub",
                "systemctl restart jupyterhub",
            ),
            Instruction::typing(
                "Put nginx in front",
                format!("hubca export preset nginx {} --upstream {port}", site.label()),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "The certificate is nginx's: a renewal reloads nginx, and neither hub nor notebooks notice.",
            "bind_url is on loopback, so that nobody reaches the hub without TLS.",
            "internal_ssl is left alone: it is for the way between proxy, hub and notebooks, and has a CA of its own.",
        ],
    })
}

fn installation() -> Installation {
    Setting::lines(format!("{PLACE}/jupyterhub_config.py"))
        .before_it(Step::make_directory("make room for the hub's configuration", PLACE))
        .restarting("jupyterhub")
        .into()
}

/// The same beside what the hub is told already: one that has a cookie secret goes on with it, and nobody is logged out.
pub(super) fn beside(mut preset: Preset, neighbours: &Neighbours) -> Preset {
    let says = |word: &str| {
        let word = format!("JupyterHub.{word}");
        neighbours
            .files()
            .any(|(_, text)| text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(&word)))
    };
    if says("cookie_secret") {
        preset.secrets.retain(|secret| *secret != COOKIE_SECRET);
        for document in &mut preset.documents {
            let is_of_it = |line: &&str| line.starts_with("c.JupyterHub.cookie_secret_file") || *line == ITS_PLACE;
            let kept = document.text.lines().filter(|line| !is_of_it(line));
            document.text = kept.fold(String::new(), |text, line| text + line + "\n");
        }
    } else if neighbours.was_there_first() {
        preset.cautions.push(
            "A hub that ran before without a word on its cookie secret has it in the directory where it is started: with the new one \
             everybody logs in once more. To keep it, copy jupyterhub_cookie_secret to /etc/jupyterhub first.",
        );
    }
    preset
}

/// The line above that on the cookie secret, where there is no other secret.
const ITS_PLACE: &str = "# It lies beside this file.";

const COOKIE_SECRET: Secret = Secret {
    file_name: "jupyterhub_cookie_secret",
    purpose: "the secret of the hub's cookies, by which people stay logged in",
    place: PLACE,
};

const PROXY_TOKEN: Secret =
    Secret { file_name: "jupyterhub_proxy_token", purpose: "the token by which the proxy knows the hub", place: PLACE };

const PLACE: &str = "/etc/jupyterhub";

const PID_FILE: &str = "/run/jupyterhub-proxy.pid";

fn hub(text: String) -> Document {
    Document {
        file_name: "jupyterhub_config.py",
        language: Language::Python,
        text,
        belongs: "jupyterhub_config.py, often /etc/jupyterhub/jupyterhub_config.py".to_owned(),
    }
}

const OWN_PROXY: &str = "\
from pathlib import Path

c = get_config()
c.JupyterHub.bind_url = 'https://:<<port>>'
c.JupyterHub.ssl_cert = <<cert>>
c.JupyterHub.ssl_key = <<key>>

# The secrets lie beside this file.
c.JupyterHub.cookie_secret_file = str(Path(__file__).with_name(<<cookie-secret>>))
c.ConfigurableHTTPProxy.auth_token = Path(__file__).with_name(<<proxy-token>>).read_text().strip()

# For a new certificate the proxy alone is ended, by its number in this file. The hub looks after it and starts it anew.
c.ConfigurableHTTPProxy.pid_file = <<pid-file>>
c.ConfigurableHTTPProxy.check_running_interval = 1
# Notebooks go on while the hub is restarted.
c.JupyterHub.cleanup_servers = False

# Where the proxy is a service of its own, jupyterhub-proxy.sh; the hub then tells a new one its routes within this time:
# c.ConfigurableHTTPProxy.should_start = False
# c.JupyterHub.last_activity_interval = 5
";

const PROXY: &str = "\
#!/bin/sh
CONFIGPROXY_AUTH_TOKEN=$(cat \"$(dirname \"$0\")\"/<<proxy-token>>) || exit
export CONFIGPROXY_AUTH_TOKEN
exec configurable-http-proxy \\
    --port <<port>> --ssl-cert <<cert>> --ssl-key <<key>> \\
    --api-ip 127.0.0.1 --api-port 8001 \\
    --default-target http://127.0.0.1:8081 --error-target http://127.0.0.1:8081/hub/error
";

const BEHIND_PROXY: &str = "\
from pathlib import Path

c = get_config()
c.JupyterHub.bind_url = 'http://127.0.0.1:<<port>>'

# It lies beside this file.
c.JupyterHub.cookie_secret_file = str(Path(__file__).with_name(<<cookie-secret>>))
# Notebooks go on while the hub is restarted.
c.JupyterHub.cleanup_servers = False
";
