//! Private keys: made, read, written, protected, and ready to sign.
//!
//! What is done *with* a private key is done by aws-lc-rs alone. The crates `rsa` and `p256` make, read and convert keys, and
//! never sign: the timing of `rsa` tells its key (RUSTSEC-2023-0071).

mod authentication;
mod encryption;
mod error;
mod file;
mod generate;
mod passphrase;
mod pem_block;
mod pkcs8_v1;
mod seal;
mod signing_key;
mod software;
mod traditional;

pub use authentication::AuthenticationKey;
pub use error::{KeyError, KeyReadError};
pub use file::{KeyFile, Protection};
pub use passphrase::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource};
pub use seal::{OpenError, Opening, SealError, Sealing};
pub use signing_key::SigningKey;
pub use software::PrivateKey;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "openssl is the witness, and a test runs it by hand")]
mod tests;
