//! Files to hand out: what a device or a program wants in order to trust a CA, as bytes; nothing is written here.

mod anchor;
mod artifact;
mod fingerprint;
pub mod firefox;
pub mod guide;
mod icon;
mod instructions;
pub mod mobileconfig;
mod password;
pub mod pem;
pub mod pkcs12;
mod read_profile;
mod read_signed_data;
mod signed_data;
mod slug;
mod target;
pub mod truststore;
pub mod windows;

pub use anchor::{Anchor, AnchorError, Contents};
pub use artifact::Artifact;
pub use fingerprint::Fingerprint;
pub use icon::{Icon, IconError};
pub use instructions::{instructions, substitutions};
pub use password::{Password, PasswordError};
pub use read_profile::{ProfileReadError, ReadPayload, ReadProfile};
pub use read_signed_data::{ReadSignedData, ReadSigner, SignedDataReadError, SignerVerdict};
pub use signed_data::{ContentSigner, ContentSignerError, SignContentError};
pub use slug::Slug;
pub use target::{ExportError, Target};
