//! Presets: what the programs that people run want of a certificate, and what is written into their configuration.
//!
//! Each server has a file of its own here. A preset is text and words; it writes nothing. A path or name goes into a text
//! only as a word of that text's language, and where a language has no way to say it, there is no preset.

mod certificate_files;
mod configuration;
mod document;
mod error;
mod installation;
mod instruction;
mod language;
mod neighbours;
mod offered;
mod place;
mod planned;
mod secret;
mod servers;
mod site;
mod standing;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod yaml;

pub use certificate_files::CertificateFiles;
pub use document::Document;
pub use error::PresetError;
pub use installation::{Installation, Setting};
pub use instruction::Instruction;
pub use language::{Language, UnsayableError};
pub use neighbours::Neighbours;
pub use offered::{Delivery, Owner, Preset};
pub use place::{NoPlace, Place};
pub use secret::Secret;
pub use servers::{beside, check_upstream, preset, release_of_nginx};
pub use site::Site;
pub use standing::Standing;
pub use target::{Target, UnknownTarget};
