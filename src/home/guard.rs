//! Whose home it is: keys lie in it, so it must be ours and nobody else's.

use super::{error::HomeError, layout::Layout};
use crate::system::files::{self, current_user};

/// Refuses a home that belongs to somebody else, or that others can read or write.
pub(super) fn check(layout: &Layout) -> Result<(), HomeError> {
    let directory = layout.directory().to_owned();
    let access = match files::access(&directory) {
        Ok(access) => access,
        Err(error) if error.is_missing() => return Err(HomeError::NoCa { directory }),
        Err(error) => return Err(error.into()),
    };
    let us = current_user();
    if access.owner != us {
        return Err(HomeError::Foreign { directory, owner: access.owner, us });
    }
    if !access.is_private_to_us() {
        return Err(HomeError::Exposed { directory, mode: access.mode });
    }
    Ok(())
}
