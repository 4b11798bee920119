//! A key told in words: its kind, whether it is encrypted, and which public key is its own. Never a private value.

use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    cli::page::Page,
    keys::{KeyPurpose, KeyReadError, PassphraseError, PrivateKey},
    x509::{SubjectPublicKeyInfo, hexadecimal},
};

/// What may be told of a key.
#[derive(Debug, Serialize)]
pub struct KeyDescription {
    format: &'static str,
    encrypted: Option<bool>,
    algorithm: Option<String>,
    public_key_sha256: Option<String>,
    key_identifier: Option<String>,
    problem: Option<String>,
}

/// Whether a key lies open in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    /// Under a passphrase.
    Passphrase,
    /// Open.
    None,
}

impl Encryption {
    fn of_label(label: &str) -> Self {
        if label == "ENCRYPTED PRIVATE KEY" { Self::Passphrase } else { Self::None }
    }
}

impl KeyDescription {
    /// A public key.
    pub fn of_public(key: &SubjectPublicKeyInfo) -> Self {
        Self { encrypted: None, ..Self::with_public("SubjectPublicKeyInfo", key) }
    }

    /// A private key in a PEM block.
    pub fn of_private(label: &str, text: &[u8]) -> Self {
        let encryption = match PrivateKey::is_encrypted(text) {
            Ok(true) => Encryption::Passphrase,
            Ok(false) => Encryption::None,
            Err(_) => Encryption::of_label(label),
        };
        Self::from_read(format_of(label), encryption, read(text))
    }

    /// A private key in DER, of the first shape that fits.
    pub fn of_private_der(bytes: &[u8]) -> Option<Self> {
        ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].into_iter().find_map(|label| {
            let text = Zeroizing::new(crate::x509::pem::encode(label, bytes));
            match read(text.as_bytes()) {
                Err(KeyReadError::Malformed { .. } | KeyReadError::NoKey { .. } | KeyReadError::UnknownEncryption) => {
                    None
                }
                result => Some(Self::from_read(format_of(label), Encryption::of_label(label), result)),
            }
        })
    }

    fn from_read(format: &'static str, encryption: Encryption, read: Result<PrivateKey, KeyReadError>) -> Self {
        let encrypted = Some(encryption == Encryption::Passphrase);
        let closed =
            Self { format, encrypted, algorithm: None, public_key_sha256: None, key_identifier: None, problem: None };
        match read {
            Ok(key) => Self { encrypted, ..Self::with_public(format, key.public_key()) },
            // Nobody was asked: what lies under the passphrase stays there.
            Err(KeyReadError::Passphrase(_)) => closed,
            Err(KeyReadError::UnsupportedKind { ref kind }) => {
                let problem = Some(format!("{kind} keys are not used here"));
                Self { algorithm: Some(kind.clone()), problem, ..closed }
            }
            Err(error) => Self { problem: Some(error.to_string()), ..closed },
        }
    }

    fn with_public(format: &'static str, key: &SubjectPublicKeyInfo) -> Self {
        let problem = key.check_strength().err().map(|error| error.to_string());
        Self {
            format,
            encrypted: None,
            algorithm: Some(key.kind().to_string()),
            public_key_sha256: Some(hexadecimal(&key.sha256())),
            key_identifier: Some(hexadecimal(&key.key_identifier())),
            problem,
        }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page, what: &str) {
        let encrypted = match self.encrypted {
            Some(true) => ", encrypted",
            Some(false) => ", not encrypted",
            None => "",
        };
        page.heading(&format!("{what}{encrypted}"));
        page.field("format", self.format);
        page.field("algorithm", self.algorithm.as_deref().unwrap_or("known only with the passphrase"));
        if let Some(sha256) = &self.public_key_sha256 {
            page.field("key SHA-256", sha256);
        }
        if let Some(identifier) = &self.key_identifier {
            page.field("identifier", identifier);
        }
        if let Some(problem) = &self.problem {
            page.field("beware", problem);
        }
    }
}

fn read(text: &[u8]) -> Result<PrivateKey, KeyReadError> {
    let nobody = KeyPurpose::Other(std::path::PathBuf::new());
    PrivateKey::from_pem(text, || Err(PassphraseError::Unavailable { purpose: nobody }))
}

fn format_of(label: &str) -> &'static str {
    match label {
        "RSA PRIVATE KEY" => "PKCS#1 (RFC 8017)",
        "EC PRIVATE KEY" => "SEC 1 (RFC 5915)",
        "PRIVATE KEY" => "PKCS#8 (RFC 5958)",
        "ENCRYPTED PRIVATE KEY" => "PKCS#8, encrypted (RFC 5958)",
        "OPENSSH PRIVATE KEY" => "OpenSSH",
        _ => "another form",
    }
}
