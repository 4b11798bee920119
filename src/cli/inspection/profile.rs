//! A configuration profile for Apple devices told in words: who it says it is from, and what it would install.

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    certificate::{CertificateDescription, or_none},
    signature::SignatureDescription,
};
use crate::{
    cli::{
        failure::{Failure, FailureKind},
        page::{Page, counted},
    },
    export::{ReadPayload, ReadProfile, ReadSignedData},
    x509::{Certificate, pem},
};

/// What a profile says.
#[derive(Debug, Serialize)]
pub struct ProfileDescription {
    identifier: String,
    uuid: String,
    display_name: String,
    organization: String,
    description: String,
    signature: Option<SignatureDescription>,
    payloads: Vec<PayloadDescription>,
}

/// One thing a profile would install.
#[derive(Debug, Serialize)]
struct PayloadDescription {
    #[serde(rename = "type")]
    kind: String,
    identifier: String,
    uuid: String,
    display_name: String,
    url: Option<String>,
    certificate: Option<CertificateDescription>,
}

impl ProfileDescription {
    /// Reads a profile that is not signed.
    ///
    /// # Errors
    /// XML that is none, or no profile.
    pub(super) fn read(bytes: &[u8], now: OffsetDateTime) -> Result<Self, Failure> {
        let profile = ReadProfile::from_xml(bytes)
            .map_err(|error| Failure::new(FailureKind::Input, "this is no Apple profile").because(error.to_string()))?;
        let ReadProfile { identifier, uuid, display_name, organization, description, payloads } = profile;
        let payloads = payloads.into_iter().map(|payload| PayloadDescription::of(payload, now)).collect();
        Ok(Self { identifier, uuid, display_name, organization, description, signature: None, payloads })
    }

    /// Reads a signed profile; whether its signature fits is part of what it says.
    ///
    /// # Errors
    /// A message that is broken, or what is signed is no profile.
    pub(super) fn read_signed(bytes: &[u8], now: OffsetDateTime) -> Result<Self, Failure> {
        let signed = ReadSignedData::from_ber(bytes)
            .map_err(|error| Failure::new(FailureKind::Input, "this is no Apple profile").because(error.to_string()))?;
        let ReadSignedData { content, signer, certificates } = signed;
        let signature = SignatureDescription::of(signer, certificates.len(), now);
        Ok(Self { signature: Some(signature), ..Self::read(&content, now)? })
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        let signed = if self.signature.is_some() { "signed" } else { "not signed" };
        page.heading(&format!("configuration profile for Apple devices, {signed}"));
        page.field("name", or_none(&self.display_name));
        page.field("identifier", or_none(&self.identifier));
        page.field("UUID", or_none(&self.uuid));
        page.field("from", or_none(&self.organization));
        page.field("says", or_none(&self.description));
        page.field("installs", &counted(self.payloads.len(), "payload"));
        for payload in &self.payloads {
            page.blank();
            page.heading(&format!("payload {}", payload.kind));
            page.field("name", or_none(&payload.display_name));
            page.field("identifier", or_none(&payload.identifier));
            page.field("UUID", or_none(&payload.uuid));
            if let Some(url) = &payload.url {
                page.field("opens", url);
            }
            if let Some(certificate) = &payload.certificate {
                certificate.tell(page, now);
            }
        }
        if let Some(signature) = &self.signature {
            page.blank();
            signature.tell(page, now);
        }
    }
}

impl PayloadDescription {
    fn of(payload: ReadPayload, now: OffsetDateTime) -> Self {
        let ReadPayload { kind, identifier, uuid, display_name, url, content } = payload;
        let der = match pem::parse(&content) {
            Ok(blocks) if pem::is_pem(&content) => blocks.into_iter().next().map(|block| block.contents),
            _ => None,
        };
        let certificate = Certificate::from_der(der.as_deref().unwrap_or(&content)).ok();
        let certificate = certificate.map(|certificate| CertificateDescription::of(&certificate, now));
        Self { kind, identifier, uuid, display_name, url, certificate }
    }
}
