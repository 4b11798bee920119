//! Where a server has its configuration on this machine, for those of which that is not said by the server alone.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{certificate_files::CertificateFiles, configuration::text, error::PresetError, target::Target, yaml};
use crate::system::{
    FileError,
    files::{access, current_user, directory},
};

/// The directory in which a server has its configuration on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    directory: String,
    owner: u32,
    configuration: Option<String>,
}

/// Why a preset is not put in its place.
#[derive(Debug, Error)]
pub enum NoPlace {
    /// That is for a person.
    #[error("`{target}` is put in its place by a person: {why}")]
    ByHand {
        /// The server.
        target: Target,
        /// Why.
        why: &'static str,
    },
    /// Its place is the same on each machine, and another was named.
    #[error("`{target}` has its configuration in one place only, and no other can be named")]
    Fixed {
        /// The server.
        target: Target,
    },
    /// It is not where it usually is.
    #[error("no configuration of `{target}` was found: {looked_for}")]
    Missing {
        /// The server.
        target: Target,
        /// Which files would be one.
        looked_for: String,
    },
    /// There is more than one.
    #[error("there are several configurations of `{target}`: {}", found.join(", "))]
    Several {
        /// The server.
        target: Target,
        /// Their directories.
        found: Vec<String>,
    },
    /// It reads no directory in which a file could be added.
    #[error("`{}` has no {wanted}, so no file can be added", path.display())]
    Closed {
        /// The file.
        path: PathBuf,
        /// What would read one.
        wanted: &'static str,
    },
    /// What would be added is there already, and may be there only once.
    #[error("`{}` has a block `{key}` already, and may have one only", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// The first word of the block.
        key: &'static str,
    },
    /// Another file beside it is read last, and says otherwise.
    #[error("`{}` says `{key}` already, and is read last", path.display())]
    Overruled {
        /// The file.
        path: PathBuf,
        /// What it says.
        key: &'static str,
    },
    /// Who comes by an address is shown the certificate of one file.
    #[error("who comes by an address says no name, and between this certificate and that of `{}` one could be shown", path.display())]
    Address {
        /// The other file.
        path: PathBuf,
    },
    /// It shows one certificate, and that is another label's.
    #[error("`{target}` is set up for `{label}` on this machine already, and shows one certificate only")]
    Other {
        /// The server.
        target: Target,
        /// Whose certificate it shows.
        label: String,
    },
    /// Something listens at its port already.
    #[error("`{}` has the line `{line}` already, and two of them would end each other", path.display())]
    Port {
        /// The file.
        path: PathBuf,
        /// The line.
        line: String,
    },
    /// A directory whose name no configuration can hold.
    #[error(transparent)]
    Unsayable(#[from] PresetError),
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Place {
    /// Looks for it below `machine`, the root directory, or takes the one that was named; none where each machine has the same. `own` is
    /// the directory in which the person who runs this program has their configuration of Jupyter.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find(
        target: Target,
        named: Option<&Path>,
        own: Option<&Path>,
        machine: &Path,
    ) -> Result<Option<Self>, NoPlace> {
        let named = named.map(|named| vec![named.to_owned()]);
        let directory = match target {
            Target::Postgresql => {
                let clusters = named.map_or_else(|| clusters(machine), Ok)?;
                let files = clusters.into_iter().map(|cluster| cluster.join(POSTGRESQL)).collect();
                parent(&the_one(target, files, "/etc/postgresql/VERSION/CLUSTER/postgresql.conf")?)
            }
            Target::HomeAssistant => {
                let usual =
                    || ["home/homeassistant/.homeassistant", "var/lib/hass"].map(|name| machine.join(name)).to_vec();
                let directories = named.unwrap_or_else(usual);
                let files = directories.into_iter().map(|directory| directory.join(HOME_ASSISTANT)).collect();
                parent(&the_one(target, files, HOME_ASSISTANT)?)
            }
            Target::Traefik => match named.and_then(|mut named| named.pop()) {
                Some(named) => named,
                None => provided(machine)?,
            },
            // It need not be there yet.
            Target::Jupyter | Target::JupyterBehindProxy => {
                let directory = named.and_then(|mut named| named.pop()).or(own.map(Path::to_owned));
                return directory.map(|directory| Self::of(&directory, current_user(), None)).transpose();
            }
            _ if named.is_some() => return Err(NoPlace::Fixed { target }),
            _ => return Ok(None),
        };
        let configuration = (target == Target::Postgresql).then(|| text(&directory.join(POSTGRESQL))).transpose()?;
        Self::of(&directory, access(&directory)?.owner, configuration.flatten()).map(Some)
    }

    fn of(directory: &Path, owner: u32, configuration: Option<String>) -> Result<Self, NoPlace> {
        let text = directory.to_str().ok_or_else(|| PresetError::Directory(directory.display().to_string()))?;
        let directory = CertificateFiles::in_directory(text)?.directory().to_owned();
        Ok(Self { directory, owner, configuration })
    }

    /// The directory.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// The number of the user to whom it belongs.
    pub(super) fn owner(&self) -> u32 {
        self.owner
    }

    /// What the server is told there, where that was read.
    pub(super) fn configuration(&self) -> Option<&str> {
        self.configuration.as_deref()
    }
}

/// The clusters as Debian's postgresql-common has them: `/etc/postgresql/VERSION/CLUSTER`.
fn clusters(machine: &Path) -> Result<Vec<PathBuf>, FileError> {
    let versions = below(&machine.join("etc/postgresql"))?;
    Ok(versions.iter().map(|version| below(version)).collect::<Result<Vec<_>, _>>()?.concat())
}

/// The directory of Traefik's file provider, by its static configuration.
fn provided(machine: &Path) -> Result<PathBuf, NoPlace> {
    let files = ["traefik.yml", "traefik.yaml"].map(|name| machine.join("etc/traefik").join(name));
    let path = the_one(Target::Traefik, files.to_vec(), "traefik.yml")?;
    let text = text(&path)?.unwrap_or_default();
    let directory = yaml::value(&text, &["providers", "file", "directory"]);
    let Some(directory) = directory.as_deref().and_then(|directory| directory.strip_prefix('/')) else {
        return Err(NoPlace::Closed { path, wanted: "directory of a file provider" });
    };
    if yaml::value(&text, &["entryPoints", "websecure"]).is_none() {
        return Err(NoPlace::Closed { path, wanted: "entry point `websecure`" });
    }
    Ok(machine.join(directory))
}

/// The only one of these files that is there.
fn the_one(target: Target, files: Vec<PathBuf>, usual: &str) -> Result<PathBuf, NoPlace> {
    let shown = |files: &[PathBuf]| files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>();
    let found: Vec<PathBuf> = files.iter().filter(|file| file.exists()).cloned().collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] if files.is_empty() => Err(NoPlace::Missing { target, looked_for: usual.to_owned() }),
        [] => Err(NoPlace::Missing { target, looked_for: shown(&files).join(", ") }),
        several => {
            Err(NoPlace::Several { target, found: shown(&several.iter().map(|file| parent(file)).collect::<Vec<_>>()) })
        }
    }
}

/// The directories below one, if it is there.
fn below(directory: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let entries = directory::entries(directory)?.into_iter().map(|name| directory.join(name));
    Ok(entries.filter(|entry| entry.is_dir()).collect())
}

fn parent(file: &Path) -> PathBuf {
    file.parent().unwrap_or(file).to_owned()
}

const POSTGRESQL: &str = "postgresql.conf";
const HOME_ASSISTANT: &str = "configuration.yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        preset::{Neighbours, preset},
        system::{FileMode, files::replace},
    };

    fn write(machine: &Path, file: &str, text: &str) {
        let path = machine.join(file);
        directory::create_directories(path.parent().unwrap()).unwrap();
        replace(&path, text.as_bytes(), FileMode::Public).unwrap();
    }

    fn found(target: Target, machine: &Path) -> Result<String, String> {
        let beside = |place: &Place| {
            let site = crate::preset::tests::site("/etc/hubca/hub.lan").configured_in(Some(place.clone()));
            let preset = preset(target, &site).unwrap();
            // A test's machine lies where its own root directory has it.
            let neighbours = Neighbours::look(&preset, "hub.lan", Path::new("/"))?;
            crate::preset::beside(preset, &site, &neighbours).map(|_| ())
        };
        match Place::find(target, None, None, machine) {
            Ok(place) => {
                let place = place.unwrap();
                beside(&place).map_err(|error| error.to_string())?;
                Ok(Path::new(place.directory()).strip_prefix(machine).unwrap().display().to_string())
            }
            Err(error) => Err(error.to_string()),
        }
        .map_err(|said| said.replace(&machine.display().to_string(), ""))
    }

    #[test]
    fn a_cluster_is_found_if_there_is_one_that_reads_its_directory() {
        let machine = tempfile::tempdir().unwrap();
        let found = || found(Target::Postgresql, machine.path());
        assert!(found().unwrap_err().ends_with("/etc/postgresql/VERSION/CLUSTER/postgresql.conf"));
        write(machine.path(), "etc/postgresql/README", "");
        write(
            machine.path(),
            "etc/postgresql/15/main/postgresql.conf",
            "#include_dir = 'conf.d'\ninclude_dir = '...'\n",
        );
        assert!(found().unwrap_err().contains("has no line include_dir"));
        write(machine.path(), "etc/postgresql/15/main/postgresql.conf", "ssl = on\ninclude_dir='conf.d'\t# those\n");
        assert_eq!(found().unwrap(), "etc/postgresql/15/main");
        write(machine.path(), "etc/postgresql/17/main/postgresql.conf", "");
        let several = found().unwrap_err();
        assert!(several.ends_with("/etc/postgresql/15/main, /etc/postgresql/17/main"), "{several}");
        let named = machine.path().join("etc/postgresql/15/main");
        let place = Place::find(Target::Postgresql, Some(&named), None, machine.path()).unwrap().unwrap();
        assert_eq!(Path::new(place.directory()), named);
        assert!(Place::find(Target::Postgresql, Some(machine.path()), None, machine.path()).is_err());
    }

    #[test]
    fn the_directory_of_traefiks_files_is_where_it_says() {
        let machine = tempfile::tempdir().unwrap();
        let found = || found(Target::Traefik, machine.path());
        assert!(found().unwrap_err().contains("/etc/traefik/traefik.yml"));
        let entry = "entryPoints:\n  websecure:\n    address: :443\n";
        write(machine.path(), "etc/traefik/traefik.yml", &format!("{entry}providers:\n  docker: {{}}\n"));
        assert!(found().unwrap_err().contains("has no directory of a file provider"));
        let provider = "providers:\n  file:\n    directory: '/srv/traefik'\n";
        write(machine.path(), "etc/traefik/traefik.yml", provider);
        assert!(found().unwrap_err().contains("has no entry point `websecure`"));
        write(machine.path(), "etc/traefik/traefik.yml", &format!("{entry}{provider}"));
        assert!(found().unwrap_err().contains("there is no such file or directory"));
        directory::create_directories(&machine.path().join("srv/traefik")).unwrap();
        assert_eq!(found().unwrap(), "srv/traefik");
    }

    #[test]
    fn home_assistant_has_one_block_http() {
        let machine = tempfile::tempdir().unwrap();
        let file = "home/homeassistant/.homeassistant/configuration.yaml";
        let found = || found(Target::HomeAssistant, machine.path());
        assert!(found().unwrap_err().contains(file));
        let place = "home/homeassistant/.homeassistant";
        for free in [
            "default_config:\n",
            "# http:\nx:\n  http: 1\n",
            "# Written by hubca: home-assistant hub.lan\nhttp:\n# End of home-assistant hub.lan\n",
        ] {
            write(machine.path(), file, free);
            assert_eq!(found().as_deref(), Ok(place), "{free}");
        }
        for taken in [
            "http:\n",
            "\"http\" :  # their own\n  ssl_key: x\n",
            "http: !include http.yaml\n",
            "# Written by hubca: home-assistant nas.lan\nhttp:\n# End of home-assistant nas.lan\n",
        ] {
            write(machine.path(), file, taken);
            assert!(found().unwrap_err().contains("has a block `http` already"), "{taken}");
        }
    }

    #[test]
    fn who_has_one_place_has_no_other() {
        let machine = Path::new("/");
        assert!(matches!(Place::find(Target::Nginx, Some(machine), None, machine), Err(NoPlace::Fixed { .. })));
        assert_eq!(Place::find(Target::Nginx, None, None, machine).unwrap(), None);
    }

    #[test]
    fn jupyter_is_where_its_person_has_it_be_it_there_or_not() {
        let find = |named: Option<&str>, own: Option<&str>| {
            let place = Place::find(Target::Jupyter, named.map(Path::new), own.map(Path::new), Path::new("/")).unwrap();
            place.map(|place| place.directory().to_owned())
        };
        assert_eq!(find(None, Some("/home/ann/.jupyter")).as_deref(), Some("/home/ann/.jupyter"));
        assert_eq!(find(Some("/srv/jupyter"), Some("/home/ann/.jupyter")).as_deref(), Some("/srv/jupyter"));
        assert_eq!(find(None, None), None);
    }
}
