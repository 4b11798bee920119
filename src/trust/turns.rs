//! Runs of this program change a store in turns: one that is half made answers nothing, and what one run writes another would undo.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    error::TrustError,
    machine::Machine,
    rights::Rights,
    store::{Owner, Store},
};
use crate::system::{
    Host,
    files::{self, PrivateLock, directory},
    host::Whereabouts,
};

/// What a turn is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A question. It is put in any case.
    Ask,
    /// A change. Nothing is changed beside another run.
    Change,
}

/// The turns of one run. Each place is waited for once.
#[derive(Debug)]
pub struct Turns {
    purpose: Purpose,
    system: Option<Place>,
    person: Option<Place>,
    /// The places that another run held for too long.
    missed: RefCell<Vec<Place>>,
}

/// Where a lock lies that only they can hold whose stores are meant, and root.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// On a directory of theirs.
    Standing(PathBuf),
    /// On one that is made for it.
    Made(PathBuf),
}

impl Turns {
    /// Those of a run on a machine. On another one, and where nothing is found that others cannot open, nobody is kept apart.
    pub fn new(purpose: Purpose, machine: &Machine, host: &dyn Host) -> Self {
        let is_here = host.whereabouts() == Whereabouts::Here;
        let person = machine.person.as_ref().filter(|_| is_here).and_then(|person| place_of(&person.directory));
        let system = match &machine.root {
            Some(Rights::Own) if is_here => Some(Place::Made(PathBuf::from(SYSTEM))),
            // Whoever calls sudo for the steps alone opens nothing of root's.
            _ => person.clone(),
        };
        Self { purpose, system, person, missed: RefCell::default() }
    }

    /// Whether a question was put beside another run, and may have met something half made.
    pub fn is_beside_another(&self) -> bool {
        self.purpose == Purpose::Ask && !self.missed.borrow().is_empty()
    }

    /// Waits for the turn at a store; none where nobody is kept apart, or a question is put all the same.
    ///
    /// # Errors
    /// [`TrustError::Busy`] where another run is at work for too long.
    pub(super) fn take(&self, store: &dyn Store) -> Result<Option<PrivateLock>, TrustError> {
        let place = store.in_turns().and_then(|owner| match owner {
            Owner::System => self.system.as_ref(),
            Owner::Person => self.person.as_ref(),
        });
        let Some(place) = place else { return Ok(None) };
        let is_missed = self.missed.borrow().contains(place);
        let patience = match self.purpose {
            _ if is_missed => Duration::ZERO,
            Purpose::Ask => A_MOMENT,
            Purpose::Change => A_MINUTE,
        };
        match place.hold(patience) {
            Ok(None) => {
                if !is_missed {
                    self.missed.borrow_mut().push(place.clone());
                }
                match self.purpose {
                    Purpose::Ask => Ok(None),
                    Purpose::Change => Err(TrustError::Busy(place.path().to_owned())),
                }
            }
            // A file system may know no locks, or take no writes.
            held => Ok(held.unwrap_or_default()),
        }
    }
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Standing(path) | Self::Made(path) => path,
        }
    }

    fn hold(&self, patience: Duration) -> Result<Option<PrivateLock>, files::FileError> {
        match self {
            Self::Standing(path) => PrivateLock::acquire(path, patience),
            Self::Made(path) => PrivateLock::acquire_made(path, patience),
        }
    }
}

/// What only a person can open, and root: their own directory, or the one that they have while they are logged in, or else what they make
/// in their own. Root makes nothing there.
fn place_of(own: &Path) -> Option<Place> {
    let own = directory::resolve(own).ok()?;
    let owner = files::access(&own).ok()?.owner;
    let is_theirs_alone =
        |path: &PathBuf| files::access(path).is_ok_and(|access| access.owner == owner && access.mode & 0o077 == 0);
    let passing = Path::new(LOGGED_IN).join(owner.to_string());
    let made = (owner == files::current_user()).then(|| Place::Made(own.join(OWN)));
    [own, passing].into_iter().find(is_theirs_alone).map(Place::Standing).or(made)
}

/// What root's runs hold: nobody else can make anything there, and it is gone with each.
const SYSTEM: &str = "/run/hubca-trust";
/// What a person makes in their own directory, where others can open that.
const OWN: &str = ".hubca-trust";
/// Where people have a directory each while they are logged in, by number.
const LOGGED_IN: &str = "/run/user";
/// How long a change under way is waited for by a question.
const A_MOMENT: Duration = Duration::from_secs(5);
/// How long by another change: a store is changed in some seconds, and several may be in line.
const A_MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{DirectoryMode, files::create_directory};

    #[test]
    fn a_person_has_the_lock_in_what_nobody_else_can_open() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| directory::resolve(place.path()).unwrap().join(name);
        create_directory(&at("own"), DirectoryMode::Private).unwrap();
        create_directory(&at("open"), DirectoryMode::Public).unwrap();
        assert_eq!(place_of(&at("own")), Some(Place::Standing(at("own"))));
        assert_eq!(place_of(&at("none")), None);
        match place_of(&at("open")) {
            Some(Place::Made(path)) => assert_eq!(path, at("open").join(OWN)),
            // Somebody is logged in.
            Some(Place::Standing(path)) => assert!(path.starts_with(LOGGED_IN), "{path:?}"),
            None => panic!("there is none"),
        }
    }
}
