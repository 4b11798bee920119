//! The extensions of a certificate, RFC 5280 4.2: as they stand in one, and what the known ones say.

use std::{fmt, net::IpAddr};

use const_oid::ObjectIdentifier;
use der::{Any, Decode, Sequence};
use thiserror::Error;
use x509_parser::{
    extensions::{
        AuthorityInfoAccess, AuthorityKeyIdentifier, BasicConstraints as ParsedBasicConstraints, CRLDistributionPoints,
        DistributionPointName, ExtendedKeyUsage as ParsedExtendedKeyUsage, GeneralName as ParsedName,
        KeyIdentifier as ParsedKeyIdentifier, KeyUsage as ParsedKeyUsage, SubjectAlternativeName, X509Extension,
    },
    prelude::FromDer,
};

use super::oid;

/// An extension as it stands in a certificate or a request: type, criticality, value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The type as a dotted identifier.
    pub oid: String,
    /// Whether a reader that does not know it must refuse the certificate.
    pub critical: bool,
    /// The content of extnValue.
    pub value: Vec<u8>,
}

/// A known extension whose value is not what its definition says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the extension {} cannot be read", oid::name(.oid))]
pub struct ExtensionError {
    /// The type as a dotted identifier.
    pub oid: String,
}

impl Extension {
    pub(super) fn from_parsed(parsed: &X509Extension<'_>) -> Self {
        Self { oid: parsed.oid.to_id_string(), critical: parsed.critical, value: parsed.value.to_vec() }
    }

    fn parse<'a, T: FromDer<'a, x509_parser::error::X509Error>>(&'a self) -> Result<T, ExtensionError> {
        match T::from_der(&self.value) {
            Ok(([], value)) => Ok(value),
            _ => Err(ExtensionError { oid: self.oid.clone() }),
        }
    }

    pub(super) fn basic_constraints(&self) -> Result<BasicConstraints, ExtensionError> {
        let parsed: ParsedBasicConstraints = self.parse()?;
        Ok(if parsed.ca {
            BasicConstraints::Ca { path_len: parsed.path_len_constraint }
        } else {
            BasicConstraints::EndEntity
        })
    }

    pub(super) fn key_usage(&self) -> Result<Vec<KeyUsage>, ExtensionError> {
        let parsed: ParsedKeyUsage = self.parse()?;
        Ok(KeyUsage::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| parsed.flags >> bit & 1 == 1)
            .map(|(_, usage)| usage)
            .collect())
    }

    pub(super) fn extended_key_usage(&self) -> Result<ExtendedKeyUsage, ExtensionError> {
        let parsed: ParsedExtendedKeyUsage<'_> = self.parse()?;
        let known = [
            (parsed.any, oid::ANY_EXTENDED_KEY_USAGE),
            (parsed.server_auth, oid::SERVER_AUTH),
            (parsed.client_auth, oid::CLIENT_AUTH),
            (parsed.code_signing, oid::CODE_SIGNING),
            (parsed.email_protection, oid::EMAIL_PROTECTION),
            (parsed.time_stamping, oid::TIME_STAMPING),
            (parsed.ocsp_signing, oid::OCSP_SIGNING),
        ];
        let known = known.into_iter().filter(|(present, _)| *present).map(|(_, dotted)| dotted.to_owned());
        let other = parsed.other.iter().map(|other| other.to_id_string());
        Ok(ExtendedKeyUsage(known.chain(other).collect()))
    }

    pub(super) fn alt_names(&self) -> Result<Vec<AltName>, ExtensionError> {
        let parsed: SubjectAlternativeName<'_> = self.parse()?;
        Ok(parsed.general_names.iter().map(AltName::from_parsed).collect())
    }

    pub(super) fn subject_key_identifier(&self) -> Result<KeyIdentifier, ExtensionError> {
        let parsed: ParsedKeyIdentifier<'_> = self.parse()?;
        Ok(KeyIdentifier(parsed.0.to_vec()))
    }

    pub(super) fn authority_key_identifier(&self) -> Result<Option<KeyIdentifier>, ExtensionError> {
        let parsed: AuthorityKeyIdentifier<'_> = self.parse()?;
        Ok(parsed.key_identifier.map(|identifier| KeyIdentifier(identifier.0.to_vec())))
    }

    pub(super) fn crl_uris(&self) -> Result<Vec<String>, ExtensionError> {
        let parsed: CRLDistributionPoints<'_> = self.parse()?;
        let names = parsed.points.iter().filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        });
        Ok(names.flatten().filter_map(uri).collect())
    }

    pub(super) fn policies(&self) -> Result<Vec<String>, ExtensionError> {
        // x509-parser keeps its reader of this extension to itself.
        let policies = Vec::<PolicyInformation>::from_der(&self.value);
        let policies = policies.map_err(|_| ExtensionError { oid: self.oid.clone() })?;
        Ok(policies.iter().map(|policy| policy.identifier.to_string()).collect())
    }

    pub(super) fn access_locations(&self) -> Result<Vec<(String, String)>, ExtensionError> {
        let parsed: AuthorityInfoAccess<'_> = self.parse()?;
        Ok(parsed
            .accessdescs
            .iter()
            .filter_map(|access| Some((access.access_method.to_id_string(), uri(&access.access_location)?)))
            .collect())
    }
}

/// A PolicyInformation, RFC 5280 4.2.1.4; nobody reads the qualifiers.
#[derive(Sequence)]
struct PolicyInformation {
    identifier: ObjectIdentifier,
    qualifiers: Option<Any>,
}

fn uri(name: &ParsedName<'_>) -> Option<String> {
    match name {
        ParsedName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    }
}

/// Whether a certificate is a CA's, RFC 5280 4.2.1.9; only a CA has a path length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicConstraints {
    /// Not a CA.
    EndEntity,
    /// A CA, with the most CA certificates that may follow it.
    Ca {
        /// The limit, or none.
        path_len: Option<u32>,
    },
}

/// What a key may be used for, RFC 5280 4.2.1.3, in the order of the bits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyUsage {
    /// Signing other than of certificates and CRLs.
    DigitalSignature,
    /// Also called contentCommitment.
    NonRepudiation,
    /// Encrypting keys, as RSA key exchange does.
    KeyEncipherment,
    /// Encrypting data directly.
    DataEncipherment,
    /// Agreeing on a key.
    KeyAgreement,
    /// Signing certificates.
    KeyCertSign,
    /// Signing CRLs.
    CrlSign,
    /// With keyAgreement: only to encipher.
    EncipherOnly,
    /// With keyAgreement: only to decipher.
    DecipherOnly,
}

impl KeyUsage {
    const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// The name in RFC 5280's spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }

    /// The usage of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.name() == name)
    }
}

/// What a certificate may be used for, RFC 5280 4.2.1.12: dotted identifiers of key purposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage(Vec<String>);

impl ExtendedKeyUsage {
    /// Purposes as dotted identifiers.
    pub fn new(purposes: Vec<String>) -> Self {
        Self(purposes)
    }

    /// The purposes as dotted identifiers.
    pub fn purposes(&self) -> &[String] {
        &self.0
    }

    /// Whether a purpose is named, or any purpose is allowed.
    pub fn allows(&self, purpose: &str) -> bool {
        self.0.iter().any(|named| named == purpose || named == oid::ANY_EXTENDED_KEY_USAGE)
    }
}

/// The identifier of a key, RFC 5280 4.2.1.1 and 4.2.1.2.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyIdentifier(Vec<u8>);

impl KeyIdentifier {
    /// An identifier of these octets.
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// The octets.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for KeyIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(formatter, "{octet:02x}"))
    }
}

/// A name in a subjectAltName as it was read: of any kind, and perhaps wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AltName {
    /// A dNSName, as its very text.
    Dns(String),
    /// An iPAddress, as its octets: 4 or 16 where it is right.
    Ip(Vec<u8>),
    /// An rfc822Name.
    Email(String),
    /// A uniformResourceIdentifier.
    Uri(String),
    /// Another kind: its context tag.
    Other(u32),
}

impl AltName {
    fn from_parsed(name: &ParsedName<'_>) -> Self {
        match name {
            ParsedName::DNSName(name) => Self::Dns((*name).to_owned()),
            ParsedName::IPAddress(octets) => Self::Ip(octets.to_vec()),
            ParsedName::RFC822Name(name) => Self::Email((*name).to_owned()),
            ParsedName::URI(uri) => Self::Uri((*uri).to_owned()),
            ParsedName::OtherName(..) => Self::Other(0),
            ParsedName::X400Address(_) => Self::Other(3),
            ParsedName::DirectoryName(_) => Self::Other(4),
            ParsedName::EDIPartyName(_) => Self::Other(5),
            ParsedName::RegisteredID(_) => Self::Other(8),
            ParsedName::Invalid(tag, _) => Self::Other(tag.0),
        }
    }

    /// The address, where this is one of 4 or 16 octets.
    pub fn ip(&self) -> Option<IpAddr> {
        let Self::Ip(octets) = self else { return None };
        <[u8; 4]>::try_from(octets.as_slice())
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(octets.as_slice()).map(IpAddr::from))
            .ok()
    }
}

impl fmt::Display for AltName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) | Self::Email(text) | Self::Uri(text) => {
                // The text of others may hold anything; a terminal must not obey it.
                text.chars().try_for_each(|character| {
                    if super::name::is_unprintable(character) {
                        write!(formatter, "{}", character.escape_unicode())
                    } else {
                        write!(formatter, "{character}")
                    }
                })
            }
            Self::Ip(octets) => match self.ip() {
                Some(address) => address.fmt(formatter),
                None => write!(formatter, "{} octets that are no address", octets.len()),
            },
            Self::Other(tag) => write!(formatter, "a name of kind [{tag}]"),
        }
    }
}
