//! The whole site of one offer: the page for each visit, its style and script, and the files.

use super::{
    assets::Assets, device::platform_of, document::Document, downloads::Download, offer::Offer, offered::Offered, page,
    view::View, visit::Visit,
};
use crate::export::guide::Language;

/// What is served for an offer; made once.
///
/// The routes are: `GET /` with the query `device=` and `lang=` → [`Site::page`]; `GET /style.css` and `/page.js` →
/// [`Site::asset`]; `GET /<file>` → [`Site::download`]. The links to files carry `?visit=<token>`, so that it is known which
/// visitor took one. The script asks `GET /visit/<token>?since=<moment>` for `{"moment": number, "connection": bool,
/// "handshake": "none|refused|completed", "fetched": bool}`, which is what the server saw of this visitor since; a form posts to `/name/<token>`, see
/// [`GivenName`](super::GivenName). At each [`Origin`](super::Origin) of the offer `https://…/probe/<token>` answers 204 to
/// anybody's script, and `wss://…/probe/<token>` sends the text `trusted`.
#[derive(Clone, Debug)]
pub struct Site {
    offered: Offered,
    policy: String,
    assets: Assets,
}

impl Site {
    /// The site of an offer.
    pub fn new(offer: Offer) -> Self {
        Self { policy: policy(&offer), offered: Offered::new(offer), assets: Assets::new() }
    }

    /// What is offered.
    pub fn offer(&self) -> &Offer {
        &self.offered.offer
    }

    /// What the root can vouch for, as the page says it.
    pub fn scope_in_words(&self, language: Language) -> String {
        let visit = Visit::new("", &format!("lang={language}"), "", "");
        View::new(&self.offered, &visit).telling.plain(self.offered.reach.key())
    }

    /// The page, as this visitor sees it.
    pub fn page(&self, visit: &Visit) -> Document {
        let html = page::html(&View::new(&self.offered, visit));
        Document::new("text/html; charset=utf-8", html.into_bytes())
            .with("content-security-policy", &self.policy)
            .with("content-language", visit.language().tag())
            .with("vary", "accept-language, user-agent")
            .with("x-frame-options", "DENY")
    }

    /// The style sheet or the script, by its path.
    pub fn asset(&self, path: &str) -> Option<&Document> {
        self.assets.get(path)
    }

    /// A file with the root in it, by its path, for whoever has that User-Agent.
    pub fn download(&self, path: &str, user_agent: &str) -> Option<Download<'_>> {
        self.offered.downloads.get(path.strip_prefix('/')?, platform_of(user_agent))
    }
}

/// The policy of the page, Content Security Policy Level 3: nothing from elsewhere, nothing inline, and connections to
/// the servers that prove trust and no others.
fn policy(offer: &Offer) -> String {
    let origins = std::iter::once(&offer.current).chain(offer.earlier.iter().map(|root| &root.origin));
    let mut connect = "'self'".to_owned();
    for origin in origins {
        connect.push_str(&format!(" {} {}", origin.source("https"), origin.source("wss")));
    }
    if let Some(hub) = &offer.hub {
        connect.push_str(&format!(" {}", hub.source()));
    }
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src {connect}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
