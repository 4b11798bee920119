//! The CA of mkcert: a root and its key in its CAROOT. It keeps no books, and the certificates lie where they were made.

use std::path::Path;

use super::{
    error::ImportError,
    places::{CaPlaces, Places, Tool, first_of},
};

/// Finds the root in a CAROOT.
///
/// # Errors
/// There is none.
pub fn places(directory: &Path) -> Result<Places, ImportError> {
    let certificate = first_of(directory, &[ROOT]).ok_or_else(|| ImportError::NoCertificate {
        directory: directory.to_owned(),
        looked_for: vec![ROOT.to_owned()],
    })?;
    let ca = CaPlaces::of(certificate, first_of(directory, &["rootCA-key.pem"]));
    Ok(Places { tool: Tool::Mkcert, directory: Some(directory.to_owned()), cas: vec![ca], unread: Vec::new() })
}

/// The file of the root in a CAROOT.
pub const ROOT: &str = "rootCA.pem";
