//! Any other server.

use crate::{
    preset::{
        error::PresetError,
        offered::{Delivery, Preset},
        site::Site,
        target::Target,
    },
    system::FileMode,
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let files = site.files();
    Ok(Preset {
        target: Target::Generic,
        delivery: Delivery::Directory { path: files.directory().to_owned(), owner: None, group: None, mode: FileMode::Secret },
        documents: Vec::new(),
        hook: None,
        verify: site.verify(site.port(443)),
        steps: vec![
            format!("Where it asks for a certificate, name {}: the chain belongs to it.", files.fullchain()),
            format!("Where it asks for a private key, name {}.", files.key()),
            "Where it asks for a CA file or for trusted certificates, name nothing: that is for certificates of clients."
                .to_owned(),
            "Have a hook reload or restart it at each renewal.".to_owned(),
        ],
        remarks: vec![
            "cert.pem alone is the usual mistake: without the CA between, devices that trust the root do not get there.",
        ],
    })
}
