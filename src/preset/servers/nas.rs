//! Machines with a page of their own for certificates: Proxmox VE, Synology, UniFi.

use crate::preset::{
    error::PresetError,
    installation::Installation,
    instruction::Instruction,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
};

pub(super) fn proxmox(site: &Site) -> Result<Preset, PresetError> {
    let set =
        words(&["pvenode", "cert", "set", &site.files().fullchain(), &site.files().key(), "--force", "--restart"]);
    Ok(Preset {
        target: Target::Proxmox,
        delivery: root_directory(site),
        documents: Vec::new(),
        secrets: Vec::new(),
        installation: Installation::ByHand("pvenode takes the files, and renewals run it by themselves"),
        hook: Some(set.clone()),
        verify: site.verify(8006),
        steps: vec![
            Instruction::typing("On the node, as root, with both files there", set),
            Instruction::typing("Go back to the certificate of Proxmox itself", "pvenode cert delete --restart"),
        ],
        cautions: Vec::new(),
        remarks: vec!["pvenode restarts the page only; machines and the cluster's own certificates are not touched."],
    })
}

pub(super) fn synology(site: &Site) -> Result<Preset, PresetError> {
    Ok(Preset {
        target: Target::Synology,
        delivery: Delivery::ByHand,
        documents: Vec::new(),
        secrets: Vec::new(),
        installation: Installation::ByHand(A_MACHINE),
        hook: None,
        verify: site.verify(site.port(5001)),
        steps: vec![
            Instruction::words("In DSM: Control Panel, Security, Certificate, Add, Import certificate."),
            Instruction::words(format!(
                "Private key: privkey.pem of live/{}. Certificate: cert.pem. Intermediate certificate: chain.pem.",
                site.label()
            )),
            Instruction::words("By Settings, give it to the services that shall show it."),
        ],
        cautions: vec!["It is done again after each renewal, or by DSM's API: synowebapi of SYNO.Core.Certificate."],
        remarks: vec![
            "DSM has three fields where other servers have two: here cert.pem is right, and fullchain.pem is not.",
        ],
    })
}

pub(super) fn unifi(site: &Site) -> Result<Preset, PresetError> {
    Ok(Preset {
        target: Target::Unifi,
        delivery: Delivery::ByHand,
        documents: Vec::new(),
        secrets: Vec::new(),
        installation: Installation::ByHand(A_MACHINE),
        hook: None,
        verify: site.verify(site.port(443)),
        steps: vec![
            Instruction::words("In UniFi OS: Settings, Control Plane, Console, certificates: upload a new one."),
            Instruction::words(format!("Certificate: fullchain.pem of live/{}. Key: privkey.pem.", site.label())),
            Instruction::words("Activate it."),
        ],
        cautions: vec![
            "It is done again after each renewal, or by the API of UniFi OS, with which the same page works: /api/userCertificates.",
        ],
        remarks: vec![
            "UniFi OS Server, on a machine of your own, has that page at port 11443; so has its certificate.",
            "Files that are put in place of /data/unifi-core/config/unifi-core.crt and unifi-core.key, as guides for old firmware say, are \
             written over by UniFi OS with its own.",
            "A network application without UniFi OS keeps its certificate in a keystore: hubca export p12 makes what keytool imports.",
        ],
    })
}

const A_MACHINE: &str = "it is a machine of its own, with its own way to take a certificate";

fn root_directory(site: &Site) -> Delivery {
    Delivery::of(site.files())
}

/// A hook is split as a shell splits words.
fn words(words: &[&str]) -> String {
    crate::plan::shell_line(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
}
