//! A CA of Easy-RSA 3: a directory `pki` with the books of `openssl ca` in it.

use std::path::Path;

use super::{
    error::ImportError,
    places::{CaPlaces, Places, Tool, first_of},
};

/// Finds the files of a CA in a `pki` directory, or in the one that holds it.
///
/// # Errors
/// No certificate of a CA is there.
pub fn places(directory: &Path) -> Result<Places, ImportError> {
    let inside = directory.join("pki");
    let pki = if inside.join(CERTIFICATE).is_file() { &inside } else { directory };
    let none = || ImportError::no_certificate(Tool::EasyRsa, directory, &["pki/ca.crt", CERTIFICATE]);
    let certificate = first_of(pki, &[CERTIFICATE]).ok_or_else(none)?;
    let beside = |name: &str| Some(pki.join(name)).filter(|path| path.exists());
    let ca = CaPlaces {
        certificate,
        key: first_of(pki, &["private/ca.key"]),
        index: first_of(pki, &["index.txt"]),
        new_certificates: beside("certs_by_serial"),
        crl_number: first_of(pki, &["crlnumber"]),
    };
    Ok(Places::of(Tool::EasyRsa, Some(pki), vec![ca]))
}

const CERTIFICATE: &str = "ca.crt";
