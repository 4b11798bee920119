//! Files that are not where the ledger says: generations, links under `live/`, copies. `renew` puts back what it can, and
//! makes anew what is gone for good.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use super::{chains::text, error::HomeError, generation::Generation, layout::Layout, opened::Home};
use crate::{
    authority::{IssuerId, KeptFiles},
    system::files::{directory, read_bounded},
};

/// What of a lineage is lost; of several the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// The newest key or certificate in `archive/`, or they do not belong together: another has to be made.
    Generation,
    /// The link under `live/`.
    Live,
    /// The CAs beside the certificate in `archive/` are others.
    Chain,
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
        let chains = self.chains_of(&files);
        let lost = |files: &KeptFiles| self.lost(files, chains.get(&files.issuer).map(String::as_str));
        let mut losses: Vec<_> = files.iter().filter_map(|files| Some((files.label.clone(), lost(files)?))).collect();
        let known = losses.iter().map(|(label, _)| label.clone()).collect();
        losses.extend(self.missing_links(known)?);
        Ok(losses)
    }

    /// What is lost of those that have no link, but for those that are known already.
    fn missing_links(&self, known: HashSet<String>) -> Result<Vec<(String, Loss)>, HomeError> {
        let links = match directory::entries(&self.layout.live()) {
            Err(error) if error.is_missing() => Vec::new(),
            links => links?,
        };
        // As many links as lineages: none is missing, or what else lies there hides one until its turn comes.
        let others: HashSet<String> = self.authority.other_lineages()?.into_iter().collect();
        let number = links.iter().filter(|label| !others.contains(*label)).count();
        if number as u64 >= self.authority.kept_lineages()? {
            return Ok(Vec::new());
        }
        let known: HashSet<String> = links.into_iter().chain(known).collect();
        let mut losses = Vec::new();
        for label in self.authority.lineages()?.into_iter().filter(|label| !known.contains(label)) {
            losses.extend(self.loss(&label)?.map(|loss| (label, loss)));
        }
        Ok(losses)
    }

    /// What of one lineage is lost.
    ///
    /// # Errors
    /// A ledger that fails.
    pub(super) fn loss(&self, label: &str) -> Result<Option<Loss>, HomeError> {
        let Some(files) = self.authority.kept_files(label)? else { return Ok(None) };
        let chains = self.chains_of(std::slice::from_ref(&files));
        Ok(self.lost(&files, chains.get(&files.issuer).map(String::as_str)))
    }

    /// What follows a certificate by each of the CAs that issued them; nothing while a change of root has them to look at.
    fn chains_of(&self, files: &[KeptFiles]) -> HashMap<IssuerId, String> {
        let issuers: HashSet<IssuerId> = files.iter().map(|files| files.issuer).collect();
        issuers.into_iter().filter_map(|issuer| Some((issuer, text(&self.authority.settled_above(issuer)?)))).collect()
    }

    fn lost(&self, files: &KeptFiles, chain: Option<&str>) -> Option<Loss> {
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
        if chain.is_some_and(|chain| !newest.has_chain(chain)) {
            return Some(Loss::Chain);
        }
        // What was not brought, or was taken back, is no copy that could be missed.
        (files.published == files.newest && !are_there(&newest, files)).then_some(Loss::Copies)
    }
}

/// Whether a generation is the one that the ledger has, with its key.
fn is_whole(generation: &Generation, files: &KeptFiles) -> bool {
    generation.certificate.as_der() == files.certificate && generation.has_its_key()
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
