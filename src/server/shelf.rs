//! What is ready to be handed out: signed answers and files, for as long as somebody has just looked whether they still hold.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description};

use crate::{
    authority::OcspAnswer,
    system::{Clock, Stopwatch},
    x509::{certificate::sha256, hexadecimal},
};

/// What all connections take from.
pub(super) struct Shelf {
    answers: RwLock<Answers>,
    files: RwLock<HashMap<String, Arc<Ready>>>,
    watch: Stopwatch,
    /// Until which millisecond of the watch nobody has to look again.
    trusted_until: AtomicU64,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Answers {
    by_id: HashMap<Vec<u8>, Kept>,
    octets: usize,
}

struct Kept {
    ready: Arc<Ready>,
    answer: (OffsetDateTime, OffsetDateTime),
}

/// Bytes with their headers.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) body: Bytes,
    /// Put together once, and handed out many times.
    pub(super) headers: HeaderMap,
}

impl Shelf {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            answers: RwLock::default(),
            files: RwLock::default(),
            watch: clock.stopwatch(),
            trusted_until: AtomicU64::new(0),
            clock,
        }
    }

    /// Whether somebody has looked a moment ago whether all that is here still holds.
    pub(super) fn is_trusted(&self) -> bool {
        self.now() < self.trusted_until.load(Ordering::Acquire)
    }

    /// Somebody has looked.
    pub(super) fn trust(&self) {
        self.trusted_until.store(self.now() + LOOK_EVERY, Ordering::Release);
    }

    /// The answer about a certificate, by its name as it was asked for.
    pub(super) fn answer(&self, id: &[u8]) -> Option<Arc<Ready>> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let kept = answers.by_id.get(id)?;
        let (from, until) = kept.answer;
        (from..until).contains(&self.clock.now()).then(|| kept.ready.clone())
    }

    /// Keeps an answer until half of its life is over.
    pub(super) fn keep_answer(&self, id: &[u8], answer: &OcspAnswer, ready: Arc<Ready>) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        let octets = id.len() + ready.body.len() + BESIDE;
        if answers.octets + octets > MOST_OCTETS {
            *answers = Answers::default();
        }
        let until = answer.this_update + (answer.next_update - answer.this_update) / 2;
        if answers.by_id.insert(id.to_vec(), Kept { ready, answer: (answer.this_update, until) }).is_none() {
            answers.octets += octets;
        }
    }

    /// Drops all answers: something was revoked, or somebody else signs from now on.
    pub(super) fn forget_answers(&self) {
        *self.answers.write().unwrap_or_else(PoisonError::into_inner) = Answers::default();
    }

    /// A file by its name.
    pub(super) fn file(&self, name: &str) -> Option<Arc<Ready>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Puts files in the place of those that were here.
    pub(super) fn set_files(&self, files: HashMap<String, Arc<Ready>>) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
    }

    fn now(&self) -> u64 {
        u64::try_from(self.watch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Ready {
    /// A signed answer, RFC 9919 5.2: caches may have it for a while, and never beyond its life.
    pub(super) fn answer(answer: &OcspAnswer) -> Self {
        let left = (answer.next_update - answer.this_update).whole_seconds().clamp(0, MOST_CACHED_SECONDS);
        let cache = cache_control(&format!("max-age={left}, public, no-transform, must-revalidate"));
        let mut ready = Self::of(answer.der.clone(), OCSP_RESPONSE, answer.this_update, cache);
        ready.headers.insert(header::EXPIRES, http_date(answer.next_update));
        ready
    }

    /// An answer for this one request only, or none with the reason.
    pub(super) fn for_nobody_else(der: Vec<u8>, now: OffsetDateTime) -> Self {
        Self::of(der, OCSP_RESPONSE, now, HeaderValue::from_static("no-store"))
    }

    /// A file.
    pub(super) fn file(body: Vec<u8>, media_type: &'static str, modified: OffsetDateTime) -> Self {
        Self::of(
            body,
            media_type,
            modified,
            cache_control(&format!("max-age={MOST_CACHED_SECONDS}, public, must-revalidate")),
        )
    }

    fn of(body: Vec<u8>, media_type: &'static str, modified: OffsetDateTime, cache: HeaderValue) -> Self {
        // RFC 9110 8.8.3: the first half of the SHA-256 of the bytes.
        let digest = hexadecimal(sha256(&body).get(..TAG_OCTETS).unwrap_or_default());
        let tag = HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (header::CACHE_CONTROL, cache),
            (header::ETAG, tag),
            (header::LAST_MODIFIED, http_date(modified)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        Self { body: body.into(), headers: headers.into_iter().collect() }
    }

    /// RFC 9110 13: whether whoever asks has these very bytes.
    pub(super) fn is_had(&self, asked: &HeaderMap) -> bool {
        let tags = asked.get_all(header::IF_NONE_MATCH);
        let mut tags = tags.iter().filter_map(|tags| tags.to_str().ok()).flat_map(|tags| tags.split(',')).peekable();
        if tags.peek().is_some() {
            let own = self.headers.get(header::ETAG).map(HeaderValue::as_bytes);
            return tags.map(str::trim).any(|tag| tag == "*" || Some(tag.trim_start_matches("W/").as_bytes()) == own);
        }
        asked.get(header::IF_MODIFIED_SINCE).is_some_and(|since| Some(since) == self.headers.get(header::LAST_MODIFIED))
    }
}

/// RFC 9110 5.6.7.
fn http_date(time: OffsetDateTime) -> HeaderValue {
    let text = time.format(HTTP_DATE).ok().and_then(|text| HeaderValue::try_from(text).ok());
    text.unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

fn cache_control(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("no-store"))
}

const HTTP_DATE: &[FormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const OCSP_RESPONSE: &str = "application/ocsp-response";
const TAG_OCTETS: usize = 16;

/// In milliseconds: no answer is given that somebody else has made untrue longer ago.
const LOOK_EVERY: u64 = Duration::from_millis(250).as_millis() as u64;
/// For how long caches on the way may hand out what may be untrue by then.
const MOST_CACHED_SECONDS: i64 = 300;
/// The most octets of all answers.
const MOST_OCTETS: usize = 16 * 1024 * 1024;
/// What an answer takes beside its bytes.
const BESIDE: usize = 1536;
