//! Notebooks as people open them: a browser that trusts the root logs in, runs a cell, and the kernel's answer comes over WSS, from
//! Jupyter Server and from JupyterHub, configured by `hubca export preset` word for word and visited at an address.
//!
//! What was found with Jupyter Server 2.21, JupyterHub 6.1 and configurable-http-proxy 4.6:
//!
//! - Jupyter Server opens its files for each connection. After a renewal the open page goes on, over the connection that it has.
//! - The proxy of JupyterHub opens them once. The hub looks after the proxy that it started, each `check_running_interval` seconds,
//!   and starts it anew with all its routes: so a renewal ends the proxy alone. The open page connects again by itself.
//! - A proxy that is a service of its own has no routes after its start, until the hub looks: each `last_activity_interval` seconds,
//!   300 if nothing is said. Until then notebooks answer with a redirect loop.
//! - A restart of the hub leaves notebooks alone under `cleanup_servers = False`, and nobody is logged out as long as the cookie
//!   secret stays. systemd ends all processes of a unit with it, notebooks of a local spawner among them, unless the unit has
//!   `KillMode=process`.
//! - Behind nginx a reload leaves open WebSockets to the old workers: the page does not notice.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod hub;
mod jupyter;
mod jupyterhub;
mod notebook;
#[path = "../support/mod.rs"]
mod support;
