//! The store of a Linux system that has p11-kit, and no directory of anchors that is known: trust(1) knows where it keeps them.

use std::path::{Path, PathBuf};

use super::{
    asking::ask,
    error::TrustError,
    machine::Machine,
    root::Root,
    store::{Kind, Owner, Standing, Store},
};
use crate::{
    plan::{Plan, Step},
    system::Host,
};

/// What p11-kit keeps, with what changes it.
pub(super) struct KeptP11Kit<'a> {
    /// Where a root lies while it is read: root alone writes there.
    pub(super) directory: &'a Path,
    pub(super) machine: &'a Machine,
}

impl KeptP11Kit<'_> {
    fn file(&self, root: &Root) -> PathBuf {
        self.directory.join(format!("{}.crt", root.name()))
    }

    /// The plan that has p11-kit read the root from a file.
    fn through_a_file(&self, root: &Root, step: impl FnOnce(&str) -> Step) -> Result<Plan, TrustError> {
        let (rights, file) = (self.machine.root_rights()?, self.file(root));
        Ok(Plan::new([
            rights.write("write the root into a file", &file, &root.pem()),
            step(&file.to_string_lossy()),
            rights.remove("remove that file", &file, root.pem().as_bytes()),
        ]))
    }

    /// What p11-kit has of it. It is asked for the certificates with that key: a list of all would be long.
    fn objects(&self, root: &Root, host: &dyn Host) -> Result<Objects, TrustError> {
        let identifier = root.certificate().tbs().subject_key_identifier().ok().flatten();
        let octets = identifier.as_ref().map_or(&[][..], |identifier| identifier.as_octets());
        let filter: String = octets.iter().map(|octet| format!("%{octet:02X}")).collect();
        let said = ask(
            &[self.machine.programs.word(PROGRAM)?, "dump", "--filter", &format!("pkcs11:id={filter};type=cert")],
            host,
        )?
        .said;
        Ok(Objects::read(&said, root))
    }
}

impl Store for KeptP11Kit<'_> {
    fn kind(&self) -> Kind {
        Kind::System
    }

    fn place(&self) -> String {
        "p11-kit".to_owned()
    }

    fn in_turns(&self) -> Option<Owner> {
        Some(Owner::System)
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program) = (self.machine.root_rights()?, self.machine.programs.word(PROGRAM)?);
        if self.objects(root, host)?.is_blocked {
            return Err(TrustError::Blocked);
        }
        self.through_a_file(root, |file| rights.run("have the system take it", &[program, "anchor", "--store", file]))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program) = (self.machine.root_rights()?, self.machine.programs.word(PROGRAM)?);
        let is_blocked = self.objects(root, host)?.is_blocked;
        self.through_a_file(root, |file| {
            let words = [program, "anchor", "--remove", file];
            match is_blocked {
                // It takes the anchor away, and fails for what it cannot take away besides.
                true => rights.run("have the system forget it, and block it still", &words).judged_by_what_it_did(),
                false => rights.run("have the system forget it", &words),
            }
        })
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        Ok(self.objects(root, host)?.standing())
    }
}

/// What p11-kit has of a root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Objects {
    is_anchor: bool,
    /// It is in the blocklist, which counts for more.
    is_blocked: bool,
}

impl Objects {
    /// Reads what `trust dump` says, one object after the other.
    fn read(said: &str, root: &Root) -> Self {
        let objects = said.split(OBJECT).filter(|object| root.is_in(object.as_bytes()));
        objects.fold(Self::default(), |found, object| {
            let says = |line: &str| object.lines().any(|said| said.trim() == line);
            Self {
                is_anchor: found.is_anchor || says("trusted: true"),
                is_blocked: found.is_blocked || says("x-distrusted: true"),
            }
        })
    }

    fn standing(self) -> Standing {
        match self {
            Self { is_anchor: true, is_blocked: false } => Standing::Trusted,
            Self { is_anchor: true, is_blocked: true } => Standing::Idle,
            // Who blocks it wants it there.
            Self { is_anchor: false, is_blocked: true } => Standing::Blocked,
            Self { is_anchor: false, is_blocked: false } => Standing::Absent,
        }
    }
}

const PROGRAM: &str = "trust";
/// What begins each object that `trust dump` tells.
const OBJECT: &str = "[p11-kit-object-v1]";
