//! The profiles of a home: the built-in ones and the operator's own.

use super::{error::HomeError, layout::Layout};
use crate::{
    profile::{self, BUILTIN_NAMES, Profile},
    system::files::{directory, read_bounded},
};

/// A profile by its name, of any kind; without a home the built-in ones only.
///
/// # Errors
/// None of that name, or one that cannot be read.
pub fn find_profile(layout: Option<&Layout>, name: &str) -> Result<Profile, HomeError> {
    if let Some(profile) = profile::builtin(name)? {
        return Ok(profile);
    }
    let known = profile_names(layout)?;
    let Some(layout) = layout.filter(|_| known.iter().any(|known| known == name)) else {
        return Err(HomeError::NoProfile { name: name.to_owned(), known });
    };
    let path = layout.profiles().join(format!("{name}.toml"));
    let bytes = read_bounded(&path, profile::MOST_BYTES)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| HomeError::Settings { path: path.clone(), reason: "it is not text".to_owned() })?;
    Ok(Profile::parse(name, &text)?)
}

/// The name of an operator's profile; a file named like a built-in one is never read.
fn own(entry: &str) -> Option<String> {
    entry.strip_suffix(".toml").filter(|name| !BUILTIN_NAMES.contains(name)).map(str::to_owned)
}

/// The names of all profiles: the built-in ones, then the operator's own.
///
/// # Errors
/// A directory that cannot be read.
pub fn profile_names(layout: Option<&Layout>) -> Result<Vec<String>, HomeError> {
    let mut names: Vec<String> = BUILTIN_NAMES.iter().map(|name| (*name).to_owned()).collect();
    if let Some(layout) = layout {
        match directory::entries(&layout.profiles()) {
            Ok(entries) => names.extend(entries.iter().filter_map(|entry| own(entry))),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(names)
}
