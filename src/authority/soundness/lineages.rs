//! Lineages: each row against its newest certificate and the log, and with it where it is brought and which addresses of this
//! machine it names.

use std::mem::take;

use serde_json::{Value as Json, json};

use super::{
    account::ToldMove,
    flaw::FlawKind,
    looking::{Looking, other_than},
    told_lineage::{ToldLineage, is_nowhere},
};
use crate::{
    authority::{
        intent::DeploymentOutcome,
        intent_rows::{detail, read_destination},
        label::is_own,
        ledger_error::LedgerError,
        own_address_rows::read_own_addresses,
        record::names_of,
        revocation::AT_ONCE,
        standing::{instant, read_revocation},
    },
    store::{Row, StoreError},
    x509::{Certificate, KeyAlgorithm, Validity},
};

impl Looking<'_> {
    pub(super) fn at_lineages(&mut self) -> Result<(), LedgerError> {
        let (told, mut newest) = (take(&mut self.account.lineages), take(&mut self.newest));
        self.rows.each(&format!("{LINEAGES} ORDER BY l.label"), &[], |row| {
            let label = row.text(0)?;
            self.compare_lineage(row, newest.remove(&label), told.get(&label))?;
            Ok::<_, LedgerError>(())
        })?;
        let mut missing: Vec<String> = newest.into_keys().collect();
        missing.sort_unstable();
        missing.iter().for_each(|label| self.miss_lineage(label));
        for table in ["deployments", "own_addresses"] {
            let text = format!("SELECT label FROM {table} WHERE label NOT IN (SELECT label FROM lineages)");
            for label in self.rows.query(&text, &[], |row| row.text(0))? {
                let message = format!("`{label}` is no label, and the table `{table}` has it");
                self.examined.add(FlawKind::Lineage, label, message);
            }
        }
        Ok(())
    }

    /// Looks at the row of one label, of which the newest certificate and what is told are known.
    pub(super) fn at_lineage(
        &mut self,
        label: &str,
        newest: Option<i64>,
        told: Option<&ToldLineage>,
    ) -> Result<(), LedgerError> {
        let mut is_there = false;
        self.rows.each(&format!("{LINEAGES} WHERE l.label = $1"), &[label.into()], |row| {
            is_there = true;
            self.compare_lineage(row, newest, told)
        })?;
        if newest.is_some() && !is_there {
            self.miss_lineage(label);
        }
        Ok(())
    }

    fn compare_lineage(
        &mut self,
        row: &Row<'_>,
        newest: Option<i64>,
        told: Option<&ToldLineage>,
    ) -> Result<(), LedgerError> {
        let label = row.text(0)?;
        let wrong = match self.unlike_newest(row, newest, told) {
            Ok(None) => self.unlike_destination(&label, newest, told),
            wrong => wrong,
        };
        match wrong {
            Ok(None) => {}
            Ok(Some(wrong)) => {
                let message = format!("the label `{label}` {wrong}");
                self.examined.add(FlawKind::Lineage, label, message);
            }
            Err(error) => self.examined.add(FlawKind::Lineage, &*label, format!("the label `{label}`: {error}")),
        }
        Ok(())
    }

    fn miss_lineage(&mut self, label: &str) {
        let message = format!("the label `{label}` has a certificate, and is not among those that are renewed");
        self.examined.add(FlawKind::Lineage, label, message);
    }

    /// In which way a lineage is not what its newest certificate or the log says.
    fn unlike_newest(
        &self,
        row: &Row<'_>,
        newest: Option<i64>,
        told: Option<&ToldLineage>,
    ) -> Result<Option<String>, LedgerError> {
        let (label, names, generation, published) = (row.text(0)?, row.text(1)?, row.integer(2)?, row.integer(3)?);
        let Some(issued) = row.optional_text(9)? else {
            return Ok(Some("stands for a certificate that is not in the ledger".to_owned()));
        };
        if names_of(&issued).map(|issued| json!(issued).to_string()) != Some(names) {
            return Ok(Some("stands for other names than its newest certificate".to_owned()));
        }
        if newest != Some(generation) {
            return Ok(Some("stands for another certificate than its newest".to_owned()));
        }
        if !(0..=generation).contains(&published) {
            return Ok(Some("shows a certificate that there is not".to_owned()));
        }
        let columns = [
            ("profile", json!(row.optional_text(4)?)),
            ("key_algorithm", json!(row.optional_text(5)?)),
            ("key_policy", json!(row.text(6)?)),
            ("days", json!(row.optional_integer(7)?)),
        ];
        let wrong = match told {
            Some(told) => told.row.as_ref().and_then(|told| other_than(told, &columns)),
            None if matches!(self.account.moved_in, ToldMove::Told(..)) => {
                other_than(&remembered_of_moved(row)?, &columns)
            }
            None => None,
        };
        if let Some(column) = wrong {
            return Ok(Some(format!("is renewed in another way than the log tells: `{column}`")));
        }
        let is_due = self.may_be_due(row, &label)?.contains(&row.optional_integer(8)?);
        Ok((!is_due).then(|| "is due at another time than its newest certificate calls for".to_owned()))
    }

    /// When another certificate may be due after the newest.
    fn may_be_due(&self, row: &Row<'_>, label: &str) -> Result<Vec<Option<i64>>, LedgerError> {
        if is_own(label) {
            return Ok(vec![None]);
        }
        let validity = Validity::as_read(instant(row.integer(10)?)?, instant(row.integer(11)?)?);
        let usual = Some(validity.wanting_from().unix_timestamp());
        if let Some(revocation) = read_revocation(row.optional_integer(12)?, row.optional_text(13)?)? {
            let then = if revocation.reason.ends_its_use() { None } else { Some(AT_ONCE) };
            // One that moved in was revoked elsewhere.
            let is_moved = row.optional_text(17)?.is_some();
            return Ok([Some(then), is_moved.then_some(usual)].into_iter().flatten().collect());
        }
        let at_once = self.revoked.contains(&row.integer(14)?).then_some(Some(AT_ONCE));
        Ok([Some(usual), at_once].into_iter().flatten().collect())
    }

    /// In which way the place where a lineage is brought, or what became of it, is not what the log tells.
    fn unlike_destination(
        &self,
        label: &str,
        newest: Option<i64>,
        told: Option<&ToldLineage>,
    ) -> Result<Option<String>, LedgerError> {
        let own = read_own_addresses(self.rows, label)?.unwrap_or_default();
        let own = (json!(own.follow_ip.as_str()), json!(own.had));
        let (told_own, destination, deployment) = match told {
            Some(told) => (told.own.clone(), told.destination.clone(), told.deployment.clone()),
            // What moved in had nothing of that.
            None => (Some((json!("tell"), json!([]))), Some(Json::Null), None),
        };
        if told_own.is_some_and(|told| told != own) {
            return Ok(Some("has other addresses of this machine than the log tells of".to_owned()));
        }
        let text = "SELECT out, combined, file_owner, file_group, file_mode, hook, hook_limit, verify, server, outcome, \
                    generation, message, previous, at FROM deployments WHERE label = $1";
        let row = self.rows.query_row(text, &[label.into()], |row| {
            let became = (row.optional_text(9)?, row.optional_integer(10)?, row.optional_text(11)?);
            Ok((detail(&read_destination(row, 0)?), became, row.optional_integer(12)?, row.optional_integer(13)?))
        })?;
        let Some((held, became, previous, at)) = row else {
            let is_lost = destination.is_some_and(|told| !is_nowhere(&told));
            return Ok(is_lost.then(|| "is brought nowhere, unlike the log tells".to_owned()));
        };
        let is_as_told = |told: Json| match (told.as_object(), held.as_object()) {
            (Some(told), Some(held)) => {
                !is_nowhere(&json!(told)) && told.iter().all(|(name, value)| held.get(name) == Some(value))
            }
            _ => false,
        };
        if !destination.is_none_or(is_as_told) {
            return Ok(Some("is brought to another place, or in another way, than the log tells".to_owned()));
        }
        if !self.may_have_become(&became, newest, deployment.as_ref()) || became.0.is_some() != at.is_some() {
            return Ok(Some("was not brought to its server as the log tells".to_owned()));
        }
        if let Some(previous) = previous {
            let text = "SELECT id FROM certificates WHERE label = $1 AND generation = $2 AND issued_at IS NOT NULL";
            if self.rows.query_row(text, &[label.into(), previous.into()], |row| row.integer(0))?.is_none() {
                return Ok(Some("would go back to a certificate that there is not".to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether that may have become of bringing the newest certificate to its server. That it is on its way again has no entry, unless it
    /// came there and was not seen.
    fn may_have_become(
        &self,
        (outcome, generation, message): &(Option<String>, Option<i64>, Option<String>),
        newest: Option<i64>,
        told: Option<&Json>,
    ) -> bool {
        match (outcome.as_deref(), told) {
            (Some(outcome), _) if outcome == DeploymentOutcome::Pending.as_str() && message.is_none() => {
                *generation == newest
            }
            (None, None) => generation.is_none() && message.is_none(),
            (None, Some(_)) | (Some(_), None) => false,
            (Some(outcome), Some(told)) => {
                let held =
                    [("outcome", json!(outcome)), ("generation", json!(generation)), ("message", json!(message))];
                other_than(told, &held).is_none()
            }
        }
    }
}

/// What is remembered of a lineage that moved in and was not touched since: what its certificate tells.
fn remembered_of_moved(row: &Row<'_>) -> Result<Json, StoreError> {
    let certificate = row.optional_blob(16)?.and_then(|der| Certificate::from_der(&der).ok());
    let strength = certificate.and_then(|certificate| certificate.tbs().public_key().check_strength().ok());
    let algorithm = strength.map(|sound| sound.to_string()).filter(|known| known.parse::<KeyAlgorithm>().is_ok());
    Ok(json!({
        "profile": row.optional_text(15)?,
        "key_algorithm": algorithm,
        "key_policy": "new",
        "days": null,
    }))
}

/// Lineages, each with its newest certificate.
const LINEAGES: &str = "SELECT l.label, l.names, l.generation, l.published, l.profile, l.key_algorithm, l.key_policy, l.days, \
    l.due_at, c.names, c.not_before, c.not_after, c.revoked_at, c.revocation_reason, c.issuer, c.profile, c.certificate, \
    c.subject FROM lineages l LEFT JOIN certificates c ON c.label = l.label AND c.generation = l.generation \
    AND c.issued_at IS NOT NULL";
