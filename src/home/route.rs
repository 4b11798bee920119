//! The way of a certificate to its server: what is remembered of it, read into what can be done.

use std::{path::PathBuf, time::Duration};

use thiserror::Error;

use crate::{
    authority::Destination,
    preset::Target,
    probe::{Address, AddressError, Opening},
    system::{AccountError, FileMode, Ownership, group_number, user_number},
};

/// The way of a certificate to its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The directory that gets the four files.
    pub(super) out: Option<PathBuf>,
    /// The file that gets everything.
    pub(super) combined: Option<PathBuf>,
    pub(super) ownership: Ownership,
    pub(super) mode: FileMode,
    /// The program that makes the server take the files, and its arguments.
    pub(super) hook: Option<Vec<String>>,
    pub(super) hook_limit: Duration,
    pub(super) addresses: Vec<Address>,
}

/// Why there is no such way.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RouteError {
    /// The files would be for a group that nobody named.
    #[error("mode {} lets a group read the key, and no group is named", mode.as_str())]
    NoGroup {
        /// The mode.
        mode: FileMode,
    },
    /// Whose the copies are is said, and there are no copies.
    #[error("an owner, a group or a mode is that of copies, and there are none")]
    NoCopies,
    /// A user or group that is not there.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The command cannot be split into words.
    #[error("the hook `{0}` has a quote that is never closed")]
    Unclosed(String),
    /// The command is empty.
    #[error("the hook has no words")]
    NoWords,
    /// A place that is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl Route {
    /// Reads what is remembered.
    ///
    /// # Errors
    /// What cannot be done, before anything is.
    pub fn of(destination: &Destination) -> Result<Self, RouteError> {
        let mode = destination.file_mode();
        let (owner, group) = (destination.owner.as_deref(), destination.group.as_deref());
        if !destination.has_copies() && (owner.is_some() || group.is_some() || destination.mode.is_some()) {
            return Err(RouteError::NoCopies);
        }
        if mode.is_for_group() && group.is_none() {
            return Err(RouteError::NoGroup { mode });
        }
        Ok(Self {
            out: destination.out.as_ref().map(PathBuf::from),
            combined: destination.combined.as_ref().map(PathBuf::from),
            ownership: Ownership {
                user: owner.map(user_number).transpose()?,
                group: group.map(group_number).transpose()?,
            },
            mode,
            hook: destination.hook.as_deref().map(words).transpose()?,
            hook_limit: Duration::from_secs(destination.hook_limit.unwrap_or(HOOK_LIMIT).into()),
            addresses: destination
                .verify
                .iter()
                .map(|text| shown_at(text, destination.server.as_deref()))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Where a server of a kind shows its certificate; the kind, by the word of its preset, decides what it wants to be told first.
///
/// # Errors
/// Text that names no place.
pub fn shown_at(text: &str, server: Option<&str>) -> Result<Address, AddressError> {
    let is_postgresql = server == Some(Target::Postgresql.as_str());
    let opening = if is_postgresql { Opening::Postgresql } else { Opening::Tls };
    Ok(Address::parse(text)?.opened_by(opening))
}

/// A command as a shell would split it, with nothing in it that a shell would do.
fn words(hook: &str) -> Result<Vec<String>, RouteError> {
    let words = shell_words::split(hook).map_err(|_| RouteError::Unclosed(hook.chars().take(80).collect()))?;
    if words.first().is_none_or(String::is_empty) {
        return Err(RouteError::NoWords);
    }
    Ok(words)
}

/// How many seconds a hook has where nobody says: a server that restarts slowly is done by then.
pub const HOOK_LIMIT: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn hooked(hook: &str) -> Destination {
        Destination { hook: Some(hook.to_owned()), ..Destination::default() }
    }

    #[test]
    fn a_hook_is_split_as_a_shell_does_and_nothing_in_it_is_done() {
        let words = |hook| Route::of(&hooked(hook)).unwrap().hook.unwrap();
        assert_eq!(words("systemctl reload nginx"), ["systemctl", "reload", "nginx"]);
        assert_eq!(words(r#"sh -c 'echo "$HUBCA_LABEL"' a\ b"#), ["sh", "-c", r#"echo "$HUBCA_LABEL""#, "a b"]);
        assert_eq!(
            words("touch $(id) `id` ; rm * && x > y"),
            ["touch", "$(id)", "`id`", ";", "rm", "*", "&&", "x", ">", "y"]
        );
        assert!(matches!(Route::of(&hooked("echo 'a")), Err(RouteError::Unclosed(_))));
        for empty in ["", "   ", "''"] {
            assert_eq!(Route::of(&hooked(empty)), Err(RouteError::NoWords), "{empty:?}");
        }
    }

    #[test]
    fn a_group_reads_the_key_only_where_it_is_named() {
        let copies = Destination { out: Some("/srv/tls".to_owned()), ..Destination::default() };
        assert_eq!(Route::of(&copies).unwrap().mode, FileMode::Secret);
        let shared = Destination { group: Some("0".to_owned()), ..copies.clone() };
        assert_eq!(Route::of(&shared).unwrap().mode, FileMode::Group);
        let nobodys = Destination { mode: Some(FileMode::GroupReadOnly), ..copies.clone() };
        assert_eq!(Route::of(&nobodys), Err(RouteError::NoGroup { mode: FileMode::GroupReadOnly }));
        let no_copies = Destination { owner: Some("root".to_owned()), ..hooked("true") };
        assert_eq!(Route::of(&no_copies), Err(RouteError::NoCopies));
        let stranger = Destination { owner: Some("no-such-user".to_owned()), ..copies };
        assert!(matches!(Route::of(&stranger), Err(RouteError::Account(_))));
    }
}
