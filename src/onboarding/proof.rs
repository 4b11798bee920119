//! The proof: what the page found out about this device, in the words that it may say and no more.
//!
//! Everything that could be said is in the page, hidden; the script decides which of it is shown. A script learns from
//! a browser whether a request and a WebSocket came about, never why not.

use super::view::View;
use crate::export::{
    Html,
    guide::{Arrival, Blank, Platform},
};

pub(super) fn write(view: &View<'_>, html: &mut Html) {
    let offer = &view.offered.offer;
    let current = offer.current.to_string();
    let mut attributes = vec![
        ("id", "proof"),
        ("class", "proof"),
        ("aria-labelledby", "proof-heading"),
        ("hidden", ""),
        ("data-token", view.visit.token()),
        ("data-probe", &current),
    ];
    if let Some(hub) = &offer.hub {
        attributes.push(("data-hub", hub.as_str()));
    }
    html.element("section", &attributes, |html| {
        html.element("h2", &[("id", "proof-heading"), ("class", "aside")], |html| {
            view.telling.words(html, "verdict.heading");
        });
        html.element("div", &[("role", "status"), ("aria-live", "polite"), ("aria-atomic", "true")], |html| {
            verdicts(view, html);
        });
        html.element("button", &[("type", "button"), ("class", "plain"), ("data-again", ""), ("hidden", "")], |html| {
            view.telling.words(html, "verdict.again");
        });
    });
    html.element("noscript", &[], |html| {
        html.element("p", &[("class", "hint")], |html| view.telling.words(html, "page.no-script"));
    });
}

fn verdicts(view: &View<'_>, html: &mut Html) {
    let offer = &view.offered.offer;
    let told = |html: &mut Html, name: &'static str, look: &'static str, title: &str, text: &str| {
        verdict(view, html, &[("data-verdict", name), ("class", look)], title, text);
    };
    told(html, "checking", "verdict checking", "verdict.checking", "verdict.checking-text");
    trusted(view, html);
    told(html, "not-yet", "verdict todo", "verdict.not-yet", "verdict.not-yet-text");
    taken(view, html);
    told(html, "bypassed", "verdict waiting", "verdict.bypassed", "verdict.bypassed-text");
    for earlier in &offer.earlier {
        let origin = earlier.origin.to_string();
        let attributes = [("data-verdict", "earlier"), ("class", "verdict waiting"), ("data-origin", &*origin)];
        html.element("div", &[attributes.as_slice(), &[("hidden", "")]].concat(), |html| {
            html.element("h3", &[], |html| view.telling.words(html, "verdict.earlier"));
            html.element("p", &[], |html| {
                view.telling.with(Blank::Root, &earlier.name).words(html, "verdict.earlier-text");
            });
        });
    }
    let current = offer.current.to_string();
    html.element("div", &[("data-verdict", "unreachable"), ("class", "verdict trouble"), ("hidden", "")], |html| {
        html.element("h3", &[], |html| view.telling.words(html, "verdict.unreachable"));
        html.element("p", &[], |html| {
            view.telling.with(Blank::Address, &current).words(html, "verdict.unreachable-text");
        });
    });
    told(html, "gone", "verdict trouble", "verdict.gone", "verdict.gone-text");
    told(html, "paused", "verdict waiting", "verdict.paused", "verdict.paused-text");
}

fn verdict(view: &View<'_>, html: &mut Html, attributes: &[(&'static str, &str)], title: &str, text: &str) {
    html.element("div", &[attributes, &[("hidden", "")]].concat(), |html| {
        html.element("h3", &[], |html| view.telling.words(html, title));
        html.element("p", &[], |html| view.telling.words(html, text));
    });
}

fn trusted(view: &View<'_>, html: &mut Html) {
    html.element("div", &[("data-verdict", "trusted"), ("class", "verdict good"), ("hidden", "")], |html| {
        html.literal(TICK);
        html.element("h3", &[], |html| view.telling.words(html, "verdict.trusted"));
        html.element("p", &[], |html| view.telling.words(html, "verdict.trusted-text"));
        if let Some(hub) = &view.offered.offer.hub {
            html.element("p", &[], |html| {
                html.element("a", &[("class", "button"), ("href", hub.as_str())], |html| {
                    view.telling.words(html, "verdict.hub");
                });
            });
            html.element("p", &[("data-hub-says", "answers"), ("hidden", "")], |html| {
                view.telling.words(html, "verdict.hub-answers");
            });
            html.element("p", &[("data-hub-says", "silent"), ("hidden", "")], |html| {
                view.telling.words(html, "verdict.hub-silent");
            });
        }
    });
}

/// The visitor took the file and trust did not come about: what is missing is guessed, and the guess says that it is one.
fn taken(view: &View<'_>, html: &mut Html) {
    let platform = view.visit.platform();
    let text = if platform == Some(Platform::Ios) { "verdict.switch-text" } else { "verdict.taken-text" };
    html.element("div", &[("data-verdict", "taken"), ("class", "verdict waiting"), ("hidden", "")], |html| {
        html.element("h3", &[], |html| view.telling.words(html, "verdict.not-yet"));
        html.element("p", &[], |html| view.telling.words(html, text));
        if let Some(platform) = platform {
            // The last step is to look at this page.
            let last = view.telling.guide.platform(platform).steps(Arrival::Page).count() - 1;
            html.element("p", &[], |html| {
                html.element("a", &[("href", &format!("#step-{last}"))], |html| {
                    view.telling.words(html, "verdict.to-step");
                });
            });
        }
    });
}

const TICK: &str = "<svg class=\"big-tick\" viewBox=\"0 0 64 64\" aria-hidden=\"true\" focusable=\"false\">\
    <circle cx=\"32\" cy=\"32\" r=\"30\"/><path d=\"M19 33.5l9 9 18-20\"/></svg>";
