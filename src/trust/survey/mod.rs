//! A look at this machine: what it has that trust can be put into.

mod browsers;
mod java;
mod system;

use std::path::{Path, PathBuf};

use super::{
    machine::{Machine, Programs},
    rights::{Person, Rights},
    wsl::Windows,
};
use crate::system::{files::current_user, user_directory};

/// What the environment of the process says of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
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

/// Looks at this machine. What cannot be looked at counts as not there.
pub fn survey(surroundings: &Surroundings) -> Machine {
    let programs = programs(surroundings);
    let (root, person) = (root_rights(&programs), person(surroundings, &programs));
    let (keystores, broken_java) = java::keystores(surroundings.java_home.as_deref(), root.as_ref(), person.as_ref());
    let databases = person.as_ref().map(|person| browsers::databases(&person.directory, &programs));
    Machine {
        name: system::name(),
        system: system::store(&programs),
        databases: databases.unwrap_or_default(),
        keystores,
        broken_java,
        windows: windows(surroundings),
        mbedtls: system::mbedtls(),
        root,
        person,
        programs,
    }
}

fn programs(surroundings: &Surroundings) -> Programs {
    // Those of root are often not where an ordinary user's programs are looked for.
    let places = surroundings.search_path.iter().map(PathBuf::as_path).chain(PLACES_OF_ROOT.map(Path::new));
    let places: Vec<&Path> = places.filter(|place| place.is_absolute()).collect();
    let find = |name: &str| places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    // Only a Mac has this one; a program of that name elsewhere is another.
    let is_ours = |name: &&&str| cfg!(target_os = "macos") || **name != "security";
    Programs::new(
        PROGRAMS
            .iter()
            .filter(is_ours)
            .chain(&browsers::CHROMIUM_PROGRAMS)
            .filter_map(|name| Some(((*name).to_owned(), find(name)?))),
    )
}

fn root_rights(programs: &Programs) -> Option<Rights> {
    if current_user() == 0 {
        return Some(Rights::Own);
    }
    let sudo = programs.get("sudo")?.to_str()?;
    Some(Rights::Through([sudo, "-n", "--"].map(str::to_owned).to_vec()))
}

/// Under `sudo hubca` it is whoever called sudo.
fn person(surroundings: &Surroundings, programs: &Programs) -> Option<Person> {
    let caller = surroundings.sudo_user.as_deref().filter(|name| current_user() == 0 && *name != "root");
    if let Some(name) = caller {
        let sudo = programs.get("sudo")?.to_str()?;
        let words = [sudo, "-n", "-H", "-u", name, "--"].map(str::to_owned).to_vec();
        return Some(Person { directory: user_directory(name).ok()?, rights: Rights::Through(words) });
    }
    Some(Person { directory: surroundings.own_directory.clone()?, rights: Rights::Own })
}

fn windows(surroundings: &Surroundings) -> Option<Windows> {
    let certutil = PathBuf::from(CERTUTIL_OF_WINDOWS);
    let found = certutil.is_file().then_some(certutil)?;
    Some(Windows {
        certutil: found,
        distribution: surroundings.wsl_distribution.clone()?,
        directory: surroundings.own_directory.clone()?,
    })
}

const PROGRAMS: [&str; 8] =
    ["certutil", "firefox", "firefox-esr", "security", "sudo", "trust", "update-ca-certificates", "update-ca-trust"];
const PLACES_OF_ROOT: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/// Where Windows is mounted, unless somebody has changed that.
const CERTUTIL_OF_WINDOWS: &str = "/mnt/c/Windows/System32/certutil.exe";
