//! A name for this machine on the local network, by multicast DNS (RFC 6762), as long as somebody holds on to it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use mdns_sd::{DaemonEvent, IfKind, ServiceDaemon, ServiceInfo};

use super::network_error::NetworkError;

/// A name that is announced until this is dropped.
pub struct Announcement {
    daemon: ServiceDaemon,
    service: String,
}

/// Announces `<name>.local` with one address and a web page (RFC 6763), on that address's interface only.
pub(super) fn announce(name: &str, page: SocketAddr) -> Result<Announcement, NetworkError> {
    let host = format!("{name}.local");
    let fail =
        |reason: &dyn std::fmt::Display| NetworkError::Unannounced { name: host.clone(), reason: reason.to_string() };
    let daemon = ServiceDaemon::new().map_err(|error| fail(&error))?;
    let service = ServiceInfo::new(WEB_PAGE, name, &format!("{host}."), page.ip(), page.port(), NO_PROPERTIES);
    let service = service.map_err(|error| fail(&error))?;
    let announcement = Announcement { service: service.get_fullname().to_owned(), daemon };
    let daemon = &announcement.daemon;
    let own = match page.ip() {
        IpAddr::V4(address) if address.is_loopback() => IfKind::LoopbackV4,
        IpAddr::V6(address) if address.is_loopback() => IfKind::LoopbackV6,
        address => IfKind::Addr(address),
    };
    daemon.disable_interface(IfKind::All).map_err(|error| fail(&error))?;
    daemon.enable_interface(own).map_err(|error| fail(&error))?;
    let events = daemon.monitor().map_err(|error| fail(&error))?;
    daemon.register(service).map_err(|error| fail(&error))?;
    // RFC 6762 8.1: three probes, a quarter of a second apart; whoever has the name says so.
    loop {
        match events.recv_timeout(PATIENCE) {
            Ok(DaemonEvent::Announce(..)) => return Ok(announcement),
            Ok(DaemonEvent::NameChange(change)) if change.original.trim_end_matches('.') == host => {
                return Err(NetworkError::NameTaken(host));
            }
            Ok(DaemonEvent::Error(error)) => return Err(fail(&error)),
            Ok(_) => {}
            Err(_) => return Err(fail(&"no interface takes it")),
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // RFC 6762 10.1: goodbye, so that nobody looks for the name here; there is nobody to tell if that fails.
        if let Ok(done) = self.daemon.unregister(&self.service) {
            let _ = done.recv_timeout(GOODBYE);
        }
        if let Ok(done) = self.daemon.shutdown() {
            let _ = done.recv_timeout(GOODBYE);
        }
    }
}

const WEB_PAGE: &str = "_http._tcp.local.";
const NO_PROPERTIES: &[(&str, &str)] = &[];
const PATIENCE: Duration = Duration::from_secs(3);
const GOODBYE: Duration = Duration::from_millis(500);
