//! What a deployment needs of the world outside of the home.

use std::time::Duration;

use crate::system::{Network, Processes};

/// What a deployment needs of the world outside of the home.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Where servers are looked at.
    pub network: &'a dyn Network,
    /// What runs hooks.
    pub processes: &'a dyn Processes,
    /// How long a hook may take, if not as long as is remembered.
    pub hook_limit: Option<Duration>,
    /// How long a server may take to show its new certificate.
    pub verify_limit: Duration,
}

/// How long a server may take to show its new certificate where nobody says.
pub const VERIFY_LIMIT: Duration = Duration::from_secs(30);
