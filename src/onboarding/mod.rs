//! The onboarding page: what a device is shown and offered, as bytes. Nothing here knows HTTP, a clock or a file; who
//! serves it hands over what a visitor said and gets a document to answer with.
//!
//! The page works without its script. The script adds what only a script can: it proves trust, by a request and a
//! WebSocket to a server whose certificate stands under the root, and it shows one step at a time.

mod assets;
mod device;
mod document;
mod downloads;
mod lettering;
mod offer;
mod offered;
mod origin;
mod page;
mod pictures;
mod proof;
mod qr;
mod scope;
mod site;
mod steps;
mod view;
mod visit;

pub use device::platform_of;
pub use document::Document;
pub use downloads::Download;
pub use offer::{EarlierRoot, Offer, Recording};
pub use origin::{HubAddress, HubAddressError, Origin};
pub use pictures::{PictureFile, files as picture_files};
pub use qr::{QrCode, QrError};
pub use site::Site;
pub use visit::{GivenName, Visit};
