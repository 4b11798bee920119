//! What the fuzz targets share: the bound on memory, a CA that commands work with, and what everything that is issued has to be.

mod archive;
mod certificate;
mod hub;
mod judgement;
mod request;
mod room;
mod telling;

pub use archive::archive;
pub use hub::{Answer, Hub, NOW, doors, with_hub};
pub use judgement::judge;
pub use request::request;
pub use telling::tell;
