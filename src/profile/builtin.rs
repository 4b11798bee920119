//! The profiles that come with the program.

use super::{definition::Profile, file::ProfileError};

pub use super::file::BUILTIN_NAMES;

/// The built-in profile of that name, or `None`.
///
/// # Errors
/// Never for the files in the source tree; a test reads them all.
pub fn builtin(name: &str) -> Result<Option<Profile>, ProfileError> {
    let text = match name {
        "root" => include_str!("../../profiles/root.toml"),
        "issuing" => include_str!("../../profiles/issuing.toml"),
        "cross" => include_str!("../../profiles/cross.toml"),
        "server" => include_str!("../../profiles/server.toml"),
        "client" => include_str!("../../profiles/client.toml"),
        "ocsp-responder" => include_str!("../../profiles/ocsp-responder.toml"),
        _ => return Ok(None),
    };
    Profile::from_builtin(name, text).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_can_be_read() {
        for name in BUILTIN_NAMES {
            assert_eq!(builtin(name).unwrap().unwrap().name(), name);
        }
        assert!(builtin("other").unwrap().is_none());
    }
}
