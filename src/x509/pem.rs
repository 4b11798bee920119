//! PEM, RFC 7468: labelled blocks of base64, several to a file.

use thiserror::Error;

/// One block: its label, and the bytes in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// The word after BEGIN.
    pub label: String,
    /// The decoded content.
    pub contents: Vec<u8>,
}

/// Why text is no PEM.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the PEM text cannot be read: {0}")]
pub struct PemError(String);

/// Whether bytes look like PEM text.
pub fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// All blocks, in their order; text between them is passed over.
///
/// # Errors
/// A block that is cut off, mislabelled or not base64.
pub fn parse(bytes: &[u8]) -> Result<Vec<Block>, PemError> {
    let blocks = pem::parse_many(bytes).map_err(|error| PemError(error.to_string()))?;
    Ok(blocks
        .into_iter()
        .map(|block| Block { label: block.tag().to_owned(), contents: block.into_contents() })
        .collect())
}

/// One block as text, lines of 64 letters ended by line feeds.
pub fn encode(label: &str, contents: &[u8]) -> String {
    let line_feeds = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, contents), line_feeds)
}

/// The label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";
/// The label of a request.
pub const CERTIFICATE_REQUEST: &str = "CERTIFICATE REQUEST";
/// The label of a CRL.
pub const X509_CRL: &str = "X509 CRL";
