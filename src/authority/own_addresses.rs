//! The addresses of this machine in the certificates of its own servers. A home issues for many machines: whether an address
//! was this one's is remembered when a certificate is issued, because later nobody can tell.

use std::net::IpAddr;

use super::{
    ca::Authority, intent::OwnAddresses, label::is_own, ledger_error::LedgerError, own_address_rows::read_own,
    record::RecordedName,
};
use crate::store::{Row, StoreError, Value};

/// A lineage whose newest certificate has addresses that were this machine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLineage {
    /// Its label.
    pub label: String,
    /// The names of its newest certificate, in their order.
    pub names: Vec<RecordedName>,
    /// What is remembered.
    pub own: OwnAddresses,
    /// The addresses at which its server shows the certificate.
    pub verify: Vec<String>,
}

impl Authority {
    /// The lineages that another certificate shall follow and whose addresses were this machine's, unless nobody wants to be
    /// told; in the order of their labels.
    ///
    /// # Errors
    /// A ledger that fails; so for those below.
    pub fn own_lineages(&self) -> Result<Vec<OwnLineage>, LedgerError> {
        self.own_where("o.follow_ip <> 'leave'", &[])
    }

    /// One of them.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn own_lineage(&self, label: &str) -> Result<Option<OwnLineage>, LedgerError> {
        Ok(self.own_where("o.follow_ip <> 'leave' AND o.label = $1", &[label.into()])?.pop())
    }

    fn own_where(&self, condition: &str, values: &[Value]) -> Result<Vec<OwnLineage>, LedgerError> {
        // The first table is the one that is looked through: it has no other lineages.
        let text = format!(
            "SELECT o.label, c.names, o.had, o.follow_ip, d.verify FROM own_addresses o \
             CROSS JOIN lineages l ON l.label = o.label \
             JOIN certificates c ON c.label = l.label AND c.generation = l.generation \
             LEFT JOIN deployments d ON d.label = l.label \
             WHERE l.due_at IS NOT NULL AND {condition} ORDER BY o.label"
        );
        let rows = self.ledger.store.read::<_, StoreError>(|transaction| transaction.query(&text, values, read_row))?;
        Ok(rows.into_iter().filter(|lineage| !is_own(&lineage.label)).collect())
    }
}

impl OwnLineage {
    /// The addresses among its names.
    pub fn addresses(&self) -> Vec<IpAddr> {
        self.names.iter().filter_map(RecordedName::address).collect()
    }
}

fn read_row(row: &Row<'_>) -> Result<OwnLineage, StoreError> {
    let wrong = |column: &str, expected| StoreError::WrongContent { column: column.to_owned(), expected };
    let names = row.text(1)?;
    Ok(OwnLineage {
        label: row.text(0)?,
        names: serde_json::from_str(&names).map_err(|_| wrong("names", "list of names"))?,
        own: read_own(&row.text(2)?, &row.text(3)?)?,
        verify: match row.optional_text(4)? {
            Some(list) => serde_json::from_str(&list).map_err(|_| wrong("verify", "list of addresses"))?,
            None => Vec::new(),
        },
    })
}
