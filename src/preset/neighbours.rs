//! What a server is told on this machine already, beside a preset: two that want the same would end each other.

use std::path::{Path, PathBuf};

use super::{place::NoPlace, target::Target};
use crate::{
    plan::block_begun_by,
    system::{
        FileError,
        files::{directory, read_bounded},
    },
};

/// The other files and lines that a server reads on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    files: Vec<(PathBuf, String)>,
    /// What its file for this very label says already.
    before: Option<String>,
    /// What it could load and does not, as Apache's modules.
    off: Vec<&'static str>,
}

impl Neighbours {
    /// Looks below `machine`, the root directory, for what is not of that label; `own` is the directory of who runs the server, where
    /// that is the one who runs this program.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn look(target: Target, label: &str, own: Option<&Path>, machine: &Path) -> Result<Self, FileError> {
        let in_directory = |name: &str| files_of(&machine.join(name), &format!("{label}.conf"));
        let files = match target {
            Target::Haproxy => vec![machine.join("etc/haproxy/haproxy.cfg")],
            Target::Jupyter | Target::JupyterBehindProxy => {
                own.map(|own| own.join(".jupyter/jupyter_server_config.py")).into_iter().collect()
            }
            Target::Jupyterhub | Target::JupyterhubBehindProxy => {
                vec![machine.join("etc/jupyterhub/jupyterhub_config.py")]
            }
            Target::Apache => in_directory("etc/apache2/sites-enabled")?,
            Target::Mosquitto => {
                [in_directory("etc/mosquitto/conf.d")?, vec![machine.join("etc/mosquitto/mosquitto.conf")]].concat()
            }
            _ => Vec::new(),
        };
        let before = match target {
            Target::Mosquitto => text(&machine.join(format!("etc/mosquitto/conf.d/{label}.conf")))?,
            _ => None,
        };
        let read =
            files.into_iter().map(|path| Ok(text(&path)?.map(|text| (path, text)))).filter_map(Result::transpose);
        let modules = machine.join("etc/apache2/mods-enabled");
        let off = if target == Target::Apache { &APACHE_MODULES[..] } else { &[] };
        let off = off.iter().filter(|module| !modules.join(format!("{module}.load")).exists()).copied().collect();
        Ok(Self { files: read.collect::<Result<_, FileError>>()?, before, off })
    }

    /// Refuses what would be there twice: a second label where there is one certificate only, and a port that is taken.
    ///
    /// # Errors
    /// It is so.
    pub fn check_room(&self, target: Target, label: &str, text: &str) -> Result<(), NoPlace> {
        if target.has_one_certificate() {
            let other = self.lines().find_map(|(_, line)| other_label(line, target, label));
            return other.map_or(Ok(()), |other| Err(NoPlace::Other { target, label: other }));
        }
        let wanted: Vec<[&str; 2]> = text.lines().filter_map(listening).collect();
        let taken = self.lines().find(|(_, line)| listening(line).is_some_and(|words| wanted.contains(&words)));
        taken.map_or(Ok(()), |(path, line)| Err(NoPlace::Port { path: path.to_owned(), line: line.trim().to_owned() }))
    }

    /// Whether a line begins with one of these words.
    pub(super) fn say(&self, words: &[&str]) -> bool {
        self.lines().any(|(_, line)| line.split_whitespace().next().is_some_and(|first| words.contains(&first)))
    }

    /// What its file for this very label says already.
    pub(super) fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// The modules that it needs and does not load yet.
    pub(super) fn off(&self) -> &[&'static str] {
        &self.off
    }

    fn lines(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files.iter().flat_map(|(path, text)| text.lines().map(|line| (path.as_path(), line)))
    }
}

/// The label of a block that is another one's, or of the server's other way of being set up.
fn other_label(line: &str, target: Target, label: &str) -> Option<String> {
    let (its, other) = block_begun_by(line)?.split_once(' ')?;
    let is_its = its == target.as_str() || target.other_way().is_some_and(|way| its == way.as_str());
    (is_its && other != label).then(|| other.to_owned())
}

/// The words by which Apache and Mosquitto listen at a port.
fn listening(line: &str) -> Option<[&str; 2]> {
    let mut words = line.split_whitespace();
    match (words.next()?, words.next()?) {
        (word @ ("Listen" | "listener"), port) => Some([word, port]),
        _ => None,
    }
}

/// What a file says, where there is one.
fn text(path: &Path) -> Result<Option<String>, FileError> {
    match read_bounded(path, MOST_BYTES) {
        Ok(held) => Ok(Some(String::from_utf8_lossy(&held).into_owned())),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The files of a directory, in the order in which servers read them, but for one.
fn files_of(place: &Path, but: &str) -> Result<Vec<PathBuf>, FileError> {
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let names = directory::entries(place)?.into_iter();
    Ok(names.filter(|name| name.ends_with(".conf") && name != but).map(|name| place.join(name)).collect())
}

/// The modules that a preset of Apache uses, each after those that it needs itself. Others that it needs are loaded by Debian's own
/// configuration.
pub(super) const APACHE_MODULES: [&str; 7] =
    ["socache_shmcb", "ssl", "http2", "headers", "rewrite", "proxy", "proxy_http"];

/// More than anybody writes into a configuration.
const MOST_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{FileMode, files::replace};

    fn write(machine: &Path, file: &str, text: &str) {
        let path = machine.join(file);
        directory::create_directories(path.parent().unwrap()).unwrap();
        replace(&path, text.as_bytes(), FileMode::Public).unwrap();
    }

    fn refused(target: Target, text: &str, machine: &Path) -> Option<String> {
        let found = Neighbours::look(target, "hub.lan", Some(machine), machine).unwrap();
        found.check_room(target, "hub.lan", text).err().map(|error| error.to_string())
    }

    #[test]
    fn where_there_is_one_certificate_the_second_label_is_told_of_the_first() {
        let machine = tempfile::tempdir().unwrap();
        let files = [
            (Target::Haproxy, "etc/haproxy/haproxy.cfg", "haproxy"),
            (Target::Jupyter, ".jupyter/jupyter_server_config.py", "jupyter-behind-proxy"),
            (Target::JupyterhubBehindProxy, "etc/jupyterhub/jupyterhub_config.py", "jupyterhub"),
        ];
        for (target, file, word) in files {
            assert_eq!(refused(target, "", machine.path()), None);
            write(
                machine.path(),
                file,
                &format!("a\n# Written by hubca (00): {word} hub.lan\n# Written by hubca: nginx nas.lan\n"),
            );
            assert_eq!(refused(target, "", machine.path()), None, "{target}");
            write(machine.path(), file, &format!("a\n# Written by hubca (00): {word} nas.lan\n"));
            assert!(refused(target, "", machine.path()).unwrap().contains("`nas.lan`"), "{target}");
        }
    }

    #[test]
    fn a_port_is_listened_at_once() {
        let machine = tempfile::tempdir().unwrap();
        for (target, place, text) in [
            (Target::Apache, "etc/apache2/sites-enabled", "Listen 8443\n"),
            (Target::Mosquitto, "etc/mosquitto/conf.d", "listener 8443\n"),
        ] {
            let write = |file: &str| write(machine.path(), &format!("{place}/{file}"), &format!("# theirs\n {text}"));
            write("hub.lan.conf");
            write("README");
            assert_eq!(refused(target, text, machine.path()), None, "its own file");
            write("nas.lan.conf");
            assert!(refused(target, text, machine.path()).unwrap().contains("nas.lan.conf"), "{target}");
            assert_eq!(refused(target, &text.replace("8443", "9443"), machine.path()), None, "another port");
        }
    }

    #[test]
    fn modules_that_are_not_loaded_are_found() {
        let machine = tempfile::tempdir().unwrap();
        write(machine.path(), "etc/apache2/mods-enabled/ssl.load", "");
        let found = Neighbours::look(Target::Apache, "hub.lan", None, machine.path()).unwrap();
        assert!(!found.off().contains(&"ssl") && found.off().contains(&"http2"), "{:?}", found.off());
        assert_eq!(Neighbours::look(Target::Nginx, "hub.lan", None, machine.path()).unwrap(), Neighbours::default());
    }
}
