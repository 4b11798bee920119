//! Where a server has the certificates of a label brought: what is remembered when a preset is put in its place, and what is left when it
//! goes.

use std::path::{Path, PathBuf};

use super::{deployment::LiveFiles, error::HomeError, opened::Home};
use crate::{
    authority::{Destination, Label},
    preset::{Delivery, Preset},
    probe::Address,
    system::{
        FileMode,
        files::{directory::remove_if_empty, remove},
    },
};

/// Where a preset wants certificates brought.
pub fn destination(preset: &Preset) -> Destination {
    let brought = Destination {
        server: Some(preset.target.as_str().to_owned()),
        hook: preset.hook.clone(),
        verify: preset.verify.iter().cloned().collect(),
        ..Destination::default()
    };
    match &preset.delivery {
        Delivery::Directory { path, owner, group, mode } => {
            let usual = if group.is_some() { FileMode::Group } else { FileMode::Secret };
            Destination {
                out: Some(path.clone()),
                owner: owner.map(|owner| owner.to_string()),
                group: group.map(str::to_owned),
                mode: (*mode != usual).then_some(*mode),
                ..brought
            }
        }
        Delivery::Combined { path, group } => {
            Destination { combined: Some(path.clone()), group: group.map(str::to_owned), ..brought }
        }
        Delivery::Live | Delivery::ByHand => brought,
    }
}

/// The port at which a server shows its certificate, if an address is remembered or said.
pub fn port(destination: &Destination) -> Option<u16> {
    destination.verify.first().and_then(|address| Address::parse(address).ok()).map(|address| address.port())
}

/// Where renewals bring the files from now on; what somebody said of that server already stays, and so does everything where this one
/// gets no files: they are those of the server in front of it.
pub fn brought(offered: &Preset, known: &Destination) -> Destination {
    if offered.delivery == Delivery::ByHand {
        return known.clone();
    }
    let fresh = destination(offered);
    if known.server.as_deref() == Some(offered.target.as_str()) {
        // Its place and port may have been said anew.
        let verify = if port(known) == port(&fresh) { known.verify.clone() } else { fresh.verify };
        return Destination { out: fresh.out, combined: fresh.combined, verify, ..known.clone() };
    }
    Destination { hook_limit: known.hook_limit, ..fresh }
}

/// The same as long as the server is not told of it: the files come there, and what is run and looked at is as before.
pub fn untold(wanted: &Destination, known: &Destination) -> Destination {
    Destination {
        server: known.server.clone(),
        hook: known.hook.clone(),
        hook_limit: known.hook_limit,
        verify: known.verify.clone(),
        ..wanted.clone()
    }
}

/// What is left without that server: all that was said was said of it.
pub fn let_go(offered: &Preset, known: &Destination) -> Destination {
    let is_its = known.server.as_deref() == Some(offered.target.as_str());
    if is_its && offered.delivery != Delivery::ByHand { Destination::default() } else { known.clone() }
}

impl Home {
    /// Remembers where the certificates of a label are brought; whether that is another place than before.
    ///
    /// # Errors
    /// A ledger that fails, or a directory that cannot be locked.
    pub fn remember(&self, label: &Label, wanted: &Destination) -> Result<bool, HomeError> {
        let _lock = self.lock_label(label.as_str())?;
        let Some(mut intent) = self.authority.intent(label.as_str())? else { return Ok(false) };
        if intent.destination == *wanted {
            return Ok(false);
        }
        intent.destination = wanted.clone();
        Ok(self.authority.edit(label, &intent)?)
    }

    /// The copies of a label's key and certificate where they were brought, if they are the label's and no label has them brought there:
    /// this one by what is remembered `from_now_on`.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn spare_copies(
        &self,
        label: &str,
        brought: &Destination,
        from_now_on: &Destination,
    ) -> Result<Vec<PathBuf>, HomeError> {
        let (mut out, mut combined) = (brought.out.as_ref(), brought.combined.as_ref());
        for other in self.authority.lineages()? {
            let Some(intent) = self.authority.intent(&other)? else { continue };
            let used = if other == label { from_now_on } else { &intent.destination };
            out = out.filter(|out| used.out.as_ref() != Some(out));
            combined = combined.filter(|combined| used.combined.as_ref() != Some(combined));
        }
        let mut copies = Vec::new();
        if let Some(out) = out {
            let LiveFiles { key, cert, chain, fullchain } = LiveFiles::in_directory(Path::new(out));
            if self.is_first_in(label, &fullchain)? {
                copies.extend([key, cert, chain, fullchain]);
            }
        }
        if let Some(combined) = combined.map(PathBuf::from)
            && self.is_first_in(label, &combined)?
        {
            copies.push(combined);
        }
        copies.retain(|copy| copy.symlink_metadata().is_ok());
        Ok(copies)
    }
}

/// Removes copies, and the directory that is empty without them.
///
/// # Errors
/// One cannot be removed.
pub fn remove_copies(copies: &[PathBuf]) -> Result<(), HomeError> {
    for copy in copies {
        remove(copy)?;
    }
    if let Some(directory) = copies.first().and_then(|copy| copy.parent()) {
        remove_if_empty(directory);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::test_ca::TestCa;
    use super::*;

    #[test]
    fn copies_are_spare_where_they_are_the_labels_and_nobody_has_them_brought_there() {
        let ca = TestCa::new();
        let (hub, nas) = (ca.issue(&["hub.lan"]).unwrap(), ca.issue(&["nas.lan"]).unwrap());
        let place = tempfile::tempdir().unwrap();
        let out = Some(place.path().to_str().unwrap().to_owned());
        let brought = Destination { out, ..Destination::default() };
        let spare = || ca.home.spare_copies("hub.lan", &brought, &Destination::default()).unwrap().len();
        assert_eq!(spare(), 0);
        let copy = |from: &Path, name: &str| std::fs::copy(from, place.path().join(name)).unwrap();
        copy(&hub.files.as_ref().unwrap().fullchain, "fullchain.pem");
        copy(&hub.files.as_ref().unwrap().key, "privkey.pem");
        assert_eq!(spare(), 2);
        let nas_label = Label::parse("nas.lan").unwrap();
        assert!(ca.home.remember(&nas_label, &brought).unwrap() && !ca.home.remember(&nas_label, &brought).unwrap());
        assert_eq!(spare(), 0, "another label's renewals come there");
        ca.home.remember(&nas_label, &Destination::default()).unwrap();
        copy(&nas.files.as_ref().unwrap().fullchain, "fullchain.pem");
        assert_eq!(spare(), 0, "the certificate is another label's");
        copy(&hub.files.as_ref().unwrap().fullchain, "fullchain.pem");
        let copies = ca.home.spare_copies("hub.lan", &brought, &Destination::default()).unwrap();
        remove_copies(&copies).unwrap();
        assert!(!place.path().exists());
    }
}
