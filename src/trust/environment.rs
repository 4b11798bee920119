//! What programs that ask no store are told by their environment or their own settings, and what that costs.

use std::path::Path;

use crate::plan::shell_word;

/// What one program is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The program.
    pub program: &'static str,
    /// Lines for a shell.
    pub lines: Vec<String>,
    /// What to know before.
    pub warning: String,
    /// Whether it takes the place of the public roots instead of adding to them.
    pub replaces: Replaces,
}

/// What a setting does to the public roots that a program brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// They stay.
    Nothing,
    /// They are gone: what is named has to have them as well.
    PublicRoots,
}

/// Files that programs can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files<'a> {
    /// The root alone.
    pub root: &'a Path,
    /// The bundle of the system, where it has the root in it beside the public ones.
    pub bundle: Option<&'a Path>,
}

/// What each program is told.
pub fn settings(files: Files<'_>) -> Vec<Setting> {
    let root = word(files.root);
    // Without one the root stands alone, and says so.
    let all = files.bundle.map_or_else(|| root.clone(), word);
    let export = |name: &str, value: &str| format!("export {name}={value}");
    let replacing = |program, names: &[&str], what: &str| Setting {
        program,
        lines: names.iter().map(|name| export(name, &all)).collect(),
        warning: match files.bundle {
            Some(_) => format!("{what} is replaced by the system's bundle, which has the root and the public ones"),
            None => format!("{what} is replaced: with this file alone no public site is trusted any more"),
        },
        replaces: Replaces::PublicRoots,
    };
    let adding = |program, lines: Vec<String>, warning: &str| Setting {
        program,
        lines,
        warning: warning.to_owned(),
        replaces: Replaces::Nothing,
    };
    let directory =
        |place: &str| vec![format!("mkdir -p \"{place}/{HOST}\""), format!("cp {root} \"{place}/{HOST}/ca.crt\"")];
    vec![
        adding(
            "node",
            vec![export("NODE_EXTRA_CA_CERTS", &root)],
            "read once, when Node.js starts, and passed over by programs that set `ca` themselves",
        ),
        replacing("python-requests", &["REQUESTS_CA_BUNDLE"], "the list that requests brings (certifi)"),
        replacing(
            "python-ssl",
            &["SSL_CERT_FILE"],
            "what OpenSSL trusts in every program that asks it, not Python alone,",
        ),
        adding(
            "git",
            vec![format!("git config --global http.https://{HOST}/.sslCAInfo {root}")],
            "for that server alone; http.sslCAInfo without one is for all, and takes the place of every public root",
        ),
        replacing("curl", &["CURL_CA_BUNDLE"], "the bundle of curl, which requests of Python reads as well,"),
        adding(
            "docker",
            directory("/etc/docker/certs.d"),
            "as root, for that registry alone; the port is part of the name, and has to be what images are pulled from",
        ),
        adding(
            "podman",
            directory("$HOME/.config/containers/certs.d"),
            "for that registry alone; for all users it is /etc/containers/certs.d",
        ),
    ]
}

fn word(path: &Path) -> String {
    shell_word(&path.to_string_lossy())
}

/// A server, for settings that are for one server.
const HOST: &str = "hub.lan:443";
