//! Making the CA: a root that signs itself, and an issuing CA below it, both on the one road. A change of root makes a
//! further pair in the same ledger.

use super::{
    ca::{Authority, Doors},
    issue_error::IssueError,
    issuer::{Issuer, IssuerError},
    issuer_role::IssuerRole,
    ledger::{Identity, Ledger},
    request::{Holder, IssuanceRequest, Lifetime, Lineage},
};
use crate::{
    keys::{KeyReadError, PrivateKey},
    profile::{Profile, ProfileError, Scope, builtin},
    x509::{Certificate, DistinguishedName, serial_number::Epoch},
};
use thiserror::Error;

/// What a new CA is made of.
pub struct Foundation<'a> {
    /// What it is called; its certificates add a short fingerprint, so that no two CAs share a name.
    pub name: &'a str,
    /// Its first root.
    pub root: NewRoot<'a>,
}

/// A root, and the issuing CA below it.
#[derive(Clone, Copy)]
pub struct NewRoot<'a> {
    /// What both may vouch for.
    pub scope: &'a Scope,
    /// The key of the root.
    pub root_key: &'a PrivateKey,
    /// The key of the issuing CA.
    pub issuing_key: &'a PrivateKey,
}

/// Why no CA was made.
#[derive(Debug, Error)]
pub enum EstablishError {
    /// One of the certificates was not issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyReadError),
    /// A built-in profile cannot be read.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The name is too long for a certificate once its fingerprint is added.
    #[error("the name `{name}` has {length} characters, and {most} are the most")]
    NameTooLong {
        /// The name.
        name: String,
        /// Its characters.
        length: usize,
        /// The most characters.
        most: usize,
    },
}

/// The most characters of a CA's name: with ` Issuing CA ` and a fingerprint they make the 64 of X.520.
pub const LONGEST_NAME: usize = 40;

impl Authority {
    /// Makes a CA in an empty ledger.
    ///
    /// # Errors
    /// A name that no certificate can hold, a key that cannot sign, a ledger that fails.
    pub fn establish(ledger: Ledger, doors: Doors, foundation: &Foundation<'_>) -> Result<Self, EstablishError> {
        let length = foundation.name.chars().count();
        if length > LONGEST_NAME {
            return Err(EstablishError::NameTooLong { name: foundation.name.to_owned(), length, most: LONGEST_NAME });
        }
        let identity = Identity { name: foundation.name.to_owned(), epoch: Epoch::FIRST };
        // Before anything is written: a name that cannot stand in a certificate is refused here.
        names_of(&foundation.root, foundation.name)?;
        ledger.establish(&identity, doors.clock.now()).map_err(IssueError::from)?;
        Self::with_identity(ledger, doors, identity).add_root(&foundation.root)
    }

    /// Gives the CA a further root with an issuing CA below it: the first step of a change of root. Both are its newest
    /// from now on; the earlier ones stay in the ledger, and their certificates are good until they end.
    ///
    /// # Errors
    /// A key that cannot sign or is a CA's already, a ledger that fails.
    pub fn add_root(self, new: &NewRoot<'_>) -> Result<Self, EstablishError> {
        let (root_name, issuing_name) = names_of(new, self.name())?;
        let root = self.issue_ca(None, "root", root_name, new.root_key, new.scope)?;
        self.issue_ca(Some(&root), "issuing", issuing_name, new.issuing_key, new.scope)?;
        self.reload().map_err(EstablishError::Issue)
    }

    /// Issues a CA's certificate: by itself where there is nobody above it.
    fn issue_ca(
        &self,
        above: Option<&Issuer>,
        profile: &'static str,
        name: DistinguishedName,
        key: &PrivateKey,
        scope: &Scope,
    ) -> Result<Issuer, EstablishError> {
        let profile = required(profile)?;
        let role = if above.is_some() { IssuerRole::Issuing } else { IssuerRole::Root };
        let id = self
            .ledger
            .add_issuer(role, above.map(Issuer::id), &name, self.doors.clock.now())
            .map_err(IssueError::from)?;
        let itself = Issuer::of_itself(id, name.clone(), key.to_signing_key()?);
        let request = IssuanceRequest {
            profile: &profile,
            holder: Holder::Ca { row: id, name, scope },
            public_key: key.public_key().clone(),
            lifetime: Lifetime::Default,
            lineage: Lineage::Elsewhere { label: None },
        };
        let signed = self.sign(above.unwrap_or(&itself), &[request])?.signed;
        self.record(&signed)?;
        let mut chain = Vec::new();
        for signed in &signed {
            chain.push(Certificate::from_der(signed.as_der()).map_err(IssueError::from)?);
        }
        chain.extend(above.map(Issuer::chain).unwrap_or_default().iter().cloned());
        let issuer = |error: IssuerError| EstablishError::Issue(error.into());
        Issuer::new(id, chain, key.to_signing_key()?).map_err(issuer)
    }
}

/// The names of a root and of the issuing CA below it.
fn names_of(new: &NewRoot<'_>, name: &str) -> Result<(DistinguishedName, DistinguishedName), IssueError> {
    Ok((ca_name(name, "Root CA", new.root_key)?, ca_name(name, "Issuing CA", new.issuing_key)?))
}

fn required(name: &'static str) -> Result<Profile, ProfileError> {
    builtin(name)?.ok_or_else(|| ProfileError::Name(name.to_owned()))
}

/// A name that no other CA has: devices list roots by their CN, and Firefox fails for good where a name comes back
/// with another key.
fn ca_name(name: &str, kind: &str, key: &PrivateKey) -> Result<DistinguishedName, IssueError> {
    let fingerprint: String = key.public_key().sha256().iter().take(4).map(|octet| format!("{octet:02x}")).collect();
    Ok(DistinguishedName::new(Some(name), Some(&format!("{name} {kind} {fingerprint}")))?)
}
