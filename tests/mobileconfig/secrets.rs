//! Private keys where none may be: in PEM, in DER, or in a PKCS#12 file that is not sealed.

use hubca::{
    keys::{PassphraseError, PrivateKey},
    x509::pem,
};
use plist::Value;

use crate::finding::{Finding, Rule};

/// Looks for private keys in every text and every piece of data.
pub(crate) fn check(value: &Value, place: &str, findings: &mut Vec<Finding>) {
    let found = match value {
        Value::String(text) => of_bytes(text.as_bytes()),
        Value::Data(data) => of_bytes(data),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check(item, &format!("{place}[{index}]"), findings);
            }
            None
        }
        Value::Dictionary(entries) => {
            for (key, value) in entries {
                let separator = if place.is_empty() { "" } else { "." };
                check(value, &format!("{place}{separator}{key}"), findings);
            }
            None
        }
        _ => None,
    };
    findings.extend(found.map(|what| Finding::new(Rule::PrivateKey, place, what)));
}

fn of_bytes(bytes: &[u8]) -> Option<&'static str> {
    if contains(bytes, b"PRIVATE KEY-----") {
        return Some("a key in PEM");
    }
    let is_key = |label: &str| {
        PrivateKey::from_pem(pem::encode(label, bytes).as_bytes(), || Err(PassphraseError::Empty)).is_ok()
    };
    if ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].into_iter().any(is_key) {
        return Some("a key in DER");
    }
    let is_pkcs12 = contains(bytes, PKCS12_BAGS) || contains(bytes, ENCRYPTED_DATA);
    if contains(bytes, KEY_BAG) || is_pkcs12 && !contains(bytes, SHROUDED_KEY_BAG) && !contains(bytes, ENCRYPTED_DATA) {
        return Some("a PKCS#12 file whose key is not encrypted");
    }
    None
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// bagtypes, RFC 7292 appendix D: 1.2.840.113549.1.12.10.1.
const PKCS12_BAGS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
/// keyBag.
const KEY_BAG: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01";
/// pkcs8ShroudedKeyBag.
const SHROUDED_KEY_BAG: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02";
/// encryptedData, RFC 5652 8: 1.2.840.113549.1.7.6.
const ENCRYPTED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
