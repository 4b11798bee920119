//! The files that the page offers, each under its name, and which of them a device of a kind is given.

use super::document::Document;
use crate::export::{Anchor, Artifact, Contents, guide::Platform, mobileconfig, pem};

/// What is answered to somebody who asks for a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Download<'a> {
    /// The file, with the root in it.
    File(&'a Document),
    /// Not this file for this device, but the page at that path.
    SeePage(String),
}

/// The three files.
#[derive(Clone, Debug)]
pub(super) struct Downloads {
    profile: Offered,
    crt: Offered,
    cer: Offered,
}

#[derive(Clone, Debug)]
struct Offered {
    file_name: String,
    document: Document,
}

impl Downloads {
    pub(super) fn of(anchor: &Anchor) -> Self {
        Self {
            profile: Offered::new(mobileconfig::profile(anchor, Contents::RootOnly)),
            crt: Offered::new(pem::crt(anchor)),
            cer: Offered::new(pem::der(anchor)),
        }
    }

    /// The name of the file for such a device.
    pub(super) fn file_name_for(&self, platform: Platform) -> &str {
        match platform {
            // An iPad says that it is a Mac, so both are given what both can use.
            Platform::Ios | Platform::Macos => &self.profile.file_name,
            Platform::Windows => &self.cer.file_name,
            Platform::Android | Platform::Linux | Platform::Firefox => &self.crt.file_name,
        }
    }

    /// The name of the plain certificate file.
    pub(super) fn certificate_name(&self) -> &str {
        &self.crt.file_name
    }

    /// The file of that name, for a visitor who seems to have such a device.
    pub(super) fn get(&self, file_name: &str, platform: Option<Platform>) -> Option<Download<'_>> {
        let offered = [&self.profile, &self.crt, &self.cer].into_iter().find(|file| file.file_name == file_name)?;
        // Safari on iOS saves a plain certificate as a web page, and nothing can be done with that.
        let is_plain = offered.file_name != self.profile.file_name;
        if is_plain && platform == Some(Platform::Ios) {
            return Some(Download::SeePage(format!("/?device={}", Platform::Ios)));
        }
        Some(Download::File(&offered.document))
    }
}

impl Offered {
    fn new(artifact: Artifact) -> Self {
        // The name is a slug and an ending: nothing in it needs a quotation.
        let disposition = format!("attachment; filename=\"{}\"", artifact.file_name());
        let document =
            Document::new(artifact.media_type(), artifact.contents().to_vec()).with("content-disposition", disposition);
        Self { file_name: artifact.file_name().to_owned(), document }
    }
}
