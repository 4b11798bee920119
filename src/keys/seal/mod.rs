//! A file sealed under a passphrase, as age has it (C2SP `age.md`, version 1, recipient `scrypt`): so `age -d` opens it.

mod chunk;
mod header;
mod opening;
mod sealing;
#[cfg(test)]
mod tests;

pub use opening::{OpenError, Opening};
pub use sealing::{SealError, Sealing};
