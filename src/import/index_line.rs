//! A line of `index.txt`, the book of `openssl ca`: six fields between tabs (`TXT_DB_read` of openssl), of which the last is the
//! subject as `X509_NAME_oneline` writes it.

use thiserror::Error;
use time::OffsetDateTime;

use super::asn1_time;
use crate::{
    authority::{RecordedName, Revocation},
    x509::{DnsName, GeneralName, RevocationReason, SerialNumber, name::is_unprintable},
};

/// What a line says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexLine {
    /// The last second of its life.
    pub not_after: OffsetDateTime,
    /// Its serial number.
    pub serial_number: SerialNumber,
    /// Its subject.
    pub subject: String,
    /// Since when it is revoked, and why.
    pub revocation: Option<Revocation>,
    /// What the line says besides, and a ledger does not hold.
    pub lost: Option<Lost>,
}

/// What a line says and is not kept.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Lost {
    /// The certificate was to come back.
    #[error("the certificate {serial} was revoked for a time ({reason}); here it is revoked for good")]
    Hold {
        /// Its serial number.
        serial: String,
        /// The word in the line.
        reason: String,
    },
    /// Since when its key is in wrong hands.
    #[error("that the key of {serial} was in wrong hands since {since} is not kept; that it is revoked for it is")]
    InvalidityDate {
        /// Its serial number.
        serial: String,
        /// The time in the line.
        since: String,
    },
    /// Since when it is revoked.
    #[error("`{date}` is no time of a revocation: {serial} is revoked, as if it had always been")]
    RevocationDate {
        /// Its serial number.
        serial: String,
        /// What stands in its place.
        date: String,
    },
    /// A word that no list of reasons has.
    #[error("`{reason}`, for which {serial} was revoked, is no reason of RFC 5280; it is revoked without one")]
    Reason {
        /// Its serial number.
        serial: String,
        /// The word in the line.
        reason: String,
    },
    /// A line that says two things.
    #[error("the certificate {serial} is called valid, and has the date of a revocation; it is not revoked")]
    ValidWithDate {
        /// Its serial number.
        serial: String,
    },
}

/// Why a line is none of an index.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IndexLineError {
    /// Too few or too many fields.
    #[error("its fields between tabs are {0}, and those of a line of an index are 6")]
    Fields(usize),
    /// No status that openssl knows.
    #[error("its status is `{0}`, and V, R and E are those that openssl writes")]
    Status(String),
    /// The end of the certificate's life.
    #[error("`{0}` is no time at which a certificate ends")]
    Expiry(String),
    /// The serial number.
    #[error("`{0}` is no serial number of RFC 5280: positive, of up to 20 octets")]
    Serial(String),
    /// More than any certificate makes.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
}

impl IndexLine {
    /// Reads a line, with or without its end; none where it is empty or a comment.
    ///
    /// # Errors
    /// What cannot be read in it.
    pub fn parse(line: &[u8]) -> Result<Option<Self>, IndexLineError> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(None);
        }
        let fields = fields(line);
        let [status, expiry, revocation, serial, _, subject] = fields.as_slice() else {
            return Err(IndexLineError::Fields(fields.len()));
        };
        let not_after = asn1_time::parse(expiry).ok_or_else(|| IndexLineError::Expiry(shown(expiry)))?;
        let serial_number: SerialNumber = str::from_utf8(serial)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| IndexLineError::Serial(shown(serial)))?;
        let (revocation, lost) = match status.as_slice() {
            b"V" | b"E" if revocation.is_empty() => (None, None),
            b"V" | b"E" => (None, Some(Lost::ValidWithDate { serial: serial_number.to_string() })),
            // Suspended: what openssl's code calls it, and none of its commands writes.
            b"R" | b"S" => revoked(revocation, &serial_number),
            _ => return Err(IndexLineError::Status(shown(status))),
        };
        Ok(Some(Self { not_after, serial_number, subject: unescaped(subject), revocation, lost }))
    }

    /// The name that the subject has for a server: its common name, where that is an address or a host name.
    pub fn names(&self) -> Vec<RecordedName> {
        common_name(&self.subject).and_then(server_name).into_iter().collect()
    }
}

/// An address or a host name, as the ledger has it.
pub(super) fn server_name(text: &str) -> Option<RecordedName> {
    let name = GeneralName::parse_ip(text).ok().or_else(|| DnsName::parse(text).ok().map(GeneralName::Dns))?;
    Some(RecordedName::from(&name))
}

/// The fields between tabs; a backslash before a tab keeps it in its field.
fn fields(line: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = vec![Vec::new()];
    let mut is_escaped = false;
    for byte in line {
        let Some(field) = fields.last_mut() else { break };
        if *byte == b'\t' && !is_escaped {
            fields.push(Vec::new());
        } else if *byte == b'\t' {
            field.pop();
            field.push(b'\t');
        } else {
            field.push(*byte);
        }
        is_escaped = *byte == b'\\';
    }
    fields
}

/// `date[,reason[,more]]`, as `openssl ca -revoke` writes it. Without a date it is revoked all the same.
fn revoked(field: &[u8], serial: &SerialNumber) -> (Option<Revocation>, Option<Lost>) {
    let mut parts = field.splitn(3, |byte| *byte == b',');
    let date = parts.next().unwrap_or_default();
    let (word, more) = (parts.next().map(shown), parts.next().map(shown));
    let (reason, lost) = reason(word.as_deref().unwrap_or_default(), more.unwrap_or_default(), serial);
    let at = asn1_time::parse(date);
    let undated = || Lost::RevocationDate { serial: serial.to_string(), date: shown(date) };
    let lost = if at.is_none() { Some(undated()) } else { lost };
    (Some(Revocation { at: at.unwrap_or(OffsetDateTime::UNIX_EPOCH), reason }), lost)
}

/// A reason by its word, and what of it is not kept; `more` is what follows the word in an index.
pub(super) fn reason(word: &str, more: String, serial: &SerialNumber) -> (RevocationReason, Option<Lost>) {
    let serial = || serial.to_string();
    let since = || Some(Lost::InvalidityDate { serial: serial(), since: more.clone() });
    match word {
        "" => (RevocationReason::Unspecified, None),
        "keyTime" => (RevocationReason::KeyCompromise, since()),
        "CAkeyTime" => (RevocationReason::CaCompromise, since()),
        "certificateHold" | "holdInstruction" | "removeFromCRL" => {
            (RevocationReason::Unspecified, Some(Lost::Hold { serial: serial(), reason: word.to_owned() }))
        }
        _ => match word.parse() {
            Ok(reason) => (reason, None),
            Err(_) => (RevocationReason::Unspecified, Some(Lost::Reason { serial: serial(), reason: word.to_owned() })),
        },
    }
}

/// The text of a subject: `\xHH` stands for an octet, and octets are UTF-8 or, in a T61String, what most took it for: Latin 1.
fn unescaped(subject: &[u8]) -> String {
    let mut octets = Vec::with_capacity(subject.len());
    let mut rest = subject;
    while let Some((first, after)) = rest.split_first() {
        let escaped = rest.strip_prefix(b"\\x").and_then(|digits| digits.split_at_checked(2));
        let octet =
            escaped.and_then(|(digits, after)| Some((*crate::x509::hexadecimal::octets(digits)?.first()?, after)));
        let (octet, after) = octet.unwrap_or((*first, after));
        octets.push(octet);
        rest = after;
    }
    String::from_utf8(octets).unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect())
}

/// The value of the last `/CN=`; a slash in a value is written as it is, so the next attribute begins at a slash, a type and `=`.
fn common_name(subject: &str) -> Option<&str> {
    let value = subject.rsplit_once("/CN=")?.1;
    let end = value.match_indices('/').map(|(place, _)| place).find(|place| is_attribute(value.get(place + 1..)));
    value.get(..end.unwrap_or(value.len()))
}

fn is_attribute(text: Option<&str>) -> bool {
    let kind = text.and_then(|text| text.split_once('=')).map(|(kind, _)| kind);
    kind.is_some_and(|kind| !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'))
}

/// What stands in a field, in a message: not too long, and nothing that a terminal obeys.
fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    text.chars()
        .map(|one| if is_unprintable(one) { char::REPLACEMENT_CHARACTER } else { one })
        .take(MOST_SHOWN)
        .collect()
}

/// How much of a field is shown.
const MOST_SHOWN: usize = 80;

#[cfg(test)]
#[path = "index_line_tests.rs"]
mod tests;
