//! The keystores of the Javas of a machine.

use std::path::{Path, PathBuf};

use crate::{
    system::Host,
    trust::{
        keystore::{Feeding, Keystore, NoJava},
        rights::{Person, Rights},
    },
};

/// The keystores, each once, and what was named as a Java and is none.
pub(super) fn keystores(
    java_home: Option<&Path>,
    root: Option<&Rights>,
    person: Option<&Person>,
    host: &dyn Host,
) -> (Vec<Keystore>, Vec<NoJava>) {
    let mut found: Vec<Keystore> = Vec::new();
    let mut broken = Vec::new();
    let below = |place: PathBuf| {
        let names = host.entries(&place).unwrap_or_default();
        names.into_iter().map(move |name| place.join(name))
    };
    let own = person.iter().flat_map(|person| below(person.directory.join(".sdkman/candidates/java")));
    let others = PLACES.iter().flat_map(|place| below(PathBuf::from(place))).chain(own);
    let homes = java_home.map(|home| (home.to_owned(), true)).into_iter().chain(others.map(|home| (home, false)));
    for (home, is_named) in homes {
        match keystore(&home, root, person, host) {
            Some(keystore) if found.iter().all(|other| other.file != keystore.file) => found.push(keystore),
            Some(_) => {}
            // What lies beside Javas and is none is nobody's fault.
            None if is_named => broken.push(NoJava { directory: home }),
            None => {}
        }
    }
    (found, broken)
}

fn keystore(home: &Path, root: Option<&Rights>, person: Option<&Person>, host: &dyn Host) -> Option<Keystore> {
    let first = |path: &str| {
        let paths = INSIDE.map(|inside| home.join(inside).join(path));
        let lying = host.look(&paths);
        paths.into_iter().zip(lying).find(|(_, lying)| lying.is_file()).map(|(path, _)| path)
    };
    let keytool = first("bin/keytool")?;
    let file = host.resolve(&first("lib/security/cacerts")?).ok()?;
    let owner = person.filter(|person| file.starts_with(&person.directory)).map(|person| &person.rights);
    let is_fed = FED.iter().any(|(fed, by)| file == Path::new(fed) && host.has_at(Path::new(by)));
    let feeding = if is_fed { Feeding::BySystem } else { Feeding::Alone };
    Some(Keystore { file, keytool, rights: owner.or(root).cloned(), feeding })
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
