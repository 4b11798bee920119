//! The room that is made for a browser's database where there was none: its directories, its files, and a mark among them that says so.
//!
//! A browser makes one just like it, so the mark alone tells whose an empty database is. A directory without anything in it is
//! nobody's: a run that was stopped leaves no more.

use std::path::{Path, PathBuf};

use super::{
    anchor::is_link,
    error::TrustError,
    rights::{Person, Rights},
};
use crate::{
    plan::{MARK, Step},
    system::{Host, host::Lying},
};

/// The room of a database.
pub(super) struct Room<'a> {
    /// The directory of the database.
    pub(super) directory: &'a Path,
    /// Whose it is.
    pub(super) person: &'a Person,
}

impl<'a> Room<'a> {
    /// The steps that make it; the database itself is yet to come.
    ///
    /// # Errors
    /// Something else stands where a directory would be.
    pub(super) fn make(&self, host: &dyn Host) -> Result<Vec<Step>, TrustError> {
        let own = &self.person.directory;
        if !host.is_directory(own) {
            return Err(TrustError::NoOwnDirectory(own.clone()));
        }
        let missing = self.missing(host)?;
        let make = run_on(&missing, &["mkdir", "-m", "0700"], "make room for the browser's database", self.rights());
        let mark = (!host.is_file(&self.mark())).then(|| {
            let made = missing.iter().copied().chain(self.emptied(&[], host).into_iter().rev());
            let names: String = made.map(|place| format!("{}\n", self.within(place).display())).collect();
            let text = format!(
                "# {MARK}, with these directories and the database here: they go when nothing is in it\n{names}"
            );
            self.rights().pour("leave word there that it was made, so that it can go again", &self.mark(), &text)
        });
        Ok(make.into_iter().chain(mark).collect())
    }

    /// The steps that take it away, with a database that is empty or will be; none where this program did not make it, or anything
    /// else is in it.
    pub(super) fn clear(&self, host: &dyn Host) -> Vec<Step> {
        let sentence = "remove the room that was made for it";
        if !host.is_file(&self.mark()) {
            let empty = self.emptied(&[], host);
            return run_on(&empty, &["rmdir", "--"], sentence, self.rights()).into_iter().collect();
        }
        let names = host.entries(self.directory).unwrap_or_default();
        if !names.iter().all(|name| FILES.contains(&name.as_str())) || self.has_modules(host) {
            return Vec::new();
        }
        let files = FILES.map(|name| self.directory.join(name));
        let files = files.each_ref().map(PathBuf::as_path);
        let away = "take the browser's database away, which was made for the root and is empty then";
        let away = run_on(&files, &["rm", "-f", "--"], away, self.rights());
        let text = host.read(&self.mark(), MOST_BYTES).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let is_made = |place: &&Path| text.lines().any(|line| Path::new(line) == self.within(place));
        let made: Vec<_> = self.emptied(&FILES, host).into_iter().take_while(is_made).collect();
        away.into_iter().chain(run_on(&made, &["rmdir", "--"], sentence, self.rights())).collect()
    }

    fn rights(&self) -> &Rights {
        &self.person.rights
    }

    fn mark(&self) -> PathBuf {
        self.directory.join(MADE)
    }

    /// The directories, the inner one first.
    fn places(&self) -> impl DoubleEndedIterator<Item = &'a Path> + use<'a> {
        let own = &self.person.directory;
        let places: Vec<&Path> = self.directory.ancestors().take_while(|place| place != own).collect();
        places.into_iter()
    }

    /// What a directory is called in the mark.
    fn within<'p>(&self, place: &'p Path) -> &'p Path {
        place.strip_prefix(&self.person.directory).unwrap_or(place)
    }

    /// The directories that are not there, the outer one first.
    ///
    /// # Errors
    /// Something else stands there.
    fn missing(&self, host: &dyn Host) -> Result<Vec<&'a Path>, TrustError> {
        let mut missing = Vec::new();
        for place in self.places().rev() {
            match host.look(&[place.to_owned()]).first() {
                Some(Lying::Directory) => {}
                Some(Lying::File | Lying::Program | Lying::Special) => {
                    return Err(TrustError::NoDirectory(place.to_owned()));
                }
                Some(Lying::Nothing) | None if is_listed(place, host) => {
                    return Err(TrustError::DanglingLink(place.to_owned()));
                }
                Some(Lying::Nothing) | None => missing.push(place),
            }
        }
        Ok(missing)
    }

    /// The directories that are there and hold nothing but one another, the inner one first, once these are gone from it.
    fn emptied(&self, leaving: &[&str], host: &dyn Host) -> Vec<&'a Path> {
        let mut emptied: Vec<&Path> = Vec::new();
        for place in self.places().skip_while(|place| !host.is_directory(place)) {
            let inner = emptied.last().and_then(|inner| inner.file_name()?.to_str());
            let leaving = if place == self.directory { leaving } else { &[] };
            let is_leaving = |name: &String| Some(name.as_str()) == inner || leaving.contains(&name.as_str());
            let is_emptied = host.entries(place).is_ok_and(|names| names.iter().all(is_leaving));
            if !is_emptied || is_link(place, host).unwrap_or(true) {
                break;
            }
            emptied.push(place);
        }
        emptied
    }

    /// Whether somebody has told NSS of a module there, such as the driver of a smart card.
    fn has_modules(&self, host: &dyn Host) -> bool {
        let text = match host.read(&self.directory.join(MODULES), MOST_BYTES) {
            Err(error) if error.is_missing() => return false,
            text => text.unwrap_or_default(),
        };
        // The one that comes with NSS has no name.
        let text = String::from_utf8_lossy(&text);
        text.is_empty() || text.lines().any(|line| line.strip_prefix("library=").is_some_and(|name| !name.is_empty()))
    }
}

/// Whether a directory lists a name at which nothing is found: it is a link that leads nowhere.
fn is_listed(place: &Path, host: &dyn Host) -> bool {
    let (Some(above), Some(name)) = (place.parent(), place.file_name()) else { return false };
    host.entries(above).is_ok_and(|names| names.iter().any(|listed| name == listed.as_str()))
}

/// The step that runs a program on files or directories, if there are any.
fn run_on(places: &[&Path], words: &[&str], sentence: &str, rights: &Rights) -> Option<Step> {
    let names: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    let words: Vec<&str> = words.iter().copied().chain(names.iter().map(String::as_str)).collect();
    (!names.is_empty()).then(|| rights.run(sentence, &words))
}

/// What says that this program made what lies there. NSS looks for its own files alone.
const MADE: &str = ".made-by-hubca";
/// What NSS is told of modules.
const MODULES: &str = "pkcs11.txt";
/// What is in the directory of a database that nobody else has put anything into. The mark is the last to go.
const FILES: [&str; 4] = ["cert9.db", "key4.db", MODULES, MADE];
const MOST_BYTES: usize = 64 * 1024;
