//! Users and groups of the machine, by name or by number.

use std::path::PathBuf;

use nix::unistd::{Group, User};
use thiserror::Error;

/// Why text is no user or group.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AccountError {
    /// There is no such user.
    #[error("there is no user `{0}`")]
    NoUser(String),
    /// There is no such group.
    #[error("there is no group `{0}`")]
    NoGroup(String),
    /// The system does not tell.
    #[error("the system does not tell who `{name}` is: {reason}")]
    Unknown {
        /// Who was asked for.
        name: String,
        /// What the system said.
        reason: String,
    },
}

/// The number of a user: digits are one, anything else is a name.
///
/// # Errors
/// There is no user of that name.
pub fn user_number(name: &str) -> Result<u32, AccountError> {
    match number(name) {
        Some(number) => Ok(number),
        None => match User::from_name(name) {
            Ok(Some(user)) => Ok(user.uid.as_raw()),
            Ok(None) => Err(AccountError::NoUser(name.to_owned())),
            Err(error) => Err(unknown(name, error)),
        },
    }
}

/// The directory of a user's own.
///
/// # Errors
/// There is no user of that name.
pub fn user_directory(name: &str) -> Result<PathBuf, AccountError> {
    match User::from_name(name) {
        Ok(Some(user)) => Ok(user.dir),
        Ok(None) => Err(AccountError::NoUser(name.to_owned())),
        Err(error) => Err(unknown(name, error)),
    }
}

/// The number of a group, as [`user_number`].
///
/// # Errors
/// There is no group of that name.
pub fn group_number(name: &str) -> Result<u32, AccountError> {
    match number(name) {
        Some(number) => Ok(number),
        None => match Group::from_name(name) {
            Ok(Some(group)) => Ok(group.gid.as_raw()),
            Ok(None) => Err(AccountError::NoGroup(name.to_owned())),
            Err(error) => Err(unknown(name, error)),
        },
    }
}

/// The highest number means "as it is" to the system, and so is nobody's.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number != u32::MAX)
}

fn unknown(name: &str, error: nix::errno::Errno) -> AccountError {
    AccountError::Unknown { name: name.to_owned(), reason: error.desc().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_and_a_number_is_taken() {
        assert_eq!((user_number("root"), group_number("0")), (Ok(0), Ok(0)));
        assert_eq!((user_number("54321"), group_number("54321")), (Ok(54_321), Ok(54_321)));
        assert_eq!(user_directory("root"), Ok(PathBuf::from("/root")));
        assert_eq!(user_directory("no-such-user"), Err(AccountError::NoUser("no-such-user".to_owned())));
        assert_eq!(user_number("no-such-user"), Err(AccountError::NoUser("no-such-user".to_owned())));
        for text in ["", "no such group", "4294967295", "-1", "a\0b"] {
            assert!(group_number(text).is_err(), "{text}");
        }
    }
}
