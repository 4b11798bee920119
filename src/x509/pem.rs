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

/// A block as it stands in a text, not decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage<'a> {
    /// The word after BEGIN.
    pub label: String,
    /// The number of its first line, from 1.
    pub line: usize,
    /// Its lines, down to that of END, or to where it is cut off.
    pub text: &'a [u8],
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

/// Each block as it stands there, in their order, be it that another one cannot be read.
pub fn passages(bytes: &[u8]) -> Vec<Passage<'_>> {
    let mut passages = Vec::new();
    let mut begun: Option<(String, usize, usize)> = None;
    let mut offset = 0;
    for (number, text) in bytes.split_inclusive(|octet| *octet == b'\n').enumerate() {
        let end = offset + text.len();
        let line = text.trim_ascii();
        let next = label_of(line).map(|label| (label, number + 1, offset));
        let is_end = line.starts_with(b"-----END ");
        if next.is_some() || is_end {
            // What begins before another one has ended is cut off.
            let whole = if is_end { end } else { offset };
            passages.extend(begun.take().and_then(|begun| passage(begun, bytes.get(..whole)?)));
            begun = next;
        }
        offset = end;
    }
    passages.extend(begun.and_then(|begun| passage(begun, bytes)));
    passages
}

impl Passage<'_> {
    /// What is in it.
    ///
    /// # Errors
    /// It is cut off, mislabelled or not base64.
    pub fn read(&self) -> Result<Block, PemError> {
        parse(self.text)?.into_iter().next().ok_or_else(|| PemError("it is cut off".to_owned()))
    }
}

fn passage((label, line, start): (String, usize, usize), bytes: &[u8]) -> Option<Passage<'_>> {
    Some(Passage { label, line, text: bytes.get(start..)? })
}

fn label_of(line: &[u8]) -> Option<String> {
    let label = line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")?;
    String::from_utf8(label.to_vec()).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_its_line_and_one_that_is_broken_hides_no_other() {
        let (whole, broken) =
            (encode(CERTIFICATE, b"whole"), "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n");
        let text =
            format!("# a name\n{whole}{broken}\n-----BEGIN X509 CRL-----\nAAAA\n{whole}-----BEGIN CERTIFICATE-----\n");
        let passages = passages(text.as_bytes());
        let read: Vec<_> = passages
            .iter()
            .map(|passage| (passage.line, passage.label.as_str(), passage.read().ok().map(|block| block.contents)))
            .collect();
        let whole = Some(b"whole".to_vec());
        assert_eq!(
            read,
            [
                (2, CERTIFICATE, whole.clone()),
                (5, CERTIFICATE, None),
                (9, X509_CRL, None),
                (11, CERTIFICATE, whole),
                (14, CERTIFICATE, None),
            ]
        );
    }
}
