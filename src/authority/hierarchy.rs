//! Making the CA: a root that signs itself, and an issuing CA below it, both on the one road.

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
    /// What it may vouch for.
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
        let root_name = ca_name(foundation.name, "Root CA", foundation.root_key)?;
        let issuing_name = ca_name(foundation.name, "Issuing CA", foundation.issuing_key)?;
        ledger.establish(&identity, doors.clock.now()).map_err(IssueError::from)?;
        let authority = Self::with_identity(ledger, doors, identity);
        let root = authority.issue_ca(None, "root", root_name, foundation.root_key, foundation.scope)?;
        authority.issue_ca(Some(&root), "issuing", issuing_name, foundation.issuing_key, foundation.scope)?;
        authority.reload().map_err(EstablishError::Issue)
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

fn required(name: &'static str) -> Result<Profile, ProfileError> {
    builtin(name)?.ok_or_else(|| ProfileError::Name(name.to_owned()))
}

/// A name that no other CA has: devices list roots by their CN, and Firefox fails for good where a name comes back
/// with another key.
fn ca_name(name: &str, kind: &str, key: &PrivateKey) -> Result<DistinguishedName, IssueError> {
    let fingerprint: String = key.public_key().sha256().iter().take(4).map(|octet| format!("{octet:02x}")).collect();
    Ok(DistinguishedName::new(Some(name), Some(&format!("{name} {kind} {fingerprint}")))?)
}
