//! Files that are not where the ledger says: generations, links under `live/`, copies. `renew` puts back what it can, and
//! makes anew what is gone for good.

use std::{collections::HashSet, path::Path};

use super::{error::HomeError, generation::Generation, layout::Layout, opened::Home};
use crate::{
    authority::KeptFiles,
    system::files::{directory, read_bounded},
    x509::pem,
};

/// What of a lineage is lost; of several the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// The newest key or certificate in `archive/`: another has to be made.
    Generation,
    /// The link under `live/`.
    Live,
    /// A copy, or it is another than was brought.
    Copies,
}

impl Home {
    /// The lineages of which something is lost. Links are missed among all of them; the files are looked at of a few hundred
    /// lineages, where there are more of others each day.
    ///
    /// # Errors
    /// A ledger that fails, or a directory that cannot be listed.
    pub(super) fn losses(&self) -> Result<Vec<(String, Loss)>, HomeError> {
        let files = self.authority.kept_files_in_turn(MOST)?;
        let mut losses: Vec<_> =
            files.iter().filter_map(|files| Some((files.label.clone(), self.lost(files)?))).collect();
        let links = match directory::entries(&self.layout.live()) {
            Err(error) if error.is_missing() => Vec::new(),
            links => links?,
        };
        // As many links as lineages: none is missing, or what else lies there hides one until its turn comes.
        if (links.len() as u64) < self.authority.kept_lineages()? {
            let known: HashSet<String> =
                links.into_iter().chain(losses.iter().map(|(label, _)| label.clone())).collect();
            for label in self.authority.lineages()?.into_iter().filter(|label| !known.contains(label)) {
                losses.extend(self.loss(&label)?.map(|loss| (label, loss)));
            }
        }
        Ok(losses)
    }

    /// What of one lineage is lost.
    ///
    /// # Errors
    /// A ledger that fails.
    pub(super) fn loss(&self, label: &str) -> Result<Option<Loss>, HomeError> {
        Ok(self.authority.kept_files(label)?.and_then(|files| self.lost(&files)))
    }

    fn lost(&self, files: &KeptFiles) -> Option<Loss> {
        let label = files.label.as_str();
        // What cannot be read serves no more than what is not there.
        let newest = Generation::read(&self.layout, label, files.newest).ok().filter(|newest| is_whole(newest, files));
        let Some(newest) = newest else { return Some(Loss::Generation) };
        let target = directory::link_target(&self.layout.live_link(label));
        let is_at = |generation| target.as_deref() == Some(Layout::live_target(label, generation).as_path());
        // Between the swap and the end of its transaction the link is ahead of the ledger.
        if !is_at(files.published) && !is_at(files.newest) {
            return Some(Loss::Live);
        }
        // What was not brought, or was taken back, is no copy that could be missed.
        (files.published == files.newest && !are_there(&newest, files)).then_some(Loss::Copies)
    }
}

/// Whether a generation is the one that the ledger has, with a key.
fn is_whole(generation: &Generation, files: &KeptFiles) -> bool {
    let has_key = pem::parse(&generation.key).is_ok_and(|blocks| !blocks.is_empty());
    has_key && generation.certificate.as_der() == files.certificate && !generation.fullchain.is_empty()
}

fn are_there(generation: &Generation, files: &KeptFiles) -> bool {
    let is_there = |path: &Path, content: &[u8]| read_bounded(path, MOST_BYTES).is_ok_and(|held| held == content);
    let out = files.out.as_deref().map(Path::new);
    out.is_none_or(|out| generation.files().iter().all(|(name, content)| is_there(&out.join(name), content)))
        && files.combined.as_ref().is_none_or(|path| is_there(Path::new(path), &generation.combined()))
}

/// How many lineages are looked at together.
const MOST: u32 = 256;
/// More than a key and a chain of ours ever have.
const MOST_BYTES: usize = 2 * 1024 * 1024;

#[cfg(test)]
#[path = "losses_tests.rs"]
mod tests;
