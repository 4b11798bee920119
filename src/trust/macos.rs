//! The keychain of a Mac: security(1). What is done here follows from what Apple and others document; it was not run on a Mac.

use std::path::{Path, PathBuf};

use super::{
    asking::ask,
    error::TrustError,
    machine::Machine,
    root::Root,
    store::{Kind, Standing, Store},
};
use crate::{plan::Plan, system::Host};

/// The keychain of all users, with what changes it.
struct KeptKeychain<'a>(&'a Machine);

/// The keychain of a machine, if it is a Mac.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let is_mac = machine.programs.get(PROGRAM).is_some();
    is_mac.then(|| Box::new(KeptKeychain(machine)) as Box<dyn Store + '_>).into_iter().collect()
}

impl KeptKeychain<'_> {
    /// Where it lies while `security` reads it: root alone writes there.
    fn file(root: &Root) -> PathBuf {
        Path::new("/var/run").join(format!("{}.pem", root.name()))
    }
}

impl Store for KeptKeychain<'_> {
    fn kind(&self) -> Kind {
        Kind::Macos
    }

    fn place(&self) -> String {
        KEYCHAIN.to_owned()
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, security, file) = (self.0.root_rights()?, self.0.programs.word(PROGRAM)?, Self::file(root));
        let words = [security, "add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN, &file.to_string_lossy()];
        Ok(Plan::new([
            rights.pour("write the root into a file", &file, &root.pem()),
            rights
                .run("put it into the keychain of all users as trusted: the Mac asks for a password once more", &words),
            rights.remove("remove that file", &file, root.pem().as_bytes()),
        ]))
    }

    fn removal(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, security, file) = (self.0.root_rights()?, self.0.programs.word(PROGRAM)?, Self::file(root));
        let digits = root.certificate().sha1_fingerprint().to_uppercase();
        Ok(Plan::new([
            rights.pour("write the root into a file", &file, &root.pem()),
            rights.run(
                "take the trust from it: the Mac asks for a password once more",
                &[security, "remove-trusted-cert", "-d", &file.to_string_lossy()],
            ),
            rights.run(
                "take it out of the keychain of all users",
                &[security, "delete-certificate", "-Z", &digits, KEYCHAIN],
            ),
            rights.remove("remove that file", &file, root.pem().as_bytes()),
        ]))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let security = self.0.programs.word(PROGRAM)?;
        let name = root.certificate().tbs().subject().common_name().unwrap_or_default();
        let found = ask(&[security, "find-certificate", "-a", "-Z", "-c", name, KEYCHAIN], host)?;
        let digits = root.certificate().fingerprint().to_uppercase();
        if !found.said.lines().any(|line| line.starts_with("SHA-256 hash:") && line.ends_with(&digits)) {
            return Ok(Standing::Absent);
        }
        // `Cert 0: Home Hub Root CA`, for each that an administrator has settled the trust of.
        let settled = ask(&[security, "dump-trust-settings", "-d"], host)?;
        let is_it =
            |line: &str| line.starts_with("Cert ") && line.split_once(": ").is_some_and(|(_, rest)| rest == name);
        Ok(if settled.said.lines().any(is_it) { Standing::Trusted } else { Standing::Idle })
    }
}

const PROGRAM: &str = "security";
const KEYCHAIN: &str = "/Library/Keychains/System.keychain";
