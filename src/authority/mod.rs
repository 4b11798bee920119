//! The authority: who it is, what it has issued, and the one road on which it issues.
//!
//! It knows no HTTP, no terminal and no file layout. A home opens one; commands and servers meet it open.

mod act;
mod audit;
mod audit_chain;
mod audit_log;
mod ca;
mod change_of_root;
mod changes;
mod clock;
mod crl;
mod crl_ledger;
mod crl_state;
mod deployments;
mod device_record;
mod devices;
mod ends;
mod exported_log;
mod hierarchy;
mod intent;
mod intent_rows;
#[cfg(test)]
mod intents_tests;
mod inventory;
mod issuance;
mod issue_error;
mod issuer;
mod issuer_role;
mod kept_files;
mod label;
mod ledger;
mod ledger_error;
mod own_address_rows;
mod own_addresses;
mod record;
mod refusal;
mod request;
mod reservation;
mod responder;
mod revocation;
#[cfg(test)]
mod revocation_tests;
mod rotation;
mod soundness;
mod standing;
#[cfg(test)]
mod tests;
mod told_time;

pub use crate::store::StoreError;
pub use act::Act;
pub use audit_chain::{AuditChain, AuditEntry, AuditHead, Verdict};
pub use audit_log::AuditSelection;
pub use ca::{Authority, CaCertificate, Doors};
pub use change_of_root::{ChangeOfRoot, CurrentCertificate, Stage};
pub use changes::Changes;
pub use clock::ClockBehind;
pub use crl::CrlError;
pub use crl_ledger::SignedCrl;
pub use crl_state::CrlState;
pub use deployments::DeploymentRecord;
pub use device_record::{Arrival, DeviceKey, DeviceRecord, DeviceRoot};
pub use ends::{Few, InUse, Watched};
pub use exported_log::{ExportedLog, LogReadError, LogWriteError};
pub use hierarchy::{Candidates, EstablishError, Foundation, LONGEST_NAME, NewRoot};
pub use intent::{DeploymentOutcome, Destination, FollowIp, Intent, KeyPolicy, OwnAddresses, Whereabouts};
pub use inventory::{Page, Selection};
pub use issuance::{SignedTogether, Wish};
pub use issue_error::IssueError;
pub use issuer::{Issuer, IssuerError, RevocationAddresses};
pub use issuer_role::{IssuerId, IssuerRole};
pub use kept_files::KeptFiles;
pub use label::{Label, LabelError, is_own as is_own_label};
pub use ledger::Ledger;
pub use ledger_error::LedgerError;
pub use own_addresses::OwnLineage;
pub use record::{CertificateRecord, RecordedName, Status};
pub use refusal::Refusal;
pub use request::{Holder, IssuanceRequest, Lifetime, Lineage, OnOtherNames};
pub use reservation::{KeptAs, Reserved, Signed};
pub use responder::{Keeping, OcspAnswer, Responder, ResponderError};
pub use revocation::{RevokeError, Revoked};
pub use rotation::{Effect, RotationError};
pub use soundness::{Examined, Flaw, FlawKind};
pub use standing::{Revocation, Standing};
pub use told_time::told;
