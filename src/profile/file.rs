//! A profile as it is written: a small TOML file in which every unknown word is an error.

use serde::Deserialize;
use thiserror::Error;

use super::definition::{Profile, Waiver};
use crate::{
    lint::Role,
    x509::{ExtendedKeyUsage, KeyUsage, certificate::sha256, oid},
};

/// The names of the profiles that come with the program: an operator's own has another.
pub const BUILTIN_NAMES: [&str; 6] = ["root", "issuing", "cross", "server", "client", "ocsp-responder"];

/// The most bytes of a profile file.
pub const MOST_BYTES: usize = 256 * 1024;

/// More purposes than any certificate has.
const MOST_PURPOSES: usize = 16;

/// Apple refuses a longer life under any root (Apple 103769).
const CEILING_DAYS: u32 = 825;

/// Why text is no profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProfileError {
    /// Not TOML, or not the words of a profile.
    #[error("the profile `{name}` cannot be read: {reason}")]
    Malformed {
        /// The profile.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// A word that stands for nothing.
    #[error("the profile `{name}` has the {what} `{value}`, which is none")]
    Unknown {
        /// The profile.
        name: String,
        /// What it should be.
        what: &'static str,
        /// The word.
        value: String,
    },
    /// An operator's profile that would make a CA.
    #[error("the profile `{name}` would make a CA, and only `init` makes one")]
    MakesCa {
        /// The profile.
        name: String,
    },
    /// A life that no device accepts, or none at all.
    #[error("the profile `{name}` gives {days} days, and 1 to {most} are possible")]
    Days {
        /// The profile.
        name: String,
        /// The days it gives.
        days: u32,
        /// The most days.
        most: u32,
    },
    /// A name that is taken by a built-in profile, or is no name of one.
    #[error("`{0}` cannot be the name of a profile of your own")]
    Name(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    kind: String,
    days: u32,
    most_days: Option<u32>,
    #[serde(default = "one_hour")]
    backdate_hours: u32,
    path_length: Option<u32>,
    key_usage: Vec<String>,
    #[serde(default)]
    rsa_key_usage: Vec<String>,
    #[serde(default)]
    extended_key_usage: Vec<String>,
    #[serde(default)]
    waive: Vec<WaiverEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverEntry {
    rule: String,
    reason: String,
}

fn one_hour() -> u32 {
    1
}

impl Profile {
    /// Reads an operator's own profile: of any kind but a CA's, for at most 825 days.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(name: &str, text: &str) -> Result<Self, ProfileError> {
        let well_formed = !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-');
        if !well_formed || BUILTIN_NAMES.contains(&name) {
            return Err(ProfileError::Name(name.to_owned()));
        }
        let profile = Self::from_builtin(name, text)?;
        if matches!(profile.role, Role::Root | Role::Issuing) || profile.key_usage.contains(&KeyUsage::KeyCertSign) {
            return Err(ProfileError::MakesCa { name: name.to_owned() });
        }
        if profile.most_days > CEILING_DAYS {
            return Err(ProfileError::Days { name: name.to_owned(), days: profile.most_days, most: CEILING_DAYS });
        }
        Ok(profile)
    }

    pub(super) fn from_builtin(name: &str, text: &str) -> Result<Self, ProfileError> {
        let file: File = toml::from_str(text)
            .map_err(|error| ProfileError::Malformed { name: name.to_owned(), reason: error.message().to_owned() })?;
        let unknown = |what: &'static str, value: &str| ProfileError::Unknown {
            name: name.to_owned(),
            what,
            value: value.to_owned(),
        };
        let role = role(&file.kind).ok_or_else(|| unknown("kind", &file.kind))?;
        let usages = |names: &[String]| {
            names
                .iter()
                .map(|usage| KeyUsage::from_name(usage).ok_or_else(|| unknown("key usage", usage)))
                .collect::<Result<Vec<_>, _>>()
        };
        let purposes = file
            .extended_key_usage
            .iter()
            .map(|purpose| self::purpose(purpose).ok_or_else(|| unknown("extended key usage", purpose)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = purposes.iter().find(|purpose| !seen.insert(purpose.as_str())) {
            return Err(unknown("second extended key usage", twice));
        }
        if purposes.len() > MOST_PURPOSES {
            return Err(unknown("number of extended key usages", &purposes.len().to_string()));
        }
        let waived = file
            .waive
            .iter()
            .map(|entry| {
                let rule = entry.rule.parse().map_err(|_| unknown("rule", &entry.rule))?;
                Ok(Waiver { rule, reason: entry.reason.clone() })
            })
            .collect::<Result<Vec<_>, ProfileError>>()?;
        let most_days = file.most_days.unwrap_or(file.days);
        if file.days == 0 || file.days > most_days {
            return Err(ProfileError::Days { name: name.to_owned(), days: file.days, most: most_days });
        }
        Ok(Self {
            name: name.to_owned(),
            description: file.description,
            role,
            days: file.days,
            most_days,
            backdate_hours: file.backdate_hours.min(48),
            path_length: file.path_length,
            key_usage: usages(&file.key_usage)?,
            rsa_key_usage: usages(&file.rsa_key_usage)?,
            extended_key_usage: (!purposes.is_empty()).then(|| ExtendedKeyUsage::new(purposes)),
            waived,
            sha256: sha256(text.as_bytes()),
        })
    }
}

fn role(kind: &str) -> Option<Role> {
    Some(match kind {
        "root" => Role::Root,
        "issuing" => Role::Issuing,
        "server" => Role::Server,
        "client" => Role::Client,
        "ocsp-responder" => Role::OcspResponder,
        "end-entity" => Role::EndEntity,
        _ => return None,
    })
}

/// A purpose by its name in RFC 5280, or as a dotted identifier.
fn purpose(name: &str) -> Option<String> {
    let known = match name {
        "serverAuth" => oid::SERVER_AUTH,
        "clientAuth" => oid::CLIENT_AUTH,
        "codeSigning" => oid::CODE_SIGNING,
        "emailProtection" => oid::EMAIL_PROTECTION,
        "timeStamping" => oid::TIME_STAMPING,
        "OCSPSigning" => oid::OCSP_SIGNING,
        dotted => return (oid::is_dotted(dotted) && dotted != oid::ANY_EXTENDED_KEY_USAGE).then(|| dotted.to_owned()),
    };
    Some(known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTER: &str = r#"
        description = "the printer's page"
        kind = "server"
        days = 800
        key_usage = ["digitalSignature"]
        extended_key_usage = ["serverAuth", "1.3.6.1.4.1.311.10.3.4"]
    "#;

    #[test]
    fn an_operators_profile_is_read() {
        let profile = Profile::parse("printer", PRINTER).unwrap();
        assert_eq!((profile.days(), profile.most_days(), profile.role()), (800, 800, Role::Server));
    }

    #[test]
    fn a_profile_of_ones_own_makes_no_ca() {
        let root = PRINTER.replace("\"server\"", "\"issuing\"");
        assert!(matches!(Profile::parse("printer", &root), Err(ProfileError::MakesCa { .. })));
        let sneaky = PRINTER.replace("[\"digitalSignature\"]", "[\"keyCertSign\"]");
        assert!(matches!(Profile::parse("printer", &sneaky), Err(ProfileError::MakesCa { .. })));
    }

    #[test]
    fn unknown_words_long_lives_and_taken_names_are_refused() {
        let error = |text: &str| Profile::parse("printer", text).unwrap_err();
        assert!(matches!(error(&format!("{PRINTER}\ncolour = \"red\"")), ProfileError::Malformed { .. }));
        assert!(matches!(error(&PRINTER.replace("800", "826")), ProfileError::Days { days: 826, .. }));
        assert!(matches!(error(&PRINTER.replace("800", "0")), ProfileError::Days { days: 0, .. }));
        assert!(matches!(error(&PRINTER.replace("serverAuth", "server")), ProfileError::Unknown { .. }));
        assert!(matches!(error("["), ProfileError::Malformed { .. }));
        assert!(matches!(Profile::parse("server", PRINTER), Err(ProfileError::Name(_))));
        assert!(matches!(Profile::parse("../printer", PRINTER), Err(ProfileError::Name(_))));
    }
}
