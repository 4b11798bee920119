//! The roots by which a chain is judged: those of a home, or of a file.

use std::path::Path;

use crate::{
    cli::{command::inspect::MOST_BYTES, context::Context, failure::Failure, inspection},
    home::{Acquaintance, Home},
    probe::KnownCas,
    x509::{Certificate, GeneralName},
};

/// The roots, and who has them.
pub(super) struct Roots {
    known: KnownCas,
    home: Option<Home>,
    file: Option<String>,
}

impl Roots {
    /// Those of a file if one is named, else those of the home. Where nobody has a home there are none, and a chain is judged
    /// as it is.
    ///
    /// # Errors
    /// The file has no certificate, or none is named and the home cannot be opened: without its ledger a revoked certificate
    /// would pass for a good one.
    pub(super) fn gather(file: Option<&Path>, context: &Context) -> Result<Self, Failure> {
        let home = match context.home_if_any() {
            Err(failure) if file.is_some() => {
                let reason = failure.message();
                context.note(&format!("{reason}: what was revoked there, and what is newest there, is not known"));
                None
            }
            Err(failure) => return Err(failure.hint("to judge by a root of yours, without a home: --root FILE")),
            Ok(home) => home,
        };
        let Some(path) = file else {
            let known = home.as_ref().map(Home::known_cas).unwrap_or_default();
            return Ok(Self { known, home, file: None });
        };
        let told = path.display().to_string();
        let certificates = inspection::certificates(&context.read(path, MOST_BYTES)?)
            .map_err(|failure| failure.within(format!("there is no root in `{told}`")))?;
        let (roots, others) = certificates.into_iter().partition(Certificate::is_self_signed);
        Ok(Self { known: KnownCas { roots, others }, home, file: Some(told) })
    }

    /// Those of a home.
    pub(super) fn of(home: Home) -> Self {
        Self { known: home.known_cas(), home: Some(home), file: None }
    }

    pub(super) fn known(&self) -> &KnownCas {
        &self.known
    }

    /// Where they come from, in words.
    pub(super) fn origin(&self) -> String {
        self.file.as_ref().map_or_else(|| "the home".to_owned(), |file| format!("`{file}`"))
    }

    pub(super) fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    pub(super) fn are_known(&self) -> bool {
        !self.known.roots.is_empty()
    }

    /// Whose roots a server of that name shall lead to, in words; none where it may be anybody's.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub(super) fn meant_for(&self, name: &GeneralName) -> Result<Option<String>, Failure> {
        if let Some(file) = &self.file {
            return Ok(Some(format!("`{file}`")));
        }
        let Some(home) = &self.home else { return Ok(None) };
        Ok(home.is_for(name)?.then(|| "this home".to_owned()))
    }

    /// What the ledger knows of a certificate.
    ///
    /// # Errors
    /// A ledger that fails.
    pub(super) fn acquaintance(&self, certificate: &Certificate) -> Result<Option<Acquaintance>, Failure> {
        let Some(home) = &self.home else { return Ok(None) };
        Ok(home.acquaintance(certificate)?)
    }
}
