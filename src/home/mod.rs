//! The home of a CA: a directory with its ledger, its keys, and what it has issued.

mod deployment;
mod error;
mod establishment;
mod guard;
mod issuance;
mod layout;
mod settings;
#[cfg(test)]
mod test_ca;
#[cfg(test)]
mod tests;

use crate::{
    authority::{Authority, CaCertificate, Doors, Issuer, Ledger, LedgerError},
    keys::{KeyFile, KeyPurpose, PassphraseSource},
    lint::Role,
    profile::{self, BUILTIN_NAMES, Profile},
    store::StoreError,
    system::files::{directory, read_bounded},
};

pub use deployment::LiveFiles;
pub use error::HomeError;
pub use establishment::Establishment;
pub use issuance::{Issued, Life, Order, Shares};
pub use layout::Layout;
pub use settings::Settings;

/// An open home.
pub struct Home {
    layout: Layout,
    authority: Authority,
    settings: Settings,
}

/// Which of the CA's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaKey {
    /// The root's.
    Root,
    /// The newest issuing CA's.
    Issuing,
}

impl Home {
    /// Opens the home in a directory.
    ///
    /// # Errors
    /// No CA in it, a home that others can use, a ledger that is damaged or of a newer program.
    pub fn open(layout: Layout, doors: Doors) -> Result<Self, HomeError> {
        guard::check(&layout)?;
        if layout.finished().directory().is_dir() {
            let _lock = crate::system::files::DirectoryLock::acquire(layout.directory())?;
            establishment::finish(&layout)?;
        }
        let ledger = Ledger::open(&layout.ledger()).map_err(|error| match error {
            LedgerError::Store(StoreError::Missing { .. }) => {
                HomeError::NoCa { directory: layout.directory().to_owned() }
            }
            other => other.into(),
        })?;
        let authority = Authority::open(ledger, doors)?;
        let settings = Settings::read(&layout)?;
        Ok(Self { layout, authority, settings })
    }

    /// Where everything lies.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The CA.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The CA's root.
    ///
    /// # Errors
    /// A ledger without one.
    pub fn root(&self) -> Result<&CaCertificate, HomeError> {
        self.authority.root().ok_or_else(|| HomeError::NoCa { directory: self.layout.directory().to_owned() })
    }

    /// The newest issuing CA.
    ///
    /// # Errors
    /// A ledger without one.
    pub fn issuing(&self) -> Result<&CaCertificate, HomeError> {
        self.authority.issuing().ok_or_else(|| HomeError::NoCa { directory: self.layout.directory().to_owned() })
    }

    /// The issuing CA with its key, ready to sign.
    ///
    /// # Errors
    /// A key that cannot be read, or is not its.
    pub fn issuer(&self, passphrases: &dyn PassphraseSource) -> Result<Issuer, HomeError> {
        let ca = self.issuing()?;
        let key = self.key_file(CaKey::Issuing)?.read(passphrases)?.to_signing_key()?;
        Ok(self.authority.issuer(ca, key)?)
    }

    /// The file of one of the CA's keys.
    ///
    /// # Errors
    /// The root's was taken away.
    pub fn key_file(&self, key: CaKey) -> Result<KeyFile, HomeError> {
        match key {
            CaKey::Issuing => Ok(KeyFile::new(self.layout.issuing_key(self.issuing()?.ordinal()), KeyPurpose::Issuing)),
            CaKey::Root => {
                let path = self.layout.root_key();
                if !path.exists() {
                    return Err(HomeError::NoRootKey { path });
                }
                Ok(KeyFile::new(path, KeyPurpose::Root))
            }
        }
    }

    /// A profile by its name: built in, or the operator's own.
    ///
    /// # Errors
    /// None of that name, one that cannot be read, or one for a CA.
    pub fn profile(&self, name: &str) -> Result<Profile, HomeError> {
        let profile = find_profile(Some(&self.layout), name)?;
        match profile.role() {
            Role::Root | Role::Issuing => Err(HomeError::CaProfile(name.to_owned())),
            _ => Ok(profile),
        }
    }
}

/// A profile by its name, of any kind; without a home the built-in ones only.
///
/// # Errors
/// None of that name, or one that cannot be read.
pub fn find_profile(layout: Option<&Layout>, name: &str) -> Result<Profile, HomeError> {
    if let Some(profile) = profile::builtin(name)? {
        return Ok(profile);
    }
    let known = profile_names(layout)?;
    let Some(layout) = layout.filter(|_| known.iter().any(|known| known == name)) else {
        return Err(HomeError::NoProfile { name: name.to_owned(), known });
    };
    let path = layout.profiles().join(format!("{name}.toml"));
    let bytes = read_bounded(&path, profile::MOST_BYTES)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| HomeError::Settings { path: path.clone(), reason: "it is not text".to_owned() })?;
    Ok(Profile::parse(name, &text)?)
}

/// The names of all profiles: the built-in ones, then the operator's own.
///
/// # Errors
/// A directory that cannot be read.
pub fn profile_names(layout: Option<&Layout>) -> Result<Vec<String>, HomeError> {
    let mut names: Vec<String> = BUILTIN_NAMES.iter().map(|name| (*name).to_owned()).collect();
    if let Some(layout) = layout {
        match directory::entries(&layout.profiles()) {
            Ok(entries) => {
                names.extend(entries.iter().filter_map(|entry| entry.strip_suffix(".toml").map(str::to_owned)))
            }
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(names)
}
