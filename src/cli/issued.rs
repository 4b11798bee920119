//! An issued certificate as `issue` and `sign` report it.

use std::path::PathBuf;

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    moment::Moment,
    page::{Page, counted},
};
use crate::{
    authority::RecordedName,
    home::{Issued, Life, LiveFiles},
    x509::{Certificate, DnsName, Validity},
};

/// A certificate that was issued.
#[derive(Clone, Debug, Serialize)]
pub struct IssuedCertificate {
    /// The serial number.
    pub serial: String,
    /// The lineage.
    pub label: Option<String>,
    /// The profile it was made by.
    pub profile: String,
    /// The names it vouches for.
    pub names: Vec<RecordedName>,
    /// The kind of its key, where the key was made here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The first second of its life.
    pub not_before: Moment,
    /// The last second of its life.
    pub not_after: Moment,
    /// Who issued it.
    pub issuer: String,
    /// Its fingerprint.
    pub sha256: String,
    /// Where its files are, where the home keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<IssuedFiles>,
}

/// The files of a certificate whose key is kept.
#[derive(Clone, Debug, Serialize)]
pub struct IssuedFiles {
    /// The private key.
    pub key: PathBuf,
    /// The certificate alone.
    pub cert: PathBuf,
    /// The CAs above it.
    pub chain: PathBuf,
    /// Both: what a server sends.
    pub fullchain: PathBuf,
}

impl From<LiveFiles> for IssuedFiles {
    fn from(files: LiveFiles) -> Self {
        let LiveFiles { key, cert, chain, fullchain } = files;
        Self { key, cert, chain, fullchain }
    }
}

impl IssuedFiles {
    /// The files under certbot's names in a directory.
    pub fn in_directory(directory: &std::path::Path) -> Self {
        Self {
            key: directory.join("privkey.pem"),
            cert: directory.join("cert.pem"),
            chain: directory.join("chain.pem"),
            fullchain: directory.join("fullchain.pem"),
        }
    }

    /// The four paths.
    pub fn paths(&self) -> [&std::path::Path; 4] {
        [&self.key, &self.cert, &self.chain, &self.fullchain]
    }
}

impl From<&Issued> for IssuedCertificate {
    fn from(issued: &Issued) -> Self {
        let key = || Certificate::from_der(&issued.certificate).ok().map(|it| key_of(&it));
        Self {
            serial: issued.serial.clone(),
            label: issued.label.clone(),
            profile: issued.profile.clone(),
            names: issued.names.clone(),
            key: issued.files.as_ref().and_then(|_| key()),
            not_before: issued.not_before.into(),
            not_after: issued.not_after.into(),
            issuer: issued.issuer.clone(),
            sha256: issued.sha256.clone(),
            files: issued.files.clone().map(IssuedFiles::from),
        }
    }
}

impl IssuedCertificate {
    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.field("names", &names_in_words(&self.names));
        if let Some(label) = &self.label {
            page.field("label", label);
        }
        page.field("valid", &format!("until {}", self.not_after.told(now)));
        page.field("issuer", &self.issuer);
        page.field("serial", &self.serial);
        page.field("SHA-256", &self.sha256);
    }
}

/// The word of `--key` for a certificate's key.
pub fn key_of(certificate: &Certificate) -> String {
    let key = certificate.tbs().public_key();
    key.check_strength().map_or_else(|_| key.kind().to_string(), |sound| sound.to_string())
}

/// Says that a life was cut, where it was.
pub fn cut_note(issued: &Issued) -> Option<String> {
    let end = Moment::from(issued.not_after).date();
    (issued.life == Life::CutToIssuer).then(|| {
        format!("the certificate ends on {end}, with the CA that issued it, and so earlier than its profile says")
    })
}

/// Says which lives are so short that a timer that runs once a day may come too late, where some are.
pub fn outrun_note(issued: &[Issued]) -> Option<String> {
    let outruns = |one: &&Issued| Validity::as_read(one.not_before, one.not_after).outruns_a_day();
    let labels: Vec<_> = issued.iter().filter(outruns).filter_map(|one| one.label.as_deref()).collect();
    let (first, more) = labels.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", counted(more.len(), "label")) };
    Some(format!("`{first}`{more}: {OUTRUN}"))
}

/// What is said of a life that a timer that runs once a day may miss the end of.
pub const OUTRUN: &str =
    "a timer that runs once a day may come too late for a life as short as this: let hubca renew run every few hours";

/// Names as they were typed: international ones in their own letters.
pub fn names_in_words(names: &[RecordedName]) -> String {
    let word = |name: &RecordedName| match name {
        RecordedName::Ip(text) => text.clone(),
        RecordedName::Dns(text) => match DnsName::parse(text).map(|name| name.to_unicode()) {
            Ok(unicode) if unicode != *text => format!("{unicode} ({text})"),
            _ => text.clone(),
        },
    };
    names.iter().map(word).collect::<Vec<_>>().join(", ")
}
