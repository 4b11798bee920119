//! The onboarding page over HTTP: the page, its style and script, the files, and what its script asks for. Everything else
//! is not found.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use url::form_urlencoded;

use super::{
    desk::{Caller, Desk, Received, user_agent},
    guard::{Hosts, guard},
    limits::MOST_OF_BODY,
    recorder::Deed,
};
use crate::onboarding::{Document, Download, GivenName, Visit};

/// The routes of the page.
pub(super) fn router(desk: Arc<Desk>, hosts: Hosts) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/visit/{token}", get(visit))
        .route("/name/{token}", post(name))
        .fallback(file)
        .with_state(desk)
        .layer(DefaultBodyLimit::max(MOST_OF_BODY))
        .layer(from_fn_with_state(hosts, guard))
}

async fn page(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let query = uri.query().unwrap_or_default();
    let platform = Visit::new("", query, user_agent(&headers), language).platform();
    let Ok(Received { visitor, cookie }) = desk.receive(&headers, &caller, platform) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let visit = Visit::new(&desk.tokens.token(&visitor), query, user_agent(&headers), language);
    let mut response = answer(desk.site.page(&visit));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The style sheet, the script, or a file with the root in it.
async fn file(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let is_read = method == Method::GET || method == Method::HEAD;
    if let Some(asset) = desk.site.asset(uri.path()) {
        return if is_read { answer(asset.clone()) } else { not_allowed() };
    }
    match desk.site.download(uri.path(), user_agent(&headers)) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(_) if !is_read => not_allowed(),
        Some(Download::SeePage(path)) => see_other(&path),
        Some(Download::File(document)) => {
            if method == Method::GET {
                desk.fetched(asked(&uri, "visit").as_deref(), &headers, &caller);
            }
            answer(document.clone())
        }
    }
}

/// What was seen of this visitor, for its script.
async fn visit(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    // What is no text in its escapes is nobody's token.
    match token.ok().and_then(|Path(token)| desk.by_token(&token, &headers, &caller)) {
        Some(visitor) => {
            let since = asked(&uri, "since").and_then(|moment| moment.parse().ok()).unwrap_or_default();
            let sight = serde_json::to_vec(&desk.visitors.tell(visitor, caller.address, since)).unwrap_or_default();
            ([(header::CONTENT_TYPE, "application/json")], sight).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What the device is called; the browser goes back to where it was.
async fn name(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.status().into_response(),
    };
    let visitor = token.ok().and_then(|Path(token)| desk.by_token(&token, &headers, &caller));
    let Some(visitor) = visitor.filter(|_| desk.records()) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(given) = GivenName::read(&body) else { return see_other("/") };
    if desk.visitors.named(visitor) {
        desk.deeds.tell(Deed::Named(visitor, given.name));
    }
    see_other(&given.back)
}

fn answer(document: Document) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type()));
    for (name, value) in document.headers() {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    (headers, Body::from(document.into_body().into_owned())).into_response()
}

/// RFC 9110 15.4.4: the answer is elsewhere, whatever the method was.
fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD")]).into_response()
}

/// What the query says under a name.
fn asked(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
