//! For whom files are made, and which files those are.

use thiserror::Error;

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    mobileconfig, pem,
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
    /// Programs that read PEM.
    Pem,
    /// Programs that read DER.
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
}

impl Target {
    /// All of them, in the order a list shows them.
    pub const ALL: [Self; 6] = [Self::Ios, Self::Macos, Self::Android, Self::Pem, Self::Der, Self::Chain];

    /// The word for it on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Macos => "macos",
            Self::Android => "android",
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
            Self::Ios | Self::Macos => vec![mobileconfig::profile(anchor, contents)],
            Self::Android => vec![pem::crt(anchor)],
            Self::Pem => vec![pem::pem(anchor, contents)],
            Self::Der => vec![pem::der(anchor)],
            Self::Chain => vec![pem::chain(anchor).ok_or_else(|| ExportError::NoChain(anchor.name().to_owned()))?],
        })
    }

    /// What a person does with the files, in order.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            // devices.md 3.1: no file can turn the second switch.
            Self::Ios | Self::Macos => &[
                "bring the .mobileconfig to the iPhone or iPad: AirDrop, a mail to yourself, or a download in Safari",
                "open it, then Settings > Profile Downloaded > Install (or General > VPN & Device Management)",
                "Settings > General > About > Certificate Trust Settings: switch the root on, or Safari will not trust it",
            ],
            Self::Android => {
                &["bring the .crt to the phone, then Settings > Security > Install a certificate > CA certificate"]
            }
            Self::Pem => &["give the file to whatever asks for a CA certificate in PEM"],
            Self::Der => &["give the file to whatever asks for a CA certificate in DER"],
            Self::Chain => &["let the server send it after its own certificate"],
        }
    }
}
