//! A serial number on its way: reserved with the bytes that will be signed, signed, recorded.

use serde_json::json;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    becoming::Becoming,
    intent::OwnAddresses,
    intent_rows::detail,
    issuer_role::IssuerId,
    ledger::Ledger,
    ledger_error::LedgerError,
    lineage_rows::{KeptAs, follow, keep, remembered},
    record::RecordedName,
    request::{Holder, IssuanceRequest},
};
use crate::{
    lint::Cleared,
    store::Transaction,
    x509::{Certificate, SerialNumber, TbsCertificate, Validity, certificate::sha256, hexadecimal},
};

/// What is in the ledger and may now be signed; only the ledger makes one.
pub struct Reserved {
    place: i64,
    issuer: IssuerId,
    tbs: TbsCertificate,
    serial_number: SerialNumber,
    kept: Option<KeptAs>,
    becomes: Option<Becoming>,
}

/// What was signed, now or before it was found, and is not yet recorded as issued.
#[must_use = "what is signed and never recorded stays reserved for ever"]
pub struct Signed {
    place: i64,
    issuer: IssuerId,
    serial: String,
    der: Vec<u8>,
    validity: Validity,
    origin: Origin,
    kept: Option<KeptAs>,
    /// The issuer that it makes, where it is a CA's.
    becomes: Option<Becoming>,
}

/// Since when there is a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It was signed just now.
    New,
    /// It was signed before, and found.
    Found,
}

impl Reserved {
    pub(super) fn tbs(&self) -> &TbsCertificate {
        &self.tbs
    }

    pub(super) fn serial_number(&self) -> &SerialNumber {
        &self.serial_number
    }

    /// The issuer has signed these very bytes and looked at the result.
    pub(super) fn signed(self, certificate: &Certificate) -> Signed {
        Signed {
            place: self.place,
            issuer: self.issuer,
            serial: self.serial_number.to_string(),
            der: certificate.as_der().to_vec(),
            validity: self.tbs.validity(),
            origin: Origin::New,
            kept: self.kept,
            becomes: self.becomes,
        }
    }
}

impl Signed {
    /// What one of our issuers has signed before.
    pub(super) fn found(
        place: i64,
        issuer: IssuerId,
        certificate: &Certificate,
        serial: String,
        kept: Option<KeptAs>,
    ) -> Self {
        let (der, validity) = (certificate.as_der().to_vec(), certificate.tbs().validity());
        Self { place, issuer, serial, der, validity, origin: Origin::Found, kept, becomes: None }
    }

    /// The same, of a CA.
    pub(super) fn becoming(self, ca: Becoming) -> Self {
        Self { becomes: Some(ca), ..self }
    }

    /// The certificate.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Its serial number in hexadecimal digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Where it will lie, if its key is kept in the home.
    pub fn kept(&self) -> Option<&KeptAs> {
        self.kept.as_ref()
    }
}

impl Ledger {
    /// Takes the serials and writes down what will be signed under them, many in one transaction: all or none.
    pub(super) fn reserve(
        &self,
        issuer: IssuerId,
        cleared: Vec<(Cleared, &IssuanceRequest<'_>)>,
        now: OffsetDateTime,
    ) -> Result<Vec<Reserved>, LedgerError> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            refuse_earlier_clock(&head, now)?;
            cleared
                .into_iter()
                .map(|(cleared, request)| reserve_one(transaction, &mut head, issuer, cleared, request, now))
                .collect()
        })
    }

    /// Turns what was reserved into what was issued, many in one transaction: all or none.
    pub(super) fn record(&self, signed: &[Signed], now: OffsetDateTime) -> Result<(), LedgerError> {
        self.record_and(signed, now, |_, _| Ok(()))
    }

    /// The same, and what belongs to it in the same transaction.
    pub(super) fn record_and(
        &self,
        signed: &[Signed],
        now: OffsetDateTime,
        also: impl FnOnce(&Transaction<'_>, &mut Head) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            signed.iter().try_for_each(|signed| record_one(transaction, &mut head, signed, now))?;
            also(transaction, &mut head)
        })
    }
}

fn reserve_one(
    transaction: &Transaction<'_>,
    head: &mut Head,
    issuer: IssuerId,
    cleared: Cleared,
    request: &IssuanceRequest<'_>,
    now: OffsetDateTime,
) -> Result<Reserved, LedgerError> {
    let names = names_of(&request.holder);
    let names_text = json!(names).to_string();
    let key_sha256 = hexadecimal(&request.public_key.sha256());
    refuse_spoiled_key(transaction, &key_sha256, request.profile.name())?;
    let kept = keep(transaction, request, &names)?;
    let waived: Vec<_> = cleared.waived().iter().map(|finding| json!(finding)).collect();
    let tbs = cleared.into_tbs();
    let serial_number =
        tbs.serial_number().map_err(|_| LedgerError::Unreadable { what: "a draft without a serial number" })?;
    let validity = tbs.validity();
    let label = request.lineage.label();
    let place = transaction.query_row(
        "INSERT INTO certificates \
         (issuer, serial, profile, label, generation, names, not_before, not_after, key_sha256, tbs, reserved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        &[
            issuer.0.into(),
            serial_number.to_string().into(),
            request.profile.name().into(),
            label.into(),
            kept.as_ref().map(|kept| kept.generation).into(),
            names_text.into(),
            validity.not_before().unix_timestamp().into(),
            validity.not_after().unix_timestamp().into(),
            key_sha256.as_str().into(),
            tbs.as_der().into(),
            now.unix_timestamp().into(),
        ],
        |row| row.integer(0),
    )?;
    let place = place.ok_or(LedgerError::Unreadable { what: "a reserved row" })?;
    let mut detail = json!({
        "serial": serial_number.to_string(),
        "issuer": issuer.0,
        "profile": request.profile.name(),
        "profile_sha256": hexadecimal(&request.profile.sha256()),
        "label": label,
        "names": names,
        "key_sha256": key_sha256,
        "tbs_sha256": hexadecimal(&sha256(tbs.as_der())),
        "row": { "generation": kept.as_ref().map(|kept| kept.generation), "subject": null },
    });
    let replaced = kept.as_ref().and_then(|kept| kept.replaced.as_deref());
    if let (Some(replaced), Some(fields)) = (replaced, detail.as_object_mut()) {
        fields.insert("names_before".to_owned(), serde_json::from_str(replaced).unwrap_or_default());
    }
    if let (false, Some(fields)) = (waived.is_empty(), detail.as_object_mut()) {
        fields.insert("waived".to_owned(), waived.into());
    }
    head.append(transaction, now, Act::Reserve, &detail)?;
    let becomes = match request.holder {
        Holder::Ca { row, .. } => Some(Becoming::made(row)),
        Holder::EndEntity(_) | Holder::Responder => None,
    };
    Ok(Reserved { place, issuer, tbs, serial_number, kept, becomes })
}

pub(super) fn record_one(
    transaction: &Transaction<'_>,
    head: &mut Head,
    signed: &Signed,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let fingerprint = hexadecimal(&sha256(&signed.der));
    let (act, issued_at) = match signed.origin {
        Origin::New => (Act::Issue, now),
        Origin::Found => (Act::Adopt, signed.validity.not_before()),
    };
    let issued_at = transaction.query_row(
        "UPDATE certificates SET certificate = $1, sha256 = $2, issued_at = COALESCE(issued_at, $3), tbs = NULL \
         WHERE id = $4 AND (issued_at IS NULL OR $5 = 1 AND certificate = $1) RETURNING issued_at",
        &[
            signed.der.as_slice().into(),
            fingerprint.as_str().into(),
            issued_at.unix_timestamp().into(),
            signed.place.into(),
            // What is known already gets its key.
            i64::from(signed.origin == Origin::Found).into(),
        ],
        |row| row.integer(0),
    )?;
    let issued_at = issued_at.ok_or(LedgerError::Unreadable { what: "a reserved row" })?;
    let own = match &signed.kept {
        Some(kept) => follow(transaction, kept, signed.validity, now)?,
        None => OwnAddresses::default(),
    };
    if let Some(ca) = signed.becomes {
        ca.write(transaction, &signed.der)?;
    }
    let label = signed.kept.as_ref().map(|kept| kept.label.as_str());
    let mut entry = json!({
        "serial": signed.serial,
        "issuer": signed.issuer.0,
        "label": label,
        "sha256": fingerprint,
        "row": { "issued_at": issued_at },
    });
    if let (Some(kept), Some(fields)) = (&signed.kept, entry.as_object_mut()) {
        fields.insert("lineage".to_owned(), remembered(kept));
    }
    if let (Some(ca), Some(fields)) = (signed.becomes, entry.as_object_mut()) {
        ca.tell(fields);
    }
    let destination = signed.kept.as_ref().and_then(|kept| kept.remembered.destination.as_ref());
    if let (Some(destination), Some(fields)) = (destination, entry.as_object_mut()) {
        fields.insert("destination".to_owned(), detail(destination));
    }
    if let (true, Some(fields)) = (own != OwnAddresses::default(), entry.as_object_mut()) {
        fields.insert("follow_ip".to_owned(), own.follow_ip.as_str().into());
        fields.insert("own_addresses".to_owned(), json!(own.had));
    }
    Ok(head.append(transaction, now, act, &entry)?)
}

/// A CA's key must not serve, and a key that leaked once must not come back. Only a cross-certificate is about a key
/// that is a root's: that is what it is for.
pub(super) fn refuse_spoiled_key(
    transaction: &Transaction<'_>,
    key_sha256: &str,
    profile: &str,
) -> Result<(), LedgerError> {
    let spoiled = transaction.query_row(
        "SELECT serial, revoked_at FROM certificates WHERE key_sha256 = $1 AND (revoked_at IS NOT NULL \
         OR (profile IN ('root', 'issuing', 'cross') AND NOT ($2 = 'cross' AND profile IN ('root', 'cross')))) LIMIT 1",
        &[key_sha256.into(), profile.into()],
        |row| Ok((row.text(0)?, row.optional_integer(1)?)),
    )?;
    match spoiled {
        None => Ok(()),
        Some((serial, Some(_))) => Err(LedgerError::KeyRevoked { serial }),
        Some((_, None)) => Err(LedgerError::KeyOfCa),
    }
}

/// A clock that was set back would make certificates that begin before what the log says of them.
fn refuse_earlier_clock(head: &Head, now: OffsetDateTime) -> Result<(), LedgerError> {
    head.ahead_of(now).map_or(Ok(()), |newest| Err(LedgerError::ClockWentBack { now, newest }))
}

fn names_of(holder: &Holder<'_>) -> Vec<RecordedName> {
    match holder {
        Holder::EndEntity(names) => names.iter().map(RecordedName::from).collect(),
        Holder::Responder | Holder::Ca { .. } => Vec::new(),
    }
}
