//! Whether a home is as it was written: the ledger, and the files of its CAs against it.

use std::{ops::RangeInclusive, path::Path};

use zeroize::Zeroizing;

use super::{crl::CrlFiles, error::HomeError, layout::Layout, left_keys, opened::Home, seen_key::SeenKey};
use crate::{
    authority::{Authority, CaCertificate, CertificateRecord, Examined, FlawKind, IssuerRole},
    keys::{KeyFile, KeyPurpose, PrivateKey},
    system::files::{directory::entries, read_bounded},
    x509::{Certificate, CertificateList, pem},
};

impl Home {
    /// Looks at everything that can be checked. `noted` is the hash of an entry of the audit log that was written down
    /// elsewhere; `watch` is told of the steps, as many as [`examination_length`].
    ///
    /// [`examination_length`]: crate::authority::Authority::examination_length
    ///
    /// # Errors
    /// A ledger that cannot be read at all.
    pub fn examine(&self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<Examined, HomeError> {
        Examination::of_files(&self.layout, &self.authority).run(noted, watch)
    }
}

/// What is looked at.
pub(super) struct Examination<'a> {
    layout: &'a Layout,
    authority: &'a Authority,
    see_key: &'a dyn Fn(&KeyFile) -> SeenKey,
    archive: Archive,
}

/// What is done with the files of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Archive {
    /// They are compared with the ledger.
    Compared,
    /// They are passed over: one that is damaged does not keep a home from being restored, and the next `renew` makes it anew.
    Passed,
}

impl<'a> Examination<'a> {
    /// A home with its files, those of the keys among them.
    pub(super) fn of_files(layout: &'a Layout, authority: &'a Authority) -> Self {
        Self { layout, authority, see_key: &SeenKey::in_file, archive: Archive::Compared }
    }

    /// A home whose keys are seen elsewhere than in their files.
    pub(super) fn with_keys(
        layout: &'a Layout,
        authority: &'a Authority,
        see_key: &'a dyn Fn(&KeyFile) -> SeenKey,
    ) -> Self {
        Self { layout, authority, see_key, archive: Archive::Passed }
    }

    /// Looks, as [`Home::examine`] says.
    pub(super) fn run(&self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<Examined, HomeError> {
        let mut examined = self.authority.examine(noted, watch)?;
        // After the ledger: a list is written before the ledger says so, and so no older one lies there.
        let states = self.authority.crl_state()?;
        for ca in self.authority.cas().iter().filter(|ca| ca.role() != IssuerRole::Cross) {
            self.examine_certificate(ca, &mut examined);
            self.examine_key(ca, &mut examined);
            let newest = states.iter().find(|state| state.ca.id() == ca.id()).and_then(|state| state.newest);
            let numbers = newest.map_or(0, |newest| newest.number)..=self.authority.highest_crl_number(ca)?;
            self.examine_crl(ca, &numbers, &mut examined);
        }
        self.examine_left_keys(&mut examined);
        self.examine_archive(&mut examined);
        examined.tell_known_apart(&self.layout.prefix())?;
        Ok(examined)
    }

    fn examine_certificate(&self, ca: &CaCertificate, examined: &mut Examined) {
        let path = match ca.role() {
            IssuerRole::Root => self.layout.root_certificate(ca.ordinal()),
            _ => self.layout.issuing_certificate(ca.ordinal()),
        };
        let held = read_bounded(&path, MOST_BYTES);
        if held.as_ref().is_err_and(|error| error.is_missing()) {
            return;
        }
        let blocks = held.ok().and_then(|text| pem::parse(&text).ok()).unwrap_or_default();
        if !blocks.iter().any(|block| block.contents == ca.certificate().as_der()) {
            let message = format!("`{}` is not the certificate of `{}` in the ledger", path.display(), ca.path());
            examined.add(FlawKind::CaFile, ca.path(), message);
        }
    }

    fn examine_key(&self, ca: &CaCertificate, examined: &mut Examined) {
        let file = match ca.role() {
            IssuerRole::Root => KeyFile::new(self.layout.root_key(ca.ordinal()), KeyPurpose::Root),
            _ => KeyFile::new(self.layout.issuing_key(ca.ordinal()), KeyPurpose::Issuing),
        };
        if !(self.see_key)(&file).may_be_of(ca.certificate().tbs().public_key()) {
            let message = format!("`{}` is not the key of `{}`, or cannot be read", file.path().display(), ca.path());
            examined.add(FlawKind::CaKey, ca.path(), message);
        }
    }

    /// What is there still cannot be removed.
    fn examine_left_keys(&self, examined: &mut Examined) {
        if self.archive == Archive::Passed {
            return;
        }
        for path in left_keys::stubborn(self.layout) {
            let path = path.display().to_string();
            let message = format!(
                "`{path}` was left by a command that was killed, may be a key without its passphrase, and cannot be removed"
            );
            examined.add(FlawKind::CaKey, path, message);
        }
    }

    fn examine_crl(&self, ca: &CaCertificate, numbers: &RangeInclusive<i64>, examined: &mut Examined) {
        let path = CrlFiles::of(self.layout, ca).der;
        let der = match read_bounded(&path, CrlFiles::MOST_BYTES) {
            Err(error) if error.is_missing() => return,
            held => held.unwrap_or_default(),
        };
        let key = ca.certificate().tbs().public_key();
        let list = CertificateList::from_der(&der).ok().filter(|list| list.verify_signed_by(key).is_ok());
        let number = list.and_then(|list| list.tbs().crl_number()).map_or(0, |number| number.get());
        if number == 0 || number < *numbers.start() {
            let message = format!("`{}` is not a list that `{}` signed, or an old one", path.display(), ca.path());
            examined.add(FlawKind::Crl, ca.path(), message);
        } else if number > *numbers.end() {
            let message =
                format!("`{}` is newer than any list in the ledger, which has lost its newest entries", path.display());
            examined.add(FlawKind::Crl, ca.path(), message);
        }
    }

    fn examine_archive(&self, examined: &mut Examined) {
        for label in entries(&self.layout.archive()).unwrap_or_default() {
            let lineage = self.layout.lineage(&label);
            // A row that is damaged was named before.
            let Ok(rows) = self.authority.by_label(&label, u32::MAX) else { continue };
            for generation in entries(&lineage).unwrap_or_default() {
                let place = lineage.join(&generation);
                match rows.iter().find(|row| row.generation.is_some_and(|number| number.to_string() == generation)) {
                    Some(row) => self.examine_generation(&place, row, examined),
                    None => self.examine_unknown(&place.join("cert.pem"), examined),
                }
            }
        }
    }

    /// The files of a generation against its row. What is not there was taken away, or left out of a backup.
    fn examine_generation(&self, place: &Path, row: &CertificateRecord, examined: &mut Examined) {
        let (Archive::Compared, Some(der)) = (self.archive, &row.certificate) else { return };
        let read = |name: &str| match read_bounded(&place.join(name), MOST_BYTES) {
            Err(error) if error.is_missing() => None,
            read => Some(Zeroizing::new(read.unwrap_or_default())),
        };
        let is_it = |text: &[u8]| {
            pem::parse(text).is_ok_and(|blocks| blocks.first().is_some_and(|first| first.contents == *der))
        };
        let is_key = |text: &[u8]| {
            let certificate = Certificate::from_der(der);
            certificate.is_ok_and(|certificate| PrivateKey::is_of(text, certificate.tbs().public_key()))
        };
        let mut compare = |name: &str, is_right: &dyn Fn(&[u8]) -> bool, wrong: &str| {
            if read(name).is_some_and(|text| !is_right(&text)) {
                let message = format!("`{}` {wrong} {} in the ledger", place.join(name).display(), row.serial);
                examined.add(FlawKind::Certificate, row.serial.clone(), message);
            }
        };
        compare("cert.pem", &is_it, "is not the certificate");
        compare("fullchain.pem", &is_it, "does not begin with the certificate");
        compare("privkey.pem", &is_key, "is not the key of the certificate");
    }

    /// The ledger tells of a certificate before it is signed: one that it does not tell of was in entries that are lost.
    fn examine_unknown(&self, path: &Path, examined: &mut Examined) {
        let Some((serial, certificate)) = certificate_at(path) else { return };
        if !self.authority.by_serial(&serial).is_ok_and(|rows| rows.is_empty()) {
            return;
        }
        let is_signed_by =
            |ca: &&CaCertificate| certificate.verify_signed_by(ca.certificate().tbs().public_key()).is_ok();
        if let Some(ca) = self.authority.cas().iter().find(is_signed_by) {
            let message = format!(
                "`{}` was signed by `{}`, and the ledger, which has lost its newest entries, does not tell of it",
                path.display(),
                ca.path()
            );
            examined.add(FlawKind::Certificate, serial, message);
        }
    }
}

/// A certificate in a file, and its serial number.
fn certificate_at(path: &Path) -> Option<(String, Certificate)> {
    let blocks = pem::parse(&read_bounded(path, MOST_BYTES).ok()?).ok()?;
    let certificate = Certificate::from_der(&blocks.first()?.contents).ok()?;
    let serial = certificate.tbs().serial_number().ok()?.to_string();
    Some((serial, certificate))
}

/// Room for a certificate.
const MOST_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::super::test_ca::TestCa;
    use super::*;
    use crate::{
        authority::{Act, Page, Selection},
        home::test_ca::NoPassphrase,
        store::StoreError,
        system::{FileMode, files},
        x509::RevocationReason,
    };

    fn flaws(ca: &TestCa) -> Vec<(FlawKind, String)> {
        let examined = ca.home.examine(None, &mut |_| ()).unwrap();
        examined.flaws.into_iter().map(|flaw| (flaw.kind, flaw.message)).collect()
    }

    fn change(ca: &TestCa, text: &str) {
        let rows = ca.home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
        assert!(rows.unwrap() > 0, "{text}");
    }

    /// Two certificates, of which one is revoked, and the list that says so.
    fn used() -> TestCa {
        let ca = TestCa::new();
        ca.issue(&["hub.lan"]).unwrap();
        let nas = ca.issue(&["nas.lan"]).unwrap();
        let record = ca.home.authority().by_serial(&nas.serial).unwrap().pop().unwrap();
        ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
        ca.home.publish_crl(ca.home.issuing().unwrap(), &NoPassphrase).unwrap();
        ca
    }

    #[test]
    fn a_home_that_nobody_touched_has_no_flaw_and_its_head_is_found_in_it() {
        let ca = used();
        assert_eq!(flaws(&ca), []);
        let authority = ca.home.authority();
        let (mut steps, head) = (0, authority.audit_head().unwrap());
        let examined = ca.home.examine(Some(&head.hash), &mut |more| steps += more).unwrap();
        assert_eq!((examined.flaws.as_slice(), &examined.head), (&[][..], &head));
        assert_eq!((examined.certificates, examined.crls), (4, 2));
        assert_eq!(steps, authority.examination_length().unwrap());
        let cut = ca.home.examine(Some(&"0".repeat(64)), &mut |_| ()).unwrap();
        assert!(cut.flaws[0].message.contains("its end was cut off"), "{cut:?}");
    }

    #[test]
    fn every_row_that_was_changed_is_named() {
        for (text, kind, told) in [
            ("DELETE FROM audit WHERE sequence = 9", FlawKind::AuditLog, "entry 9 of the audit log"),
            (
                "UPDATE certificates SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
                FlawKind::Certificate,
                "was revoked by entry",
            ),
            (
                "UPDATE certificates SET certificate = (SELECT certificate FROM issuers WHERE id = 1) WHERE label = 'hub.lan'",
                FlawKind::Certificate,
                "do not have its fingerprint",
            ),
            (
                "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'",
                FlawKind::Certificate,
                "other dates",
            ),
            (
                "UPDATE certificates SET names = '[{\"dns\":\"bank.lan\"}]' WHERE label = 'hub.lan'",
                FlawKind::Certificate,
                "other names",
            ),
            (
                "UPDATE certificates SET issuer = 1 WHERE label = 'hub.lan'",
                FlawKind::Certificate,
                "has none of that number",
            ),
            (
                "UPDATE certificates SET key_sha256 = 'ab' WHERE label = 'hub.lan'",
                FlawKind::Certificate,
                "is not what entry",
            ),
            (
                "UPDATE lineages SET names = '[{\"dns\":\"bank.lan\"}]' WHERE label = 'hub.lan'",
                FlawKind::Lineage,
                "stands for other names",
            ),
            ("UPDATE lineages SET generation = 7 WHERE label = 'hub.lan'", FlawKind::Lineage, "is not in the ledger"),
            ("UPDATE crls SET crl = x'00' WHERE crl IS NOT NULL", FlawKind::Crl, "is another than the one that entry"),
            ("UPDATE crls SET signed_at = NULL", FlawKind::Crl, "is another than the one that entry"),
        ] {
            let ca = used();
            change(&ca, text);
            let flaws = flaws(&ca);
            assert_eq!(flaws.first().map(|flaw| flaw.0), Some(kind), "{text}: {flaws:?}");
            assert!(flaws.iter().any(|flaw| flaw.1.contains(told)), "{text}: {flaws:?}");
        }
    }

    #[test]
    fn a_file_of_a_ca_that_is_another_is_named() {
        let ca = used();
        let layout = ca.home.layout();
        let other = TestCa::new();
        for (path, from) in [
            (layout.issuing_certificate(1), other.home.layout().issuing_certificate(1)),
            (layout.issuing_key(1), other.home.layout().issuing_key(1)),
            (layout.crl("issuing-1"), other.home.layout().crl("issuing-1")),
        ] {
            files::replace(&path, &std::fs::read(from).unwrap(), FileMode::Secret).unwrap();
        }
        let kinds: Vec<FlawKind> = flaws(&ca).into_iter().map(|flaw| flaw.0).collect();
        assert_eq!(kinds, [FlawKind::CaFile, FlawKind::CaKey, FlawKind::Crl]);
        assert!(matches!(Home::open(layout.clone(), ca.doors()), Err(HomeError::Mismatch { .. })));
    }

    #[test]
    fn what_a_killed_command_left_of_a_key_is_named_where_it_is_still_there() {
        let ca = used();
        let left = ca.home.layout().issuing_key(1).with_file_name(".hubca-0123456789abcdef.tmp");
        files::replace(&left, b"a key", FileMode::Secret).unwrap();
        let message = format!(
            "`{}` was left by a command that was killed, may be a key without its passphrase, and cannot be removed",
            left.display()
        );
        assert_eq!(flaws(&ca), [(FlawKind::CaKey, message)]);
    }

    #[test]
    fn what_lies_in_the_home_and_is_not_in_the_ledger_is_named() {
        let ca = used();
        let nas = ca.home.layout().lineage("nas.lan").join("1/cert.pem");
        change(&ca, "DELETE FROM certificates WHERE label = 'nas.lan'");
        change(&ca, "DELETE FROM crls");
        let flaws = flaws(&ca);
        let is_told = |kind, path: &Path| {
            flaws.iter().any(|flaw| flaw.0 == kind && flaw.1.starts_with(&format!("`{}`", path.display())))
        };
        assert!(is_told(FlawKind::Certificate, &nas), "{flaws:?}");
        assert!(is_told(FlawKind::Crl, &ca.home.layout().crl("issuing-1")), "{flaws:?}");
        let hub = ca.home.layout().lineage("hub.lan").join("1/cert.pem");
        assert!(!is_told(FlawKind::Certificate, &hub), "{flaws:?}");
    }

    #[test]
    fn a_file_of_a_certificate_that_is_another_is_named_and_one_that_is_gone_is_not() {
        let ca = used();
        let hub = ca.home.layout().generation("hub.lan", 1);
        let nas = ca.home.layout().generation("nas.lan", 1);
        std::fs::copy(nas.join("privkey.pem"), hub.join("privkey.pem")).unwrap();
        std::fs::copy(nas.join("cert.pem"), hub.join("cert.pem")).unwrap();
        files::replace(&hub.join("fullchain.pem"), b"hello", FileMode::Secret).unwrap();
        std::fs::remove_file(nas.join("privkey.pem")).unwrap();
        let flaws = flaws(&ca);
        for (name, told) in [
            ("cert.pem", "is not the certificate"),
            ("fullchain.pem", "does not begin with the certificate"),
            ("privkey.pem", "is not the key of the certificate"),
        ] {
            let begin = format!("`{}` {told}", hub.join(name).display());
            assert!(flaws.iter().any(|flaw| flaw.1.starts_with(&begin)), "{begin}: {flaws:?}");
        }
        assert_eq!(flaws.len(), 3, "{flaws:?}");
    }

    #[test]
    fn no_list_is_signed_that_leaves_out_what_was_revoked() {
        for text in [
            "UPDATE certificates SET listed_until = 1 WHERE revoked_at IS NOT NULL",
            "UPDATE certificates SET listed_until = NULL WHERE revoked_at IS NOT NULL",
            "UPDATE certificates SET listed_until = NULL, revoked_at = NULL WHERE revoked_at IS NOT NULL",
            "DELETE FROM certificates WHERE revoked_at IS NOT NULL",
        ] {
            let ca = used();
            ca.home.publish_crl(ca.home.issuing().unwrap(), &NoPassphrase).unwrap();
            change(&ca, text);
            let before = ca.home.authority().audit_head().unwrap();
            let refused = ca.home.publish_crl(ca.home.issuing().unwrap(), &NoPassphrase).unwrap_err().to_string();
            assert!(refused.contains("was revoked, and the ledger does not say so any more"), "{text}: {refused}");
            assert_eq!(ca.home.authority().audit_head().unwrap(), before);
        }
    }

    /// Such a list is kept as the short ones are, and what it said is held against the rows.
    #[test]
    fn a_list_of_thousands_is_held_against_what_is_listed_next() {
        let ca = used();
        let issuing = ca.home.issuing().unwrap();
        change(
            &ca,
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1900) \
             INSERT INTO certificates (issuer, serial, profile, names, not_before, not_after, reserved_at, issued_at) \
             SELECT c.issuer, printf('01%032x', n), 'server', '[]', c.not_before, c.not_after, c.reserved_at, c.issued_at \
             FROM numbers, certificates c WHERE c.label = 'nas.lan'",
        );
        let authority = ca.home.authority();
        let records = authority.select(Selection::Issued, Page { limit: 5000, before: None }).unwrap();
        for record in records.iter().filter(|record| record.serial.starts_with("010000")) {
            authority.revoke(record, RevocationReason::Superseded).unwrap();
        }
        let made = ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
        assert!(made.revoked > 1900, "{}", made.revoked);
        assert!(authority.newest_crl(issuing).unwrap().unwrap().len() > 64 * 1024);
        change(&ca, "DELETE FROM certificates WHERE serial = printf('01%032x', 1711)");
        let refused = ca.home.publish_crl(issuing, &NoPassphrase).unwrap_err().to_string();
        assert!(refused.contains("was revoked, and the ledger does not say so any more"), "{refused}");
    }

    #[test]
    fn nothing_is_signed_where_the_log_is_broken_at_its_end_or_the_schema_is_another() {
        let ca = used();
        change(&ca, "UPDATE audit SET detail = '{}' WHERE sequence = (SELECT MAX(sequence) FROM audit)");
        assert!(ca.issue(&["new.lan"]).unwrap_err().to_string().contains("broken at its end"));
        let last = ca.home.authority().newest_audit_entries(crate::authority::AuditSelection::default(), 1).unwrap();
        assert_eq!(last[0].act, Act::IssueCrl.as_str());
        let ca = used();
        ca.home
            .authority()
            .store()
            .transaction::<_, StoreError>(|rows| rows.execute_batch("DROP INDEX certificates_by_generation"))
            .unwrap();
        let refused = Home::open(ca.home.layout().clone(), ca.doors()).err().unwrap().to_string();
        assert!(refused.ends_with("the index `certificates_by_generation` differs"), "{refused}");
        let ca = used();
        change(&ca, "UPDATE certificates SET sha256 = 'ab' WHERE label = 'hub.lan'");
        assert!(ca.home.authority().by_label("hub.lan", 1).is_err());
    }
}
