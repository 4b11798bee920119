//! What is remembered of this machine's addresses in a lineage, in the ledger.

use std::{collections::HashSet, net::IpAddr};

use serde_json::json;

use super::{
    intent::{OwnAddresses, Whereabouts},
    record::RecordedName,
};
use crate::store::{StoreError, Transaction};

/// What is remembered of a label, where anything is.
pub(super) fn read_own_addresses(
    transaction: &Transaction<'_>,
    label: &str,
) -> Result<Option<OwnAddresses>, StoreError> {
    let text = "SELECT had, follow_ip FROM own_addresses WHERE label = $1";
    transaction.query_row(text, &[label.into()], |row| read_own(&row.text(0)?, &row.text(1)?))
}

/// Writes what is remembered of a label; where that is nothing, no row is left.
pub(super) fn write_own_addresses(
    transaction: &Transaction<'_>,
    label: &str,
    own: &OwnAddresses,
) -> Result<(), StoreError> {
    if *own == OwnAddresses::default() {
        transaction.execute("DELETE FROM own_addresses WHERE label = $1", &[label.into()])?;
        return Ok(());
    }
    transaction.execute(
        "INSERT INTO own_addresses (label, had, follow_ip) VALUES ($1, $2, $3) \
         ON CONFLICT (label) DO UPDATE SET had = excluded.had, follow_ip = excluded.follow_ip",
        &[label.into(), json!(own.had).to_string().into(), own.follow_ip.as_str().into()],
    )?;
    Ok(())
}

/// Remembers which of the names of a new certificate are this machine's addresses; gives what is remembered now.
pub(super) fn remember(
    transaction: &Transaction<'_>,
    label: &str,
    generation: i64,
    names: &str,
    whereabouts: &Whereabouts,
) -> Result<OwnAddresses, StoreError> {
    // Of the first of a lineage nothing is known yet.
    let known = if generation > 1 { read_own_addresses(transaction, label)? } else { None };
    let names: Vec<RecordedName> = serde_json::from_str(names).unwrap_or_default();
    let names: Vec<IpAddr> = names.iter().filter_map(RecordedName::address).collect();
    let known_had = known.as_ref().map(|own| own.had.as_slice()).unwrap_or_default();
    let now = OwnAddresses {
        had: had(known_had, &names, &whereabouts.here),
        follow_ip: whereabouts.follow_ip.or(known.as_ref().map(|own| own.follow_ip)).unwrap_or_default(),
    };
    if known.as_ref() != Some(&now) && (known.is_some() || now != OwnAddresses::default()) {
        write_own_addresses(transaction, label, &now)?;
    }
    Ok(now)
}

/// What this machine had, once a certificate for these names is issued: what it has, where one of that is among them. As
/// long as one that it had before is among them and is not here, that stays the question, and so what was known then.
fn had(known: &[IpAddr], names: &[IpAddr], here: &[IpAddr]) -> Vec<IpAddr> {
    let named_here = || names.iter().filter(|name| here.contains(name));
    let is_one_missed = known.iter().any(|address| names.contains(address) && !here.contains(address));
    let mut had: Vec<IpAddr> = named_here().copied().collect();
    if is_one_missed {
        had.extend(known);
    } else if !had.is_empty() {
        had.extend(here);
    }
    let mut seen = HashSet::new();
    had.retain(|address| seen.insert(*address));
    had.truncate(MOST);
    had
}

/// Reads the two columns.
pub(super) fn read_own(had: &str, follow_ip: &str) -> Result<OwnAddresses, StoreError> {
    let wrong = |column: &str, expected| StoreError::WrongContent { column: column.to_owned(), expected };
    Ok(OwnAddresses {
        had: serde_json::from_str(had).map_err(|_| wrong("had", "list of addresses"))?,
        follow_ip: follow_ip.parse().map_err(|()| wrong("follow_ip", "what is done when an address changes"))?,
    })
}

/// How many addresses are remembered: of a machine with more, those that the certificate names come first.
const MOST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn after(known: &[&str], names: &[&str], here: &[&str]) -> Vec<String> {
        had(&all(known), &all(names), &all(here)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_this_machine_has_is_remembered_where_one_of_it_is_named() {
        assert_eq!(after(&[], &["10.0.0.5"], &["10.0.0.5", "10.1.0.5"]), ["10.0.0.5", "10.1.0.5"]);
        assert!(after(&[], &["10.0.0.7"], &["10.0.0.5"]).is_empty(), "another machine's");
        assert!(after(&[], &["10.0.0.5"], &[]).is_empty(), "no network: nothing is known");
        assert!(after(&["10.0.0.5"], &[], &["10.0.0.5"]).is_empty(), "not named any more");
    }

    #[test]
    fn an_address_that_is_missed_stays_the_question_until_it_is_named_no_more() {
        assert_eq!(after(&["10.0.0.5"], &["10.0.0.5"], &["10.0.0.9"]), ["10.0.0.5"]);
        assert_eq!(after(&["10.0.0.5"], &["10.0.0.5"], &[]), ["10.0.0.5"]);
        assert_eq!(after(&["10.0.0.5"], &["10.0.0.9"], &["10.0.0.9"]), ["10.0.0.9"]);
        assert_eq!(after(&["10.0.0.5"], &["10.0.0.5"], &["10.0.0.5", "10.2.0.1"]), ["10.0.0.5", "10.2.0.1"]);
        assert_eq!(after(&["10.0.0.5"], &["10.0.0.5", "10.3.0.1"], &["10.3.0.1"]), ["10.3.0.1", "10.0.0.5"]);
    }
}
