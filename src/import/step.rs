//! A CA of step: the root and the intermediate CA that `step ca init` makes, or a pair of `step certificate create` under the same
//! names. What step-ca issued stands in a database that it alone reads.

use std::path::Path;

use super::{
    error::ImportError,
    places::{CaPlaces, Places, Tool, first_of},
    unread::{Reason, Unread},
};

/// Finds the CAs in a STEPPATH.
///
/// # Errors
/// No root is there.
pub fn places(directory: &Path) -> Result<Places, ImportError> {
    let roots = ["certs/root_ca.crt", "root_ca.crt"];
    let none = || ImportError::no_certificate(Tool::Step, directory, &roots);
    let certificate = first_of(directory, &roots).ok_or_else(none)?;
    let mut cas =
        vec![CaPlaces::of(certificate, first_of(directory, &["secrets/root_ca_key", "root_ca_key", "root_ca.key"]))];
    let below = first_of(directory, &["certs/intermediate_ca.crt", "intermediate_ca.crt"]);
    let keys = ["secrets/intermediate_ca_key", "intermediate_ca_key", "intermediate_ca.key"];
    cas.extend(below.map(|certificate| CaPlaces::of(certificate, first_of(directory, &keys))));
    let database = directory.join("db");
    let unread = database.exists().then(|| Unread::file(&database, Reason::StepDatabase)).into_iter().collect();
    Ok(Places { unread, ..Places::of(Tool::Step, Some(directory), cas) })
}
