//! For whom files are made, and which files those are.

use thiserror::Error;

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    firefox,
    mobileconfig::{self, Audience, Profile},
    pem,
    truststore::{TruststoreError, truststore},
    windows,
};

/// For whom files are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// iPhones and iPads: a configuration profile.
    Ios,
    /// Macs: a configuration profile.
    Macos,
    /// Phones and tablets with Android.
    Android,
    /// Windows: the certificate, and a script that puts it in its place.
    Windows,
    /// The trust stores of Linux systems.
    Linux,
    /// Firefox: the certificate, and the policy that has it trusted.
    Firefox,
    /// Java: a truststore.
    Java,
    /// Programs that read PEM.
    Pem,
    /// Programs and devices that read DER.
    Der,
    /// Servers, which send it after their own certificate.
    Chain,
}

/// Why there are no files for a target.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The root itself issues, so nothing lies between it and a server.
    #[error("there is no CA between the root of `{0}` and its servers")]
    NoChain(String),
    /// There is no truststore.
    #[error(transparent)]
    Truststore(#[from] TruststoreError),
}

impl Target {
    /// All of them, in the order a list shows them.
    pub const ALL: [Self; 10] = [
        Self::Ios,
        Self::Macos,
        Self::Android,
        Self::Windows,
        Self::Linux,
        Self::Firefox,
        Self::Java,
        Self::Pem,
        Self::Der,
        Self::Chain,
    ];

    /// The word for it on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Macos => "macos",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Firefox => "firefox",
            Self::Java => "java",
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Chain => "chain",
        }
    }

    /// The files for this target: the same bytes whenever they are asked for.
    ///
    /// # Errors
    /// The CA has nothing of that kind.
    pub fn artifacts(self, anchor: &Anchor, contents: Contents) -> Result<Vec<Artifact>, ExportError> {
        Ok(match self {
            Self::Ios => vec![mobileconfig::profile(anchor, contents)],
            Self::Macos => {
                vec![Profile::new(anchor).for_audience(Audience::Macs).with_contents(contents).artifact()]
            }
            Self::Android | Self::Linux => vec![pem::crt(anchor)],
            Self::Windows => vec![pem::der(anchor), windows::script(anchor)],
            Self::Firefox => vec![firefox::policies(anchor), pem::crt(anchor)],
            Self::Java => vec![truststore(anchor)?],
            Self::Pem => vec![pem::pem(anchor, contents)],
            Self::Der => vec![pem::der(anchor)],
            Self::Chain => vec![pem::chain(anchor).ok_or_else(|| ExportError::NoChain(anchor.name().to_owned()))?],
        })
    }
}
