//! The estate: all that an old CA leaves, read once and told, and then taken into a home.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;

use super::{
    belongings::Belongings,
    book::{Book, BookReader},
    error::ImportError,
    index_line::IndexLine,
    issued::Issued,
    lists::Lists,
    locks::Locks,
    old_ca::{Hashed, Numbered, OldCa, Opened},
    places::{CaPlaces, Places, Tool},
    search::{Found, search},
    unread::{Reason, Unread},
};
use crate::{
    authority::{Doors, InheritedCa},
    home::{Home, Layout, MovedKey, MovingIn, Successor},
    keys::{PassphraseSource, Protection},
    x509::BasicConstraints,
};

/// All that an old CA leaves.
pub struct Estate {
    tool: Tool,
    cas: Vec<OldCa>,
    books: Vec<Book>,
    belongings: Belongings,
    lists: Lists,
    /// What only a CRL knows, with its CA.
    alone: Vec<(usize, IndexLine)>,
    revoked_cas: HashSet<usize>,
    kept: Vec<MovedKey>,
    is_complete: bool,
    hashes: Vec<Hashed>,
    /// How many certificates there are, and how they stand.
    pub tally: Tally,
    /// What does not move in.
    pub unread: Vec<Unread>,
    /// Keys that others can read where they lie.
    pub exposed: Vec<PathBuf>,
}

/// How many certificates were issued, and how they stand today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that can be used.
    pub good: u64,
    /// Those whose life is over.
    pub expired: u64,
    /// Those that were revoked.
    pub revoked: u64,
}

/// Who issues for servers from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succession {
    /// A new CA below the root, limited to a scope.
    New,
    /// The root itself: its path length allows no CA below it.
    Root,
    /// A CA that moves in, for the key of the root is not there: the one at this place among them.
    Below(usize),
}

/// How a CA shall be moved in.
pub struct Settlement<'a> {
    /// What it is called from now on.
    pub name: &'a str,
    /// What the new issuing CA is, where one is made.
    pub successor: Successor<'a>,
    /// How the root's key lies in its file.
    pub root_protection: Protection<'a>,
    /// Where the root's key shall lie, if not in the home.
    pub root_key_out: Option<&'a Path>,
}

impl Estate {
    /// Reads all of it: the CAs, what they issued, and the keys beside. Nothing is written; `progress` hears how many bytes of the
    /// books are read.
    ///
    /// # Errors
    /// No CA that could move in, a key that does not open, or a file that cannot be read.
    pub fn survey(
        places: Places,
        passphrases: &dyn PassphraseSource,
        now: OffsetDateTime,
        progress: &dyn Fn(u64),
    ) -> Result<Self, ImportError> {
        let locks = Locks::new(passphrases);
        let opened = Opened::open(&places.cas, &locks)?;
        let told = places.unread.iter().map(|unread| unread.path.clone());
        let known: Vec<PathBuf> = places.cas.iter().flat_map(CaPlaces::files).chain(told).collect();
        let mut found = match &places.directory {
            Some(directory) => {
                let roots: Vec<&Path> =
                    std::iter::once(directory).chain(&places.elsewhere).map(PathBuf::as_path).collect();
                let numbered: Vec<&Path> = places.cas.iter().filter_map(|ca| ca.new_certificates.as_deref()).collect();
                search(&roots, &known, &numbered, &locks)?
            }
            None => Found::default(),
        };
        let Opened { mut cas, hashes, mut unread, exposed, .. } = opened.into_order(&mut found, now)?;
        unread.extend(places.unread);
        unread.append(&mut found.unread);
        let lists = Lists::sort(std::mem::take(&mut found.lists), &cas, &mut unread);
        // A list that was published says which numbers were given, whatever the books say.
        for (place, ca) in cas.iter_mut().enumerate() {
            ca.crl_number = ca.crl_number.max(lists.number(place));
        }
        let is_complete = found.is_complete;
        let mut belongings = Belongings::sort(found, &cas, &lists, &mut unread);
        let mut tally = Tally::default();
        let Reading { books, numbers: mut known, revoked_cas, .. } =
            read_books(&cas, &mut belongings, &lists, &mut unread, &mut tally, now, progress)?;
        belongings.drop_unproven(&mut unread);
        belongings.tell_other_cas(&mut unread);
        for numbered in belongings.unlisted() {
            let end = belongings.certificate(&numbered).map(|known| known.tbs().validity().not_after());
            tally.count(belongings.revocation(&numbered).is_some(), end.is_some_and(|end| end < now));
            known.insert(numbered);
        }
        let alone = lists.alone(&known, &cas, &mut unread);
        alone.iter().for_each(|_| tally.count(true, false));
        let kept = belongings.take_kept(&cas, now, &mut unread);
        let hashes = hashes.into_iter().chain(books.iter().map(|book| (book.path.clone(), book.sha256.clone())));
        let hashes = hashes.chain(lists.hashes()).collect();
        // What may hide more comes first: somebody has to look there.
        unread.sort_by_key(|unread| !unread.reason.hides_more());
        Ok(Self {
            tool: places.tool,
            cas,
            books,
            belongings,
            lists,
            alone,
            revoked_cas,
            kept,
            is_complete,
            hashes,
            tally,
            unread,
            exposed,
        })
    }

    /// Its CAs, the root first.
    pub fn cas(&self) -> &[OldCa] {
        &self.cas
    }

    /// Whether the one at a place among them was revoked, or one above it.
    pub fn is_revoked(&self, place: usize) -> bool {
        self.revoked_cas.contains(&place)
    }

    /// The keys that become labels.
    pub fn kept(&self) -> &[MovedKey] {
        &self.kept
    }

    /// Who issues from now on.
    ///
    /// # Errors
    /// Nobody whose key is there.
    pub fn succession(&self, directory: &Path) -> Result<Succession, ImportError> {
        let nobody = || ImportError::NobodyIssues { directory: directory.to_owned() };
        let root = self.cas.first().ok_or_else(nobody)?;
        let path_len = root.certificate.tbs().basic_constraints().ok().flatten();
        let ends = matches!(path_len, Some(BasicConstraints::Ca { path_len: Some(0) }));
        match (root.key.is_some(), ends) {
            (true, false) => Ok(Succession::New),
            (true, true) => Ok(Succession::Root),
            (false, _) => {
                let below = self.cas.iter().enumerate().skip(1).rfind(|(_, ca)| ca.key.is_some());
                below.map(|(place, _)| Succession::Below(place)).ok_or_else(nobody)
            }
        }
    }

    /// Takes all of it into a new home; the old files stay as they are.
    ///
    /// # Errors
    /// A CA or something else is in the home, the books were changed meanwhile, or a file, key or ledger fails; nothing is left then.
    pub fn move_in(
        mut self,
        layout: Layout,
        doors: Doors,
        settlement: &Settlement<'_>,
        succession: Succession,
        progress: &dyn Fn(u64),
    ) -> Result<Home, ImportError> {
        let account = self.account();
        let keys: Vec<_> = self.cas.iter_mut().map(|ca| ca.key.take()).collect();
        let cas: Vec<InheritedCa> = self
            .cas
            .iter()
            .map(|ca| InheritedCa { certificate: ca.certificate.clone(), crl_number: ca.crl_number })
            .collect();
        let moving = MovingIn {
            name: settlement.name,
            cas: &cas,
            keys: &keys,
            kept: &self.kept,
            successor: (succession == Succession::New).then_some(settlement.successor),
            root_protection: settlement.root_protection,
            root_key_out: settlement.root_key_out,
            account: &account,
        };
        let mut issued = Issued {
            cas: &self.cas,
            own_numbers: self.cas.iter().map(OldCa::own_number).collect(),
            below: numbers_of(&self.cas),
            belongings: &self.belongings,
            labels: self.labels(),
            is_complete: self.is_complete,
            books: self.books.iter(),
            open: None,
            unlisted: self.belongings.unlisted().into_iter(),
            lists: &self.lists,
            alone: std::mem::take(&mut self.alone).into_iter(),
            progress,
        };
        Home::move_in(layout, doors, &moving, &mut issued)
    }

    fn labels(&self) -> HashMap<Numbered, crate::authority::Label> {
        let numbered = |kept: &MovedKey| Some((kept.issuer, kept.certificate.tbs().serial_number().ok()?));
        self.kept.iter().filter_map(|kept| Some((numbered(kept)?, kept.label.clone()))).collect()
    }

    /// What the audit log says: what was read, and what it amounts to.
    fn account(&self) -> Json {
        let files: Vec<_> = self
            .hashes
            .iter()
            .map(|(path, sha256)| json!({ "path": path.display().to_string(), "sha256": sha256 }))
            .collect();
        json!({
            "from": self.tool.as_str(),
            "files": files,
            "good": self.tally.good,
            "expired": self.tally.expired,
            "revoked": self.tally.revoked,
            "labels": self.kept.len(),
            "not_taken": self.unread.len(),
        })
    }
}

/// What a first reading of the books gives.
#[derive(Default)]
struct Reading {
    books: Vec<Book>,
    /// All that stand in them.
    numbers: HashSet<Numbered>,
    /// Those of them that are revoked.
    revoked: HashSet<Numbered>,
    /// The places of CAs that the ones above them have revoked.
    revoked_cas: HashSet<usize>,
}

impl Reading {
    /// Counts a line; not a second time what stands in one before, which it may revoke. Tells whether it is the first.
    fn count(&mut self, numbered: Numbered, is_revoked: bool, is_expired: bool, tally: &mut Tally) -> bool {
        let is_first = self.numbers.insert(numbered);
        let is_new = is_revoked && self.revoked.insert(numbered);
        match (is_first, is_new) {
            (true, _) => tally.count(is_revoked, is_expired),
            (false, true) => tally.revoke(is_expired),
            (false, false) => {}
        }
        is_first
    }
}

/// Reads every book once: it counts, and tells what stands in none of its lines.
fn read_books(
    cas: &[OldCa],
    belongings: &mut Belongings,
    lists: &Lists,
    unread: &mut Vec<Unread>,
    tally: &mut Tally,
    now: OffsetDateTime,
    progress: &dyn Fn(u64),
) -> Result<Reading, ImportError> {
    let mut reading = Reading::default();
    let below = numbers_of(cas);
    let revoked = lists.revoked().filter_map(|(numbered, _)| below.get(numbered));
    reading.revoked_cas.extend(revoked);
    let books = cas.iter().enumerate().flat_map(|(place, ca)| ca.books().map(move |path| (place, ca, path)));
    for (place, ca, path) in books {
        let own = ca.own_number();
        let is_further = reading.books.iter().any(|book| book.ca == place);
        let mut reader = BookReader::open(path)?;
        while let Some(read) = reader.next_line()? {
            progress(read.bytes);
            let line = match read.said {
                Ok(Some(line)) => line,
                Ok(None) => continue,
                Err(error) => {
                    unread.push(Unread::line(path, read.number, error));
                    continue;
                }
            };
            let numbered = (place, line.serial_number);
            let revocation = line.revocation.or_else(|| lists.revocation(&numbered));
            if own == Some(line.serial_number) {
                reading.numbers.insert(numbered);
                unread.extend(of_root(ca, &line).map(|reason| Unread::line(path, read.number, reason)));
                continue;
            }
            reading.revoked_cas.extend(below.get(&numbered).filter(|_| revocation.is_some()));
            let is_first = reading.count(numbered, revocation.is_some(), line.not_after < now, tally);
            // A copy of an index has most of its lines.
            if !is_first && !is_further {
                unread.push(Unread::line(path, read.number, Reason::Twice(line.serial_number.to_string())));
            }
            if is_first || !is_further {
                unread.extend(line.lost.map(|lost| Unread::line(path, read.number, Reason::Lost(lost))));
            }
            belongings.list(numbered, revocation);
        }
        reading.books.push(Book { ca: place, path: path.clone(), sha256: reader.sha256() });
    }
    // Each stands after the one above it.
    let mut pairs: Vec<(usize, usize)> = below.into_iter().map(|((above, _), place)| (place, above)).collect();
    pairs.sort_unstable();
    for (place, above) in pairs {
        if reading.revoked_cas.contains(&above) {
            reading.revoked_cas.insert(place);
        }
    }
    Ok(reading)
}

/// The places of the CAs below others, by the numbers that those gave them.
fn numbers_of(cas: &[OldCa]) -> HashMap<Numbered, usize> {
    let numbered = |(place, ca): (usize, &OldCa)| {
        let above = cas.iter().position(|above| ca.certificate.is_issued_by(&above.certificate))?;
        Some(((above, ca.certificate.tbs().serial_number().ok()?), place))
    };
    cas.iter().enumerate().filter_map(numbered).filter(|((above, _), place)| above != place).collect()
}

/// What is not taken of a line with the number of the root: that of the root itself says nothing new, unless it is revoked.
fn of_root(root: &OldCa, line: &IndexLine) -> Option<Reason> {
    let is_root = line.not_after == root.certificate.tbs().validity().not_after();
    let number = line.serial_number.to_string();
    match (is_root, line.revocation) {
        (true, None) => None,
        (true, Some(_)) => Some(Reason::RootRevoked),
        (false, None) => Some(Reason::NumberOfRoot(number)),
        (false, Some(_)) => Some(Reason::RevokedAsRoot(number)),
    }
}

impl Tally {
    /// One that was counted as not revoked is.
    fn revoke(&mut self, is_expired: bool) {
        let before = if is_expired { &mut self.expired } else { &mut self.good };
        *before = before.saturating_sub(1);
        self.revoked += 1;
    }

    fn count(&mut self, is_revoked: bool, is_expired: bool) {
        match (is_revoked, is_expired) {
            (true, _) => self.revoked += 1,
            (false, true) => self.expired += 1,
            (false, false) => self.good += 1,
        }
    }
}
