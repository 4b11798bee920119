//! PEM blocks (RFC 7468), read into memory that is wiped: a PEM reader for public things leaves copies behind.

use zeroize::Zeroizing;

/// One block between its BEGIN and END lines.
pub(super) struct PemBlock {
    /// What follows `BEGIN`.
    pub(super) label: String,
    /// Whether it has the header `Proc-Type: 4,ENCRYPTED` (RFC 1421).
    pub(super) has_encryption_header: bool,
    /// What the header `DEK-Info` says of the cipher (RFC 1421 4.6.1.3).
    pub(super) dek_info: Option<String>,
    /// The bytes, or none where they are no base64.
    pub(super) content: Option<Zeroizing<Vec<u8>>>,
}

/// All whole blocks of a text; what lies around them is skipped.
pub(super) fn blocks(text: &[u8]) -> Vec<PemBlock> {
    let mut blocks = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        let Some(label) = label(line, b"-----BEGIN ") else {
            continue;
        };
        let mut decoder = Decoder::new(text.len());
        let mut has_encryption_header = false;
        let mut dek_info = None;
        for line in lines.by_ref() {
            if line.starts_with(b"-----END ") {
                break;
            }
            // A colon is in headers only, never in base64.
            if line.contains(&b':') {
                has_encryption_header |= line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
                let said = line.strip_prefix(b"DEK-Info:").and_then(|said| str::from_utf8(said).ok());
                dek_info = said.map(|said| said.trim().to_owned()).or(dek_info);
            } else {
                decoder.take(line);
            }
        }
        blocks.push(PemBlock { label, has_encryption_header, dek_info, content: decoder.finish() });
    }
    blocks
}

fn label(line: &[u8], prefix: &[u8]) -> Option<String> {
    let label = line.strip_prefix(prefix)?.strip_suffix(b"-----")?;
    String::from_utf8(label.to_vec()).ok()
}

/// Base64 (RFC 4648 4), written into one buffer that never grows.
struct Decoder {
    bytes: Zeroizing<Vec<u8>>,
    pending: u32,
    pending_bits: u32,
    is_sound: bool,
    is_padded: bool,
}

impl Decoder {
    fn new(text_length: usize) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(text_length)),
            pending: 0,
            pending_bits: 0,
            is_sound: true,
            is_padded: false,
        }
    }

    fn take(&mut self, line: &[u8]) {
        for character in line {
            let Some(value) = value_of(*character) else {
                self.is_padded |= *character == b'=';
                self.is_sound &= *character == b'=';
                continue;
            };
            self.is_sound &= !self.is_padded;
            self.pending = (self.pending << 6) | u32::from(value);
            self.pending_bits += 6;
            if self.pending_bits >= 8 {
                self.pending_bits -= 8;
                let [.., byte] = (self.pending >> self.pending_bits).to_be_bytes();
                self.bytes.push(byte);
                self.pending &= (1 << self.pending_bits) - 1;
            }
        }
    }

    fn finish(self) -> Option<Zeroizing<Vec<u8>>> {
        // What is left over are the zero bits of the last character; a lone character carries no byte.
        let is_whole = self.pending == 0 && self.pending_bits < 6;
        (self.is_sound && is_whole && !self.bytes.is_empty()).then_some(self.bytes)
    }
}

fn value_of(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_found_whatever_lies_around() {
        let text =
            b"note\n-----BEGIN A-----\r\nAAEC\r\n/w==\r\n-----END A-----\nx\n-----BEGIN B-----\n!\n-----END B-----";
        let blocks = blocks(text);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].label, "A");
        assert_eq!(blocks[0].content.as_deref().unwrap(), &[0, 1, 2, 255]);
        assert_eq!(blocks[1].label, "B");
        assert!(blocks[1].content.is_none());
    }

    #[test]
    fn an_encryption_header_is_seen() {
        let text = b"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\nAAEC\n-----END A-----\n";
        let blocks = blocks(text);
        assert!(blocks[0].has_encryption_header);
        assert_eq!(blocks[0].dek_info.as_deref(), Some("AES,00"));
        assert_eq!(blocks[0].content.as_deref().unwrap(), &[0, 1, 2]);
    }

    #[test]
    fn bytes_after_the_padding_or_half_a_byte_are_refused() {
        for body in ["AA==AA", "A", "AAF=", "AAEC\nA"] {
            let text = format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
            assert!(blocks(text.as_bytes())[0].content.is_none(), "{body}");
        }
    }
}
