//! Making the CA: a root that signs itself, and an issuing CA below it, both on the one road. A change of root makes a
//! further pair in the same ledger.

use super::{
    ca::{Authority, Doors},
    issue_error::IssueError,
    issuer::{Issuer, IssuerError},
    issuer_role::{IssuerId, IssuerRole},
    ledger::{Identity, Ledger, Place},
    ledger_error::LedgerError,
    request::{Holder, IssuanceRequest, Lifetime, Lineage},
    reservation::Signed,
    rotation,
};
use crate::{
    keys::{KeyReadError, PrivateKey},
    profile::{Profile, ProfileError, Scope, ScopeError, builtin},
    x509::{
        BasicConstraints, Certificate, DistinguishedName, NameConstraints, SubjectPublicKeyInfo, hexadecimal,
        serial_number::Epoch,
    },
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
    /// The roots are being changed already.
    #[error("a change of root is under way")]
    RotationUnderWay,
    /// The root in force is of a kind that no other can follow.
    #[error("no root can follow `{root}`: its path length is {most}, and a change of root puts two CAs below it")]
    RootTooShort {
        /// Its name.
        root: String,
        /// How many CAs may stand below it, one below the other.
        most: u32,
    },
    /// What an issuing CA shall vouch for, and none below this root may.
    #[error("`{added}` is outside what `{root}` may vouch for, and no CA below it can have more")]
    OutsideRoot {
        /// The root, such as `root/1`.
        root: String,
        /// The name or network.
        added: String,
    },
    /// A scope that is none.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// What shall be one of the CAs is none, or nobody among them issued it.
    #[error("`{subject}` is no CA, or none of these CAs issued it")]
    NotACa {
        /// Its subject.
        subject: String,
    },
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

/// Whether the names of CAs can be made of a name.
pub(super) fn check_name(name: &str) -> Result<(), EstablishError> {
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(EstablishError::NameTooLong { name: name.to_owned(), length, most: LONGEST_NAME });
    }
    DistinguishedName::new(Some(name), None).map_err(IssueError::from)?;
    Ok(())
}

impl Authority {
    /// Makes a CA in an empty ledger.
    ///
    /// # Errors
    /// A name that no certificate can hold, a key that cannot sign, a ledger that fails.
    pub fn establish(ledger: Ledger, doors: Doors, foundation: &Foundation<'_>) -> Result<Self, EstablishError> {
        check_name(foundation.name)?;
        let identity = Identity { name: foundation.name.to_owned(), epoch: Epoch::FIRST };
        // Before anything is written: a name that cannot stand in a certificate is refused here.
        names_of(&foundation.root, foundation.name)?;
        ledger.establish(&identity, doors.clock.now()).map_err(IssueError::from)?;
        Self::with_identity(ledger, doors, identity).add_root(&foundation.root)
    }

    /// Gives the CA a further root with an issuing CA below it. Both are its newest from now on; the earlier ones stay in
    /// the ledger, and their certificates are good until they end.
    ///
    /// # Errors
    /// A key that cannot sign or is a CA's already, a ledger that fails.
    pub fn add_root(mut self, new: &NewRoot<'_>) -> Result<Self, EstablishError> {
        let (root_name, issuing_name) = names_of(new, self.name())?;
        let (root, signer) = self.sign_root(root_name, new)?;
        let issuing = self.sign_issuing(&signer, issuing_name, new.issuing_key, new.scope)?;
        self.admit(Candidates { members: vec![root, issuing], begins: None })?;
        Ok(self)
    }

    /// Signs a further issuing CA below a root, with a scope inside that root's.
    ///
    /// # Errors
    /// A key that is a CA's already, or a ledger that fails.
    pub fn draft_issuing(&self, root: &Issuer, key: &PrivateKey, scope: &Scope) -> Result<Candidates, EstablishError> {
        let name = ca_name(self.name(), "Issuing CA", key)?;
        let member = self.sign_issuing(root, name, key, scope)?;
        Ok(Candidates { members: vec![member], begins: None })
    }

    /// What the next CA that issues may vouch for: what the one before it may, with names or networks added, as far as the root lets any
    /// CA below it.
    ///
    /// # Errors
    /// What is no name and no network, or one that the root leaves out: devices trust it with its limits, and none below it can
    /// have more.
    pub fn wider_scope(&self, added: &[String]) -> Result<Scope, EstablishError> {
        let allowed = self.scope()?;
        for text in added {
            if let (false, Some(root)) = (allowed.allows(text)?, self.root()) {
                return Err(EstablishError::OutsideRoot { root: root.path(), added: text.clone() });
            }
        }
        Ok(self.issuing_scope()?.widened(added)?)
    }

    /// What the next root may vouch for: what the root in force says; where that leaves a kind of names open, what the CA that issues
    /// may vouch for.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub fn next_root_scope(&self) -> Result<Scope, EstablishError> {
        let scope = self.scope()?;
        let is_closed = |constraints: &NameConstraints| *constraints == constraints.closed();
        if scope.constraints().is_some_and(|(constraints, _)| is_closed(constraints)) {
            return Ok(scope);
        }
        self.wider_scope(&[])
    }

    /// Signs a further root and an issuing CA below it, and carries the trust in each of the two roots to the other: the
    /// first step of a change of root.
    ///
    /// # Errors
    /// A key that is a CA's already, or a ledger that fails.
    pub fn draft_change_of_root(&self, old: &Issuer, new: &NewRoot<'_>) -> Result<Candidates, EstablishError> {
        self.consider_change_of_root()?;
        let (root_name, issuing_name) = names_of(new, self.name())?;
        let (root, signer) = self.sign_root(root_name, new)?;
        let issuing = self.sign_issuing(&signer, issuing_name, new.issuing_key, new.scope)?;
        let forth = self.sign_cross(old, &signer)?;
        let back = self.sign_cross(&signer, old)?;
        let begins = Some((old.id(), signer.id()));
        Ok(Candidates { members: vec![root, issuing, forth, back], begins })
    }

    /// Whether a change of root can begin, before anything is made for it.
    ///
    /// # Errors
    /// One is under way already, or the root in force cannot be followed: the new root and its issuing CA, one below the
    /// other, are below it for those who have it only (RFC 5280 4.2.1.9).
    pub fn consider_change_of_root(&self) -> Result<(), EstablishError> {
        if self.rotation().is_some() {
            return Err(EstablishError::RotationUnderWay);
        }
        let Some(root) = self.root().map(|root| root.certificate().tbs()) else { return Ok(()) };
        match root.basic_constraints() {
            Ok(Some(BasicConstraints::Ca { path_len: Some(most) })) if most < 2 => {
                Err(EstablishError::RootTooShort { root: root.subject().to_string(), most })
            }
            _ => Ok(()),
        }
    }

    /// Takes what was signed among the CAs of this authority: all of it in one transaction, and with it the change of
    /// root that it begins.
    ///
    /// # Errors
    /// A change of root that is under way already, or a ledger that fails.
    pub fn admit(&mut self, candidates: Candidates) -> Result<(), EstablishError> {
        let signed: Vec<Signed> = candidates.members.into_iter().map(|member| member.signed).collect();
        let now = self.doors.clock.now();
        let begins = candidates.begins;
        let recorded = self.ledger.record_and(&signed, now, |transaction, head| match begins {
            Some((old, new)) => rotation::begin(transaction, head, old, new, now),
            None => Ok(()),
        });
        recorded.map_err(IssueError::from)?;
        Ok(self.refresh()?)
    }

    fn sign_root(&self, name: DistinguishedName, new: &NewRoot<'_>) -> Result<(Candidate, Issuer), EstablishError> {
        let (id, ordinal) = self.place_for(IssuerRole::Root, None, &name)?;
        let itself = Issuer::of_itself(id, name.clone(), new.root_key.to_signing_key()?);
        let holder = Holder::Ca { row: id, name, scope: new.scope };
        let signed = self.sign_ca(&itself, "root", holder, new.root_key.public_key(), Lifetime::Default)?;
        let own = Certificate::from_der(signed.as_der()).map_err(IssueError::from)?;
        let issuer = Issuer::new(id, vec![own], new.root_key.to_signing_key()?).map_err(IssueError::from)?;
        Ok((Candidate { role: IssuerRole::Root, ordinal, signed }, issuer))
    }

    fn sign_issuing(
        &self,
        root: &Issuer,
        name: DistinguishedName,
        key: &PrivateKey,
        scope: &Scope,
    ) -> Result<Candidate, EstablishError> {
        let (id, ordinal) = self.place_for(IssuerRole::Issuing, Some(root.id()), &name)?;
        let holder = Holder::Ca { row: id, name, scope };
        let signed = self.sign_ca(root, "issuing", holder, key.public_key(), Lifetime::Default)?;
        Ok(Candidate { role: IssuerRole::Issuing, ordinal, signed })
    }

    /// Carries the trust in one root to another: the other's name, key and scope, signed by the first.
    fn sign_cross(&self, by: &Issuer, of: &Issuer) -> Result<Candidate, EstablishError> {
        let (id, ordinal) = self.place_for(IssuerRole::Cross, Some(by.id()), of.name())?;
        let holder = Holder::Ca { row: id, name: of.name().clone(), scope: &scope_of(of)? };
        let lifetime = of.validity().map_or(Lifetime::Default, |validity| Lifetime::NotBeyond(validity.not_after()));
        let signed = self.sign_ca(by, "cross", holder, of.public_key(), lifetime)?;
        Ok(Candidate { role: IssuerRole::Cross, ordinal, signed })
    }

    fn place_for(
        &self,
        role: IssuerRole,
        above: Option<IssuerId>,
        name: &DistinguishedName,
    ) -> Result<(IssuerId, i64), EstablishError> {
        let now = self.doors.clock.now();
        let place = Place { role, signed_by: above, subject: name, certificate: None };
        Ok(self.ledger.add_issuer(place, now).map_err(IssueError::from)?)
    }

    /// The certificate of a CA, by itself or by the one above it.
    fn sign_ca(
        &self,
        by: &Issuer,
        profile: &'static str,
        holder: Holder<'_>,
        key: &SubjectPublicKeyInfo,
        lifetime: Lifetime,
    ) -> Result<Signed, EstablishError> {
        let request = IssuanceRequest {
            profile: &required(profile)?,
            holder,
            public_key: key.clone(),
            lifetime,
            lineage: Lineage::Elsewhere { label: None },
        };
        let signed = self.sign(by, &[request])?.signed.pop();
        Ok(signed.ok_or(LedgerError::Unreadable { what: "a reserved row" }).map_err(IssueError::from)?)
    }
}

/// CAs that are signed and not yet among those of an authority: their keys are put in their places first.
#[must_use = "what is signed and never admitted stays reserved for ever"]
pub struct Candidates {
    members: Vec<Candidate>,
    /// The old root and the new one, where they begin a change of root.
    begins: Option<(IssuerId, IssuerId)>,
}

struct Candidate {
    role: IssuerRole,
    ordinal: i64,
    signed: Signed,
}

impl Candidates {
    /// The certificate and the ordinal of the one that has a role.
    pub fn of_role(&self, role: IssuerRole) -> Option<(i64, &[u8])> {
        let member = self.members.iter().find(|member| member.role == role)?;
        Some((member.ordinal, member.signed.as_der()))
    }
}

/// What the certificate of an issuer says that it may vouch for.
fn scope_of(issuer: &Issuer) -> Result<Scope, EstablishError> {
    let scope = issuer.chain().first().map(Scope::of).transpose();
    let scope = scope.map_err(|error| IssueError::from(IssuerError::from(error)))?;
    Ok(scope.unwrap_or(Scope::Unconstrained))
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
    let fingerprint = hexadecimal(key.public_key().sha256().get(..4).unwrap_or_default());
    Ok(DistinguishedName::new(Some(name), Some(&format!("{name} {kind} {fingerprint}")))?)
}
