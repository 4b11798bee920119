//! The certificates and keys that were found, sorted by whose they are: which CA issued each, what its index says of it, and which
//! of them become labels.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use time::OffsetDateTime;

use super::{
    index_line::server_name,
    lists::Lists,
    old_ca::{Numbered, OldCa},
    search::Found,
    unread::{Reason, Unread},
};
use crate::{
    authority::{Label, RecordedName, Revocation},
    home::MovedKey,
    keys::PrivateKey,
    x509::{Certificate, DnsName, GeneralName, SignatureAlgorithm},
};

/// What was found of what the CAs issued.
pub(super) struct Belongings {
    certificates: HashMap<Numbered, Belonging>,
    keys: Vec<(PathBuf, PrivateKey)>,
}

struct Belonging {
    path: PathBuf,
    certificate: Certificate,
    is_proven: bool,
    /// Whether it stands in an index.
    is_listed: bool,
    /// What an index or a CRL says.
    revocation: Option<Revocation>,
}

impl Belongings {
    /// Finds out which CA issued each certificate.
    pub(super) fn sort(found: Found, cas: &[OldCa], lists: &Lists, unread: &mut Vec<Unread>) -> Self {
        let mut certificates: HashMap<Numbered, Belonging> = HashMap::new();
        for (path, certificate) in found.certificates {
            if cas.iter().any(|ca| ca.certificate == certificate) {
                continue;
            }
            let Some((ca, is_proven)) = issuer_of(&certificate, cas) else {
                let issuer = certificate.tbs().issuer().to_string();
                unread.push(Unread::file(&path, Reason::ByAnother(issuer)));
                continue;
            };
            let Ok(serial) = certificate.tbs().serial_number() else {
                unread.push(Unread::file(&path, Reason::Serial));
                continue;
            };
            if cas.get(ca).and_then(OldCa::own_number) == Some(serial) {
                unread.push(Unread::file(&path, Reason::NumberOfRoot(serial.to_string())));
                continue;
            }
            let revocation = lists.revocation(&(ca, serial));
            let belonging = Belonging { path, certificate, is_proven, is_listed: false, revocation };
            match certificates.get(&(ca, serial)) {
                Some(known) if known.certificate != belonging.certificate => {
                    unread.push(Unread::file(&belonging.path, Reason::Twice(serial.to_string())));
                }
                Some(_) => {}
                None => {
                    certificates.insert((ca, serial), belonging);
                }
            }
        }
        Self { certificates, keys: found.keys }
    }

    /// What an index says of a certificate.
    pub(super) fn list(&mut self, numbered: Numbered, revocation: Option<Revocation>) {
        if let Some(belonging) = self.certificates.get_mut(&numbered) {
            belonging.is_listed = true;
            belonging.revocation = revocation.or(belonging.revocation);
        }
    }

    /// Lets go of what no index has and no signature proves.
    pub(super) fn drop_unproven(&mut self, unread: &mut Vec<Unread>) {
        self.certificates.retain(|_, belonging| {
            let stays = belonging.is_proven || belonging.is_listed;
            if !stays {
                unread.push(Unread::file(&belonging.path, Reason::Unproven));
            }
            stays
        });
    }

    /// The bytes of a certificate.
    pub(super) fn certificate(&self, numbered: &Numbered) -> Option<&Certificate> {
        self.certificates.get(numbered).map(|belonging| &belonging.certificate)
    }

    /// Since when a certificate is revoked, if it is.
    pub(super) fn revocation(&self, numbered: &Numbered) -> Option<Revocation> {
        self.certificates.get(numbered)?.revocation
    }

    /// Those that stand in no index, in the order of their beginnings.
    pub(super) fn unlisted(&self) -> Vec<Numbered> {
        let unlisted = self.certificates.iter().filter(|(_, belonging)| !belonging.is_listed);
        let mut unlisted: Vec<_> = unlisted.map(|(numbered, known)| (known.begins(), *numbered)).collect();
        unlisted.sort();
        unlisted.into_iter().map(|(_, numbered)| numbered).collect()
    }

    /// CAs among them: they are certificates like others here, for what they issued is not known.
    pub(super) fn tell_other_cas(&self, unread: &mut Vec<Unread>) {
        let of_cas = self.certificates.values().filter(|belonging| belonging.certificate.tbs().is_ca());
        unread.extend(of_cas.map(|belonging| {
            let subject = belonging.certificate.tbs().subject().to_string();
            Unread::file(&belonging.path, Reason::CaWithoutBooks(subject))
        }));
    }

    /// The keys whose certificates are good, each under the label of its first name; of several for one label the newest.
    pub(super) fn take_kept(&mut self, cas: &[OldCa], now: OffsetDateTime, unread: &mut Vec<Unread>) -> Vec<MovedKey> {
        let mut by_key: HashMap<&[u8], Vec<(&Numbered, &Belonging)>> = HashMap::new();
        for (numbered, belonging) in self.certificates.iter().filter(|(_, belonging)| belonging.is_good(now)) {
            let key = belonging.certificate.tbs().public_key().key_bits();
            by_key.entry(key).or_default().push((numbered, belonging));
        }
        let mut kept: Vec<(MovedKey, PathBuf)> = Vec::new();
        let mut taken: HashSet<Vec<u8>> = HashSet::new();
        for (path, key) in std::mem::take(&mut self.keys) {
            // The same key under another name of its file.
            if !taken.insert(key.public_key().der().to_vec()) {
                continue;
            }
            let newest = by_key
                .get(key.public_key().key_bits())
                .and_then(|known| known.iter().max_by_key(|(_, known)| known.begins()));
            let label = newest.and_then(|(numbered, known)| Some((numbered.0, label_of(&known.certificate)?, known)));
            match label {
                Some((issuer, label, known)) => {
                    let (certificate, names) = (known.certificate.clone(), names_of(&known.certificate));
                    kept.push((MovedKey { label, issuer, certificate, names, key }, path));
                }
                None => {
                    let without_label = || newest.map(|(_, known)| known.certificate.tbs().subject().to_string());
                    let reason =
                        ca_of(&key, cas).map(Reason::KeyOfCa).or_else(|| without_label().map(Reason::KeyWithoutLabel));
                    unread.push(Unread::file(&path, reason.unwrap_or(Reason::KeyAlone)));
                }
            }
        }
        kept.sort_by_key(|(one, _)| {
            (one.label.clone(), std::cmp::Reverse(one.certificate.tbs().validity().not_before()))
        });
        let mut newest: Vec<MovedKey> = Vec::new();
        for (one, path) in kept {
            if newest.last().is_some_and(|last| last.label == one.label) {
                unread.push(Unread::file(&path, Reason::KeyOfEarlier(one.label.to_string())));
            } else {
                newest.push(one);
            }
        }
        newest
    }
}

impl Belonging {
    fn begins(&self) -> OffsetDateTime {
        self.certificate.tbs().validity().not_before()
    }

    fn is_good(&self, now: OffsetDateTime) -> bool {
        let tbs = self.certificate.tbs();
        self.is_proven && self.revocation.is_none() && !tbs.is_ca() && tbs.validity().contains(now)
    }
}

/// The subject of the CA that has a key as its own already.
fn ca_of(key: &PrivateKey, cas: &[OldCa]) -> Option<String> {
    let is_it =
        |ca: &&OldCa| ca.key.as_ref().is_some_and(|own| own.public_key().key_bits() == key.public_key().key_bits());
    cas.iter().find(is_it).map(|ca| ca.certificate.tbs().subject().to_string())
}

/// Which CA issued a certificate, and whether its signature says so: what is signed as nobody signs today may stand in an index.
fn issuer_of(certificate: &Certificate, cas: &[OldCa]) -> Option<(usize, bool)> {
    let named = || cas.iter().enumerate().filter(|(_, ca)| ca.is_named_by(certificate));
    let proven = named().find(|(_, ca)| certificate.is_issued_by(&ca.certificate));
    let is_old = || SignatureAlgorithm::from_oid(certificate.signature_oid()).is_err();
    let unproven = || named().next().filter(|_| is_old());
    proven.map(|(place, _)| (place, true)).or_else(|| unproven().map(|(place, _)| (place, false)))
}

/// The names for servers in a certificate: the alternative ones, and where there are none the common one.
pub(super) fn names_of(certificate: &Certificate) -> Vec<RecordedName> {
    let tbs = certificate.tbs();
    let names = tbs.subject_alt_names().ok().flatten();
    let alternative = names.iter().flatten().filter_map(|name| match name {
        crate::x509::AltName::Dns(text) => server_name(text),
        other => other.ip().map(|address| RecordedName::Ip(address.to_string())),
    });
    let alternative: Vec<_> = alternative.collect();
    if names.is_some() {
        return alternative;
    }
    tbs.subject().common_name().and_then(server_name).into_iter().collect()
}

/// The label after the first name.
pub(super) fn label_of(certificate: &Certificate) -> Option<Label> {
    let name = match names_of(certificate).into_iter().next()? {
        RecordedName::Ip(text) => GeneralName::parse_ip(&text).ok()?,
        RecordedName::Dns(text) => GeneralName::Dns(DnsName::parse(&text).ok()?),
    };
    Label::from_name(&name).ok()
}
