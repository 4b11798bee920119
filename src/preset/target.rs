//! The servers for which there is a preset.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// There is no preset of that name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no preset for `{word}`")]
pub struct UnknownTarget {
    /// What was asked for.
    pub word: String,
}

/// A server for which there is a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Jupyter Server, Notebook 7 and JupyterLab.
    Jupyter,
    /// Jupyter Server behind a server that ends TLS.
    JupyterBehindProxy,
    /// JupyterHub whose own proxy ends TLS.
    Jupyterhub,
    /// JupyterHub behind a server that ends TLS.
    JupyterhubBehindProxy,
    /// nginx in front of another server.
    Nginx,
    /// Apache in front of another server.
    Apache,
    /// Caddy in front of another server.
    Caddy,
    /// Traefik in front of another server.
    Traefik,
    /// haproxy in front of another server.
    Haproxy,
    /// Home Assistant.
    HomeAssistant,
    /// A program in Node.js.
    Node,
    /// A program in Python that uvicorn runs.
    Uvicorn,
    /// PostgreSQL.
    Postgresql,
    /// Mosquitto, for MQTT.
    Mosquitto,
    /// The registry of container images.
    DockerRegistry,
    /// Proxmox VE.
    Proxmox,
    /// A Synology NAS.
    Synology,
    /// A UniFi console.
    Unifi,
    /// A program on this very machine that somebody is working at.
    Dev,
    /// Any other server.
    Generic,
}

impl Target {
    /// All of them, in the order a list shows them.
    pub const ALL: [Self; 20] = [
        Self::Jupyter,
        Self::JupyterBehindProxy,
        Self::Jupyterhub,
        Self::JupyterhubBehindProxy,
        Self::Nginx,
        Self::Apache,
        Self::Caddy,
        Self::Traefik,
        Self::Haproxy,
        Self::HomeAssistant,
        Self::Node,
        Self::Uvicorn,
        Self::Postgresql,
        Self::Mosquitto,
        Self::DockerRegistry,
        Self::Proxmox,
        Self::Synology,
        Self::Unifi,
        Self::Dev,
        Self::Generic,
    ];

    /// Whether the people who run it run it themselves, as the user whom the CA belongs to: it reads what the CA keeps new.
    pub fn is_run_by_hand(self) -> bool {
        matches!(self, Self::Jupyter | Self::Node | Self::Uvicorn | Self::Dev | Self::Generic)
    }

    /// Under which name its lines stand in a file of somebody else: several presets may come into the same one.
    pub(super) fn block_of(self, label: &str) -> String {
        format!("{self} {label}")
    }

    /// The other way in which the same server is set up, where there is one: it is one or the other.
    pub(super) fn other_way(self) -> Option<Self> {
        match self {
            Self::Jupyter => Some(Self::JupyterBehindProxy),
            Self::JupyterBehindProxy => Some(Self::Jupyter),
            Self::Jupyterhub => Some(Self::JupyterhubBehindProxy),
            Self::JupyterhubBehindProxy => Some(Self::Jupyterhub),
            _ => None,
        }
    }

    /// Whether it shows one certificate on a machine, as it is set up by its preset: another one would be shown at random, or not at
    /// all.
    pub(super) fn has_one_certificate(self) -> bool {
        self == Self::Haproxy || self.other_way().is_some()
    }

    /// Whether it stands in front of another server, and sends on to HTTPS.
    pub fn is_proxy(self) -> bool {
        self.names_its_addresses() || self == Self::Haproxy
    }

    /// Whether it belongs to a person, whose directory has its configuration.
    pub fn is_a_persons_own(self) -> bool {
        matches!(self, Self::Jupyter | Self::JupyterBehindProxy)
    }

    /// Whether its configuration names the addresses at which it is visited: others are not served.
    pub fn names_its_addresses(self) -> bool {
        matches!(self, Self::Nginx | Self::Apache | Self::Caddy | Self::Traefik)
    }

    /// The word for it on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jupyter => "jupyter",
            Self::JupyterBehindProxy => "jupyter-behind-proxy",
            Self::Jupyterhub => "jupyterhub",
            Self::JupyterhubBehindProxy => "jupyterhub-behind-proxy",
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Haproxy => "haproxy",
            Self::HomeAssistant => "home-assistant",
            Self::Node => "node",
            Self::Uvicorn => "uvicorn",
            Self::Postgresql => "postgresql",
            Self::Mosquitto => "mosquitto",
            Self::DockerRegistry => "docker-registry",
            Self::Proxmox => "proxmox",
            Self::Synology => "synology",
            Self::Unifi => "unifi",
            Self::Dev => "dev",
            Self::Generic => "generic",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|target| target.as_str() == word)
            .ok_or_else(|| UnknownTarget { word: word.to_owned() })
    }
}
