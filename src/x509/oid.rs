//! Object identifiers in dotted form, and the names that RFC 5280 and its neighbours give them.

/// subjectKeyIdentifier, RFC 5280 4.2.1.2.
pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// keyUsage, RFC 5280 4.2.1.3.
pub const KEY_USAGE: &str = "2.5.29.15";
/// subjectAltName, RFC 5280 4.2.1.6.
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
/// issuerAltName, RFC 5280 4.2.1.7.
pub const ISSUER_ALT_NAME: &str = "2.5.29.18";
/// basicConstraints, RFC 5280 4.2.1.9.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// cRLNumber, RFC 5280 5.2.3.
pub const CRL_NUMBER: &str = "2.5.29.20";
/// reasonCode, RFC 5280 5.3.1.
pub const REASON_CODE: &str = "2.5.29.21";
/// nameConstraints, RFC 5280 4.2.1.10.
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// cRLDistributionPoints, RFC 5280 4.2.1.13.
pub const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
/// certificatePolicies, RFC 5280 4.2.1.4.
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
/// policyMappings, RFC 5280 4.2.1.5.
pub const POLICY_MAPPINGS: &str = "2.5.29.33";
/// authorityKeyIdentifier, RFC 5280 4.2.1.1.
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
/// policyConstraints, RFC 5280 4.2.1.11.
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
/// extKeyUsage, RFC 5280 4.2.1.12.
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// inhibitAnyPolicy, RFC 5280 4.2.1.14.
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
/// authorityInfoAccess, RFC 5280 4.2.2.1.
pub const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
/// id-ad-ocsp, RFC 5280 4.2.2.1.
pub const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// TLS feature ("must staple"), RFC 7633.
pub const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// id-pkix-ocsp-nocheck, RFC 6960 4.2.2.2.1.
pub const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";

/// id-kp-serverAuth.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// id-kp-clientAuth.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// id-kp-codeSigning.
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// id-kp-emailProtection.
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
/// id-kp-timeStamping.
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// id-kp-OCSPSigning.
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
/// anyExtendedKeyUsage, RFC 5280 4.2.1.12.
pub const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";

/// commonName.
pub const COMMON_NAME: &str = "2.5.4.3";
/// countryName.
pub const COUNTRY_NAME: &str = "2.5.4.6";
/// organizationName.
pub const ORGANIZATION_NAME: &str = "2.5.4.10";
/// organizationalUnitName.
pub const ORGANIZATIONAL_UNIT_NAME: &str = "2.5.4.11";

const NAMES: &[(&str, &str)] = &[
    (SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (KEY_USAGE, "keyUsage"),
    ("2.5.29.16", "privateKeyUsagePeriod"),
    (SUBJECT_ALT_NAME, "subjectAltName"),
    (ISSUER_ALT_NAME, "issuerAltName"),
    (BASIC_CONSTRAINTS, "basicConstraints"),
    (CRL_NUMBER, "cRLNumber"),
    (REASON_CODE, "reasonCode"),
    ("2.5.29.28", "issuingDistributionPoint"),
    (NAME_CONSTRAINTS, "nameConstraints"),
    (CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (CERTIFICATE_POLICIES, "certificatePolicies"),
    (POLICY_MAPPINGS, "policyMappings"),
    (AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (POLICY_CONSTRAINTS, "policyConstraints"),
    (EXTENDED_KEY_USAGE, "extKeyUsage"),
    ("2.5.29.46", "freshestCRL"),
    (INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    ("2.5.29.9", "subjectDirectoryAttributes"),
    (AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    ("1.3.6.1.5.5.7.1.3", "qcStatements"),
    ("1.3.6.1.5.5.7.1.11", "subjectInfoAccess"),
    (TLS_FEATURE, "tlsFeature"),
    ("1.3.6.1.5.5.7.1.31", "acmeIdentifier"),
    (OCSP_NO_CHECK, "ocspNoCheck"),
    ("1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestamps"),
    ("1.3.6.1.4.1.11129.2.4.3", "precertificatePoison"),
    ("1.3.6.1.4.1.311.20.2", "Microsoft certificate type"),
    ("1.3.6.1.4.1.311.21.7", "Microsoft certificate template"),
    ("1.3.6.1.4.1.311.21.10", "Microsoft application policies"),
    ("1.3.6.1.4.1.311.25.2", "Microsoft security identifier"),
    ("2.16.840.1.113730.1.1", "Netscape certificate type"),
    ("2.16.840.1.113730.1.13", "Netscape comment"),
    (SERVER_AUTH, "serverAuth"),
    (CLIENT_AUTH, "clientAuth"),
    (CODE_SIGNING, "codeSigning"),
    (EMAIL_PROTECTION, "emailProtection"),
    (TIME_STAMPING, "timeStamping"),
    (OCSP_SIGNING, "OCSPSigning"),
    (ANY_EXTENDED_KEY_USAGE, "anyExtendedKeyUsage"),
    (COMMON_NAME, "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    (COUNTRY_NAME, "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    (ORGANIZATION_NAME, "O"),
    (ORGANIZATIONAL_UNIT_NAME, "OU"),
    ("2.5.4.42", "GN"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// Whether text is an object identifier in the one spelling it has: no signs, no leading zeros, arcs in their ranges.
pub fn is_dotted(text: &str) -> bool {
    const_oid::ObjectIdentifier::new(text).is_ok_and(|parsed| parsed.to_string() == text)
}

/// The name that a standard gives a dotted identifier, or the identifier itself where none is known.
pub fn name(dotted: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == dotted).map_or(dotted, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_identifier_stands_for_itself() {
        assert_eq!(name("1.2.3.4"), "1.2.3.4");
        assert_eq!(name(SUBJECT_ALT_NAME), "subjectAltName");
    }

    #[test]
    fn an_identifier_has_one_spelling() {
        assert!(is_dotted("1.3.6.1.4.1.311.10.3.4") && is_dotted("2.5.29.37"));
        for text in ["9.99.4294967295", "1.40.1", "1.+2.3", "1.02.3", "1.2.", "1", "", "1.2.99999999999"] {
            assert!(!is_dotted(text), "{text}");
        }
    }
}
