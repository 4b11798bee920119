//! Whether a label can be brought to a server: nothing else must lose by it.

use std::path::{Path, PathBuf};

use super::{deployment::LiveFiles, error::HomeError, opened::Home, renewal::Nobody};
use crate::{
    authority::Destination,
    preset::{Delivery, Preset},
    system::files::read_bounded,
    x509::{Certificate, pem},
};

impl Home {
    /// Refuses to bring the newest certificate of a label to a server if it is not good, if it is brought somewhere else, which would go
    /// without its renewals, or if what others put there would be written over.
    ///
    /// # Errors
    /// Which of them it is, or a file or ledger that fails.
    pub fn check_claim(&self, offered: &Preset, label: &str, wanted: &Destination) -> Result<(), HomeError> {
        if offered.delivery == Delivery::ByHand {
            return Ok(());
        }
        self.kept(label, &Nobody)?;
        let known = self.authority.intent(label)?.map(|intent| intent.destination).unwrap_or_default();
        match &known.server {
            Some(server) if server == offered.target.as_str() => {}
            Some(server) => return Err(HomeError::Claimed { label: label.to_owned(), server: Some(server.clone()) }),
            None if known.is_nowhere() || known.is_part_of(wanted) => {}
            None => return Err(HomeError::Claimed { label: label.to_owned(), server: None }),
        }
        self.check_room_for_copies(label, &known, wanted)
    }

    /// Refuses to write copies over what is not of the label, where they go to another place than before.
    ///
    /// # Errors
    /// The file in the way, or one that cannot be read.
    pub fn check_room_for_copies(
        &self,
        label: &str,
        known: &Destination,
        wanted: &Destination,
    ) -> Result<(), HomeError> {
        let mut files: Vec<PathBuf> = Vec::new();
        if let Some(out) = wanted.out.as_ref().filter(|out| known.out.as_ref() != Some(out)) {
            let LiveFiles { key, cert, chain, fullchain } = LiveFiles::in_directory(Path::new(out));
            let is_ours = self.is_first_in(label, &fullchain)?;
            files.extend([key, cert, chain, fullchain].into_iter().filter(|_| !is_ours));
        }
        if let Some(combined) = wanted.combined.as_ref().filter(|path| known.combined.as_ref() != Some(path)) {
            let path = PathBuf::from(combined);
            let is_ours = self.is_first_in(label, &path)?;
            files.extend((!is_ours).then_some(path));
        }
        match files.into_iter().find(|path| path.symlink_metadata().is_ok()) {
            Some(path) => Err(HomeError::InTheWay { path }),
            None => Ok(()),
        }
    }

    /// Whether the first certificate in a file is one of a label's.
    pub(super) fn is_first_in(&self, label: &str, path: &Path) -> Result<bool, HomeError> {
        let text = match read_bounded(path, MOST_BYTES) {
            Ok(text) => zeroize::Zeroizing::new(text),
            Err(_) => return Ok(false),
        };
        let blocks = pem::parse(&text).unwrap_or_default();
        let first = blocks.iter().find(|block| block.label == pem::CERTIFICATE);
        first.map_or(Ok(false), |block| self.is_of(label, &block.contents))
    }

    /// Whether a certificate is one of a label's.
    pub(super) fn is_of(&self, label: &str, der: &[u8]) -> Result<bool, HomeError> {
        let serial = Certificate::from_der(der).ok().and_then(|read| read.tbs().serial_number().ok());
        let Some(serial) = serial else { return Ok(false) };
        let rows = self.authority.by_serial(&serial.to_string())?;
        Ok(rows.iter().any(|row| row.label.as_deref() == Some(label) && row.certificate.as_deref() == Some(der)))
    }
}

/// Room for a key and a chain.
const MOST_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::super::test_ca::TestCa;
    use super::*;
    use crate::preset::{CertificateFiles, Site, Target, preset};

    fn nginx(ca: &TestCa, label: &str) -> Preset {
        let newest = ca.home.authority().by_label(label, 1).unwrap().pop().unwrap().parse().unwrap().unwrap();
        preset(Target::Nginx, &Site::new(label, &newest, CertificateFiles::of_label(label).unwrap()).unwrap()).unwrap()
    }

    fn remember(ca: &TestCa, label: &str, destination: Destination) {
        let intent = ca.home.authority().intent(label).unwrap().unwrap();
        let label = crate::authority::Label::parse(label).unwrap();
        ca.home.authority().edit(&label, &crate::authority::Intent { destination, ..intent }).unwrap();
    }

    #[test]
    fn a_label_that_is_brought_elsewhere_is_not_taken_from_there() {
        let ca = TestCa::new();
        ca.issue(&["hub.lan"]).unwrap();
        let offered = nginx(&ca, "hub.lan");
        let out = Some("/nowhere/tls".to_owned());
        let wanted = Destination { server: Some("nginx".to_owned()), out: out.clone(), ..Destination::default() };
        let claim = || ca.home.check_claim(&offered, "hub.lan", &wanted);
        claim().unwrap();
        let other = |server: Option<&str>, hook: Option<&str>| Destination {
            server: server.map(str::to_owned),
            out: out.clone(),
            hook: hook.map(str::to_owned),
            ..Destination::default()
        };
        for (destination, is_taken) in [
            (other(Some("nginx"), Some("mine")), true),
            (other(None, None), true),
            (other(Some("mosquitto"), None), false),
            (other(None, Some("systemctl restart mine")), false),
        ] {
            remember(&ca, "hub.lan", destination.clone());
            assert_eq!(claim().is_ok(), is_taken, "{destination:?}");
        }
    }

    #[test]
    fn what_others_put_there_is_not_written_over() {
        let ca = TestCa::new();
        let (hub, nas) = (ca.issue(&["hub.lan"]).unwrap(), ca.issue(&["nas.lan"]).unwrap());
        let place = tempfile::tempdir().unwrap();
        let out = Some(place.path().to_str().unwrap().to_owned());
        let wanted = Destination { out, ..Destination::default() };
        let check = |known: &Destination| ca.home.check_room_for_copies("hub.lan", known, &wanted);
        check(&Destination::default()).unwrap();
        let copy = |from: &Path| std::fs::copy(from, place.path().join("fullchain.pem")).unwrap();
        std::fs::copy(&nas.files.as_ref().unwrap().key, place.path().join("privkey.pem")).unwrap();
        assert!(matches!(check(&Destination::default()), Err(HomeError::InTheWay { .. })));
        copy(&nas.files.as_ref().unwrap().fullchain);
        assert!(matches!(check(&Destination::default()), Err(HomeError::InTheWay { .. })));
        // There before, and there after somebody took the server away.
        check(&wanted).unwrap();
        copy(&hub.files.unwrap().fullchain);
        check(&Destination::default()).unwrap();
    }
}
