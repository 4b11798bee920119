//! What stands at the place of a preset already: nothing, what this program wrote, or something of somebody else.

use std::path::{Path, PathBuf};

use super::{configuration::text, installation::Spot, offered::Preset, target::Target};
use crate::{
    plan::{block, has_copy_of_before, is_marked},
    system::FileError,
};

/// What stands at the place of a preset on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of the label's.
    Nothing,
    /// What this program wrote, as it is by now.
    Ours(String),
    /// A file of somebody else.
    Theirs(PathBuf),
}

impl Standing {
    /// Looks below `machine`, the root directory.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn look(offered: &Preset, label: &str, machine: &Path) -> Result<Self, FileError> {
        let Some(setting) = offered.installation.setting() else { return Ok(Self::Nothing) };
        let path = on(machine, setting.spot.path());
        let held = text(&path)?;
        Ok(match (&setting.spot, held) {
            // A removal that was stopped brings back what was there before.
            (Spot::File(_), None) if has_copy_of_before(&path) => Self::Ours(String::new()),
            (Spot::File(_), Some(held)) if is_marked(held.as_bytes()) => Self::Ours(held),
            (Spot::File(_), Some(_)) => Self::Theirs(path),
            (Spot::Lines(_), Some(held)) => {
                block(&held, &offered.target.block_of(label)).map_or(Self::Nothing, Self::Ours)
            }
            (_, None) => Self::Nothing,
        })
    }

    /// The port of this machine that our text stands in front of: what was once said of it stands there alone.
    pub fn upstream(&self, target: Target) -> Option<u16> {
        let Self::Ours(text) = self else { return None };
        let before = match target {
            Target::Nginx => "proxy_pass http://127.0.0.1:",
            Target::Apache => "ProxyPass / http://127.0.0.1:",
            Target::Caddy => "reverse_proxy 127.0.0.1:",
            Target::Traefik => "url: http://127.0.0.1:",
            Target::Haproxy => "server one 127.0.0.1:",
            Target::JupyterBehindProxy => "ServerApp.port = ",
            Target::JupyterhubBehindProxy => "bind_url = 'http://127.0.0.1:",
            _ => return None,
        };
        let (_, after) = text.split_once(before)?;
        let digits = after.split(|letter: char| !letter.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|port| *port != 0)
    }
}

/// An absolute path below the root directory of a machine.
pub(super) fn on(machine: &Path, path: &Path) -> PathBuf {
    machine.join(path.strip_prefix("/").unwrap_or(path))
}
