//! The CRLs that lie beside: what the newest of each CA revokes stays revoked, whatever its index has lost.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    index_line::{IndexLine, reason},
    old_ca::{Numbered, OldCa},
    search::FoundList,
    unread::{Reason, Unread},
};
use crate::{
    authority::Revocation,
    x509::{CrlNumber, SerialNumber},
};

/// What the newest CRL of each CA revokes.
pub(super) struct Lists {
    newest: BTreeMap<usize, FoundList>,
    revoked: HashMap<Numbered, Revocation>,
}

impl Lists {
    /// Finds the newest CRL of each CA, and reads it.
    pub(super) fn sort(found: Vec<FoundList>, cas: &[OldCa], unread: &mut Vec<Unread>) -> Self {
        let mut newest: BTreeMap<usize, FoundList> = BTreeMap::new();
        for list in found {
            let tbs = list.list.tbs();
            let named = cas.iter().position(|ca| ca.certificate.tbs().subject().as_der() == tbs.issuer().as_der());
            let Some(place) = named else {
                unread.push(Unread::file(&list.path, Reason::ListByAnother(tbs.issuer().to_string())));
                continue;
            };
            let is_proven = |ca: &OldCa| list.list.verify_signed_by(ca.certificate.tbs().public_key()).is_ok();
            if !cas.get(place).is_some_and(is_proven) {
                unread.push(Unread::file(&list.path, Reason::ListUnproven));
                continue;
            }
            let age = |list: &FoundList| (list.list.tbs().crl_number(), list.list.tbs().this_update());
            if newest.get(&place).is_none_or(|known| age(known) < age(&list)) {
                newest.insert(place, list);
            }
        }
        let mut lists = Self { newest, revoked: HashMap::new() };
        lists.read(unread);
        lists
    }

    fn read(&mut self, unread: &mut Vec<Unread>) {
        for (place, FoundList { path, list, .. }) in &self.newest {
            for entry in list.tbs().revoked() {
                let Ok(serial) = SerialNumber::from_octets(entry.serial) else {
                    unread.push(Unread::file(path, Reason::Serial));
                    continue;
                };
                // It came back, RFC 5280 5.3.1.
                if entry.reason == Some("removeFromCRL") {
                    continue;
                }
                let (reason, lost) = reason(entry.reason.unwrap_or_default(), String::new(), &serial);
                unread.extend(lost.map(|lost| Unread::file(path, Reason::Lost(lost))));
                self.revoked.insert((*place, serial), Revocation { at: entry.revocation_date, reason });
            }
        }
    }

    /// Since when a certificate is revoked, if it is.
    pub(super) fn revocation(&self, numbered: &Numbered) -> Option<Revocation> {
        self.revoked.get(numbered).copied()
    }

    /// Everything that is revoked.
    pub(super) fn revoked(&self) -> impl Iterator<Item = (&Numbered, Revocation)> {
        self.revoked.iter().map(|(numbered, revocation)| (numbered, *revocation))
    }

    /// The number of the newest CRL of a CA.
    pub(super) fn number(&self, ca: usize) -> Option<CrlNumber> {
        self.newest.get(&ca)?.list.tbs().crl_number()
    }

    /// What is known by these lists only, as if it stood in the index of its CA: with no name, and with the life of the CA, so that it
    /// stays revoked as long as anybody could ask.
    pub(super) fn alone(
        &self,
        known: &HashSet<Numbered>,
        cas: &[OldCa],
        unread: &mut Vec<Unread>,
    ) -> Vec<(usize, IndexLine)> {
        let alone = self.revoked().filter(|(numbered, _)| !known.contains(numbered));
        let mut alone: Vec<(usize, IndexLine)> = alone
            .filter_map(|(&(place, serial_number), revocation)| {
                let ca = cas.get(place).filter(|ca| ca.own_number() != Some(serial_number))?;
                let not_after = ca.certificate.tbs().validity().not_after();
                let (subject, revocation) = (String::new(), Some(revocation));
                Some((place, IndexLine { not_after, serial_number, subject, revocation, lost: None }))
            })
            .collect();
        alone
            .sort_by_key(|(place, line)| (*place, line.revocation.map(|revocation| revocation.at), line.serial_number));
        for (place, FoundList { path, .. }) in &self.newest {
            let own = cas.get(*place).and_then(OldCa::own_number);
            if let Some(own) = own.filter(|own| self.revoked.contains_key(&(*place, *own))) {
                unread.push(Unread::file(path, Reason::RevokedAsRoot(own.to_string())));
            }
            let number = alone.iter().filter(|(of, _)| of == place).count();
            if number > 0 {
                unread.push(Unread::file(path, Reason::OnlyRevoked(number)));
            }
        }
        alone
    }

    /// The files that were read, with the SHA-256 of each.
    pub(super) fn hashes(&self) -> impl Iterator<Item = (std::path::PathBuf, String)> {
        self.newest.values().map(|found| (found.path.clone(), found.sha256.clone()))
    }
}
