//! Any other server, and a program that somebody is working at.

use crate::preset::{
    error::PresetError,
    installation::Installation,
    instruction::Instruction,
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
        secrets: Vec::new(),
        installation: Installation::ByHand("nothing is known of where it has its configuration"),
        hook: None,
        verify: site.verify(site.port(443)),
        steps: vec![
            Instruction::typing(
                "Where it asks for a certificate, name this file: the chain belongs to it",
                files.fullchain(),
            ),
            Instruction::typing("Where it asks for a private key, name this one", files.key()),
            Instruction::words(
                "Where it asks for a CA file or for trusted certificates, name nothing: that is for certificates of clients.",
            ),
            Instruction::words("Have a hook reload or restart it at each renewal."),
        ],
        cautions: vec![
            "cert.pem alone is the usual mistake: without the CA between, devices that trust the root do not get there.",
        ],
        remarks: Vec::new(),
    })
}

pub(super) fn dev(site: &Site) -> Result<Preset, PresetError> {
    let files = site.files();
    Ok(Preset {
        target: Target::Dev,
        delivery: Delivery::of(files),
        documents: Vec::new(),
        secrets: Vec::new(),
        installation: Installation::ByHand("it is a program that you are working at"),
        hook: None,
        verify: None,
        steps: vec![
            Instruction::words(format!("Give your program {} and {}.", files.fullchain(), files.key())),
            Instruction::typing("Have this computer trust the CA, once", "hubca trust install"),
        ],
        cautions: vec![
            "It is thrown away: nothing is remembered, and no renewal makes another. Leave the key out of version control.",
        ],
        remarks: Vec::new(),
    })
}
