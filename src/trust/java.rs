//! The keystores of Java, changed by the keytool of the Java that each belongs to.

use std::path::Path;

use super::{
    asking::ask,
    error::TrustError,
    keystore::{Feeding, Keystore, NoRights},
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Owner, Standing, Store},
    unusable::Unusable,
};
use crate::{
    plan::Plan,
    system::{Ending, Host},
};

/// A keystore whose programs are there.
struct KeptKeystore<'a>(&'a Keystore, Owner);

/// The keystores of a machine, and what is none.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let own =
        machine.person.as_ref().map(|person| &person.rights).filter(|rights| machine.root.as_ref() != Some(rights));
    let owner = |keystore: &Keystore| match &keystore.rights {
        Ok(rights) if own == Some(rights) => Owner::Person,
        _ => Owner::System,
    };
    let kept = machine
        .keystores
        .iter()
        .map(|keystore| Box::new(KeptKeystore(keystore, owner(keystore))) as Box<dyn Store + '_>);
    let broken = machine.broken_java.iter().map(|java| {
        let place = java.directory.display().to_string();
        Box::new(Unusable { kind: Kind::Java, place, why: || TrustError::NoJava }) as Box<dyn Store + '_>
    });
    kept.chain(broken).collect()
}

impl KeptKeystore<'_> {
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
        // It says in the language and the letters of whoever calls it what is what.
        let words = self.keytool(&[&IN_ENGLISH[..], &["-list", "-rfc"]].concat())?;
        let listed = ask(&words, host)?;
        match listed.how {
            Ending::Code(0) => Ok(aliases_in(root, &listed.said)),
            _ if [&listed.said, &listed.complaint].iter().any(|text| text.contains(WRONG_PASSWORD)) => {
                Err(TrustError::Shut { keystore: self.0.file.clone(), alias: root.name().to_owned() })
            }
            Ending::Code(_) => {
                let said = [&listed.said, &listed.complaint].map(|text| text.trim()).join("\n").trim().to_owned();
                Err(TrustError::NoKeystore { keystore: self.0.file.clone(), said })
            }
            _ => Err(listed.refused(&self.keytool(&["-list"])?)),
        }
    }
}

impl Store for KeptKeystore<'_> {
    fn kind(&self) -> Kind {
        Kind::Java
    }

    fn place(&self) -> String {
        self.0.file.display().to_string()
    }

    fn is_fed_by(&self, other: Kind) -> bool {
        self.0.feeding == Feeding::BySystem && other == Kind::System
    }

    fn in_turns(&self) -> Option<Owner> {
        Some(self.1)
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let line = self.keytool(&["-importcert", "-noprompt", "-trustcacerts", "-alias", root.name()])?;
        Ok(Plan::new([self.rights()?.feed("put the root into the keystore of Java", &line, &root.pem())]))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let rights = self.rights()?;
        let remove = |alias: &String| {
            let line = self.keytool(&["-delete", "-alias", alias])?;
            let before = if alias.is_ascii() { &[][..] } else { &IN_UTF8 };
            Ok(rights.run("take the root out of the keystore of Java", &[before, &line].concat()))
        };
        Ok(Plan::new(self.aliases(root, host)?.iter().map(remove).collect::<Result<Vec<_>, TrustError>>()?))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        Ok(if self.aliases(root, host)?.is_empty() { Standing::Absent } else { Standing::Trusted })
    }
}

/// The names of a root in what keytool lists. A key with its certificates is nothing that is trusted, and somebody's.
fn aliases_in(root: &Root, listed: &str) -> Vec<String> {
    let entries = listed.split(ALIAS).skip(1);
    let is_its = |entry: &&str| entry.contains(TRUSTED) && root.is_in(entry.as_bytes());
    let alias = |entry: &str| entry.lines().next().map(str::to_owned);
    entries.filter(is_its).filter_map(alias).collect()
}

/// The password of every keystore that comes with a Java: it keeps nothing from anybody.
const PASSWORD: &str = "changeit";
/// What has keytool say what it has in English and in UTF-8; those before Java 18, and before 9, have other names for that.
const IN_ENGLISH: [&str; 4] =
    ["-J-Duser.language=en", "-J-Dstdout.encoding=UTF-8", "-J-Dsun.stdout.encoding=UTF-8", "-J-Dfile.encoding=UTF-8"];
/// What has it read its words in UTF-8.
const IN_UTF8: [&str; 2] = ["env", "LC_ALL=C.UTF-8"];
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
