//! The Online Certificate Status Protocol, RFC 6960: what is asked, and what is answered.
//!
//! A request is hostile until it is read: bounded, in DER, and of what it says only the identifiers and the nonce are used.
//! An answer is put together here and signed elsewhere; what others answered is read to be told.

mod cert_id;
mod request;
mod response;
mod status;
mod syntax;
mod unsigned;

pub use cert_id::{CertId, IdHash, IssuerIds};
pub use request::{Nonce, OcspRequest, OcspRequestError};
pub use response::{BasicResponse, OcspResponse, OcspResponseError, ResponderName, SingleResponse};
pub use status::{CertStatus, Reason, ResponseStatus};
pub use unsigned::{UnsignedResponse, error_response};

#[cfg(test)]
mod tests;
