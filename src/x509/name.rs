//! The distinguished name of an issuer or a subject, RFC 5280 4.1.2.4.

use std::fmt;

use const_oid::ObjectIdentifier;
use der::{
    Decode, Encode, Sequence, ValueOrd,
    asn1::{Any, AnyRef, SetOfVec, Utf8StringRef},
};
use thiserror::Error;
use x509_parser::{prelude::FromDer, x509::X509Name};

use super::{hexadecimal::hexadecimal, oid};

/// A distinguished name: its very bytes, kept because verifiers compare encodings, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Vec<u8>,
    attributes: Vec<Attribute>,
}

/// One attribute of a name: its type as a dotted identifier, and its value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The dotted identifier of the type.
    pub oid: String,
    /// The value; hexadecimal where it is no text.
    pub value: String,
}

/// Why a name cannot be made or read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// An attribute without a value.
    #[error("a name has an empty part")]
    Empty,
    /// More characters than X.520 allows in a common or organization name.
    #[error("`{0}` has more than 64 characters")]
    TooLong(String),
    /// A control or direction-changing character, which would be shown as something else.
    #[error("the name has the character {0:?}, which cannot be shown")]
    Unprintable(char),
    /// Bytes that are no name.
    #[error("these bytes are no distinguished name")]
    Malformed,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
struct AttributeTypeAndValue {
    oid: ObjectIdentifier,
    value: Any,
}

impl DistinguishedName {
    /// A name of a common name, an organization, both or neither (the empty name), in UTF-8.
    ///
    /// # Errors
    /// A part that is empty, longer than 64 characters (X.520 ub-common-name) or not printable.
    pub fn new(organization: Option<&str>, common_name: Option<&str>) -> Result<Self, NameError> {
        let mut sequence = Vec::new();
        for (dotted, value) in [(oid::ORGANIZATION_NAME, organization), (oid::COMMON_NAME, common_name)] {
            let Some(value) = value else { continue };
            check_text(value)?;
            let attribute = AttributeTypeAndValue {
                oid: ObjectIdentifier::new(dotted).map_err(|_| NameError::Malformed)?,
                value: Any::from(Utf8StringRef::new(value).map_err(|_| NameError::Malformed)?),
            };
            sequence.push(SetOfVec::try_from([attribute]).map_err(|_| NameError::Malformed)?);
        }
        Self::from_der(&sequence.to_der().map_err(|_| NameError::Malformed)?)
    }

    /// Reads a name, keeping its bytes.
    ///
    /// # Errors
    /// Bytes that are no name, or more than one.
    pub fn from_der(der: &[u8]) -> Result<Self, NameError> {
        match X509Name::from_der(der) {
            Ok(([], name)) => Self::from_parsed(&name),
            _ => Err(NameError::Malformed),
        }
    }

    /// Takes a name that was read. The reader stops at what it cannot read and says nothing; two names that differ behind it are not
    /// the same.
    pub(super) fn from_parsed(name: &X509Name<'_>) -> Result<Self, NameError> {
        AnyRef::from_der(name.as_raw()).map_err(|_| NameError::Malformed)?;
        let attributes = name
            .iter_attributes()
            .map(|attribute| Attribute {
                oid: attribute.attr_type().to_id_string(),
                value: attribute.as_str().map_or_else(|_| hexadecimal(attribute.as_slice()), str::to_owned),
            })
            .collect();
        Ok(Self { der: name.as_raw().to_vec(), attributes })
    }

    /// The encoding, byte for byte as read or made.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The attributes in their order.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The common name, if there is one.
    pub fn common_name(&self) -> Option<&str> {
        self.first(oid::COMMON_NAME)
    }

    /// The organization, if there is one.
    pub fn organization(&self) -> Option<&str> {
        self.first(oid::ORGANIZATION_NAME)
    }

    /// Whether it has no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    fn first(&self, dotted: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.oid == dotted).map(|attribute| attribute.value.as_str())
    }
}

fn check_text(value: &str) -> Result<(), NameError> {
    if value.trim().is_empty() {
        return Err(NameError::Empty);
    }
    if value.chars().count() > 64 {
        return Err(NameError::TooLong(value.to_owned()));
    }
    match value.chars().find(|character| is_unprintable(*character)) {
        Some(character) => Err(NameError::Unprintable(character)),
        None => Ok(()),
    }
}

/// Control characters, and those that change the direction or hide: they would make a name look like another.
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attribute) in self.attributes.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            // What stands in a certificate by others may not be printable.
            let value: String = attribute
                .value
                .chars()
                .map(|character| if is_unprintable(character) { '\u{fffd}' } else { character })
                .collect();
            write!(formatter, "{separator}{}={value}", oid::name(&attribute.oid))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_bytes_and_says_its_parts() {
        let name = DistinguishedName::new(Some("Home"), Some("Home & <Hub> \"CA\"")).unwrap();
        assert_eq!(name.to_string(), "O=Home, CN=Home & <Hub> \"CA\"");
        assert_eq!(DistinguishedName::from_der(name.as_der()), Ok(name.clone()));
        assert_eq!(name.common_name(), Some("Home & <Hub> \"CA\""));
    }

    #[test]
    fn a_name_with_anything_behind_its_last_attribute_is_none() {
        let name = DistinguishedName::new(Some("Home"), Some("Hub")).unwrap();
        let second_set = name.as_der().iter().rposition(|octet| *octet == 0x31).unwrap();
        let mut broken = name.as_der().to_vec();
        broken[second_set] = 0x30;
        assert_eq!(DistinguishedName::from_der(&broken), Err(NameError::Malformed));
        let chain = include_bytes!("../../tests/fixtures/pki/issuing.crt.pem");
        let mut der = crate::x509::pem::parse(chain).unwrap().remove(0).contents;
        let mark = b"\x31\x1e\x30\x1c\x06\x03\x55\x04\x03";
        let place = der.windows(mark.len()).position(|part| part == mark).unwrap();
        der[place] = 0x30;
        let error = crate::x509::Certificate::from_der(&der).unwrap_err();
        assert_eq!(error, crate::x509::CertificateError::Name(NameError::Malformed));
    }

    #[test]
    fn the_empty_name_is_an_empty_sequence() {
        let name = DistinguishedName::new(None, None).unwrap();
        assert!(name.is_empty());
        assert_eq!(name.as_der(), [0x30, 0]);
    }

    #[test]
    fn parts_that_cannot_be_shown_are_refused() {
        assert_eq!(DistinguishedName::new(None, Some(" ")), Err(NameError::Empty));
        assert_eq!(DistinguishedName::new(None, Some("a\u{202e}b")), Err(NameError::Unprintable('\u{202e}')));
        assert!(matches!(DistinguishedName::new(None, Some(&"é".repeat(65))), Err(NameError::TooLong(_))));
        assert!(DistinguishedName::new(None, Some(&"é".repeat(64))).is_ok());
    }
}
