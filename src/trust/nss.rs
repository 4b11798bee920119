//! The databases of NSS, changed by its certutil(1), by the rights of the person whose they are.

use std::path::Path;

use super::{
    asking::{Answer, ask},
    database::{Browser, Database, DatabaseState},
    error::TrustError,
    machine::Machine,
    rights::{Person, Rights},
    root::Root,
    store::{Kind, Standing, Store},
};
use crate::{
    plan::{Plan, shell_line},
    system::{Ending, Host},
    x509::pem,
};

/// A database, with what changes it.
struct Kept<'a> {
    database: &'a Database,
    machine: &'a Machine,
    person: &'a Person,
}

/// A certificate in a database.
struct Entry {
    nickname: String,
    /// Whether it is trusted as the CA of servers.
    is_trusted: bool,
}

/// The databases of the person of a machine.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let Some(person) = &machine.person else { return Vec::new() };
    let kept = machine.databases.iter().map(|database| Kept { database, machine, person });
    kept.map(|kept| Box::new(kept) as Box<dyn Store + '_>).collect()
}

impl Kept<'_> {
    fn rights(&self) -> &Rights {
        &self.person.rights
    }

    fn certutil(&self) -> Result<&str, TrustError> {
        let path = self.machine.programs.get(PROGRAM).and_then(Path::to_str);
        path.ok_or(TrustError::NoProgram { program: PROGRAM })
    }

    fn place_word(&self) -> String {
        format!("sql:{}", self.database.directory.display())
    }

    fn ask(&self, words: &[&str], host: &dyn Host) -> Result<Answer, TrustError> {
        let place = self.place_word();
        let line = [&[self.certutil()?, "-L", "-d", &place], words].concat();
        ask(&self.rights().words(&line), host)
    }

    /// What is in it. Where somebody was stopped while they wrote, it opens only for who may write, as a browser does, and then all is
    /// as it was before: -X.
    fn list(&self, host: &dyn Host) -> Result<Answer, TrustError> {
        let listed = self.ask(&[], host)?;
        if listed.how == Ending::Code(0) { Ok(listed) } else { self.ask(&["-X"], host) }
    }

    /// The root in the database, under whatever name.
    fn entry(&self, root: &Root, host: &dyn Host) -> Result<Option<Entry>, TrustError> {
        // One that was missing may have been made since.
        if self.database.state == DatabaseState::Missing && !host.is_file(&self.database.directory.join("cert9.db")) {
            return Ok(None);
        }
        let listed = self.list(host)?;
        if listed.how != Ending::Code(0) {
            let line = shell_line(&[PROGRAM, "-L", "-d", &self.place_word()].map(str::to_owned));
            return Err(TrustError::Silent { line, said: listed.said.trim().to_owned() });
        }
        if listed.said.starts_with(CUT) {
            let line = shell_line(&[PROGRAM, "-L", "-d", &self.place_word()].map(str::to_owned));
            return Err(TrustError::TooLong { line });
        }
        let mut is_among_others = false;
        // What Firefox takes from a policy it may mark as trusted in a way that older certutils do not read, so every entry is
        // looked at: there are few, and one that is not trusted does no harm.
        for entry in listed.said.lines().filter_map(read_entry) {
            // It gives every certificate with the subject of the one that has this nickname.
            let held = pem::parse(self.ask(&["-n", &entry.nickname, "-a"], host)?.said.as_bytes()).unwrap_or_default();
            let is_there = held.iter().any(|block| block.contents == root.certificate().as_der());
            if is_there && (held.len() == 1 || entry.nickname == root.name()) {
                return Ok(Some(entry));
            }
            is_among_others |= is_there;
        }
        if is_among_others { Err(TrustError::SameSubject) } else { Ok(None) }
    }
}

/// A line of the list: a nickname, which may have spaces, and the trust for TLS, mail and code.
fn read_entry(line: &str) -> Option<Entry> {
    let (nickname, flags) = line.trim_end().rsplit_once(' ')?;
    let tls = flags.split(',').next().filter(|_| flags.matches(',').count() == 2)?;
    let is_word = flags.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ',');
    is_word.then(|| Entry { nickname: nickname.trim_end().to_owned(), is_trusted: tls.contains('C') })
}

impl Store for Kept<'_> {
    fn kind(&self) -> Kind {
        match self.database.browser {
            Browser::Chromium => Kind::Chromium,
            Browser::Firefox => Kind::Firefox,
        }
    }

    fn place(&self) -> String {
        self.database.directory.display().to_string()
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, certutil, place) = (self.rights(), self.certutil()?, self.place_word());
        let make = match self.database.state {
            DatabaseState::Present => Vec::new(),
            DatabaseState::Missing => vec![
                rights.run("make room for the browser's database", &["mkdir", "-p", "-m", "0700", &self.place()]),
                rights.run("make it, as the browser would", &[certutil, "-N", "-d", &place, "--empty-password"]),
            ],
        };
        // The empty password keeps it from asking for one: a database that has one is shut to it.
        let words = [certutil, "-A", "-d", &place, "-t", "C,,", "-n", root.name(), "-a", "-f", "/dev/null"];
        let put = rights.feed("put the root into the browser's database, as the CA of servers", &words, &root.pem());
        Ok(Plan::new(make.into_iter().chain([put])))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (certutil, place) = (self.certutil()?, self.place_word());
        let entry = self.entry(root, host)?;
        let remove = |entry: Entry| {
            let words = [certutil, "-D", "-d", &place, "-n", &entry.nickname];
            self.rights().run("take the root out of the browser's database", &words)
        };
        Ok(Plan::new(entry.map(remove)))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        Ok(match self.entry(root, host)? {
            Some(Entry { is_trusted: true, .. }) => Standing::Trusted,
            Some(_) => Standing::Idle,
            None => Standing::Absent,
        })
    }
}

const PROGRAM: &str = "certutil";
/// What stands in front of an answer of which the beginning is not kept.
const CUT: char = '…';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_certutil_is_read() {
        let list = "\nCertificate Nickname                                         Trust Attributes\n\
            \x20                                                            SSL,S/MIME,JAR/XPI\n\n\
            hubca-home-hub-ec0221d5                                      C,,  \n\
            a name, with commas                                          CT,C,c\n\
            met once                                                     ,,   \n";
        let entries: Vec<_> = list.lines().filter_map(read_entry).collect();
        let read: Vec<_> = entries.iter().map(|entry| (entry.nickname.as_str(), entry.is_trusted)).collect();
        assert_eq!(read, [("hubca-home-hub-ec0221d5", true), ("a name, with commas", true), ("met once", false)]);
    }
}
