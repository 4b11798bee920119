//! The desk at which visitors are received: who they are, and what of it is told on.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, header};

use super::{
    limits::Seat,
    recorder::{Deed, Deeds},
    token::Tokens,
    visitors::{Acquaintance, Coming, Visitors},
};
use crate::{
    authority::DeviceKey,
    export::guide::Platform,
    onboarding::{Recording, Site, platform_of},
    system::{Random, RandomError},
};

/// What all ports share.
pub(super) struct Desk {
    pub(super) site: Site,
    pub(super) tokens: Tokens,
    pub(super) visitors: Visitors,
    pub(super) deeds: Deeds,
    /// The devices that came on other days.
    pub(super) known: HashSet<DeviceKey>,
    pub(super) random: Arc<dyn Random>,
}

/// Who is at the other end of a connection.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) address: IpAddr,
    /// Its seat is taken until the last of its tasks ends.
    pub(super) _seat: Arc<Seat>,
}

/// A visitor of the page: known by its cookie, or by a new one.
pub(super) struct Received {
    pub(super) visitor: DeviceKey,
    /// The cookie that it shall keep.
    pub(super) cookie: Option<String>,
}

impl Desk {
    /// Receives somebody who asks for the page.
    pub(super) fn receive(
        &self,
        headers: &HeaderMap,
        caller: &Caller,
        platform: Option<Platform>,
    ) -> Result<Received, RandomError> {
        if let Some(visitor) = self.by_cookie(headers) {
            self.came_as(visitor, headers, caller, platform);
            return Ok(Received { visitor, cookie: None });
        }
        let word = self.tokens.new_word(&*self.random)?;
        let visitor = DeviceKey::of(word.as_bytes());
        let cookie =
            self.records().then(|| format!("{COOKIE}={word}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict"));
        Ok(Received { visitor, cookie })
    }

    /// The visitor whose token it is, who has come back with it.
    pub(super) fn by_token(&self, token: &str, headers: &HeaderMap, caller: &Caller) -> Option<DeviceKey> {
        let visitor = self.tokens.visitor(token)?;
        self.came_as(visitor, headers, caller, platform_of(user_agent(headers)));
        Some(visitor)
    }

    /// Whether it is written down who came.
    pub(super) fn records(&self) -> bool {
        self.site.offer().recording == Recording::On
    }

    /// Somebody fetched a file with the root in it.
    pub(super) fn fetched(&self, token: Option<&str>, headers: &HeaderMap, caller: &Caller) {
        let visitor = token.and_then(|token| self.by_token(token, headers, caller)).or_else(|| {
            let visitor = self.by_cookie(headers)?;
            self.came_as(visitor, headers, caller, platform_of(user_agent(headers)));
            Some(visitor)
        });
        match visitor {
            Some(visitor) if self.visitors.fetched(visitor) => self.deeds.tell(Deed::Fetched(visitor)),
            None if self.visitors.fetched_from(caller.address) => self.deeds.tell(Deed::FetchedFrom(caller.address)),
            _ => {}
        }
    }

    /// A device by the word that it kept: of today, or of another day and in the ledger.
    fn by_cookie(&self, headers: &HeaderMap) -> Option<DeviceKey> {
        if !self.records() {
            return None;
        }
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, word) = pairs.find(|(name, _)| *name == COOKIE)?;
        let visitor = DeviceKey::of(word.as_bytes());
        (self.tokens.is_own_word(word) || self.known.contains(&visitor)).then_some(visitor)
    }

    fn came_as(&self, visitor: DeviceKey, headers: &HeaderMap, caller: &Caller, platform: Option<Platform>) {
        let is_known = self.known.contains(&visitor);
        let acquaintance = if is_known { Acquaintance::Known } else { Acquaintance::New };
        match self.visitors.came(visitor, acquaintance) {
            Coming::First => self.deeds.tell(Deed::Came {
                key: visitor,
                address: caller.address,
                platform: platform.map(Platform::as_str),
                user_agent: user_agent(headers).to_owned(),
            }),
            Coming::FirstTooMany => self.deeds.tell(Deed::TooMany),
            Coming::Again => {}
        }
    }
}

/// What a browser calls itself; nothing where that is no text.
pub(super) fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The name of the cookie.
const COOKIE: &str = "hubca_device";
/// In seconds; browsers keep no cookie much longer.
const YEAR: u32 = 365 * 86_400;
