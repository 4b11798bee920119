//! A preset put in its place on this machine: the files that are written, and the programs that are run after that.
//!
//! Only what has a place of its own is put there; for the others a person follows the steps.

use std::path::Path;

use super::{
    document::Document,
    neighbours::Neighbours,
    offered::{Delivery, Preset},
    place::{NoPlace, Place},
    target::Target,
};
use crate::plan::{MARK, Plan, Step, sealed};

/// The plan that puts a preset in its place. `own` is the directory of the user who runs the server where that is the one who runs this
/// program; `place` is where the server has its configuration, for those of which that has to be found out; `neighbours` are what else it
/// is told.
///
/// # Errors
/// It is for a person to do.
pub fn installation(
    preset: &Preset,
    label: &str,
    own: Option<&Path>,
    place: Option<&Place>,
    neighbours: &Neighbours,
) -> Result<Plan, NoPlace> {
    let by_hand = || NoPlace::ByHand { target: preset.target, why: why_by_hand(preset.target) };
    let first = preset.documents.first().ok_or_else(by_hand)?;
    let place = || place.map(Place::directory).ok_or_else(by_hand);
    let whole = |path: String| whole_file(first, preset.target, label, path);
    let lines = |path: &Path| {
        let sentence = format!("add {} to its configuration", preset.target);
        let block = Step::write_block(sentence, path, preset.target.block_of(label), first.text.clone());
        // It is set up in one way or the other, and would go on to read both.
        preset.target.other_way().into_iter().fold(block, |block, other| block.instead_of(other.block_of(label)))
    };
    Ok(match preset.target {
        Target::Jupyter | Target::JupyterBehindProxy => {
            let directory = own.ok_or_else(by_hand)?.join(".jupyter");
            Plan::new([
                Step::make_directory("make room for Jupyter's configuration", &directory),
                lines(&directory.join("jupyter_server_config.py")),
            ])
        }
        Target::Jupyterhub | Target::JupyterhubBehindProxy => Plan::new([
            Step::make_directory("make room for the hub's configuration", "/etc/jupyterhub"),
            lines(Path::new("/etc/jupyterhub/jupyterhub_config.py")),
            restart("jupyterhub"),
        ]),
        Target::Nginx => Plan::new([
            whole(format!("/etc/nginx/conf.d/{label}.conf")),
            check("nginx", &["nginx", "-t"]),
            reload("nginx"),
        ]),
        Target::Apache => Plan::new(
            [whole(format!("/etc/apache2/sites-available/{label}.conf"))].into_iter().chain(modules(neighbours)).chain(
                [
                    Step::run("switch it on", &["a2ensite", "-q", label])
                        .unless(format!("/etc/apache2/sites-enabled/{label}.conf"))
                        .undone_by("switch it off", &["a2dissite", "-q", label]),
                    check("Apache", &["apache2ctl", "configtest"]),
                    reload("apache2"),
                ],
            ),
        ),
        Target::Caddy => Plan::new([
            lines(Path::new("/etc/caddy/Caddyfile")),
            check("Caddy", &["caddy", "validate", "--adapter", "caddyfile", "--config", "/etc/caddy/Caddyfile"]),
            reload("caddy"),
        ]),
        Target::Haproxy => Plan::new([
            lines(Path::new("/etc/haproxy/haproxy.cfg")),
            check("haproxy", &["haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"]),
            reload("haproxy"),
        ]),
        Target::Mosquitto => Plan::new([whole(format!("/etc/mosquitto/conf.d/{label}.conf")), restart("mosquitto")]),
        // It looks at the directory by itself.
        Target::Traefik => Plan::new([whole(format!("{}/{label}.yml", place()?))]),
        Target::HomeAssistant => {
            let Delivery::Directory { path: files, .. } = &preset.delivery else { return Err(by_hand()) };
            let key = format!("{files}/privkey.pem");
            Plan::new([
                Step::run(
                    "see that its container has the files",
                    &["docker", "exec", "homeassistant", "test", "-r", &key],
                ),
                lines(&Path::new(place()?).join("configuration.yaml")),
                Step::tell("tell Home Assistant by starting it anew", &["docker", "restart", "homeassistant"]),
            ])
        }
        Target::Postgresql => {
            let cluster = place()?;
            let (above, name) = cluster.rsplit_once('/').unwrap_or_default();
            let version = above.rsplit('/').next().unwrap_or_default();
            let program = format!("/usr/lib/postgresql/{version}/bin/postgres");
            let file = format!("--config-file={cluster}/postgresql.conf");
            Plan::new([
                whole(format!("{cluster}/conf.d/{label}.conf")),
                check("PostgreSQL", &[&program, "-C", "ssl_cert_file", &file]),
                reload(&format!("postgresql@{version}-{name}")),
            ])
        }
        Target::Node
        | Target::Uvicorn
        | Target::DockerRegistry
        | Target::Proxmox
        | Target::Synology
        | Target::Unifi
        | Target::Dev
        | Target::Generic => return Err(by_hand()),
    })
}

/// Why a preset has no place that a program could find.
fn why_by_hand(target: Target) -> &'static str {
    match target {
        Target::Node => "what it is told stands in your own program",
        Target::Uvicorn => "what it is told stands where your program is started",
        Target::DockerRegistry => "it runs in a container, which gets its files where it is started",
        Target::Proxmox => "pvenode takes the files, and renewals run it by themselves",
        Target::Synology | Target::Unifi => "it is a machine of its own, with its own way to take a certificate",
        Target::Dev => "it is a program that you are working at",
        Target::Generic => "nothing is known of where it has its configuration",
        _ => "nothing is known of who runs it",
    }
}

/// Loads the modules that are not loaded yet. A removal finds them loaded, and leaves them to whoever uses them by then.
fn modules(neighbours: &Neighbours) -> Option<Step> {
    let (mut on, mut off) = (vec!["a2enmod", "-q"], vec!["a2dismod", "-q"]);
    on.extend(neighbours.off());
    off.extend(neighbours.off().iter().rev());
    let step = || Step::run("switch on what it uses", &on).undone_by("switch off what it used", &off);
    (!neighbours.off().is_empty()).then(step)
}

/// A file of its own. Its first line says whose it is, so that it may be written anew.
fn whole_file(document: &Document, target: Target, label: &str, path: String) -> Step {
    let text = format!("# {MARK}: hubca export preset {target} {label} --install\n{}", document.text);
    Step::write(format!("write the configuration of {target}"), path, sealed(text), crate::system::FileMode::Public)
}

fn check(name: &str, words: &[&str]) -> Step {
    Step::run(format!("see that {name} takes it"), words)
}

fn reload(service: &str) -> Step {
    Step::tell(format!("tell {service}"), &["systemctl", "reload-or-restart", service])
}

fn restart(service: &str) -> Step {
    Step::tell(format!("tell {service} by starting it anew"), &["systemctl", "restart", service])
}
