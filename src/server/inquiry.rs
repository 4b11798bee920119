//! OCSP over HTTP (RFC 6960 appendix A, RFC 9919 5), and the files of a CA beside it.
//!
//! No `Host` is refused: what is said here is signed and for everybody, and whoever asks may have it from a certificate of
//! any name, by a proxy of any name.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::{SyncSender, TrySendError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64ct::{Base64Unpadded, Encoding};
use hyper::body::{Body as _, Incoming};
use time::OffsetDateTime;
use tokio::{sync::oneshot, time::timeout};

use super::{
    clerk::{Duties, Errand},
    connection::Answer,
    desk::Caller,
    limits::REQUEST_PATIENCE,
    revocation_event::Served,
    shelf::{Ready, Shelf},
};
use crate::{
    system::Clock,
    x509::ocsp::{OcspRequest, ResponseStatus, error_response},
};

/// Where all connections ask.
#[derive(Clone)]
pub(super) struct Counter(pub(super) Arc<Window>);

/// What is behind it.
pub(super) struct Window {
    pub(super) duties: Duties,
    pub(super) shelf: Arc<Shelf>,
    pub(super) clerk: SyncSender<Errand>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) served: Tally,
}

/// How many were served.
#[derive(Default)]
pub(super) struct Tally {
    answers: AtomicU64,
    errors: AtomicU64,
    files: AtomicU64,
}

impl Tally {
    pub(super) fn total(&self) -> Served {
        let [answers, errors, files] =
            [&self.answers, &self.errors, &self.files].map(|count| count.load(Ordering::Relaxed));
        Served { answers, errors, files }
    }
}

impl Answer for Counter {
    async fn answer(self, _: Caller, request: Request<Incoming>) -> Response {
        let mut response = match *request.method() {
            Method::POST if self.0.duties.answers() => self.posted(request).await,
            Method::GET | Method::HEAD => self.got(&request).await,
            _ => {
                let allowed = if self.0.duties.answers() { "GET, HEAD, POST" } else { "GET, HEAD" };
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)]).into_response()
            }
        };
        if !response.status().is_success() && response.status() != StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

impl Counter {
    async fn posted(&self, request: Request<Incoming>) -> Response {
        let (head, body) = request.into_parts();
        let is_request = head.headers.get(header::CONTENT_TYPE).is_none_or(|media_type| {
            let essence = media_type.as_bytes().split(|octet| *octet == b';').next().unwrap_or_default();
            essence.trim_ascii().eq_ignore_ascii_case(OCSP_REQUEST)
        });
        if !is_request {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
        }
        if body.size_hint().lower() > MOST_OF_BODY as u64 {
            return closing(StatusCode::PAYLOAD_TOO_LARGE);
        }
        match timeout(REQUEST_PATIENCE, to_bytes(Body::new(body), MOST_OF_BODY)).await {
            Ok(Ok(der)) => match OcspRequest::from_der(&der) {
                Ok(request) => whole(&*self.inquire(request).await),
                // RFC 6960 2.3: what is no request is answered, with what it is not.
                Err(_) => whole(&self.none(ResponseStatus::MalformedRequest)),
            },
            // Too long after all, or broken off, and then nobody reads this.
            Ok(Err(_)) => closing(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => closing(StatusCode::REQUEST_TIMEOUT),
        }
    }

    async fn got(&self, request: &Request<Incoming>) -> Response {
        let path = request.uri().path();
        if path.len() > MOST_OF_PATH {
            return StatusCode::URI_TOO_LONG.into_response();
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if self.0.duties.hands_out() && is_file_name(name) {
            self.look().await;
            let Some(ready) = self.0.shelf.file(name) else { return StatusCode::NOT_FOUND.into_response() };
            self.0.served.files.fetch_add(1, Ordering::Relaxed);
            return conditional(&ready, request.headers());
        }
        if !self.0.duties.answers() {
            return StatusCode::NOT_FOUND.into_response();
        }
        let mut has_bytes = false;
        let found = requests_in(path).inspect(|_| has_bytes = true).find_map(|der| OcspRequest::from_der(&der).ok());
        match found {
            None if !has_bytes => StatusCode::NOT_FOUND.into_response(),
            None => whole(&self.none(ResponseStatus::MalformedRequest)),
            Some(found) => conditional(&*self.inquire(found).await, request.headers()),
        }
    }

    /// The answer: one that is ready and was looked at a moment ago, or the clerk's.
    async fn inquire(&self, request: OcspRequest) -> Arc<Ready> {
        if let ([only], None) = (request.ids(), request.nonce())
            && self.0.shelf.is_trusted()
            && let Some(ready) = self.0.shelf.answer(only.as_der())
        {
            self.0.served.answers.fetch_add(1, Ordering::Relaxed);
            return ready;
        }
        let (reply, answer) = oneshot::channel();
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.0.clerk.try_send(Errand::Answer(request, reply))
        {
            return self.none(ResponseStatus::TryLater);
        }
        match timeout(REQUEST_PATIENCE, answer).await {
            Ok(Ok(ready)) => {
                let count =
                    if ready.body.len() > ERROR_OCTETS { &self.0.served.answers } else { &self.0.served.errors };
                count.fetch_add(1, Ordering::Relaxed);
                ready
            }
            _ => self.none(ResponseStatus::TryLater),
        }
    }

    /// Lets the clerk see whether the files are still the same, if nobody has just done so. A clerk that has no time leaves
    /// them as they are: they say themselves until when they hold.
    async fn look(&self) {
        if self.0.shelf.is_trusted() {
            return;
        }
        let (done, looked) = oneshot::channel();
        if self.0.clerk.try_send(Errand::Look(done)).is_ok() {
            let _ = timeout(REQUEST_PATIENCE, looked).await;
        }
    }

    fn none(&self, status: ResponseStatus) -> Arc<Ready> {
        self.0.served.errors.fetch_add(1, Ordering::Relaxed);
        let now: OffsetDateTime = self.0.clock.now();
        Arc::new(Ready::for_nobody_else(error_response(status).to_vec(), now))
    }
}

fn whole(ready: &Ready) -> Response {
    with_headers(ready, Body::from(ready.body.clone()))
}

fn conditional(ready: &Ready, asked: &HeaderMap) -> Response {
    if ready.is_had(asked) {
        let mut response = with_headers(ready, Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    whole(ready)
}

/// The headers are copied whole: nothing is put together for each who asks.
fn with_headers(ready: &Ready, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().clone_from(&ready.headers);
    response
}

fn closing(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")], Body::from(Bytes::new())).into_response()
}

fn is_file_name(name: &str) -> bool {
    [".crl", ".crl.pem", ".crt"].iter().any(|ending| name.ends_with(ending))
}

/// RFC 6960 A.1: base64 in the path, escaped as in a URL, behind whatever the server is addressed by. Base64 has slashes of
/// its own and some clients escape none, so that only reading tells where it begins: the longest comes first.
fn requests_in(path: &str) -> impl Iterator<Item = Vec<u8>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(place, _)| place + 1));
    starts
        .take(MOST_STARTS)
        .filter_map(|start| unescaped(path.get(start..)?))
        .filter_map(|text| Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok())
        .filter(|der| der.first() == Some(&SEQUENCE))
}

/// RFC 3986 2.1; `+` stands for itself in a path, but a proxy may have made a space of it.
fn unescaped(text: &str) -> Option<String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        plain.push(match octet {
            b'%' => {
                let digits = [octets.next()?, octets.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(plain).ok().map(|text| text.replace(' ', "+"))
}

const OCSP_REQUEST: &[u8] = b"application/ocsp-request";
const MOST_OF_BODY: usize = OcspRequest::MOST_BYTES;
/// Octets of a path: a request of two kilobytes, escaped.
const MOST_OF_PATH: usize = 4 * 1024;
/// After how many slashes a request is looked for.
const MOST_STARTS: usize = 8;
/// The first octet of every request.
const SEQUENCE: u8 = 0x30;
/// The length of an answer that says only why there is none.
const ERROR_OCTETS: usize = 5;
