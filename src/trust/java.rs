//! The keystores of Java, changed by the keytool of the Java that each belongs to.

use std::path::Path;

use super::{
    asking::ask,
    error::TrustError,
    keystore::{Feeding, Keystore, NoRights},
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
        self.0.rights.as_ref().map_err(|reason| match reason {
            NoRights::NoSudo => TrustError::NoRights,
            NoRights::ForeignJava => TrustError::ForeignJava(self.0.keytool.clone()),
        })
    }

    fn keytool<'a>(&'a self, words: &[&'a str]) -> Result<Vec<&'a str>, TrustError> {
        let word = |path: &'a Path| path.to_str().ok_or_else(|| TrustError::Name(path.to_owned()));
        let store = ["-keystore", word(&self.0.file)?, "-storepass", PASSWORD];
        Ok([&[word(&self.0.keytool)?], words, &store[..]].concat())
    }

    /// The names under which it is there as trusted: keytool is asked once for all that is.
    fn aliases(&self, root: &Root, host: &dyn Host) -> Result<Vec<String>, TrustError> {
        // It says in the language of whoever calls it what is what.
        let words = self.keytool(&["-J-Duser.language=en", "-list", "-rfc"])?;
        let listed = ask(&words, host)?;
        match listed.how {
            Ending::Code(0) => Ok(aliases_in(root, &listed.said)),
            _ if [&listed.said, &listed.complaint].iter().any(|text| text.contains(WRONG_PASSWORD)) => {
                Err(TrustError::Shut { keystore: self.0.file.clone(), alias: root.name().to_owned() })
            }
            _ => Err(listed.refused(&self.keytool(&["-list"])?)),
        }
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
        let is_there = self.is_readable_in_file(root, host)? || !self.aliases(root, host)?.is_empty();
        Ok(if is_there { Standing::Trusted } else { Standing::Absent })
    }
}

/// The names of a root in what keytool lists. A key with its certificates is nothing that is trusted, and somebody's.
fn aliases_in(root: &Root, listed: &str) -> Vec<String> {
    let entries = listed.split(ALIAS).skip(1);
    let is_its = |entry: &&str| entry.contains(TRUSTED) && root.is_in(entry.as_bytes());
    let alias = |entry: &str| entry.lines().next().map(str::to_owned);
    entries.filter(is_its).filter_map(alias).collect()
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
/// How keytool says in English what is what.
const ALIAS: &str = "\nAlias name: ";
const TRUSTED: &str = "\nEntry type: trustedCertEntry";
const WRONG_PASSWORD: &str = "password was incorrect";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_under_every_name_and_a_key_is_not_taken_for_it() {
        let (ours, theirs) = (Root::of_tests("root"), Root::of_tests("issuing"));
        let entry = |alias: &str, kind: &str, root: &Root| {
            format!(
                "Alias name: {alias}\nCreation date: Nov 29, 2026\nEntry type: {kind}\n\n{0}\n\n{1}\n{1}\n\n\n",
                root.pem(),
                "*".repeat(43)
            )
        };
        let listed = [
            "Keystore type: PKCS12\nKeystore provider: SUN\n\nYour keystore contains 5 entries\n\n".to_owned(),
            entry("the irs, with: a colon", "trustedCertEntry", &ours),
            entry("other", "trustedCertEntry", &theirs),
            entry("key", "PrivateKeyEntry", &ours),
            entry("hubca-home-hub", "trustedCertEntry", &ours),
        ];
        assert_eq!(aliases_in(&ours, &listed.concat()), ["the irs, with: a colon", "hubca-home-hub"]);
        assert_eq!(aliases_in(&ours, &listed[0]), [""; 0]);
    }
}
