//! The entries that tell of the CAs, of a label or of a revocation, found by an index: a log of a million entries is not read for them.

use super::{act::Act, audit_chain::AuditEntry};
use crate::store::{StoreError, Transaction, Value};

/// What the log tells of the CAs, but for how often something was revoked, and which flaws are known.
pub(super) fn of_cas(rows: &Transaction<'_>) -> Result<Vec<AuditEntry>, StoreError> {
    let mut entries = select(rows, &format!("{CA_OR_EPOCH} IS NOT NULL"), &[])?;
    for act in [
        Act::Establish,
        Act::Import,
        Act::AddIssuer,
        Act::BeginRotation,
        Act::CutOver,
        Act::RetireRoot,
        Act::AbandonRotation,
        Act::AcceptClock,
        Act::Restore,
        Act::KnowFlaws,
    ] {
        entries.extend(select(rows, &format!("act = $1 AND {RARE}"), &[act.as_str().into()])?);
    }
    Ok(entries)
}

/// What it tells of a label, but for revocations.
pub(super) fn of_label(rows: &Transaction<'_>, label: &str) -> Result<Vec<AuditEntry>, StoreError> {
    select(rows, &format!("{LABEL} = $1"), &[label.into()])
}

/// The revocations of a serial number, by whichever CA.
pub(super) fn of_revocation(rows: &Transaction<'_>, serial: &str) -> Result<Vec<AuditEntry>, StoreError> {
    select(rows, &format!("act = 'revoke' AND {SERIAL} = $1"), &[serial.into()])
}

/// The newest entry of an act, of those that are not done once for each certificate, that is wanted.
pub(super) fn newest(
    rows: &Transaction<'_>,
    act: Act,
    is_wanted: impl Fn(&serde_json::Value) -> bool,
) -> Result<Option<(i64, serde_json::Value)>, StoreError> {
    let text = format!(
        "SELECT sequence, detail FROM audit WHERE act = $1 AND {RARE} AND sequence < $2 ORDER BY sequence DESC LIMIT 1"
    );
    let mut before = i64::MAX;
    loop {
        let values = [act.as_str().into(), before.into()];
        let Some((sequence, detail)) = rows.query_row(&text, &values, |row| Ok((row.integer(0)?, row.text(1)?)))?
        else {
            return Ok(None);
        };
        let detail = serde_json::from_str(&detail).unwrap_or_default();
        if is_wanted(&detail) {
            return Ok(Some((sequence, detail)));
        }
        before = sequence;
    }
}

/// The revocations since an entry.
pub(super) fn revoked_since(rows: &Transaction<'_>, sequence: i64) -> Result<Vec<AuditEntry>, StoreError> {
    select(rows, &format!("act = 'revoke' AND {RARE} AND sequence > $1"), &[sequence.into()])
}

fn select(rows: &Transaction<'_>, wanted: &str, values: &[Value]) -> Result<Vec<AuditEntry>, StoreError> {
    let text = format!("SELECT {} FROM audit WHERE {wanted} ORDER BY sequence", AuditEntry::COLUMNS);
    rows.query(&text, values, AuditEntry::read)
}

// The words of the indexes: the database takes one only for the very same.
const LABEL: &str = "CASE WHEN json_valid(detail) THEN detail ->> '$.label' END";
const SERIAL: &str = "CASE WHEN json_valid(detail) THEN detail ->> '$.serial' END";
const CA_OR_EPOCH: &str =
    "CASE WHEN json_valid(detail) THEN coalesce(detail ->> '$.ca', detail ->> '$.serial_epoch') END";
const RARE: &str = "act NOT IN ('reserve', 'issue', 'adopt', 'edit', 'deploy', 'backup', 'meet-device', 'name-device', \
                    'fetch-root', 'prove-trust')";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{authority::ledger::MIGRATIONS, store::Store};

    #[test]
    fn no_question_reads_the_whole_log() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::create(&directory.path().join("ledger.db")).unwrap();
        store.migrate(MIGRATIONS).unwrap();
        let plan = |wanted: &str, values: &[Value]| {
            let text = format!("EXPLAIN QUERY PLAN SELECT sequence FROM audit WHERE {wanted} ORDER BY sequence");
            store.read::<_, StoreError>(|rows| rows.query(&text, values, |row| row.text(3))).unwrap().join("\n")
        };
        for (wanted, values, index) in [
            (format!("{CA_OR_EPOCH} IS NOT NULL"), vec![], "audit_of_cas"),
            (format!("act = $1 AND {RARE}"), vec!["restore".into()], "audit_by_act"),
            (format!("act = 'revoke' AND {RARE} AND sequence > $1"), vec![7.into()], "audit_by_act"),
            (format!("{LABEL} = $1"), vec!["hub.lan".into()], "audit_by_label"),
            (format!("act = 'revoke' AND {SERIAL} = $1"), vec!["0f".into()], "audit_by_revoked"),
        ] {
            let plan = plan(&wanted, &values);
            assert!(
                plan.contains(&format!("USING INDEX {index}"))
                    || plan.contains(&format!("USING COVERING INDEX {index}")),
                "{wanted}: {plan}"
            );
        }
    }
}
