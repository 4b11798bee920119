//! One visitor's view of what is offered: the words in its language, and what fills their blanks.

use super::{offered::Offered, visit::Visit};
use crate::export::{
    Html, Telling,
    guide::{Blank, Guide, Language, Platform, Substitutions},
};

/// What each part of the page needs.
pub(super) struct View<'a> {
    pub(super) offered: &'a Offered,
    pub(super) visit: &'a Visit,
    pub(super) telling: Telling<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(offered: &'a Offered, visit: &'a Visit) -> Self {
        let guide = Guide::in_language(visit.language());
        let (offer, downloads) = (&offered.offer, &offered.downloads);
        let root = offer.anchor.root().tbs().subject().common_name().unwrap_or_else(|| offer.anchor.name());
        let mut substitutions = Substitutions::new()
            .with(Blank::Name, offer.anchor.name())
            .with(Blank::Root, root)
            .with(Blank::Address, &*offer.address)
            .with(Blank::Certificate, downloads.certificate_name())
            .with(Blank::List, offered.reach.others().join(", "));
        if let Some(hub) = &offer.hub {
            substitutions = substitutions.with(Blank::Hub, hub.as_str());
        }
        if let Some(platform) = visit.platform() {
            let device = guide.platform(platform).name();
            substitutions =
                substitutions.with(Blank::File, downloads.file_name_for(platform)).with(Blank::Device, device);
        }
        Self { offered, visit, telling: Telling { guide, substitutions } }
    }

    /// A part of the page with a heading.
    pub(super) fn section(
        &self,
        html: &mut Html,
        id: &'static str,
        heading: &'static str,
        contents: impl FnOnce(&mut Html),
    ) {
        let heading_id = format!("{id}-heading");
        let attributes = [("class", "card"), ("id", id), ("aria-labelledby", &*heading_id)];
        html.element("section", &attributes, |html| {
            html.element("h2", &[("id", &heading_id)], |html| self.telling.words(html, heading));
            contents(html);
        });
    }

    pub(super) fn link(&self, platform: Platform) -> String {
        self.link_to(Some(platform), self.visit.language())
    }

    pub(super) fn link_to(&self, platform: Option<Platform>, language: Language) -> String {
        match platform {
            Some(platform) => format!("/?device={platform}&lang={language}"),
            None => format!("/?lang={language}"),
        }
    }
}
