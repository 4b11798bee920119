//! What every request goes through: it must ask for a host that is ours, be answered in time, and its answer says to
//! browsers what they may do with it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::limits::{MOST_OF_TARGET, REQUEST_PATIENCE};

/// The hosts under which a port is asked for: `192.168.0.1:4822`, `hub.local:4822`. Whatever else a browser was made to
/// believe about this address (DNS rebinding), it learns nothing here.
#[derive(Clone)]
pub(super) struct Hosts(Arc<[String]>);

impl Hosts {
    /// These names on one port; without it as well where it is the usual one of the scheme.
    pub(super) fn new(names: &[String], port: u16, usual_port: u16) -> Self {
        let with_port = names.iter().map(|name| format!("{name}:{port}"));
        let without = names.iter().filter(|_| port == usual_port).cloned();
        Self(with_port.chain(without).map(|host| host.to_ascii_lowercase()).collect())
    }

    /// RFC 9112 3.2: exactly one `Host`, and the one of an absolute target counts.
    fn check(&self, version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), StatusCode> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(StatusCode::BAD_REQUEST) };
        let host = host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
        let asked = uri.authority().map_or(host, |authority| authority.as_str());
        let is_ours = |asked: &str| self.0.iter().any(|own| asked.eq_ignore_ascii_case(own));
        let is_spoken = matches!(version, Version::HTTP_10 | Version::HTTP_11);
        if is_spoken && is_ours(asked) && is_ours(host) { Ok(()) } else { Err(StatusCode::MISDIRECTED_REQUEST) }
    }
}

/// Lets a request through, or answers it.
pub(super) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = match admit(&hosts, &request) {
        Err(status) => status.into_response(),
        Ok(()) => match timeout(REQUEST_PATIENCE, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response(),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    response
}

fn admit(hosts: &Hosts, request: &Request) -> Result<(), StatusCode> {
    hosts.check(request.version(), request.uri(), request.headers())?;
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MOST_OF_TARGET { Err(StatusCode::URI_TOO_LONG) } else { Ok(()) }
}

/// What stands in every answer, unless the answer knows better.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_hosts_are_answered_for() {
        let hosts = Hosts::new(&["192.168.0.1".to_owned(), "[fd00::1]".to_owned(), "Hub.local".to_owned()], 4822, 80);
        let check = |target: &str, given: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in given {
                headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
            }
            hosts.check(Version::HTTP_11, &target.parse().unwrap(), &headers).map_err(|status| status.as_u16())
        };
        for host in ["192.168.0.1:4822", "[fd00::1]:4822", "hub.LOCAL:4822"] {
            assert_eq!(check("/", &[host]), Ok(()), "{host}");
        }
        for host in ["192.168.0.1", "192.168.0.1:80", "evil.example:4822", "hub.local.:4822", "x@192.168.0.1:4822", ""]
        {
            assert_eq!(check("/", &[host]), Err(421), "{host}");
        }
        assert_eq!(check("/", &[]), Err(400));
        assert_eq!(check("/", &["192.168.0.1:4822", "192.168.0.1:4822"]), Err(400));
        assert_eq!(check("http://192.168.0.1:4822/", &["192.168.0.1:4822"]), Ok(()));
        assert_eq!(check("http://evil.example/", &["192.168.0.1:4822"]), Err(421));
        assert_eq!(check("http://192.168.0.1:4822/", &["evil.example"]), Err(421));
        let usual = Hosts::new(&["192.168.0.1".to_owned()], 80, 80);
        assert_eq!(usual.0.as_ref(), ["192.168.0.1:80", "192.168.0.1"]);
    }
}
