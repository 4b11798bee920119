//! The rules of the house, applied to its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::source::{Source, Target};

/// The rules.
pub(crate) struct House {
    /// Each folder, and the folders it may import.
    pub(crate) floors: &'static [(&'static str, &'static [&'static str])],
    /// Each walled-in crate, and the folders that may name it.
    pub(crate) walls: &'static [(&'static str, &'static [&'static str])],
}

/// A rule that a file breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Finding {
    /// It imports a folder that its own may not import.
    Import { path: String, from: String, to: String },
    /// It lies in a folder that the table does not know.
    UnknownFolder { path: String, folder: String },
    /// It names a crate that stays behind a wall.
    Wall { path: String, krate: String },
    /// These files import one another.
    Circle { files: Vec<String> },
    /// It does not say what it is.
    NoDoc { path: String },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import { path, from, to } => {
                write!(formatter, "src/{path}: `{from}` may not import `{to}`")
            }
            Self::UnknownFolder { path, folder } => {
                write!(formatter, "src/{path}: the table has no folder `{folder}`")
            }
            Self::Wall { path, krate } => {
                write!(formatter, "src/{path}: the crate `{krate}` stays behind its wall")
            }
            Self::Circle { files } => {
                write!(formatter, "a circle of imports: {}", files.join(", "))
            }
            Self::NoDoc { path } => {
                write!(formatter, "src/{path}: does not open with a `//!` sentence")
            }
        }
    }
}

impl House {
    /// Everything the sources break, sorted.
    pub(crate) fn check(&self, sources: &[Source]) -> Vec<Finding> {
        let mut findings: BTreeSet<_> = circles(sources).into_iter().collect();
        for source in sources {
            if !source.has_doc {
                findings.insert(Finding::NoDoc { path: source.path.clone() });
            }
            findings.extend(self.imports(source));
            findings.extend(self.breaches(source));
        }
        findings.into_iter().collect()
    }

    fn imports(&self, source: &Source) -> Vec<Finding> {
        let from = source.folder();
        // The roof of the crate declares every folder, and the program may use them all.
        if matches!(from, "lib" | "main") {
            return Vec::new();
        }
        let Some((_, granted)) = self.floors.iter().find(|(folder, _)| *folder == from) else {
            return vec![Finding::UnknownFolder { path: source.path.clone(), folder: from.to_owned() }];
        };
        let ours = source.uses.iter().filter_map(|one| match &one.target {
            Target::Ours(target) => target.first(),
            Target::Foreign(_) => None,
        });
        ours.filter(|to| *to != from && !granted.contains(&to.as_str()))
            .map(|to| Finding::Import { path: source.path.clone(), from: from.to_owned(), to: to.clone() })
            .collect()
    }

    fn breaches(&self, source: &Source) -> Vec<Finding> {
        let folder = source.folder();
        let named = source.uses.iter().filter_map(|one| match &one.target {
            Target::Foreign(krate) if !one.is_test => Some(krate),
            _ => None,
        });
        let is_breach = |krate: &&String| {
            let is_own_module = source.modules.iter().any(|module| module.last() == Some(*krate));
            let wall = self.walls.iter().find(|(walled, _)| walled == krate);
            !is_own_module && wall.is_some_and(|(_, granted)| !granted.contains(&folder))
        };
        named.filter(is_breach).map(|krate| Finding::Wall { path: source.path.clone(), krate: krate.clone() }).collect()
    }
}

/// Files of one folder that reach one another. A file reaches the modules it declares.
fn circles(sources: &[Source]) -> Vec<Finding> {
    let files: BTreeMap<Vec<String>, &str> = sources
        .iter()
        .filter(|source| !source.module().is_empty())
        .map(|source| (source.module(), source.path.as_str()))
        .collect();
    // The file that holds what a path leads to: that of the longest module in it.
    let file_of =
        |target: &[String]| (1..=target.len()).rev().find_map(|length| files.get(target.get(..length)?).copied());
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.module().is_empty()) {
        let used = source.uses.iter().filter_map(|one| match &one.target {
            Target::Ours(target) if !one.is_test => file_of(target),
            _ => None,
        });
        let declared = source.modules.iter().filter_map(|module| files.get(module).copied());
        let all = used.chain(declared).filter(|file| *file != source.path);
        reached.entry(&source.path).or_default().extend(all);
    }
    while spread(&mut reached) {}
    let mut found = BTreeSet::new();
    for (file, others) in &reached {
        let mut circle: Vec<_> = others
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .map(|other| (*other).to_owned())
            .collect();
        circle.sort();
        if !circle.is_empty() {
            found.insert(circle);
        }
    }
    found.into_iter().map(|files| Finding::Circle { files }).collect()
}

/// Adds what is reached by what is reached; whether that was anything new.
fn spread(reached: &mut BTreeMap<&str, BTreeSet<&str>>) -> bool {
    let before = reached.clone();
    for others in reached.values_mut() {
        let further: Vec<_> = others.iter().filter_map(|other| before.get(other)).flatten().copied().collect();
        others.extend(further);
    }
    *reached != before
}
