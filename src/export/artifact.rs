//! A file to hand out: its name, what it is, its bytes, and who may read it.

use zeroize::Zeroizing;

use crate::system::FileMode;
use crate::x509::{certificate::sha256, hexadecimal};

/// One file, not yet written anywhere; its bytes are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    file_name: String,
    media_type: &'static str,
    contents: Zeroizing<Vec<u8>>,
    mode: FileMode,
}

impl Artifact {
    /// A file that everybody may read.
    pub fn public(file_name: String, media_type: &'static str, contents: Vec<u8>) -> Self {
        Self { file_name, media_type, contents: Zeroizing::new(contents), mode: FileMode::Public }
    }

    /// A file with a private key in it, open or encrypted: for its owner alone.
    pub fn secret(file_name: String, media_type: &'static str, contents: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { file_name, media_type, contents: contents.into(), mode: FileMode::Secret }
    }

    /// The same file with other bytes.
    #[must_use]
    pub fn with_contents(self, contents: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { contents: contents.into(), ..self }
    }

    /// The name it should have; never a path.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Its media type, RFC 6838.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Its bytes.
    pub fn contents(&self) -> &[u8] {
        &self.contents
    }

    /// Who may read it.
    pub fn mode(&self) -> FileMode {
        self.mode
    }

    /// SHA-256 of its bytes in lower-case hexadecimal digits.
    pub fn sha256(&self) -> String {
        hexadecimal(&sha256(&self.contents))
    }
}
