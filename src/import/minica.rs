//! The CA of minica: a root and its key, and for each name a directory with a certificate and its key.

use std::path::Path;

use super::{
    error::ImportError,
    places::{CaPlaces, Places, Tool, first_of},
};

/// Finds the root in the directory where minica was called.
///
/// # Errors
/// There is none.
pub fn places(directory: &Path) -> Result<Places, ImportError> {
    let certificate = first_of(directory, &[ROOT]).ok_or_else(|| ImportError::NoCertificate {
        directory: directory.to_owned(),
        looked_for: vec![ROOT.to_owned()],
    })?;
    let ca = CaPlaces::of(certificate, first_of(directory, &["minica-key.pem"]));
    Ok(Places { tool: Tool::Minica, directory: Some(directory.to_owned()), cas: vec![ca], unread: Vec::new() })
}

const ROOT: &str = "minica.pem";
