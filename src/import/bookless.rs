//! The CAs of mkcert and minica: a root and its key, each under a name of its own. Neither keeps books, and what they issued lies where
//! it was made.

use std::path::Path;

use super::{
    error::ImportError,
    places::{CaPlaces, Places, Tool, first_of},
};

/// Where a program without books puts its CA.
#[derive(Clone, Copy, Debug)]
pub struct Bookless {
    tool: Tool,
    root: &'static str,
    key: &'static str,
}

/// mkcert, in its CAROOT.
pub const MKCERT: Bookless = Bookless { tool: Tool::Mkcert, root: "rootCA.pem", key: "rootCA-key.pem" };

/// minica, where it was called: there is a directory for each name beside, with a certificate and its key.
pub const MINICA: Bookless = Bookless { tool: Tool::Minica, root: "minica.pem", key: "minica-key.pem" };

impl Bookless {
    /// Whether its root is in a directory.
    pub fn is_in(self, directory: &Path) -> bool {
        directory.join(self.root).is_file()
    }

    /// Finds the files of the CA in a directory.
    ///
    /// # Errors
    /// No root is there.
    pub fn places(self, directory: &Path) -> Result<Places, ImportError> {
        let none = || ImportError::no_certificate(self.tool, directory, &[self.root]);
        let certificate = first_of(directory, &[self.root]).ok_or_else(none)?;
        let ca = CaPlaces::of(certificate, first_of(directory, &[self.key]));
        Ok(Places::of(self.tool, Some(directory), vec![ca]))
    }
}
