//! The server behind a proxy, which has to know that it is there.

use crate::preset::{error::PresetError, instruction::Instruction, site::Site, target::Target};

/// Refuses a proxy that would stand in front of itself.
///
/// # Errors
/// It is so.
pub fn check_upstream(target: Target, site: &Site) -> Result<(), PresetError> {
    let port = upstream(site);
    let is_its_own = target.is_proxy() && [site.port(HTTPS), HTTP].contains(&port);
    if is_its_own { Err(PresetError::Loop { target, port }) } else { Ok(()) }
}

/// The port of this machine that a proxy stands in front of: Jupyter's, if nobody says otherwise.
pub(super) fn upstream(site: &Site) -> u16 {
    site.upstream(USUAL)
}

/// What is done by who is behind a proxy. Jupyter is at the usual port, and answers 403 to visitors of a proxy that it was not told of.
pub(super) fn instruction(site: &Site) -> Instruction {
    let port = match site.upstream(USUAL) {
        USUAL => String::new(),
        port => format!(" --upstream {port}"),
    };
    Instruction::typing(
        "Where Jupyter Server is behind it, let it know (JupyterHub: jupyterhub-behind-proxy)",
        format!("hubca export preset jupyter-behind-proxy {}{port}", site.label()),
    )
}

/// Jupyter's port.
const USUAL: u16 = 8888;
/// The port at which a proxy serves if nobody says otherwise.
const HTTPS: u16 = 443;
/// The port at which it sends on to that one.
const HTTP: u16 = 80;
