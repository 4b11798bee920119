//! A look at a machine: what it has that trust can be put into.

mod browsers;
mod java;
mod system;

use std::{
    env::split_paths,
    path::{Path, PathBuf},
};

use super::{
    layout::NoAnchors,
    machine::{Machine, Programs},
    rights::{Person, Rights},
    wsl::Windows,
};
use crate::system::{
    Host,
    host::{FarSurroundings, Lying},
    user_directory,
};

/// What the environment says of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The number of the user as whom we act there, if it is known.
    pub user: Option<u32>,
    /// What the system is.
    pub system: System,
    /// Where programs lie: `PATH`.
    pub search_path: Vec<PathBuf>,
    /// Who called sudo, if that runs us: `SUDO_USER`.
    pub sudo_user: Option<String>,
    /// The Java that programs are to use: `JAVA_HOME`.
    pub java_home: Option<PathBuf>,
    /// What Windows calls this Linux, if it runs in one: `WSL_DISTRO_NAME`.
    pub wsl_distribution: Option<String>,
    /// The directory of the user that runs us.
    pub own_directory: Option<PathBuf>,
}

/// What a system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// That of a Mac.
    Macos,
    /// Linux, or something like it.
    #[default]
    Other,
}

impl Surroundings {
    /// Those of another machine.
    pub fn elsewhere(told: &FarSurroundings) -> Self {
        Self {
            user: told.user,
            system: if told.system == "Darwin" { System::Macos } else { System::Other },
            search_path: split_paths(&told.path).collect(),
            java_home: told.java_home.clone(),
            own_directory: told.home.clone(),
            sudo_user: None,
            // Windows asks whoever sits before it, and nobody does.
            wsl_distribution: None,
        }
    }

    fn is_root(&self) -> bool {
        self.user == Some(0)
    }
}

/// Looks at a machine. What cannot be looked at counts as not there.
pub fn survey(surroundings: &Surroundings, host: &dyn Host) -> Machine {
    let own = Rights::plain(host.whereabouts());
    let programs = programs(surroundings, host);
    let (root, person) = (root_rights(surroundings, &own, &programs), person(surroundings, own, &programs));
    let unknown_caller = caller(surroundings).filter(|_| person.is_none()).map(str::to_owned);
    let java_home = surroundings.java_home.as_deref();
    let (keystores, broken_java) = java::keystores(java_home, root.as_ref(), person.as_ref(), host);
    let databases = person.as_ref().map(|person| browsers::databases(&person.directory, &programs, host));
    Machine {
        name: system::name(host),
        system: match (surroundings.system, system::store(&programs, host)) {
            (System::Macos, None) => None,
            (_, store) => Some(store.ok_or(NoAnchors)),
        },
        databases: databases.unwrap_or_default(),
        keystores,
        broken_java,
        windows: windows(surroundings, host),
        mbedtls: system::mbedtls(host),
        root,
        person,
        unknown_caller,
        programs,
    }
}

fn programs(surroundings: &Surroundings, host: &dyn Host) -> Programs {
    // Those of root are often not where an ordinary user's programs are looked for.
    let places = surroundings.search_path.iter().map(PathBuf::as_path).chain(PLACES_OF_ROOT.map(Path::new));
    let places: Vec<&Path> = places.filter(|place| place.is_absolute()).collect();
    // Only a Mac has this one; a program of that name elsewhere is another.
    let is_ours = |name: &&&str| surroundings.system == System::Macos || **name != "security";
    let names = PROGRAMS.iter().filter(is_ours).chain(&browsers::CHROMIUM_PROGRAMS);
    let sought: Vec<_> = names.flat_map(|name| places.iter().map(move |place| (*name, place.join(name)))).collect();
    let lying = host.look(&sought.iter().map(|(_, path)| path.clone()).collect::<Vec<_>>());
    let found = sought.into_iter().zip(lying).filter(|(_, lying)| *lying == Lying::Program).map(|(found, _)| found);
    // The first of a name counts, and of what is collected the last would.
    Programs::new(found.rev().map(|(name, path)| (name.to_owned(), path)))
}

fn root_rights(surroundings: &Surroundings, own: &Rights, programs: &Programs) -> Option<Rights> {
    if surroundings.is_root() {
        return Some(own.clone());
    }
    let sudo = programs.get("sudo")?.to_str()?;
    Some(Rights::Through([sudo, "-n", "--"].map(str::to_owned).to_vec()))
}

/// Under `sudo hubca` it is whoever called sudo.
fn person(surroundings: &Surroundings, own: Rights, programs: &Programs) -> Option<Person> {
    if let Some(name) = caller(surroundings) {
        let sudo = programs.get("sudo")?.to_str()?;
        let words = [sudo, "-n", "-H", "-u", name, "--"].map(str::to_owned).to_vec();
        return Some(Person { directory: user_directory(name).ok()?, rights: Rights::Through(words) });
    }
    Some(Person { directory: surroundings.own_directory.clone()?, rights: own })
}

/// Who called sudo, if it is somebody else than root.
fn caller(surroundings: &Surroundings) -> Option<&str> {
    surroundings.sudo_user.as_deref().filter(|name| surroundings.is_root() && *name != "root")
}

fn windows(surroundings: &Surroundings, host: &dyn Host) -> Option<Windows> {
    let distribution = surroundings.wsl_distribution.clone()?;
    let certutil = PathBuf::from(CERTUTIL_OF_WINDOWS);
    let found = host.is_file(&certutil).then_some(certutil)?;
    Some(Windows { certutil: found, distribution, directory: surroundings.own_directory.clone()? })
}

const PROGRAMS: [&str; 8] =
    ["certutil", "firefox", "firefox-esr", "security", "sudo", "trust", "update-ca-certificates", "update-ca-trust"];
const PLACES_OF_ROOT: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/// Where Windows is mounted, unless somebody has changed that.
const CERTUTIL_OF_WINDOWS: &str = "/mnt/c/Windows/System32/certutil.exe";
