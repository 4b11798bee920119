//! The nouns of RFC 5280 and RFC 2986, as values: no file, no clock and no random byte is touched here.
//!
//! Certificates are built with `rcgen` and read with `x509-parser`; neither is named outside this folder.
//! Two kinds of value live side by side. What *we* make is strict ([`GeneralName`], [`SubjectAltNames`],
//! [`NameConstraints`], [`CertificateTemplate`]): an impossible one cannot be built. What we *read* is lenient
//! ([`TbsCertificate`], [`AltName`], [`Extension`]), because a certificate that is wrong has to be looked at before
//! it can be explained.

pub mod certificate;
pub mod certificate_error;
pub mod crl;
pub mod crl_number;
pub mod crl_template;
pub mod digest;
pub mod dns_name;
mod encoding;
pub mod extension;
pub mod general_name;
pub mod hexadecimal;
pub mod http_url;
pub mod name;
pub mod name_constraints;
pub mod ocsp;
pub mod oid;
pub mod path;
pub mod pem;
mod private_use;
pub mod public_key;
pub mod request;
pub mod revocation_reason;
pub mod revoked_certificates;
pub mod serial_number;
pub mod subtree;
pub mod tbs_certificate;
pub mod template;
pub mod validity;

pub use certificate::Certificate;
pub use certificate_error::{CertificateError, SignatureError};
pub use crl::{CertificateList, TbsCertList};
pub use crl_number::CrlNumber;
pub use crl_template::{CrlEntry, CrlTemplate};
pub use digest::{DigestAlgorithm, Sha256};
pub use dns_name::{DnsName, DnsNameError};
pub use extension::{AltName, BasicConstraints, ExtendedKeyUsage, Extension, ExtensionError, KeyIdentifier, KeyUsage};
pub use general_name::{GeneralName, IpAddressError, SubjectAltNames, SubjectAltNamesError};
pub use hexadecimal::hexadecimal;
pub use http_url::{HttpUrl, HttpUrlError};
pub use name::DistinguishedName;
pub use name_constraints::NameConstraints;
pub use path::CertificationPath;
pub use private_use::PRIVATE_SUBTREES;
pub use public_key::{KeyAlgorithm, PublicKeyKind, SignatureAlgorithm, SoundKey, SubjectPublicKeyInfo, WeakKey};
pub use request::CertificationRequest;
pub use revocation_reason::RevocationReason;
pub use serial_number::SerialNumber;
pub use subtree::{NameConstraintsError, NameKind, Subtree};
pub use tbs_certificate::TbsCertificate;
pub use template::CertificateTemplate;
pub use validity::Validity;
