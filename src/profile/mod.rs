//! A certificate profile: everything about a certificate that a request does not choose.
//!
//! Six are built in (`profiles/` of the source tree); an operator's own lie in the home and may not make a CA.

mod builtin;
mod definition;
mod file;
mod scope;

pub use builtin::{BUILTIN_NAMES, builtin};
pub use definition::{KeyKind, Profile, Waiver};
pub use file::{MOST_BYTES, ProfileError};
pub use scope::{Scope, ScopeError};
