//! Any other server, and a program that somebody is working at.

use crate::preset::{
    error::PresetError,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let files = site.files();
    Ok(Preset {
        target: Target::Generic,
        delivery: Delivery::of(site.files()),
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

pub(super) fn dev(site: &Site) -> Result<Preset, PresetError> {
    let files = site.files();
    Ok(Preset {
        target: Target::Dev,
        delivery: Delivery::of(files),
        documents: Vec::new(),
        hook: None,
        verify: None,
        steps: vec![
            format!("Give your program {} and {}.", files.fullchain(), files.key()),
            "Have this computer trust the CA, once: hubca export linux (or macos, windows, firefox)".to_owned(),
        ],
        remarks: vec![
            "It is thrown away: nothing is remembered, and no renewal makes another. Leave the key out of version control.",
        ],
    })
}
