//! The store that the programs of a Linux system share: a directory of anchors, and a program that makes bundles of it.

use std::path::{Path, PathBuf};

use super::{
    anchor::Anchor,
    asking::ask,
    error::TrustError,
    layout::{Layout, NoAnchors, SystemStore},
    machine::Machine,
    p11_kit::KeptP11Kit,
    root::Root,
    store::{Kind, Owner, Standing, Store},
    unusable::Unusable,
};
use crate::{
    plan::Plan,
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
        Some(Ok(SystemStore { layout: Layout::P11Kit, directory })) => {
            vec![Box::new(KeptP11Kit { directory, machine })]
        }
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
        self.store.directory.display().to_string()
    }

    fn in_turns(&self) -> Option<Owner> {
        Some(Owner::System)
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.machine.root_rights()?, self.program()?, self.file(root));
        let sentence = "put the root where the system looks for it";
        let put = Anchor::at(&file, root, host)?.put(rights, sentence, &file, root)?;
        let words = [&[program], self.store.layout.gathering()].concat();
        Ok(Plan::new(put.into_iter().chain([rights.run("have the system take it", &words)])))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.machine.root_rights()?, self.program()?, self.file(root));
        // Links of a certificate that is gone stay, unless all of them are made anew.
        let gathering = match self.store.layout {
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
        let bundle = self.store.layout.bundle();
        if bundle.map_or(Ok(false), |bundle| self.is_in_bundle(root, bundle, host))? {
            return Ok(Standing::Trusted);
        }
        let is_ours = Anchor::at(&self.file(root), root, host)?.is_ours();
        Ok(if is_ours { Standing::Idle } else { Standing::Absent })
    }
}

impl KeptAnchors<'_> {
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

/// Whoever has a line in so many files has it in all of them.
const MOST_SUSPECTS: usize = 20;
/// The bundle of all public roots has a quarter of a megabyte.
const MOST_BYTES: usize = 16 * 1024 * 1024;
