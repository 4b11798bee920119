//! The store that the programs of a Linux system share: a directory of anchors, and a program that makes bundles of it.

use std::path::{Path, PathBuf};

use super::{
    asking::ask,
    error::TrustError,
    layout::{Layout, SystemStore},
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Standing, Store},
};
use crate::{plan::Plan, system::Host, x509::pem};

/// The store of a machine, with what changes it.
struct Kept<'a> {
    store: &'a SystemStore,
    machine: &'a Machine,
}

/// The store of a machine, if it has one that is known.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let kept = machine.system.as_ref().map(|store| Kept { store, machine });
    kept.into_iter().map(|kept| Box::new(kept) as Box<dyn Store + '_>).collect()
}

impl Kept<'_> {
    fn file(&self, root: &Root) -> PathBuf {
        self.store.directory.join(format!("{}.{}", root.name(), self.store.layout.ending()))
    }

    fn program(&self) -> Result<&str, TrustError> {
        let program = self.store.layout.program();
        let path = self.machine.programs.get(program).and_then(Path::to_str);
        path.ok_or(TrustError::NoProgram { program })
    }

    fn rights(&self) -> Result<&Rights, TrustError> {
        self.machine.root.as_ref().ok_or(TrustError::NoRights)
    }
}

impl Store for Kept<'_> {
    fn kind(&self) -> Kind {
        Kind::System
    }

    fn place(&self) -> String {
        match self.store.layout {
            Layout::P11Kit => "p11-kit".to_owned(),
            _ => self.store.directory.display().to_string(),
        }
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.rights()?, self.program()?, self.file(root));
        let put = rights.write("put the root where the system looks for it", &file, &root.pem());
        let take = |words: &[&str]| rights.run("have the system take it", &[&[program], words].concat());
        Ok(match self.store.layout {
            Layout::Fedora => Plan::new([put, take(&["extract"])]),
            Layout::Debian | Layout::OpenSuse => Plan::new([put, take(&[])]),
            Layout::Arch => Plan::new([put, take(&["extract-compat"])]),
            Layout::P11Kit => Plan::new([
                rights.write("write the root into a file", &file, &root.pem()),
                take(&["anchor", "--store", &file.to_string_lossy()]),
                rights.remove("remove that file", &file, &root.pem()),
            ]),
        })
    }

    fn removal(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, program, file) = (self.rights()?, self.program()?, self.file(root));
        let away = rights.remove("take the root away from where the system looks for it", &file, &root.pem());
        let forget = |words: &[&str]| rights.run("have the system forget it", &[&[program], words].concat());
        Ok(match self.store.layout {
            Layout::Fedora => Plan::new([away, forget(&["extract"])]),
            // Links of a certificate that is gone stay, unless all of them are made anew.
            Layout::Debian => Plan::new([away, forget(&["--fresh"])]),
            Layout::OpenSuse => Plan::new([away, forget(&[])]),
            Layout::Arch => Plan::new([away, forget(&["extract-compat"])]),
            Layout::P11Kit => Plan::new([
                rights.write("write the root into a file", &file, &root.pem()),
                forget(&["anchor", "--remove", &file.to_string_lossy()]),
                rights.remove("remove that file", &file, &root.pem()),
            ]),
        })
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let is_trusted = match self.store.layout.bundle() {
            Some(bundle) => is_in_bundle(root, bundle, host)?,
            None => self.is_anchor(root, host)?,
        };
        Ok(match is_trusted {
            true => Standing::Trusted,
            false if host.has_at(&self.file(root)) => Standing::Idle,
            false => Standing::Absent,
        })
    }
}

impl Kept<'_> {
    /// Whether p11-kit has it as an anchor. It is asked for the certificates with that key: a list of all would be long.
    fn is_anchor(&self, root: &Root, host: &dyn Host) -> Result<bool, TrustError> {
        let identifier = root.certificate().tbs().subject_key_identifier().ok().flatten();
        let octets = identifier.as_ref().map_or(&[][..], |identifier| identifier.as_octets());
        let filter: String = octets.iter().map(|octet| format!("%{octet:02X}")).collect();
        let said = ask(&[self.program()?, "dump", "--filter", &format!("pkcs11:id={filter};type=cert")], host)?.said;
        Ok(root.is_in(said.as_bytes()) && said.lines().any(|line| line.trim() == "trusted: true"))
    }
}

fn is_in_bundle(root: &Root, bundle: &Path, host: &dyn Host) -> Result<bool, TrustError> {
    let text = match host.read(bundle, MOST_BYTES) {
        // Nobody has made one yet.
        Err(error) if error.is_missing() => return Ok(false),
        text => text?,
    };
    if !pem::is_pem(&text) {
        return Err(TrustError::NoBundle(bundle.to_owned()));
    }
    Ok(root.is_in(&text))
}

/// The bundle of all public roots has a quarter of a megabyte.
const MOST_BYTES: usize = 16 * 1024 * 1024;
