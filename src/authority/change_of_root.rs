//! A change of root under way: which root is in force, which are handed out, and what a server sends so that devices with
//! the old root, the new one or both can follow.

use time::OffsetDateTime;

use super::{
    ca::{Authority, CaCertificate},
    inventory::Page,
    issue_error::IssueError,
    issuer_role::{IssuerId, IssuerRole},
    ledger_error::LedgerError,
    record::CertificateRecord,
    rotation::{Effect, Rotation, RotationError, Step},
};
use crate::x509::Certificate;

/// A change of root under way.
#[derive(Clone, Copy, Debug)]
pub struct ChangeOfRoot<'a> {
    /// The root that devices have.
    pub old: &'a CaCertificate,
    /// The root that they shall have.
    pub new: &'a CaCertificate,
    /// How far it has come.
    pub stage: Stage,
    /// When it was begun.
    pub begun_at: OffsetDateTime,
    /// When it was cut over.
    pub cut_over_at: Option<OffsetDateTime>,
}

/// How far a change of root has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Both roots are there, and the old one is in force.
    Begun,
    /// What is issued stands below the new root.
    CutOver,
}

impl Stage {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::CutOver => "cut_over",
        }
    }
}

/// A certificate that a server has, or gets when the newest is brought there once more.
#[derive(Clone, Debug)]
pub struct CurrentCertificate {
    /// The lineage.
    pub label: String,
    /// Which certificate of it.
    pub generation: i64,
    /// Whether it is under `live/`.
    pub is_published: bool,
    /// The CAs above it, the root last.
    pub chain: Vec<Certificate>,
}

impl Authority {
    /// The change of root that is under way, if one is.
    pub fn rotation(&self) -> Option<ChangeOfRoot<'_>> {
        let rotation = self.rotations.iter().find(|rotation| rotation.is_under_way())?;
        let member = |id: IssuerId| self.cas.iter().find(|ca| ca.id == id);
        Some(ChangeOfRoot {
            old: member(rotation.old_root)?,
            new: member(rotation.new_root)?,
            stage: if rotation.cut_over_at.is_some() { Stage::CutOver } else { Stage::Begun },
            begun_at: rotation.begun_at,
            cut_over_at: rotation.cut_over_at,
        })
    }

    /// Whether a root is one that was always in force, or that a change of root has put there.
    pub(super) fn is_in_force(&self, root: &CaCertificate) -> bool {
        let brings = |rotation: &&Rotation| rotation.new_root == root.id;
        let is_in_force = |rotation: &Rotation| rotation.cut_over_at.is_some() && rotation.abandoned_at.is_none();
        self.rotations.iter().find(brings).is_none_or(is_in_force)
    }

    /// What came with a change of root: the new root, the CAs below it, and the cross-certificates both ways.
    pub(super) fn brought_by(&self, change: &ChangeOfRoot<'_>) -> Vec<&CaCertificate> {
        let keys = [change.old, change.new].map(|root| root.certificate().tbs().public_key().clone());
        let brought = |ca: &&CaCertificate| match ca.role() {
            IssuerRole::Root => ca.id == change.new.id,
            IssuerRole::Issuing => self.chain_of(ca).last() == Some(change.new.certificate()),
            IssuerRole::Cross => {
                let by = [change.old.id, change.new.id];
                ca.signed_by.is_some_and(|id| by.contains(&id)) && keys.contains(ca.certificate().tbs().public_key())
            }
        };
        self.cas.iter().filter(brought).collect()
    }

    /// Whether a CA came with a change of root that was given up.
    pub(super) fn is_given_up(&self, ca: &CaCertificate) -> bool {
        let chain = self.chain_of(ca);
        let given_up = self.rotations.iter().filter(|rotation| rotation.abandoned_at.is_some());
        let roots = given_up.filter_map(|rotation| self.cas.iter().find(|ca| ca.id == rotation.new_root));
        roots.into_iter().any(|root| chain.last() == Some(root.certificate()))
    }

    /// The root that devices shall have from now on, and beside it the other one while a change of root is under way.
    pub fn roots_to_hand_out(&self) -> Option<(&CaCertificate, Option<&CaCertificate>)> {
        match self.rotation() {
            Some(change) => Some((change.new, Some(change.old))),
            None => self.root().map(|root| (root, None)),
        }
    }

    /// The roots that this CA had, or was to have, and hands out no more, the newest first: whoever was given one trusts it until it is
    /// taken away there.
    pub fn withdrawn_roots(&self) -> Vec<&CaCertificate> {
        let (first, beside) = self.roots_to_hand_out().unzip();
        let handed_out: Vec<IssuerId> = first.into_iter().chain(beside.flatten()).map(|root| root.id).collect();
        let is_withdrawn = |ca: &&CaCertificate| ca.role() == IssuerRole::Root && !handed_out.contains(&ca.id);
        let mut roots: Vec<_> = self.cas.iter().filter(is_withdrawn).collect();
        roots.sort_by_key(|root| std::cmp::Reverse(root.ordinal()));
        roots
    }

    /// What a server sends after its own certificate: the CAs above it without the root, and while a change of root is
    /// under way the cross-certificate that leads from there to the other root.
    pub fn served_above(&self, chain: &[Certificate]) -> Vec<Certificate> {
        let own = chain.iter().filter(|ca| !ca.tbs().is_self_issued());
        own.chain(chain.last().and_then(|root| self.cross_of(root))).cloned().collect()
    }

    /// The same for a certificate by one of the CAs; none while chains wait for the newest step of a change of root.
    pub fn settled_above(&self, issuer: IssuerId) -> Option<Vec<Certificate>> {
        let ca = self.cas.iter().find(|ca| ca.id == issuer).filter(|_| !self.is_unsettled())?;
        Some(self.served_above(&self.chain_of(ca)))
    }

    /// Another root's word for this one.
    fn cross_of(&self, root: &Certificate) -> Option<&Certificate> {
        let ChangeOfRoot { old, new, .. } = self.rotation()?;
        let (_, other) = [(old, new), (new, old)].into_iter().find(|(one, _)| one.certificate() == root)?;
        let carries = |ca: &&CaCertificate| {
            ca.role() == IssuerRole::Cross
                && ca.signed_by == Some(other.id)
                && ca.certificate().tbs().public_key() == root.tbs().public_key()
        };
        self.cas.iter().find(carries).map(CaCertificate::certificate)
    }

    /// Puts the new root in force.
    ///
    /// # Errors
    /// No change of root is under way, a CA that it brings has not begun, or a ledger that fails.
    pub fn cut_over(&mut self) -> Result<Effect, RotationError> {
        let now = self.doors.clock.now();
        let change = self.rotation().filter(|change| change.stage == Stage::Begun);
        let brought = change.map(|change| self.brought_by(&change)).unwrap_or_default();
        if let Some(ahead) = brought.into_iter().find(|ca| !ca.has_begun(now)) {
            let begins = ahead.certificate().tbs().validity().not_before();
            return Err(RotationError::NotBegun { ca: ahead.path(), begins });
        }
        self.step(Step::CutOver)
    }

    /// Ends a change of root: the old one is an earlier one from now on.
    ///
    /// # Errors
    /// None is under way, it is not cut over, or a ledger that fails.
    pub fn retire_root(&mut self) -> Result<Effect, RotationError> {
        self.step(Step::Retire)
    }

    /// Gives up a change of root: the new one is in force no more, or never. Where it is cut over that can be done only while
    /// nobody can rely on the new root, because it has not begun.
    ///
    /// # Errors
    /// None is under way, it is cut over, or a ledger that fails.
    pub fn abandon_rotation(&mut self) -> Result<Effect, RotationError> {
        let now = self.doors.clock.now();
        let is_ahead = self.rotation().is_some_and(|change| !change.new.has_begun(now));
        self.step(if is_ahead { Step::AbandonAhead } else { Step::Abandon })
    }

    fn step(&mut self, step: Step) -> Result<Effect, RotationError> {
        let effect = self.ledger.step(step, self.doors.clock.now())?;
        self.rotations = self.ledger.rotations()?;
        Ok(effect)
    }

    /// Whether the newest step of a change of root has chains under `live/` to look at still.
    pub fn is_unsettled(&self) -> bool {
        self.rotations.last().is_some_and(|rotation| !rotation.is_settled)
    }

    /// Notes that they were looked at.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn settle(&mut self) -> Result<(), LedgerError> {
        if let Some(newest) = self.rotations.last() {
            self.ledger.settle(newest)?;
        }
        self.rotations = self.ledger.rotations()?;
        Ok(())
    }

    /// The good certificates that stand below a root and are in use: of a lineage its newest and the one under `live/`, and
    /// what was signed for a key elsewhere; a page of them, the newest first.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_below(&self, root: &CaCertificate, page: Page) -> Result<Vec<CertificateRecord>, LedgerError> {
        let issuers: Vec<IssuerId> = self.issuing_below(root).iter().map(|ca| ca.id).chain([root.id]).collect();
        self.ledger.in_use_by(&issuers, page, self.doors.clock.now())
    }

    /// The good certificates of one CA that are in use, a page of them.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_by(&self, ca: &CaCertificate, page: Page) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.ledger.in_use_by(&[ca.id], page, self.doors.clock.now())
    }

    /// What so many lineages after a label have under `live/`, and what may come there next: in the order of the labels.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn current(&self, after: &str, limit: u32) -> Result<Vec<CurrentCertificate>, IssueError> {
        let rows = self.ledger.current(after, limit)?;
        let chain = |issuer: IssuerId| self.cas.iter().find(|ca| ca.id == issuer).map(|ca| self.chain_of(ca));
        let described = rows.into_iter().map(|(label, generation, is_published, issuer)| {
            let chain = chain(issuer).ok_or(LedgerError::Unreadable { what: "an issuer" })?;
            Ok(CurrentCertificate { label, generation, is_published, chain })
        });
        described.collect()
    }
}

#[cfg(test)]
#[path = "change_of_root_tests.rs"]
mod tests;
