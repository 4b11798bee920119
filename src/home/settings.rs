//! The settings that an operator may edit, in `hubca.toml`; every one has a default.

use serde::Deserialize;

use super::{error::HomeError, layout::Layout};
use crate::{system::files::read_bounded, x509::KeyAlgorithm};

/// The settings of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The algorithm of new keys where none is asked for.
    pub key: KeyAlgorithm,
    /// The profile of new certificates where none is asked for.
    pub profile: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: Option<String>,
    profile: Option<String>,
}

/// What a new home's file says: the defaults, ready to be changed.
pub(super) const TEMPLATE: &str = "\
# Settings of this CA. Every line has the default; remove the `#` to change one.

# key = \"p256\"          # of new keys: p256, p384, rsa2048, rsa3072, rsa4096, rsa8192
# profile = \"server\"    # of new certificates: a built-in one, or profiles/NAME.toml here
";

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
        })
    }
}
