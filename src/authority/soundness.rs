//! Whether the ledger is as it was written: its pages, its log, and each row against what the log says of it and against the
//! signature of who issued it.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::{
    act::Act,
    audit_chain::{AuditChain, AuditEntry, AuditHead, each},
    ca::Authority,
    issuer_role::IssuerId,
    ledger_error::LedgerError,
    record::RecordedName,
};
use crate::{
    store::{Row, StoreError, Transaction},
    x509::{
        AltName, Certificate, CertificateList, SignatureError, SubjectPublicKeyInfo, certificate::sha256, hexadecimal,
    },
};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about.
    pub kind: FlawKind,
    /// Which: the place of an entry, a serial number, a CA, a label, a path.
    pub subject: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What a flaw is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// The pages or the indexes of the database.
    Database,
    /// The chain of the audit log.
    AuditLog,
    /// A certificate's row.
    Certificate,
    /// A CRL's row, or its file.
    Crl,
    /// A lineage's row.
    Lineage,
    /// The certificate file of a CA.
    CaFile,
    /// The key file of a CA.
    CaKey,
    /// The settings.
    Settings,
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The end of the log, as far as it is whole.
    pub head: AuditHead,
    /// How many certificates there are, reserved ones among them.
    pub certificates: u64,
    /// How many CRLs have their bytes in the ledger.
    pub crls: u64,
    /// What is wrong, in the order in which it was found; no more than are worth reading.
    pub flaws: Vec<Flaw>,
}

impl FlawKind {
    /// The word for it in JSON; never renamed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::AuditLog => "audit_log",
            Self::Certificate => "certificate",
            Self::Crl => "crl",
            Self::Lineage => "lineage",
            Self::CaFile => "ca_file",
            Self::CaKey => "ca_key",
            Self::Settings => "settings",
        }
    }
}

impl Examined {
    /// Adds what is wrong, unless so much is that nobody would read on.
    pub fn add(&mut self, kind: FlawKind, subject: impl Into<String>, message: impl Into<String>) {
        if self.flaws.len() < MOST_FLAWS {
            self.flaws.push(Flaw { kind, subject: subject.into(), message: message.into() });
        }
    }
}

impl Authority {
    /// How many steps an examination takes: one for each entry and each certificate.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn examination_length(&self) -> Result<u64, LedgerError> {
        let count = "SELECT (SELECT COUNT(*) FROM audit) + (SELECT COUNT(*) FROM certificates)";
        let steps = self.ledger.store.read::<_, StoreError>(|rows| rows.query_row(count, &[], |row| row.integer(0)))?;
        Ok(steps.and_then(|steps| u64::try_from(steps).ok()).unwrap_or_default())
    }

    /// Looks at everything in the ledger, as it is at one moment. `noted` is the hash of an entry that was written down
    /// elsewhere, which has to be in the log; `watch` is told of the steps that were taken.
    ///
    /// # Errors
    /// A ledger that cannot be read at all.
    pub fn examine(&self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<Examined, LedgerError> {
        let head = AuditHead { entries: 0, hash: String::new() };
        let mut examined = Examined { head, certificates: 0, crls: 0, flaws: Vec::new() };
        if let Err(StoreError::Corrupt { reason, .. }) = self.ledger.store.verify() {
            examined.add(FlawKind::Database, "ledger.db", format!("the database is damaged: {reason}"));
        }
        let keys = self.cas.iter().map(|ca| (ca.id, ca.certificate().tbs().public_key().clone())).collect();
        self.ledger.store.read::<_, LedgerError>(|rows| {
            let mut looking = Looking { rows, keys, examined: &mut examined };
            looking.at_log(noted, watch)?;
            looking.at_certificates(watch)?;
            looking.at_crls()?;
            looking.at_lineages()
        })?;
        Ok(examined)
    }
}

/// An examination under way.
struct Looking<'a> {
    rows: &'a Transaction<'a>,
    keys: HashMap<IssuerId, SubjectPublicKeyInfo>,
    examined: &'a mut Examined,
}

impl Looking<'_> {
    fn at_log(&mut self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<(), LedgerError> {
        let (mut chain, mut is_broken, mut is_met) = (AuditChain::default(), false, false);
        each::<LedgerError>(self.rows, |entry| {
            if !is_broken && !chain.follow(&entry) {
                is_broken = true;
                let place = chain.head().entries + 1;
                let message = format!("entry {place} of the audit log does not follow from the one before it");
                self.examined.add(FlawKind::AuditLog, place.to_string(), message);
            }
            is_met |= noted.is_some_and(|noted| noted == hexadecimal(&entry.hash));
            self.at_entry(&entry)?;
            watch(1);
            Ok(())
        })?;
        if let (Some(noted), false) = (noted, is_met) {
            let message = "the audit log has no entry with the hash that was written down: its end was cut off, or it is another log";
            self.examined.add(FlawKind::AuditLog, noted, message);
        }
        self.examined.head = chain.head();
        Ok(())
    }

    /// What an entry says was done has to stand in the rows still.
    fn at_entry(&mut self, entry: &AuditEntry) -> Result<(), LedgerError> {
        let is_of = |act: Act| entry.act == act.as_str();
        if is_of(Act::IssueCrl) {
            return self.at_entry_of_crl(entry);
        }
        if ![Act::Reserve, Act::Issue, Act::Adopt, Act::Revoke].into_iter().any(is_of) {
            return Ok(());
        }
        let detail: Json = serde_json::from_str(&entry.detail).unwrap_or_default();
        let text = |name: &str| detail.get(name).and_then(Json::as_str);
        let (Some(serial), Some(issuer)) = (text("serial"), detail.get("issuer").and_then(Json::as_i64)) else {
            return Ok(());
        };
        let row = self.rows.query_row(
            "SELECT sha256, tbs, revoked_at, key_sha256 FROM certificates WHERE serial = $1 AND issuer = $2",
            &[serial.into(), issuer.into()],
            |row| Ok((row.optional_text(0)?, row.optional_blob(1)?, row.optional_integer(2)?, row.optional_text(3)?)),
        )?;
        let place = entry.sequence;
        let mut add = |message: String| self.examined.add(FlawKind::Certificate, serial, message);
        let Some((fingerprint, tbs, revoked_at, key)) = row else {
            add(format!("entry {place} tells of the certificate {serial}, and the ledger has none of that number"));
            return Ok(());
        };
        if (is_of(Act::Issue) || is_of(Act::Adopt)) && fingerprint.as_deref() != text("sha256") {
            add(format!("the certificate {serial} is another than the one that entry {place} tells of"));
        }
        if is_of(Act::Revoke) && revoked_at.is_none() {
            add(format!("the certificate {serial} was revoked by entry {place}, and its row does not say so"));
        }
        if is_of(Act::Reserve) {
            let is_other = |told: Option<&str>, held: Option<String>| held.is_some_and(|held| told != Some(&*held));
            let tbs = tbs.map(|tbs| hexadecimal(&sha256(&tbs)));
            if is_other(text("tbs_sha256"), tbs) || is_other(text("key_sha256"), key) {
                add(format!("what was reserved for the serial number {serial} is not what entry {place} tells of"));
            }
        }
        Ok(())
    }

    fn at_entry_of_crl(&mut self, entry: &AuditEntry) -> Result<(), LedgerError> {
        let detail: Json = serde_json::from_str(&entry.detail).unwrap_or_default();
        let number = |name: &str| detail.get(name).and_then(Json::as_i64);
        let (Some(issuer), Some(number)) = (number("issuer"), number("number")) else { return Ok(()) };
        let row = self.rows.query_row(
            "SELECT signed_at, crl FROM crls WHERE issuer = $1 AND number = $2",
            &[issuer.into(), number.into()],
            |row| Ok((row.optional_integer(0)?, row.optional_blob(1)?)),
        )?;
        let is_it = |crl: &Vec<u8>| detail.get("sha256").and_then(Json::as_str) == Some(&*hexadecimal(&sha256(crl)));
        let message = match row {
            Some((Some(_), crl)) if crl.as_ref().is_none_or(is_it) => return Ok(()),
            Some(_) => "is another than the one that entry",
            None => "is not in the ledger, though entry",
        };
        let message = format!("the CRL {number} {message} {} tells of it", entry.sequence);
        self.examined.add(FlawKind::Crl, number.to_string(), message);
        Ok(())
    }

    fn at_certificates(&mut self, watch: &mut dyn FnMut(u64)) -> Result<(), LedgerError> {
        let text = "SELECT issuer, serial, names, not_before, not_after, key_sha256, sha256, certificate, generation, \
                    revoked_at, listed_until, subject FROM certificates ORDER BY id";
        self.rows.each(text, &[], |row| {
            self.examined.certificates += 1;
            watch(1);
            let serial = row.text(1)?;
            let wrong = match wrong_with(row, &self.keys) {
                Ok(wrong) => wrong,
                Err(error) => Some(error.to_string()),
            };
            if let Some(wrong) = wrong {
                self.examined.add(FlawKind::Certificate, serial.clone(), format!("the certificate {serial}: {wrong}"));
            }
            Ok::<_, LedgerError>(())
        })
    }

    fn at_crls(&mut self) -> Result<(), LedgerError> {
        let text = "SELECT issuer, number, crl FROM crls WHERE crl IS NOT NULL ORDER BY issuer, number";
        self.rows.each(text, &[], |row| {
            self.examined.crls += 1;
            let (issuer, number) = (IssuerId(row.integer(0)?), row.integer(1)?);
            let read = CertificateList::from_der(&row.blob(2)?);
            let is_its = read.is_ok_and(|list| {
                let is_signed = self.keys.get(&issuer).is_none_or(|key| !is_forged(list.verify_signed_by(key)));
                is_signed && list.tbs().crl_number().map(|number| number.get()) == Some(number)
            });
            if !is_its {
                let message = format!("the CRL {number} was not signed by its CA, or has another number");
                self.examined.add(FlawKind::Crl, number.to_string(), message);
            }
            Ok::<_, LedgerError>(())
        })
    }

    fn at_lineages(&mut self) -> Result<(), LedgerError> {
        let text = "SELECT l.label, l.names, c.names FROM lineages l LEFT JOIN certificates c \
                    ON c.label = l.label AND c.generation = l.generation AND c.issued_at IS NOT NULL ORDER BY l.label";
        self.rows.each(text, &[], |row| {
            let (label, names, issued) = (row.text(0)?, row.text(1)?, row.optional_text(2)?);
            let message = match issued {
                Some(issued) if names_of(&issued) == names_of(&names) => return Ok(()),
                Some(_) => format!("the label `{label}` stands for other names than its newest certificate"),
                None => format!("the newest certificate of the label `{label}` is not in the ledger"),
            };
            self.examined.add(FlawKind::Lineage, label, message);
            Ok::<_, LedgerError>(())
        })
    }
}

/// What is wrong with a certificate's row, if anything.
fn wrong_with(row: &Row<'_>, keys: &HashMap<IssuerId, SubjectPublicKeyInfo>) -> Result<Option<String>, StoreError> {
    let said = |text: &str| Ok(Some(text.to_owned()));
    if row.optional_integer(9)?.is_some() && row.optional_integer(10)?.is_none() {
        return said("it is revoked, and no CRL would list it");
    }
    let not_after = row.integer(4)?;
    if row.optional_integer(9)?.map(|revoked_at| revoked_at.max(not_after)) != row.optional_integer(10)? {
        return said("a CRL would not list it until its end");
    }
    let Some(der) = row.optional_blob(7)? else { return Ok(None) };
    if row.optional_text(6)?.is_some_and(|told| told != hexadecimal(&sha256(&der))) {
        return said("its bytes do not have its fingerprint");
    }
    let Ok(certificate) = Certificate::from_der(&der) else { return said("its bytes are no certificate") };
    let tbs = certificate.tbs();
    if tbs.serial_digits() != row.text(1)? {
        return said("it has another serial number");
    }
    let (from, until) = (tbs.validity().not_before().unix_timestamp(), tbs.validity().not_after().unix_timestamp());
    if (from, until) != (row.integer(3)?, row.integer(4)?) {
        return said("it has other dates than its row");
    }
    if row.optional_text(5)?.is_some_and(|told| told != hexadecimal(&tbs.public_key().sha256())) {
        return said("it is about another key than its row says");
    }
    // What moved in may have names of kinds that are not ours, or one in its subject only.
    let is_ours = row.optional_integer(8)?.is_some() && row.optional_text(11)?.is_none();
    if is_ours && names_in(&certificate) != names_of(&row.text(2)?) {
        return said("it has other names than its row");
    }
    let issuer = IssuerId(row.integer(0)?);
    if keys.get(&issuer).is_some_and(|key| is_forged(certificate.verify_signed_by(key))) {
        return said("its CA did not sign it");
    }
    Ok(None)
}

/// Whether a signature is none. An algorithm that is not known here is another matter: old CAs that were imported have such.
fn is_forged(verified: Result<(), SignatureError>) -> bool {
    matches!(verified, Err(SignatureError::Signature(_)))
}

pub(super) fn names_of(text: &str) -> Option<Vec<RecordedName>> {
    let mut names: Vec<RecordedName> = serde_json::from_str(text).ok()?;
    names.sort();
    Some(names)
}

/// The names in a certificate, sorted; none where one is of a kind that is not recorded.
pub(super) fn names_in(certificate: &Certificate) -> Option<Vec<RecordedName>> {
    let read = certificate.tbs().subject_alt_names().ok()?.unwrap_or_default();
    let recorded = |name: AltName| match name {
        AltName::Dns(text) => Some(RecordedName::Dns(text)),
        AltName::Ip(octets) => {
            let four = <[u8; 4]>::try_from(octets.as_slice()).map(std::net::IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(octets.as_slice()).map(std::net::IpAddr::from));
            Some(RecordedName::Ip(address.ok()?.to_string()))
        }
        AltName::Email(_) | AltName::Uri(_) | AltName::Other(_) => None,
    };
    let mut names = read.into_iter().map(recorded).collect::<Option<Vec<_>>>()?;
    names.sort();
    Some(names)
}

/// How many flaws are told.
pub const MOST_FLAWS: usize = 100;
