//! The settings that an operator may edit, in `hubca.toml`; every one has a default.

use std::path::PathBuf;

use serde::Deserialize;

use super::{error::HomeError, layout::Layout};
use crate::{
    authority::{CaCertificate, RevocationAddresses},
    system::files::read_bounded,
    x509::{HttpUrl, HttpUrlError, KeyAlgorithm},
};

/// The settings of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The algorithm of new keys where none is asked for.
    pub key: KeyAlgorithm,
    /// The profile of new certificates where none is asked for.
    pub profile: String,
    /// Where the CRL of an issuer is served; `{issuer}` stands for its name.
    pub crl_url: Option<String>,
    /// Where OCSP is answered.
    pub ocsp_url: Option<String>,
    /// The file whose time of change says when the home was last copied, if there is one.
    pub backup_stamp: Option<PathBuf>,
    /// How many days a copy of the home is new enough.
    pub backup_days: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: Option<String>,
    profile: Option<String>,
    crl_url: Option<String>,
    ocsp_url: Option<String>,
    backup_stamp: Option<PathBuf>,
    backup_days: Option<u32>,
}

/// What a new home's file says: the defaults, ready to be changed.
pub(super) const TEMPLATE: &str = "\
# Settings of this CA. Every line has the default; remove the `#` to change one.

# key = \"p256\"          # of new keys: p256, p384, rsa2048, rsa3072, rsa4096, rsa8192
# profile = \"server\"    # of new certificates: a built-in one, or profiles/NAME.toml here

# Where others can ask whether a certificate was revoked, once it is served there; new certificates say so. None here.
# crl_url = \"http://192.168.0.1/crl/{issuer}.crl\"    # {issuer} becomes issuing-1
# ocsp_url = \"http://192.168.0.1:2560/\"
# backup_stamp = \"/srv/backup/home.tar\"   # where something else copies the home: its time of change is that of a backup
# backup_days = 30      # and warns when it is older
";

const DEFAULT_BACKUP_DAYS: u32 = 30;
const MOST_BYTES: usize = 64 * 1024;

impl Settings {
    pub(super) fn read(layout: &Layout) -> Result<Self, HomeError> {
        let path = layout.settings();
        let wrong = |reason: String| HomeError::Settings { path: path.clone(), reason };
        let file = match read_bounded(&path, MOST_BYTES) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| wrong("it is not text".to_owned()))?;
                toml::from_str::<File>(&text).map_err(|error| wrong(error.message().to_owned()))?
            }
            Err(error) if error.is_missing() => File::default(),
            Err(error) => return Err(error.into()),
        };
        let key = file.key.as_deref().map(str::parse).transpose();
        Ok(Self {
            key: key.map_err(|_| wrong("`key` is no algorithm of a key".to_owned()))?.unwrap_or(KeyAlgorithm::P256),
            profile: file.profile.unwrap_or_else(|| "server".to_owned()),
            crl_url: url("crl_url", file.crl_url).map_err(wrong)?,
            ocsp_url: url("ocsp_url", file.ocsp_url).map_err(wrong)?,
            // Relative to the home, as a home may be moved.
            backup_stamp: file.backup_stamp.map(|stamp| layout.directory().join(stamp)),
            backup_days: file.backup_days.unwrap_or(DEFAULT_BACKUP_DAYS),
        })
    }

    /// Where the revocations of a CA can be asked for.
    ///
    /// # Errors
    /// A URL that becomes too long with the CA's name in it.
    pub fn addresses(&self, layout: &Layout, ca: &CaCertificate) -> Result<RevocationAddresses, HomeError> {
        let issuer = ca.file_stem();
        let expand = |pattern: &Option<String>| {
            let expanded = pattern.as_ref().map(|pattern| HttpUrl::parse(&pattern.replace(ISSUER, &issuer)));
            let wrong =
                |error: HttpUrlError| HomeError::Settings { path: layout.settings(), reason: error.to_string() };
            expanded.transpose().map_err(wrong)
        };
        Ok(RevocationAddresses { crl: expand(&self.crl_url)?, ocsp: expand(&self.ocsp_url)? })
    }
}

/// A URL of the file, tried with the name of an issuer in it.
fn url(key: &str, pattern: Option<String>) -> Result<Option<String>, String> {
    if let Some(pattern) = &pattern {
        HttpUrl::parse(&pattern.replace(ISSUER, "issuing-1"))
            .map_err(|error| format!("`{key}` is no address: {error}"))?;
    }
    Ok(pattern)
}

/// What stands for the name of the issuer in a URL.
const ISSUER: &str = "{issuer}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        home::{
            opened::Home,
            test_ca::{NoPassphrase, TestCa, doors, order, server},
        },
        system::{FileMode, files},
        x509::{Certificate, SubjectAltNames, oid},
    };

    fn with_settings(text: &str) -> (TestCa, Result<Home, HomeError>) {
        let ca = TestCa::new();
        files::replace(&ca.home.layout().settings(), text.as_bytes(), FileMode::Secret).unwrap();
        let home = Home::open(ca.home.layout().clone(), doors(&ca.clock));
        (ca, home)
    }

    #[test]
    fn new_certificates_of_servers_say_where_their_revocation_can_be_asked_for() {
        let text = "crl_url = \"http://192.168.0.1/crl/{issuer}.crl\"\nocsp_url = \"http://192.168.0.1:2560/\"\n";
        let (_ca, home) = with_settings(text);
        let home = home.unwrap();
        let issuer = home.issuer(&NoPassphrase).unwrap();
        let profile = server();
        let issued = home.issue(&issuer, order(&profile, &["hub.local"])).unwrap();
        let tbs = Certificate::from_der(&issued.certificate).unwrap().tbs().clone();
        assert_eq!(tbs.crl_uris().unwrap(), ["http://192.168.0.1/crl/issuing-1.crl"]);
        let ocsp = (oid::OCSP.to_owned(), "http://192.168.0.1:2560/".to_owned());
        assert_eq!(tbs.access_locations().unwrap(), [ocsp]);
        assert!(!tbs.extension(oid::CRL_DISTRIBUTION_POINTS).unwrap().critical);
        assert!(!tbs.extension(oid::AUTHORITY_INFO_ACCESS).unwrap().critical);
        // The page of one day is looked up by nobody, and a CA's list is handed out with it.
        let names: SubjectAltNames = crate::home::test_ca::san(&["hub.local"]);
        let page = home.issue_in_memory(&issuer, &names).unwrap();
        assert!(page.chain.iter().all(|certificate| certificate.tbs().extension(oid::AUTHORITY_INFO_ACCESS).is_none()));
        assert!(page.chain.iter().all(|certificate| certificate.tbs().crl_uris().unwrap().is_empty()));
    }

    #[test]
    fn an_address_that_none_can_ask_is_refused_when_the_home_is_opened() {
        for (text, reason) in [
            ("crl_url = \"https://hub.local/ca.crl\"", "`crl_url` is no address: `https://hub.local/ca.crl` does not"),
            ("ocsp_url = \"http://\"", "`ocsp_url` is no address: `http://` names no host"),
            ("crl_url = \"http://hub.local/{ca}.crl\"", "has the character '{'"),
        ] {
            let refused = with_settings(text).1.err().unwrap().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
    }
}
