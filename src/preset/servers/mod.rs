//! One file for each kind of server.

mod apache;
mod behind;
mod caddy;
mod containers;
mod generic;
mod haproxy;
mod home_assistant;
mod jupyter;
mod jupyterhub;
mod mosquitto;
mod nas;
mod nginx;
mod postgresql;
mod programs;
mod traefik;

pub use behind::check_upstream;
pub use nginx::release as release_of_nginx;

use super::{error::PresetError, neighbours::Neighbours, offered::Preset, place::NoPlace, site::Site, target::Target};

/// The preset of a server for a site.
///
/// # Errors
/// A path that the server's language cannot hold.
pub fn preset(target: Target, site: &Site) -> Result<Preset, PresetError> {
    match target {
        Target::Jupyter => jupyter::preset(site),
        Target::JupyterBehindProxy => jupyter::behind_proxy(site),
        Target::Jupyterhub => jupyterhub::preset(site),
        Target::JupyterhubBehindProxy => jupyterhub::behind_proxy(site),
        Target::Nginx => nginx::preset(site),
        Target::Apache => apache::preset(site),
        Target::Caddy => caddy::preset(site),
        Target::Traefik => traefik::preset(site),
        Target::Haproxy => haproxy::preset(site),
        Target::HomeAssistant => home_assistant::preset(site),
        Target::Node => programs::node(site),
        Target::Uvicorn => programs::uvicorn(site),
        Target::Postgresql => postgresql::preset(site),
        Target::Mosquitto => mosquitto::preset(site),
        Target::DockerRegistry => containers::registry(site),
        Target::Proxmox => nas::proxmox(site),
        Target::Synology => nas::synology(site),
        Target::Unifi => nas::unifi(site),
        Target::Dev => generic::dev(site),
        Target::Generic => generic::preset(site),
    }
}

/// The same preset beside what the server is told on this machine already.
///
/// # Errors
/// Both would not go together.
pub fn beside(preset: Preset, site: &Site, neighbours: &Neighbours) -> Result<Preset, NoPlace> {
    let preset = match preset.target {
        Target::Nginx => nginx::beside(preset, site, neighbours)?,
        Target::Apache => apache::beside(preset, site, neighbours)?,
        Target::Traefik => traefik::beside(preset, site, neighbours)?,
        Target::Mosquitto => mosquitto::beside(preset, neighbours),
        Target::Jupyterhub | Target::JupyterhubBehindProxy => jupyterhub::beside(preset, neighbours),
        _ => preset,
    };
    match preset.target {
        Target::Jupyter | Target::JupyterBehindProxy => jupyter::check(neighbours)?,
        Target::HomeAssistant => home_assistant::check(neighbours)?,
        Target::Postgresql => postgresql::check(site)?,
        _ => {}
    }
    neighbours.check_room(&preset, site.label())?;
    Ok(preset)
}
