//! A JupyterHub on a machine: everybody may log in, and notebooks are processes of the hub's own.

use std::{fmt::Write as _, fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::json;

use crate::{
    notebook::{ADDRESS, trusting, with_programs, write},
    support::{machine::Machine, visitor::Visitor},
};

pub(crate) const CONFIGURATION: &str = "/etc/jupyterhub/jupyterhub_config.py";

/// A machine with a hub that somebody has set up without TLS, and that nobody has started yet.
pub(crate) fn with_hub(what: &str, server: &str, test: impl FnOnce(&Machine) + Send) {
    let programs = ["jupyterhub", "jupyterhub-singleuser", "configurable-http-proxy"];
    with_programs(&format!("JupyterHub {what}"), server, &programs, |machine| {
        machine.run("rm -rf /etc/jupyterhub; mkdir /etc/jupyterhub");
        let own = machine.directory().display();
        fs::write(
            CONFIGURATION,
            format!(
                "\
c = get_config()
c.JupyterHub.authenticator_class = 'dummy'
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = 'simple'
c.SimpleLocalProcessSpawner.home_dir_template = '{own}/people/{{username}}'
c.Spawner.args = ['--allow-root']
c.JupyterHub.db_url = 'sqlite:///{own}/jupyterhub.sqlite'
"
            ),
        )
        .unwrap();
        write(&machine.directory().join("people/ada"));
        test(machine);
    });
}

/// Services as systemd has them under `KillMode=process`: the main process alone is ended, and the command does not wait for the
/// new one to be ready. nginx is told to reload if it runs.
pub(crate) fn services(machine: &Machine, services: &[(&str, &str)]) {
    let mut units = Vec::new();
    for (name, line) in services {
        let mut restart = String::new();
        write!(
            restart,
            "if [ -e /run/{name}.pid ]; then\n\
             kill $(cat /run/{name}.pid) || true\n\
             while kill -0 $(cat /run/{name}.pid) 2>/dev/null; do sleep 0.1; done\n\
             fi\n\
             setsid {line} </dev/null >>/var/log/{name} 2>&1 & echo $! >/run/{name}.pid"
        )
        .unwrap();
        units.push((format!("restart {name}"), restart));
    }
    let nginx = "if [ -s /run/nginx.pid ]; then nginx -s reload; else nginx; fi";
    units.extend(["reload nginx", "reload-or-restart nginx"].map(|words| (words.to_owned(), nginx.to_owned())));
    let units: Vec<(&str, &str)> = units.iter().map(|(words, line)| (words.as_str(), line.as_str())).collect();
    machine.systemctl(&units);
}

/// Waits until the hub answers at its port.
#[track_caller]
pub(crate) fn await_hub(machine: &Machine, port: u16) {
    let root = machine.root();
    let options = "--retry 60 --retry-all-errors --retry-delay 1 --retry-max-time 60";
    let url = format!("https://{ADDRESS}:{port}/hub/api");
    machine.run(&format!("curl -sS -f {options} --cacert {} {url} >/dev/null", root.display()));
}

/// Somebody who logs in, starts a notebook server, and opens a notebook on it.
pub(crate) fn logged_in(machine: &Machine) -> Visitor {
    trusting(machine)
        .then(json!({ "fill": "#username_input", "with": "ada" }))
        .then(json!({ "fill": "#password_input", "with": "any" }))
        .then(json!({ "click": "#login_submit" }))
        .then(json!({ "click": "#start" }))
        // Where the server is up, its own page is shown.
        .then(json!({ "wait": ".jp-LabShell" }))
        .then(json!({ "go": format!("https://{ADDRESS}/user/ada/doc/tree/hub.ipynb") }))
}

/// A secret is in its file, for its owner alone.
#[track_caller]
pub(crate) fn secret(name: &str) -> String {
    let path = Path::new("/etc/jupyterhub").join(name);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    fs::read_to_string(path).unwrap()
}
