//! One generation of a lineage as it lies in `archive/`: a key and a certificate that belong together.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{error::HomeError, layout::Layout};
use crate::{
    keys::PrivateKey,
    system::{FileError, files::read_bounded},
    x509::{Certificate, pem},
};

/// The files of a generation, read.
pub(super) struct Generation {
    pub(super) number: i64,
    pub(super) key: Zeroizing<Vec<u8>>,
    /// The certificate, the CAs above it, and both together.
    pub(super) cert: Vec<u8>,
    pub(super) chain: Vec<u8>,
    pub(super) fullchain: Vec<u8>,
    /// The certificate itself.
    pub(super) certificate: Certificate,
}

impl Generation {
    /// Reads a generation of a label.
    ///
    /// # Errors
    /// A file that is missing or holds something else.
    pub(super) fn read(layout: &Layout, label: &str, number: i64) -> Result<Self, HomeError> {
        let directory = layout.generation(label, number);
        let read = |name: &str| -> Result<Vec<u8>, FileError> { read_bounded(&directory.join(name), MOST_BYTES) };
        let cert = read("cert.pem")?;
        let mismatch = |path: PathBuf| HomeError::Mismatch { path };
        let first = pem::parse(&cert).ok().and_then(|blocks| blocks.into_iter().next());
        let first = first.ok_or_else(|| mismatch(directory.join("cert.pem")))?;
        Ok(Self {
            number,
            key: Zeroizing::new(read("privkey.pem")?),
            certificate: Certificate::from_der(&first.contents)?,
            cert,
            chain: read("chain.pem")?,
            fullchain: read("fullchain.pem")?,
        })
    }

    /// Whether its private key is the one that its certificate is about.
    pub(super) fn has_its_key(&self) -> bool {
        PrivateKey::is_of(&self.key, self.certificate.tbs().public_key())
    }

    /// Whether this chain follows its certificate, in the one file and in the other.
    pub(super) fn has_chain(&self, chain: &str) -> bool {
        self.chain == chain.as_bytes() && self.is_complete()
    }

    /// Whether it was written to its end, whatever its chain is.
    pub(super) fn is_complete(&self) -> bool {
        self.fullchain.strip_prefix(self.cert.as_slice()) == Some(&self.chain)
    }

    /// The files by their names.
    pub(super) fn files(&self) -> [(&'static str, &[u8]); 4] {
        [
            ("privkey.pem", self.key.as_slice()),
            ("cert.pem", &self.cert),
            ("chain.pem", &self.chain),
            ("fullchain.pem", &self.fullchain),
        ]
    }

    /// Its serial number in hexadecimal digits.
    pub(super) fn serial(&self) -> String {
        self.certificate.tbs().serial_number().map(|serial| serial.to_string()).unwrap_or_default()
    }

    /// Key, certificate and chain, as haproxy and others want them.
    pub(super) fn combined(&self) -> Zeroizing<Vec<u8>> {
        // Allocated at once: a buffer that grows leaves copies of the key behind.
        let mut combined = Zeroizing::new(Vec::with_capacity(self.key.len() + self.fullchain.len()));
        combined.extend_from_slice(&self.key);
        combined.extend_from_slice(&self.fullchain);
        combined
    }
}

/// More than a key or a chain of ours ever has.
const MOST_BYTES: usize = 1024 * 1024;
