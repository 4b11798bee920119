//! A TLS port that proves trust in one root: a request that a script can see succeed, and a WebSocket (RFC 6455), which
//! Safari opens only to a certificate that it fully trusts, whatever a person told it about a page.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{
        Path, State,
        rejection::PathRejection,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;

use super::{
    desk::{Caller, Desk},
    guard::{Hosts, guard},
    limits::{MOST_OF_MESSAGE, SOCKET_PATIENCE},
    recorder::Deed,
};

/// The desk, and which of the roots this port stands under; the first is the one of today.
#[derive(Clone)]
struct Probe {
    desk: Arc<Desk>,
    root: usize,
}

/// The routes of a port.
pub(super) fn router(desk: Arc<Desk>, root: usize, hosts: Hosts) -> Router {
    Router::new()
        .route("/probe/{token}", get(probe))
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(Probe { desk, root })
        .layer(from_fn_with_state(hosts, guard))
}

async fn probe(
    State(Probe { desk, root }): State<Probe>,
    Extension(caller): Extension<Caller>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let visitor = token.ok().and_then(|Path(token)| desk.by_token(&token, &headers, &caller));
    let Some(visitor) = visitor else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if root == 0 {
        desk.visitors.probed(visitor);
    }
    if !headers.contains_key(header::UPGRADE) {
        return (StatusCode::NO_CONTENT, FOR_ANY_SCRIPT).into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.status().into_response(),
    };
    let upgrade = upgrade
        .read_buffer_size(MOST_OF_MESSAGE)
        .write_buffer_size(0)
        .max_message_size(MOST_OF_MESSAGE)
        .max_frame_size(MOST_OF_MESSAGE);
    upgrade.on_upgrade(async move |socket| {
        // Held until the last octet: an open socket counts among the caller's connections.
        let _caller = caller;
        let is_proven = timeout(SOCKET_PATIENCE, exchange(socket)).await.unwrap_or_default();
        if is_proven && desk.visitors.trusts(visitor, root) {
            desk.deeds.tell(Deed::Trusts(visitor, root));
        }
    })
}

/// Says the word, and waits until the browser has heard it: it answers the closing (RFC 6455 5.5.1).
async fn exchange(mut socket: WebSocket) -> bool {
    if socket.send(Message::text("trusted")).await.is_err() || socket.send(Message::Close(None)).await.is_err() {
        return false;
    }
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Close(_)) {
            return true;
        }
    }
    false
}

/// The page comes from another port, and so from another origin.
const FOR_ANY_SCRIPT: [(HeaderName, HeaderValue); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
];
