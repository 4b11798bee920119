//! The configuration profile for Apple devices: an XML property list with the root in it.
//!
//! Its keys are those of Apple's `TopLevel` schema and of the schema of each payload. It is the same byte for byte
//! whenever it is made, so a device that gets it again replaces it and does not add a second one; only an identity, whose
//! PKCS#12 file is salted, makes it another one each time. No private key is in it but that one, sealed.

mod audience;
mod consent;
mod identifier;
mod identity;
mod payload;
mod web_clip;

pub use audience::Audience;
pub use identifier::identifier;
pub use identity::DeviceIdentity;
pub use web_clip::{WebAddress, WebAddressError, WebClip, WebClipLabel, WebClipLabelError};

use plist::{Dictionary, Value};
use time::OffsetDateTime;

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    signed_data::{ContentSigner, SignContentError},
    slug::Slug,
};
use audience::Scope;
use consent::consent_text;
use identifier::uuid_of_profile;
use payload::{Payload, dictionary};

/// What goes into a profile.
#[derive(Clone)]
pub struct Profile<'a> {
    anchor: &'a Anchor,
    audience: Audience,
    contents: Contents,
    consent: Consent,
    web_clip: Option<WebClip>,
    identity: Option<DeviceIdentity>,
}

/// Whether a person has to agree to a text before a profile is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Not beyond what the device asks anyhow.
    Unasked,
    /// To one that shows the fingerprint: one tap more.
    Asked,
}

/// `<ca-slug>.mobileconfig`.
pub fn file_name(slug: &Slug) -> String {
    Audience::Everybody.file_name(slug)
}

/// The profile that serves every device and brings certificates alone.
pub fn profile(anchor: &Anchor, contents: Contents) -> Artifact {
    Profile::new(anchor).with_contents(contents).artifact()
}

impl<'a> Profile<'a> {
    /// A profile with the root, for iPhones, iPads and Macs.
    pub fn new(anchor: &'a Anchor) -> Self {
        Self {
            anchor,
            audience: Audience::Everybody,
            contents: Contents::RootOnly,
            consent: Consent::Unasked,
            web_clip: None,
            identity: None,
        }
    }

    /// The same for these devices.
    #[must_use]
    pub fn for_audience(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// The same with these certificates.
    #[must_use]
    pub fn with_contents(self, contents: Contents) -> Self {
        Self { contents, ..self }
    }

    /// The same, asking for consent or not.
    #[must_use]
    pub fn with_consent(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    /// The same with an icon on the Home Screen.
    #[must_use]
    pub fn with_web_clip(self, web_clip: WebClip) -> Self {
        Self { web_clip: Some(web_clip), ..self }
    }

    /// The same with an identity for the device.
    #[must_use]
    pub fn with_identity(self, identity: DeviceIdentity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// The file, which everybody may read unless an identity is in it.
    pub fn artifact(self) -> Artifact {
        let name = self.file_name();
        let is_secret = self.identity.is_some();
        let bytes = self.into_xml();
        if is_secret { Artifact::secret(name, MEDIA_TYPE, bytes) } else { Artifact::public(name, MEDIA_TYPE, bytes) }
    }

    /// The same file with a signature around it, which makes it another one each time.
    ///
    /// # Errors
    /// The signer cannot sign.
    pub fn signed_by(self, signer: &ContentSigner, now: OffsetDateTime) -> Result<Artifact, SignContentError> {
        let open = self.artifact();
        let signed = signer.sign(open.contents(), now)?;
        Ok(open.with_contents(signed))
    }

    /// That of the CA; with that of the identity, for no other device wants it.
    fn file_name(&self) -> String {
        let slug = self.anchor.slug();
        match &self.identity {
            Some(identity) => format!("{slug}-{}.mobileconfig", identity.label()),
            None => self.audience.file_name(&slug),
        }
    }

    fn into_xml(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory fails only where a value has no XML form, and dates and UIDs are not among ours.
        let written = Value::Dictionary(self.into_dictionary()).to_writer_xml(&mut bytes);
        debug_assert!(written.is_ok());
        bytes.push(b'\n');
        bytes
    }

    fn into_dictionary(self) -> Dictionary {
        let Self { anchor, audience, contents, consent, web_clip, identity } = self;
        // What belongs to one person is not put into the keychain of all who use the Mac.
        let is_personal = web_clip.is_some() || identity.is_some();
        let scope = if is_personal { Scope::User } else { Scope::System };
        let payloads = Payload::certificates(anchor, contents)
            .into_iter()
            .chain(web_clip.map(|web_clip| web_clip.into_payload(anchor)))
            .chain(identity.map(|identity| identity.into_payload(anchor, audience)))
            .map(|payload| payload.into_value(anchor));
        let mut profile = dictionary([
            ("PayloadType", "Configuration".into()),
            ("PayloadVersion", 1.into()),
            ("PayloadIdentifier", identifier(anchor.root()).into()),
            ("PayloadUUID", uuid_of_profile(anchor.root()).into()),
            ("PayloadDisplayName", anchor.name().into()),
            ("PayloadDescription", description(anchor).into()),
            ("PayloadOrganization", anchor.name().into()),
            ("PayloadContent", Value::Array(payloads.collect())),
        ]);
        profile.extend(audience.keys(scope));
        if consent == Consent::Asked {
            profile.insert("ConsentText".to_owned(), consent_text(anchor).into());
        }
        profile
    }
}

fn description(anchor: &Anchor) -> String {
    let fingerprints: Vec<String> = anchor.roots().map(|root| root.fingerprint()).collect();
    let what = match fingerprints.len() {
        1 => "fingerprint of the root",
        _ => "fingerprints of the roots",
    };
    format!(
        "Lets this device trust the servers of {}. Compare the SHA-256 {what} before you install: {}",
        anchor.name(),
        fingerprints.join(", ")
    )
}

/// What Safari opens as a profile; anything else it saves as a file.
pub const MEDIA_TYPE: &str = "application/x-apple-aspen-config";

#[cfg(test)]
mod tests;
