//! The page: who asks for trust and how far it would reach, the steps for one device, the proof, and the way back.

use time::macros::format_description;

use super::{
    assets::{SCRIPT, STYLE},
    offer::Recording,
    proof,
    scope::Reach,
    steps,
    view::View,
    visit::Choice,
};
use crate::export::{
    Html,
    guide::{Blank, Language, Platform},
};

/// The page, as one visitor sees it.
pub(super) fn html(view: &View<'_>) -> String {
    let mut html = Html::new();
    html.literal("<!DOCTYPE html>\n");
    html.element("html", &[("lang", view.visit.language().tag())], |html| {
        html.element("head", &[], |html| head(view, html));
        html.element("body", &[], |html| {
            html.element("header", &[], |html| header(view, html));
            let device = view.visit.platform().map(Platform::as_str).unwrap_or_default();
            html.element("main", &[("id", "main"), ("data-device", device)], |html| main(view, html));
            html.element("footer", &[], |html| footer(view, html));
        });
    });
    html.literal("\n");
    html.into_string()
}

fn head(view: &View<'_>, html: &mut Html) {
    html.void("meta", &[("charset", "utf-8")]);
    html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    // A telephone finds numbers in a fingerprint.
    html.void("meta", &[("name", "format-detection"), ("content", "telephone=no")]);
    html.words("title", &[], &view.telling.plain("page.title"));
    html.void("link", &[("rel", "icon"), ("href", "data:,")]);
    html.void("link", &[("rel", "stylesheet"), ("href", STYLE)]);
    html.element("script", &[("src", SCRIPT), ("defer", "")], |_| {});
}

fn header(view: &View<'_>, html: &mut Html) {
    html.literal(MARK);
    html.element("h1", &[], |html| view.telling.words(html, "page.title"));
    html.element("p", &[("class", "lead")], |html| view.telling.words(html, "page.lead"));
    let class = if view.offered.reach == Reach::Everything { "scope danger" } else { "scope" };
    html.element("p", &[("class", class)], |html| view.telling.words(html, view.offered.reach.key()));
}

fn main(view: &View<'_>, html: &mut Html) {
    proof::write(view, html);
    match view.visit.platform() {
        Some(platform) => for_device(view, html, platform),
        None => devices(view, html, "page.choose", None),
    }
    fingerprint(view, html);
    if let Some(platform) = view.visit.platform() {
        troubles(view, html, platform);
        removal(view, html, platform);
        devices(view, html, "page.others", Some(platform));
    }
    if view.offered.offer.recording == Recording::On {
        name_form(view, html);
    }
}

fn for_device(view: &View<'_>, html: &mut Html, platform: Platform) {
    if platform == Platform::Macos && view.visit.choice() == Choice::Guessed {
        // The script takes an iPad to its page by itself.
        html.element("p", &[("class", "hint"), ("data-ipad", &view.link(Platform::Ios))], |html| {
            html.element("a", &[("href", &view.link(Platform::Ios))], |html| view.telling.words(html, "page.ipad"));
        });
    }
    if platform == Platform::Ios && view.visit.is_beside_safari() {
        html.element("p", &[("class", "hint warning")], |html| view.telling.words(html, "page.safari"));
    }
    steps::write(view, html, platform);
}

fn fingerprint(view: &View<'_>, html: &mut Html) {
    let fingerprint = &view.offered.fingerprint;
    view.section(html, "fingerprint", "fingerprint.title", |html| {
        html.element("p", &[], |html| view.telling.words(html, "fingerprint.compare"));
        html.element("h3", &[("id", "spoken")], |html| view.telling.words(html, "fingerprint.spoken"));
        html.element("ol", &[("class", "spoken"), ("lang", "en"), ("translate", "no")], |html| {
            fingerprint.words().iter().for_each(|word| {
                html.words("li", &[], word);
            });
        });
        html.element("h3", &[("id", "digits")], |html| view.telling.words(html, "fingerprint.digits"));
        html.element("p", &[("class", "digits"), ("translate", "no")], |html| {
            for (index, group) in fingerprint.groups().iter().enumerate() {
                html.literal(if index > 0 { " " } else { "" });
                html.words("span", &[], group);
            }
        });
        if let Some(platform) = view.visit.platform() {
            let compare = view.telling.guide.platform(platform).compare();
            html.element("p", &[], |html| view.telling.phrase(html, compare));
        }
        html.element("p", &[("class", "quiet")], |html| view.telling.words(html, "page.unprotected"));
    });
}

fn troubles(view: &View<'_>, html: &mut Html, platform: Platform) {
    let troubles = view.telling.guide.platform(platform).troubles();
    view.section(html, "troubles", "headings.troubles", |html| {
        for trouble in troubles {
            html.element("details", &[], |html| {
                html.words("summary", &[], trouble.title());
                html.element("p", &[], |html| view.telling.phrase(html, trouble.text()));
            });
        }
    });
}

fn removal(view: &View<'_>, html: &mut Html, platform: Platform) {
    let steps = view.telling.guide.platform(platform).removal();
    html.element("section", &[("class", "card removal"), ("id", "removal")], |html| {
        html.element("details", &[], |html| {
            html.element("summary", &[], |html| {
                html.element("h2", &[], |html| view.telling.words(html, "headings.removal"));
            });
            html.element("ol", &[], |html| {
                for step in steps {
                    html.element("li", &[], |html| {
                        html.words("b", &[], step.title());
                        html.literal(" ");
                        view.telling.phrase(html, step.text());
                    });
                }
            });
        });
    });
}

/// The devices that there are steps for, but the one whose steps are shown.
fn devices(view: &View<'_>, html: &mut Html, heading: &'static str, shown: Option<Platform>) {
    view.section(html, "devices", heading, |html| {
        html.element("ul", &[("class", "choices")], |html| {
            for platform in Platform::ALL.into_iter().filter(|platform| Some(*platform) != shown) {
                let name = view.telling.guide.platform(platform).name();
                html.element("li", &[], |html| {
                    html.words("a", &[("href", &view.link(platform))], name);
                });
            }
        });
    });
}

fn name_form(view: &View<'_>, html: &mut Html) {
    let action = format!("/name/{}", view.visit.token());
    html.element("section", &[("class", "card name"), ("id", "name")], |html| {
        if view.visit.named() {
            html.element("p", &[("role", "status")], |html| view.telling.words(html, "page.name-thanks"));
            return;
        }
        html.element("form", &[("method", "post"), ("action", &action)], |html| {
            html.element("label", &[("for", "device-name")], |html| view.telling.words(html, "page.name"));
            html.element("p", &[("class", "quiet"), ("id", "name-why")], |html| {
                view.telling.words(html, "page.name-why");
            });
            let hidden = |html: &mut Html, name, value| {
                html.void("input", &[("type", "hidden"), ("name", name), ("value", value)]);
            };
            hidden(html, "lang", view.visit.language().tag());
            if let Some(platform) = view.visit.platform() {
                hidden(html, "device", platform.as_str());
            }
            html.element("div", &[("class", "field")], |html| {
                html.void(
                    "input",
                    &[
                        ("id", "device-name"),
                        ("name", "name"),
                        ("maxlength", "64"),
                        ("required", ""),
                        ("autocomplete", "off"),
                        ("aria-describedby", "name-why"),
                    ],
                );
                html.element("button", &[], |html| view.telling.words(html, "page.name-send"));
            });
        });
    });
}

fn footer(view: &View<'_>, html: &mut Html) {
    let until = view.offered.offer.until.to_offset(time::UtcOffset::UTC);
    let shown = until.format(format_description!("[hour]:[minute] UTC")).unwrap_or_default();
    let stamp = until.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
    let stamp = stamp.unwrap_or_default();
    html.element("p", &[("data-until", &stamp)], |html| {
        view.telling.with(Blank::Time, &shown).words(html, "page.until");
    });
    let key = match view.offered.offer.recording {
        Recording::On => "page.recorded",
        Recording::Off => "page.unrecorded",
    };
    html.element("p", &[], |html| view.telling.words(html, key));
    let label = view.telling.plain("page.language");
    html.element("nav", &[("aria-label", &label)], |html| {
        html.element("ul", &[("class", "languages")], |html| {
            for language in Language::ALL {
                let mut attributes = vec![("lang", language.tag()), ("hreflang", language.tag())];
                let link = view.link_to(view.visit.platform(), language);
                attributes.push(("href", &link));
                if language == view.visit.language() {
                    attributes.push(("aria-current", "true"));
                }
                html.element("li", &[], |html| {
                    html.words("a", &attributes, language.own_name());
                });
            }
        });
    });
}

/// Our own mark: a hub, three spokes, and what they reach.
const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 48 48\" aria-hidden=\"true\" focusable=\"false\">\
    <rect class=\"mark-ground\" width=\"48\" height=\"48\" rx=\"12\"/>\
    <path class=\"mark-line\" d=\"M24 24V11M24 24l11.3 6.5M24 24l-11.3 6.5\"/>\
    <circle class=\"mark-dot\" cx=\"24\" cy=\"11\" r=\"3.6\"/><circle class=\"mark-dot\" cx=\"35.3\" cy=\"30.5\" r=\"3.6\"/>\
    <circle class=\"mark-dot\" cx=\"12.7\" cy=\"30.5\" r=\"3.6\"/><circle class=\"mark-dot\" cx=\"24\" cy=\"24\" r=\"6.2\"/></svg>";
