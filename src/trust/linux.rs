//! The store that the programs of a Linux system share: a directory of anchors, and a program that makes bundles of it.

use std::path::{Path, PathBuf};

use super::{
    anchor::Anchor,
    asking::ask,
    error::TrustError,
    layout::{Layout, NoAnchors, SystemStore},
    machine::Machine,
    root::Root,
    store::{Kind, Standing, Store},
    unusable::Unusable,
};
use crate::{
    plan::{Plan, Step},
    system::Host,
    x509::pem::{self, Passage},
};

/// The store of a machine, with what changes it.
struct KeptAnchors<'a> {
    store: &'a SystemStore,
    machine: &'a Machine,
}

/// The store of a machine, or that there is none.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    match &machine.system {
        Some(Ok(store)) => vec![Box::new(KeptAnchors { store, machine })],
        Some(Err(NoAnchors)) => {
            vec![Box::new(Unusable { kind: Kind::System, place: "nowhere".to_owned(), why: || TrustError::NoAnchors })]
        }
        None => Vec::new(),
    }
}

impl KeptAnchors<'_> {
    fn file(&self, root: &Root) -> PathBuf {
        self.store.directory.join(format!("{}.{}", root.name(), self.store.layout.ending()))
    }

    fn program(&self) -> Result<&str, TrustError> {
        self.machine.programs.word(self.store.layout.program())
    }
}

impl Store for KeptAnchors<'_> {
    fn kind(&self) -> Kind {
        Kind::System
    }

    fn place(&self) -> String {
        match self.store.layout {
            Layout::P11Kit => "p11-kit".to_owned(),
            _ => self.store.directory.display().to_string(),
        }
    }

    fn held(&self) -> Option<&Path> {
        // The directory itself is held while a file is written there.
        self.store.directory.parent()
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.machine.root_rights()?, self.program()?, self.file(root));
        if self.store.layout == Layout::P11Kit {
            if self.objects(root, host)?.is_blocked {
                return Err(TrustError::Blocked);
            }
            return self.through_a_file(root, |file| {
                rights.run("have the system take it", &[program, "anchor", "--store", file])
            });
        }
        let sentence = "put the root where the system looks for it";
        let put = Anchor::at(&file, root, host)?.put(rights, sentence, &file, root)?;
        let words = [&[program], self.store.layout.gathering()].concat();
        Ok(Plan::new(put.into_iter().chain([rights.run("have the system take it", &words)])))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.machine.root_rights()?, self.program()?, self.file(root));
        // Links of a certificate that is gone stay, unless all of them are made anew.
        let gathering = match self.store.layout {
            Layout::P11Kit => return self.removal_from_p11_kit(root, host),
            Layout::Debian => &["--fresh"],
            layout => layout.gathering(),
        };
        let sentence = "take the root away from where the system looks for it";
        let away = Anchor::at(&file, root, host)?.take_away(rights, sentence, &file, root)?;
        Ok(Plan::new([away, rights.run("have the system forget it", &[&[program], gathering].concat())]))
    }

    fn foreign(&self, root: &Root, host: &dyn Host) -> Result<Option<PathBuf>, TrustError> {
        let file = self.file(root);
        let lying = Anchor::at(&file, root, host)?;
        Ok((lying == Anchor::Foreign).then_some(file))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let Some(bundle) = self.store.layout.bundle() else { return Ok(self.objects(root, host)?.standing()) };
        if self.is_in_bundle(root, bundle, host)? {
            return Ok(Standing::Trusted);
        }
        let is_ours = Anchor::at(&self.file(root), root, host)?.is_ours();
        Ok(if is_ours { Standing::Idle } else { Standing::Absent })
    }
}

impl KeptAnchors<'_> {
    /// The plan that has p11-kit forget the root as an anchor.
    fn removal_from_p11_kit(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program) = (self.machine.root_rights()?, self.program()?);
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
        let said = ask(&[self.program()?, "dump", "--filter", &format!("pkcs11:id={filter};type=cert")], host)?.said;
        Ok(Objects::read(&said, root))
    }

    fn is_in_bundle(&self, root: &Root, bundle: &Path, host: &dyn Host) -> Result<bool, TrustError> {
        let text = match host.read(bundle, MOST_BYTES) {
            // Nobody has made one yet.
            Err(error) if error.is_missing() => return Ok(false),
            text => text?,
        };
        let passages = pem::passages(&text);
        if passages.is_empty() {
            return Err(TrustError::NoBundle(bundle.to_owned()));
        }
        let mut is_there = false;
        for passage in &passages {
            let block = passage.read().map_err(|source| TrustError::BrokenBundle {
                bundle: bundle.to_owned(),
                line: passage.line,
                culprit: self.culprit(passage, host),
                command: [&[self.store.layout.program()], self.store.layout.gathering()].concat().join(" "),
                source,
            })?;
            is_there |= block.contents == root.certificate().as_der();
        }
        Ok(is_there)
    }

    /// The file that has this in it, of those that the system's program reads.
    fn culprit(&self, passage: &Passage<'_>, host: &dyn Host) -> Option<PathBuf> {
        let sought = passage.text.trim_ascii();
        let lines =
            sought.split(|octet| *octet == b'\n').filter_map(|line| std::str::from_utf8(line.trim_ascii()).ok());
        let line = lines.filter(|line| !line.starts_with("-----")).max_by_key(|line| line.len())?;
        let anchors = self.store.directory.to_str()?;
        let places = [anchors].into_iter().chain(self.store.layout.others().iter().copied());
        // One call says which of hundreds may be meant, be it on another machine.
        let words: Vec<&str> = ["grep", "-RlF", "-e", line, "--"].into_iter().chain(places).collect();
        let found = ask(&words, host).ok()?.said;
        let has_it = |path: &PathBuf| {
            let held = host.read(path, MOST_BYTES).unwrap_or_default();
            pem::passages(&held).iter().any(|passage| passage.text.trim_ascii() == sought)
        };
        let is_read = |path: &PathBuf| self.store.layout.takes(path, host);
        found.lines().take(MOST_SUSPECTS).map(PathBuf::from).find(|path| has_it(path) && is_read(path))
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

/// What begins each object that `trust dump` tells.
const OBJECT: &str = "[p11-kit-object-v1]";
/// Whoever has a line in so many files has it in all of them.
const MOST_SUSPECTS: usize = 20;
/// The bundle of all public roots has a quarter of a megabyte.
const MOST_BYTES: usize = 16 * 1024 * 1024;
