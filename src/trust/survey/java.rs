//! The keystores of the Javas of a machine.

use std::path::{Path, PathBuf};

use crate::{
    system::Host,
    trust::{
        keystore::{BrokenJava, Feeding, Keystore, NoRights},
        rights::{Person, Rights},
    },
};

/// The keystores, each once, and what was named as a Java and is none.
pub(super) fn keystores(
    java_home: Option<&Path>,
    root: Option<&Rights>,
    person: Option<&Person>,
    host: &dyn Host,
) -> (Vec<Keystore>, Vec<BrokenJava>) {
    let mut found: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
    let mut broken = Vec::new();
    let below = |place: PathBuf| {
        let names = host.entries(&place).unwrap_or_default();
        names.into_iter().map(move |name| place.join(name))
    };
    let own = person.iter().flat_map(|person| below(person.directory.join(".sdkman/candidates/java")));
    let others = PLACES.iter().flat_map(|place| below(PathBuf::from(place))).chain(own);
    let homes = java_home.map(|home| (home.to_owned(), true)).into_iter().chain(others.map(|home| (home, false)));
    for (home, is_named) in homes {
        match java(&home, host) {
            Some((file, keytool)) => match found.iter_mut().find(|(other, _)| *other == file) {
                Some((_, keytools)) => keytools.push(keytool),
                None => found.push((file, vec![keytool])),
            },
            // What lies beside Javas and is none is nobody's fault.
            None if is_named => broken.push(BrokenJava { directory: home }),
            None => {}
        }
    }
    let keystores = found.into_iter().filter_map(|(file, keytools)| keystore(file, keytools, root, person, host));
    (keystores.collect(), broken)
}

/// The keystore of a Java, without symbolic links, and the program that changes it.
fn java(home: &Path, host: &dyn Host) -> Option<(PathBuf, PathBuf)> {
    let first = |path: &str| {
        let paths = INSIDE.map(|inside| home.join(inside).join(path));
        let lying = host.look(&paths);
        paths.into_iter().zip(lying).find(|(_, lying)| lying.is_file()).map(|(path, _)| path)
    };
    let keytool = first("bin/keytool")?;
    Some((host.resolve(&first("lib/security/cacerts")?).ok()?, keytool))
}

/// A keystore, with the first of these programs that may change it.
fn keystore(
    file: PathBuf,
    keytools: Vec<PathBuf>,
    root: Option<&Rights>,
    person: Option<&Person>,
    host: &dyn Host,
) -> Option<Keystore> {
    let is_fed = FED.iter().any(|(fed, by)| file == Path::new(fed) && host.has_at(Path::new(by)));
    let feeding = if is_fed { Feeding::BySystem } else { Feeding::Alone };
    let first = keytools.first()?.clone();
    let is_own = |person: &&Person| host.resolve(&person.directory).is_ok_and(|own| file.starts_with(own));
    let person_is_root = person.map(|person| &person.rights) == root;
    let (keytool, rights) = match (person.filter(is_own), root) {
        (Some(person), _) => (first, Ok(person.rights.clone())),
        (None, None) => (first, Err(NoRights::NoSudo)),
        // Whoever is root themselves runs what they like.
        (None, Some(root)) if person_is_root => (first, Ok(root.clone())),
        (None, Some(root)) => match keytools.into_iter().find(|keytool| is_of_root(keytool, host)) {
            Some(keytool) => (keytool, Ok(root.clone())),
            None => (first, Err(NoRights::ForeignJava)),
        },
    };
    Some(Keystore { file, keytool, rights, feeding })
}

/// Whether nobody but root can put something else in a program's place.
fn is_of_root(program: &Path, host: &dyn Host) -> bool {
    host.resolve(program).is_ok_and(|program| program.ancestors().all(|place| host.owner(place) == Some(0)))
}

/// Where Javas lie, one to a directory.
const PLACES: [&str; 6] = [
    "/usr/lib/jvm",
    "/usr/lib64/jvm",
    "/usr/java",
    "/usr/local/java",
    "/opt/java",
    "/Library/Java/JavaVirtualMachines",
];
/// Where a Java is in its directory: Java 8 has a runtime inside its development kit, and a Mac wraps it up.
const INSIDE: [&str; 3] = ["", "jre", "Contents/Home"];
/// The keystores that a system's own program writes, and what makes it do so.
const FED: [(&str, &str); 4] = [
    ("/etc/ssl/certs/java/cacerts", "/etc/ca-certificates/update.d/jks-keystore"),
    ("/etc/pki/ca-trust/extracted/java/cacerts", "/etc/pki/ca-trust/source"),
    ("/etc/ca-certificates/extracted/java-cacerts", "/etc/ca-certificates/trust-source"),
    ("/var/lib/ca-certificates/java-cacerts", "/etc/pki/trust"),
];
