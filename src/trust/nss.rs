//! The databases of NSS, changed by its certutil(1), by the rights of the person whose they are.
//!
//! The root is asked for by our name, and by its key as PKCS#11 names it (RFC 7512): so it is found at once among hundreds, and under
//! whatever name somebody gave it, be it one that no list shows as it is.

use std::{fmt::Write as _, path::PathBuf};

use super::{
    asking::{Answer, ask},
    database::{Browser, Database},
    error::TrustError,
    machine::Machine,
    rights::{Person, Rights},
    room::Room,
    root::Root,
    store::{Kind, Owner, Standing, Store},
};
use crate::{
    plan::Plan,
    system::{Ending, Host},
    x509::{Certificate, pem},
};

/// A database, with what changes it.
struct KeptDatabase<'a> {
    database: &'a Database,
    machine: &'a Machine,
    person: &'a Person,
}

/// The databases of the person of a machine.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let Some(person) = &machine.person else { return Vec::new() };
    let kept = machine.databases.iter().map(|database| KeptDatabase { database, machine, person });
    kept.map(|kept| Box::new(kept) as Box<dyn Store + '_>).collect()
}

impl KeptDatabase<'_> {
    fn rights(&self) -> &Rights {
        &self.person.rights
    }

    fn certutil(&self) -> Result<&str, TrustError> {
        self.machine.programs.word(PROGRAM)
    }

    fn place_word(&self) -> Result<String, TrustError> {
        let directory = &self.database.directory;
        let text = directory.to_str().ok_or_else(|| TrustError::Name(directory.clone()))?;
        Ok(format!("sql:{text}"))
    }

    fn room(&self) -> Room<'_> {
        Room { directory: &self.database.directory, person: self.person }
    }

    /// Whether a database holds these roots and nothing more.
    fn holds_only(&self, roots: &[&Root], host: &dyn Host) -> Result<bool, TrustError> {
        let (certutil, place) = (self.certutil()?, self.place_word()?);
        let ask = |words: &[&str]| ask(&self.rights().words(words), host);
        let listed = ask(&[certutil, "-L", "-d", &place])?;
        let Some((_, list)) = listed.said.split_once(END_OF_HEAD) else { return Ok(false) };
        let mut count = list.lines().filter(|line| !line.is_empty()).count();
        for root in roots {
            count = count.saturating_sub(usize::from(self.name(root, host)?.is_some()));
        }
        // One with a password does not say.
        let keys = ask(&[certutil, "-K", "-d", &place, "-f", "/dev/null"])?;
        Ok(count == 0
            && listed.how == Ending::Code(0)
            && [keys.said, keys.complaint].iter().any(|said| said.contains(NO_KEYS)))
    }

    /// Whether there is a database: it may have been made, or taken away, since it was looked for.
    fn is_there(&self, host: &dyn Host) -> bool {
        host.is_file(&self.file())
    }

    /// What certutil shows of the certificates with the subject of the one that it finds by a name; nothing where it finds none.
    fn show(&self, name: &str, form: &[&str], host: &dyn Host) -> Result<Option<String>, TrustError> {
        let (certutil, place) = (self.certutil()?, self.place_word()?);
        let words = [&[certutil, "-L", "-d", &place, "-n", name], form].concat();
        let is_done = |answer: &Answer| answer.how == Ending::Code(0) || says_that_there_is_none(answer);
        let mut answer = ask(&self.rights().words(&words), host)?;
        if !is_done(&answer) {
            // Where somebody was stopped while they wrote, it opens only for who may write, as a browser does, and then all is as it was
            // before.
            answer = ask(&self.rights().words(&[&words[..], &["-X"]].concat()), host)?;
        }
        match answer.how {
            Ending::Code(0) => Ok(Some(answer.said)),
            _ if says_that_there_is_none(&answer) => Ok(None),
            _ if self.is_rubbish(host) => {
                Err(TrustError::NoDatabase { file: self.file(), said: answer.complaint.trim().to_owned() })
            }
            _ => Err(answer.refused(&[PROGRAM, "-L", "-d", &place])),
        }
    }

    fn file(&self) -> PathBuf {
        self.database.directory.join("cert9.db")
    }

    /// Whether something else than a database of SQLite lies there; a large one is most likely none of that.
    fn is_rubbish(&self, host: &dyn Host) -> bool {
        host.read(&self.file(), MOST_RUBBISH).is_ok_and(|held| !held.starts_with(BEGINNING))
    }

    /// The name by which certutil finds the root there, and it alone.
    fn name(&self, root: &Root, host: &dyn Host) -> Result<Option<String>, TrustError> {
        if !self.is_there(host) {
            return Ok(None);
        }
        let mut is_among_others = false;
        for (name, is_ours) in [(root.name().to_owned(), true), (key_name(root), false)] {
            let Some(text) = self.show(&name, &["-a"], host)? else { continue };
            let held = pem::parse(text.as_bytes()).unwrap_or_default();
            let is_there = held.iter().any(|block| block.contents == root.certificate().as_der());
            // One by another CA for the same subject and key answers to the name of the key as well.
            let alike = held.iter().filter(|block| has_key_of(root, &block.contents)).count();
            if is_there && (is_ours || alike == 1) {
                return Ok(Some(name));
            }
            is_among_others |= is_there;
        }
        if is_among_others { Err(TrustError::SameSubject) } else { Ok(None) }
    }
}

/// The name of what has the key of a root, whatever it is called: RFC 7512 2.3. It is sought in what the database holds itself: a module
/// of its own, such as p11-kit's or a smart card, has other certificates, which are somebody else's to change.
fn key_name(root: &Root) -> String {
    let mut name = KEY_NAME.to_owned();
    for octet in root.certificate().tbs().public_key().token_identifier() {
        // Writing into a string does not fail.
        let _ = write!(name, "%{octet:02X}");
    }
    name
}

/// Whether a certificate has the key of a root; of one that cannot be read nobody knows.
fn has_key_of(root: &Root, der: &[u8]) -> bool {
    let key = root.certificate().tbs().public_key();
    Certificate::from_der(der).map_or(true, |certificate| certificate.tbs().public_key() == key)
}

fn says_that_there_is_none(answer: &Answer) -> bool {
    answer.complaint.to_ascii_lowercase().contains("could not find cert")
}

/// Whether a root is trusted as the CA of servers, by what certutil shows of it and its like; none where nothing is said of it.
fn is_trusted(root: &Root, shown: &str) -> Option<bool> {
    let digits = root.certificate().fingerprint();
    let is_its = |part: &&str| {
        let line = part.trim_start().lines().next().unwrap_or_default();
        line.trim_end().replace(':', "").eq_ignore_ascii_case(&digits)
    };
    let (_, flags) = shown.split(FINGERPRINT).skip(1).find(is_its)?.split_once(FOR_SERVERS)?;
    let (flags, _) = flags.split_once(FOR_MAIL)?;
    Some(flags.lines().any(|flag| flag.trim() == TRUSTED))
}

impl Store for KeptDatabase<'_> {
    fn kind(&self) -> Kind {
        match self.database.browser {
            Browser::Chromium => Kind::Chromium,
            Browser::Firefox => Kind::Firefox,
        }
    }

    fn place(&self) -> String {
        self.database.directory.display().to_string()
    }

    fn in_turns(&self) -> Option<Owner> {
        Some(Owner::Person)
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, certutil, place) = (self.rights(), self.certutil()?, self.place_word()?);
        // Beside its keys a database that somebody threw away is made anew by whatever writes into it, and Firefox makes its own.
        let is_ours_to_make = self.database.browser == Browser::Chromium
            && !self.is_there(host)
            && !host.is_file(&self.database.directory.join("key4.db"));
        let make = if is_ours_to_make {
            // Where one was made meanwhile, it would ask for its password without an end.
            let words = [certutil, "-N", "-d", &place, "--empty-password", "-f", "/dev/null"];
            let database = rights.run("make it, as the browser would", &words);
            self.room().make(host)?.into_iter().chain([database]).collect()
        } else {
            Vec::new()
        };
        // The empty password keeps it from asking for one: a database that has one is shut to it.
        let words = [certutil, "-A", "-d", &place, "-t", "C,,", "-n", root.name(), "-a", "-f", "/dev/null"];
        let put = rights.feed("put the root into the browser's database, as the CA of servers", &words, &root.pem());
        Ok(Plan::new(make.into_iter().chain([put])))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (certutil, place) = (self.certutil()?, self.place_word()?);
        let remove = |name: String| {
            let words = [certutil, "-D", "-d", &place, "-n", &name];
            self.rights().run("take the root out of the browser's database", &words)
        };
        Ok(Plan::new(self.name(root, host)?.map(remove)))
    }

    fn clearing(&self, going: &[&Root], host: &dyn Host) -> Result<Plan, TrustError> {
        let steps = match self.database.browser {
            Browser::Chromium => self.room().clear(host),
            // Firefox makes its own, and nobody else does.
            Browser::Firefox => Vec::new(),
        };
        let goes = steps.is_empty() || !self.is_there(host) || self.holds_only(going, host)?;
        Ok(if goes { Plan::new(steps) } else { Plan::default() })
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let Some(name) = self.name(root, host)? else { return Ok(Standing::Absent) };
        let shown = self.show(&name, &[], host)?.and_then(|text| is_trusted(root, &text));
        match shown {
            Some(true) => Ok(Standing::Trusted),
            Some(false) => Ok(Standing::Idle),
            None => Err(TrustError::NoFlags),
        }
    }
}

const PROGRAM: &str = "certutil";
/// The token of NSS itself, in the mode for FIPS 140 too, where it has another label.
const KEY_NAME: &str = "pkcs11:model=NSS%203;type=cert;id=";
/// How a file of SQLite begins, and how large one is looked at that may be none.
const BEGINNING: &[u8] = b"SQLite format 3\0";
const MOST_RUBBISH: usize = 1024 * 1024;
/// The end of what stands above a list of certutil's, and how it says that there are no keys.
const END_OF_HEAD: &str = "SSL,S/MIME,JAR/XPI\n";
const NO_KEYS: &str = "no keys found";
/// How certutil shows a certificate.
const FINGERPRINT: &str = "Fingerprint (SHA-256):";
const FOR_SERVERS: &str = "SSL Flags:";
const FOR_MAIL: &str = "Email Flags:";
const TRUSTED: &str = "Trusted CA";

#[cfg(test)]
mod tests {
    use super::*;

    /// As it shows one with these flags.
    fn shown(root: &Root, flags: &[&str]) -> String {
        let digits: Vec<_> = root.certificate().sha256().iter().map(|octet| format!("{octet:02X}")).collect();
        let flags: String = flags.iter().map(|flag| format!("            {flag}\n")).collect();
        format!(
            "    Fingerprint (SHA-256):\n        {}\n    Fingerprint (SHA1):\n        0A:D0\n\n    Certificate Trust Flags:\n        \
             SSL Flags:\n{flags}        Email Flags:\n            Trusted CA\n        Object Signing Flags:\n\n",
            digits.join(":")
        )
    }

    #[test]
    fn the_flags_are_those_of_the_root_and_for_servers() {
        let (ours, theirs) = (Root::of_tests("root"), Root::of_tests("issuing"));
        for (flags, is) in [
            (&["Valid CA", "Trusted CA"][..], true),
            (&["Trusted CA", "Trusted Client CA"], true),
            (&["Trusted Client CA"], false),
            (&["Terminal Record"], false),
            (&[], false),
        ] {
            let (before, after) = (shown(&theirs, &["Trusted CA"]), shown(&theirs, &[]));
            assert_eq!(is_trusted(&ours, &(before + &shown(&ours, flags) + &after)), Some(is), "{flags:?}");
        }
        assert_eq!(is_trusted(&ours, &shown(&theirs, &["Trusted CA"])), None);
        assert_eq!(is_trusted(&ours, "Fingerprint (SHA-256):"), None);
        assert_eq!(is_trusted(&ours, ""), None);
    }

    #[test]
    fn a_root_is_asked_for_by_its_key() {
        let name = key_name(&Root::of_tests("root"));
        assert!(name.starts_with(KEY_NAME) && name.len() == KEY_NAME.len() + 60, "{name}");
    }
}
