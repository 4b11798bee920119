//! A request told in words: what it asks for, and what of it would never be granted.

use serde::Serialize;

use super::certificate::{DescribedName, or_none, signature_algorithm};
use crate::{
    cli::page::Page,
    x509::{CertificationRequest, hexadecimal, oid},
};

/// What a request asks for.
#[derive(Debug, Serialize)]
pub struct RequestDescription {
    subject: String,
    names: Vec<DescribedName>,
    key: String,
    public_key_sha256: String,
    signature_algorithm: String,
    ignored: Vec<String>,
    dangerous: Vec<String>,
}

impl RequestDescription {
    /// What a request asks for; its signature was verified when it was read.
    pub fn of(request: &CertificationRequest) -> Self {
        let names = request.alt_names().unwrap_or_default();
        Self {
            subject: request.subject().to_string(),
            names: names.iter().map(DescribedName::of).collect(),
            key: request.public_key().kind().to_string(),
            public_key_sha256: hexadecimal(&request.public_key().sha256()),
            signature_algorithm: signature_algorithm(request.signature_oid()),
            ignored: request.ignored_extensions().map(|extension| oid::name(&extension.oid).to_owned()).collect(),
            dangerous: request.dangerous_extensions().into_iter().map(str::to_owned).collect(),
        }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page) {
        page.heading("certificate request, signed by its own key");
        page.field("subject", or_none(&self.subject));
        let names: Vec<&str> = self.names.iter().map(DescribedName::text).collect();
        page.field("names", or_none(&names.join(", ")));
        page.field("key", &format!("{}, signed with {}", self.key, self.signature_algorithm));
        page.field("key SHA-256", &self.public_key_sha256);
        if !self.ignored.is_empty() {
            page.field("also asks", &format!("{}; `sign` grants none of it", self.ignored.join(", ")));
        }
        if !self.dangerous.is_empty() {
            page.field("beware", &format!("it asks for {}", self.dangerous.join(", ")));
        }
    }
}
