//! The style sheet and the script of the page.

use super::{document::Document, pictures};

/// The path of the style sheet.
pub(super) const STYLE: &str = "/style.css";
/// The path of the script.
pub(super) const SCRIPT: &str = "/page.js";

/// Both, made once.
#[derive(Clone, Debug)]
pub(super) struct Assets {
    style: Document,
    script: Document,
}

impl Assets {
    pub(super) fn new() -> Self {
        let style = [include_str!("assets/page.css"), pictures::STYLE].concat();
        Self {
            style: Document::new("text/css; charset=utf-8", style.into_bytes()),
            script: Document::new("text/javascript; charset=utf-8", include_bytes!("assets/page.js").as_slice()),
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<&Document> {
        match path {
            STYLE => Some(&self.style),
            SCRIPT => Some(&self.script),
            _ => None,
        }
    }
}
