//! The stores of Windows, from the Linux that runs in it (WSL): certutil.exe. What is done here follows from what Microsoft
//! documents; it was not run on Windows.

use std::path::{Path, PathBuf};

use super::{
    asking::ask,
    error::TrustError,
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Standing, Store, Use},
    wsl::Windows,
};
use crate::{
    plan::Plan,
    system::{Ending, Host},
};

/// Whose store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// That of the user of Windows, who is asked by Windows itself.
    User,
    /// That of all users, which takes a terminal with an administrator's rights.
    Everybody,
}

/// A store, with what changes it.
struct KeptRoots<'a>(&'a Windows, Whose);

/// The stores of the Windows around a machine.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let Some(windows) = &machine.windows else { return Vec::new() };
    [Whose::User, Whose::Everybody].map(|whose| Box::new(KeptRoots(windows, whose)) as Box<dyn Store + '_>).into()
}

impl KeptRoots<'_> {
    fn certutil<'a>(&'a self, words: &[&'a str]) -> Result<Vec<&'a str>, TrustError> {
        let Self(windows, whose) = self;
        let program = windows.certutil.to_str().ok_or_else(|| TrustError::Name(windows.certutil.clone()))?;
        let user: &[&str] = if *whose == Whose::User { &["-user"] } else { &[] };
        Ok([&[program], user, words].concat())
    }

    fn file(&self, root: &Root) -> PathBuf {
        self.0.directory.join(format!(".{}.crt", root.name()))
    }

    /// A file of this Linux as Windows names it.
    fn seen_from_windows(&self, path: &Path) -> String {
        format!(r"\\wsl.localhost\{}{}", self.0.distribution, path.to_string_lossy().replace('/', r"\"))
    }
}

impl Store for KeptRoots<'_> {
    fn kind(&self) -> Kind {
        match self.1 {
            Whose::User => Kind::Windows,
            Whose::Everybody => Kind::WindowsMachine,
        }
    }

    fn place(&self) -> String {
        match self.1 {
            Whose::User => r"CurrentUser\Root".to_owned(),
            Whose::Everybody => r"LocalMachine\Root".to_owned(),
        }
    }

    fn when_used(&self) -> Use {
        // It takes an administrator, and the user's store is enough for the user.
        if self.1 == Whose::User { Use::Always } else { Use::Named }
    }

    fn installation(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let file = self.file(root);
        let seen = self.seen_from_windows(&file);
        let put = match self.1 {
            Whose::User => "put it among the trusted roots of Windows: Windows shows it and asks",
            Whose::Everybody => "put it among the trusted roots of all users of Windows",
        };
        Ok(Plan::new([
            Rights::Own.write("write the root where Windows can read it", &file, &root.pem()),
            Rights::Own.run(put, &self.certutil(&["-addstore", "-f", "Root", &seen])?),
            Rights::Own.remove("remove that file", &file, root.pem().as_bytes()),
        ]))
    }

    fn removal(&self, root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        let digits = root.certificate().sha1_fingerprint();
        let words = self.certutil(&["-delstore", "Root", &digits])?;
        Ok(Plan::new([
            Rights::Own.run("take it from the trusted roots of Windows", &words),
            Rights::Own.remove(
                "remove the file that Windows read, if it is left",
                &self.file(root),
                root.pem().as_bytes(),
            ),
        ]))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let digits = root.certificate().sha1_fingerprint();
        let found = ask(&self.certutil(&["-store", "Root", &digits])?, host)?;
        let is_there = found.how == Ending::Code(0) && found.said.to_ascii_lowercase().contains(&digits);
        Ok(if is_there { Standing::Trusted } else { Standing::Absent })
    }
}
