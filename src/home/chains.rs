//! The chains that servers send: one place decides what is in them, and a change of root brings those under `live/` up
//! to it.

use super::{error::HomeError, opened::Home};
use crate::{
    authority::{CurrentCertificate, Issuer},
    system::{
        FileMode,
        files::{self, DirectoryLock, read_bounded},
    },
    x509::{Certificate, pem},
};

impl Home {
    /// What a server sends after a certificate by this issuer: the CAs above it without the root, and while a change of
    /// root is under way the cross-certificate to the other root.
    pub fn served_chain(&self, issuer: &Issuer) -> Vec<Certificate> {
        self.authority.served_above(issuer.chain())
    }

    /// Brings every chain under `live/`, and that of a newest certificate which is not there, up to what is served now,
    /// each file whole: `chain.pem` and `fullchain.pem` are written anew where they differ, key and certificate stay. Tells
    /// the labels whose files under `live/` were written.
    ///
    /// # Errors
    /// A ledger that fails, or files: those of one label do not stop the others, and the next call goes on.
    pub fn renew_chains(&mut self) -> Result<Vec<String>, HomeError> {
        let _lock = DirectoryLock::acquire(self.layout.directory())?;
        let (mut written, mut failed) = (Vec::new(), None);
        let mut after = String::new();
        loop {
            let page = self.authority.current(&after, PAGE)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.label);
            for current in page {
                match self.renew_chain(&current, &text(&self.authority.served_above(&current.chain))) {
                    Ok(true) if current.is_published => written.push(current.label),
                    Ok(_) => {}
                    Err(error) => {
                        failed.get_or_insert(error);
                    }
                }
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        self.authority.settle()?;
        Ok(written)
    }

    /// The labels whose certificate under `live/` is by another CA than this one.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn labels_by_others(&self, ca: &Certificate) -> Result<Vec<String>, HomeError> {
        let (mut labels, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.authority.current(&after, PAGE)?;
            let Some(last) = page.last() else { return Ok(labels) };
            after.clone_from(&last.label);
            let is_by_another =
                |current: &CurrentCertificate| current.is_published && current.chain.first() != Some(ca);
            for CurrentCertificate { label, .. } in page.into_iter().filter(is_by_another) {
                // An OCSP responder answers for the CA that issued it, and stays with it.
                let newest = self.authority.by_label(&label, 1)?.pop();
                if newest.is_some_and(|newest| newest.profile != "ocsp-responder") {
                    labels.push(label);
                }
            }
        }
    }

    /// Writes the chain of a label's newest certificate where it is another than is served now; not while a change of root
    /// has chains to look at, which is done for all of them together.
    ///
    /// # Errors
    /// A ledger or a file that fails.
    pub(super) fn mend_chain(&self, label: &str) -> Result<(), HomeError> {
        let Some(files) = self.authority.kept_files(label)? else { return Ok(()) };
        let Some(chain) = self.authority.settled_above(files.issuer) else { return Ok(()) };
        let is_published = files.published == files.newest;
        let current = CurrentCertificate { label: files.label, generation: files.newest, is_published, chain };
        self.renew_chain(&current, &text(&current.chain)).map(|_| ())
    }

    /// Writes the chain of one generation where it is another; one whose files were taken away stays so.
    fn renew_chain(&self, current: &CurrentCertificate, chain: &str) -> Result<bool, HomeError> {
        let label = current.label.as_str();
        let directory = self.layout.generation(label, current.generation);
        let certificate = match read_bounded(&directory.join("cert.pem"), MOST_BYTES) {
            Ok(certificate) => certificate,
            Err(error) if error.is_missing() => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let fullchain = [&certificate, chain.as_bytes()].concat();
        let mut is_written = false;
        for (name, content) in [("chain.pem", chain.as_bytes()), ("fullchain.pem", &fullchain)] {
            let path = directory.join(name);
            let is_there = read_bounded(&path, MOST_BYTES).is_ok_and(|held| held == content);
            if !is_there {
                if !is_written && current.is_published && self.is_brought(label)? {
                    // Known before the first file is another: whatever stops us, the next renewal brings it to its server.
                    self.authority.await_deployment(label)?;
                }
                files::replace(&path, content, FileMode::Secret)?;
                is_written = true;
            }
        }
        Ok(is_written)
    }

    fn is_brought(&self, label: &str) -> Result<bool, HomeError> {
        Ok(self.authority.intent(label)?.is_some_and(|intent| !intent.destination.is_nowhere()))
    }
}

/// Certificates in PEM, one after the other.
pub(super) fn text(certificates: &[Certificate]) -> String {
    certificates.iter().map(|certificate| pem::encode(pem::CERTIFICATE, certificate.as_der())).collect()
}

/// How many lineages are looked at together.
const PAGE: u32 = 1000;
/// Room for a certificate and the CAs above it with all their names.
const MOST_BYTES: usize = 256 * 1024;
