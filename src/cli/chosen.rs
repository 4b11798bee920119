//! A certificate of the ledger as a person names it: by its label, its serial number, or a file that holds it.

use std::path::Path;

use super::{
    context::Context,
    failure::{Failure, FailureKind},
    inspection,
};
use crate::{
    authority::CertificateRecord,
    home::Home,
    x509::{Certificate, SerialNumber},
};

/// The newest certificate of a label, else the one of a serial number; `issuer` says whose, where several CAs used it.
///
/// # Errors
/// There is none, or several.
pub fn by_label_or_serial(home: &Home, which: &str, issuer: Option<&str>) -> Result<CertificateRecord, Failure> {
    if let Some(newest) = home.authority().by_label(which, 1)?.pop() {
        return Ok(newest);
    }
    let none = || {
        Failure::new(FailureKind::NotFound, format!("there is no certificate `{which}`"))
            .hint("`hubca list` shows the labels, `hubca list --json` the serial numbers as well")
    };
    let serial: SerialNumber = which.parse().map_err(|_| none())?;
    let mut found = home.authority().by_serial(&serial.to_string())?;
    if let Some(issuer) = issuer {
        found.retain(|record| issuer_of(record) == *issuer);
    }
    match (found.len(), found.pop()) {
        (1, Some(record)) => Ok(record),
        (0, _) | (_, None) => Err(none()),
        (several, Some(record)) => {
            Err(Failure::new(FailureKind::Usage, format!("{several} CAs used the serial number `{which}`"))
                .hint(format!("say whose: --issuer {}", issuer_of(&record))))
        }
    }
}

/// The row of the certificate in a file, which has to be ours octet by octet.
///
/// # Errors
/// No certificate is in it, or one that this CA did not issue.
pub fn by_file(home: &Home, path: &Path, context: &Context) -> Result<CertificateRecord, Failure> {
    let bytes = context.read(path, MOST_BYTES)?;
    let shown = path.display();
    let foreign = || {
        Failure::new(FailureKind::NotFound, format!("the certificate in `{shown}` is none that this CA issued"))
            .hint(format!("`hubca inspect {shown}` tells whose it is"))
    };
    // A chain begins with the certificate it is about.
    let certificate = inspection::certificates(&bytes)?.into_iter().next().ok_or_else(foreign)?;
    let unknown = || match home.authority().recognize(&certificate) {
        Ok(ca) => {
            let told =
                format!("the certificate in `{shown}` was issued by {}, and the ledger does not know it", ca.path());
            Failure::new(FailureKind::NotFound, told).hint(format!("enter it first: hubca adopt {shown}"))
        }
        Err(_) => foreign(),
    };
    row_of(home, &certificate)?.ok_or_else(unknown)
}

/// The row of a CA's own certificate, where a CA is called so: `issuing/1`.
///
/// # Errors
/// A ledger that fails.
pub fn by_ca(home: &Home, name: &str) -> Result<Option<CertificateRecord>, Failure> {
    match home.authority().cas().iter().find(|ca| ca.path() == name) {
        Some(ca) => row_of(home, ca.certificate()),
        None => Ok(None),
    }
}

fn row_of(home: &Home, certificate: &Certificate) -> Result<Option<CertificateRecord>, Failure> {
    let Ok(serial) = certificate.tbs().serial_number() else { return Ok(None) };
    let rows = home.authority().by_serial(&serial.to_string())?;
    Ok(rows.into_iter().find(|row| row.certificate.as_deref() == Some(certificate.as_der())))
}

/// The issuer of a row as the command line names it: `issuing/1`.
pub fn issuer_of(record: &CertificateRecord) -> String {
    format!("{}/{}", record.issuer.as_str(), record.issuer_ordinal)
}

/// Room for a chain with all its names.
const MOST_BYTES: usize = 1024 * 1024;
