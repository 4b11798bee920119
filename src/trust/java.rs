//! The keystores of Java, changed by the keytool of the Java that each belongs to.

use std::path::Path;

use super::{
    asking::ask,
    error::TrustError,
    keystore::{Feeding, Keystore},
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Standing, Store},
};
use crate::{
    plan::Plan,
    system::{Ending, Host},
};

/// A keystore whose programs are there.
struct Kept<'a>(&'a Keystore);

/// What was named as a Java and is none.
struct Broken<'a>(&'a Path);

/// The keystores of a machine, and what is none.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let kept = machine.keystores.iter().map(|keystore| Box::new(Kept(keystore)) as Box<dyn Store + '_>);
    let broken = machine.broken_java.iter().map(|place| Box::new(Broken(&place.directory)) as Box<dyn Store + '_>);
    kept.chain(broken).collect()
}

impl Kept<'_> {
    fn rights(&self) -> Result<&Rights, TrustError> {
        self.0.rights.as_ref().ok_or(TrustError::NoRights)
    }

    fn keytool<'a>(&'a self, words: &[&'a str]) -> Result<Vec<&'a str>, TrustError> {
        let word = |path: &'a Path| path.to_str().ok_or_else(|| TrustError::Name(path.to_owned()));
        let store = ["-keystore", word(&self.0.file)?, "-storepass", PASSWORD];
        Ok([&[word(&self.0.keytool)?], words, &store[..]].concat())
    }

    /// The names under which it is there: ours, and that by which Debian hands it on.
    fn aliases(&self, root: &Root, host: &dyn Host) -> Result<Vec<String>, TrustError> {
        let mut found = Vec::new();
        for alias in [root.name().to_owned(), format!("debian:{}.pem", root.name())] {
            let line = self.keytool(&["-exportcert", "-rfc", "-alias", &alias])?;
            if root.is_in(ask(&line, host)?.said.as_bytes()) {
                found.push(alias);
            }
        }
        Ok(found)
    }

    /// Whether the octets of the root are in the file: neither JKS nor a PKCS#12 file without a password shuts them away.
    fn is_readable_in_file(&self, root: &Root, host: &dyn Host) -> Result<bool, TrustError> {
        let (held, sought) = (host.read(&self.0.file, MOST_BYTES)?, root.certificate().as_der());
        Ok(held.windows(sought.len()).any(|window| window == sought))
    }
}

impl Store for Kept<'_> {
    fn kind(&self) -> Kind {
        Kind::Java
    }

    fn place(&self) -> String {
        self.0.file.display().to_string()
    }

    fn is_fed_by(&self, other: Kind) -> bool {
        self.0.feeding == Feeding::BySystem && other == Kind::System
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let line = self.keytool(&["-importcert", "-noprompt", "-trustcacerts", "-alias", root.name()])?;
        Ok(Plan::new([self.rights()?.feed("put the root into the keystore of Java", &line, &root.pem())]))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let rights = self.rights()?;
        let remove = |alias: &String| {
            let line = self.keytool(&["-delete", "-alias", alias])?;
            Ok(rights.run("take the root out of the keystore of Java", &line))
        };
        Ok(Plan::new(self.aliases(root, host)?.iter().map(remove).collect::<Result<Vec<_>, TrustError>>()?))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        if self.is_readable_in_file(root, host)? || !self.aliases(root, host)?.is_empty() {
            return Ok(Standing::Trusted);
        }
        // Whatever is asked of a keystore that does not open is answered as if nothing were there.
        let listed = ask(&self.keytool(&["-list"])?, host)?;
        if listed.how == Ending::Code(0) {
            return Ok(Standing::Absent);
        }
        let line = format!("{} -list -keystore {}", self.0.keytool.display(), self.place());
        let said = listed.said.lines().next().unwrap_or_default().to_owned();
        Err(TrustError::Silent { line, said })
    }
}

impl Store for Broken<'_> {
    fn kind(&self) -> Kind {
        Kind::Java
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }

    fn installation(&self, _root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        Err(TrustError::NoJava)
    }

    fn removal(&self, _root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        Err(TrustError::NoJava)
    }

    fn standing(&self, _root: &Root, _host: &dyn Host) -> Result<Standing, TrustError> {
        Err(TrustError::NoJava)
    }
}

/// The password of every keystore that comes with a Java: it keeps nothing from anybody.
const PASSWORD: &str = "changeit";
/// That of all public roots has a fifth of a megabyte.
const MOST_BYTES: usize = 16 * 1024 * 1024;
