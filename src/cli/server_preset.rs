//! The preset of a server for a label: where the server finds its files, and what a person does to have it take them.

use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::{
    delivery::make_directory,
    failure::Failure,
    page::{Page, Tone},
};
use crate::{
    authority::Destination,
    home::{Home, HomeError},
    plan::shell_word,
    preset::{CertificateFiles, Delivery, Preset, Target},
    probe::Address,
    system::{
        DirectoryMode, FileMode,
        files::{current_user, directory},
    },
    x509::Certificate,
};

/// The words for the servers on the command line.
pub fn targets() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::as_str)).try_map(|word| word.parse::<Target>())
}

/// Where a server finds the files of a label: where they are copied to; else, for a server that people run themselves, where
/// the home shows the newest; else in the directory that each label has under `/etc/hubca`.
///
/// # Errors
/// A directory that no server finds.
pub fn files(target: Target, label: &str, destination: &Destination, home: &Home) -> Result<CertificateFiles, Failure> {
    let files = match &destination.out {
        Some(out) => CertificateFiles::in_directory(out)?,
        None if target.is_run_by_hand() && current_user() != 0 => live(home, label)?,
        None => CertificateFiles::of_label(label)?,
    };
    Ok(match &destination.combined {
        Some(combined) => files.with_combined(combined),
        None => files,
    })
}

fn live(home: &Home, label: &str) -> Result<CertificateFiles, Failure> {
    let link = home.layout().live_link(label);
    let link = directory::absolute(&link)?;
    Ok(CertificateFiles::live(&link.to_string_lossy())?)
}

/// The port at which a server shows its certificate, if an address is remembered or said.
pub fn port(destination: &Destination) -> Option<u16> {
    destination.verify.first().and_then(|address| Address::parse(address).ok()).map(|address| address.port())
}

/// The certificate that is the newest of a label.
///
/// # Errors
/// No such label, or a ledger that fails.
pub fn newest(home: &Home, label: &str) -> Result<Certificate, Failure> {
    let newest = home.authority().by_label(label, 1)?.pop().and_then(|record| record.certificate);
    let der = newest.ok_or_else(|| HomeError::NoCertificate { label: label.to_owned() })?;
    Ok(Certificate::from_der(&der)?)
}

/// Where a preset wants certificates brought.
pub fn destination(preset: &Preset) -> Destination {
    let brought = Destination {
        server: Some(preset.target.as_str().to_owned()),
        hook: preset.hook.clone(),
        verify: preset.verify.iter().cloned().collect(),
        ..Destination::default()
    };
    match &preset.delivery {
        Delivery::Directory { path, owner, group, mode } => {
            let usual = if group.is_some() { FileMode::Group } else { FileMode::Secret };
            Destination {
                out: Some(path.clone()),
                owner: owner.map(|owner| owner.to_string()),
                group: group.map(str::to_owned),
                mode: (*mode != usual).then_some(*mode),
                ..brought
            }
        }
        Delivery::Combined { path, group } => {
            Destination { combined: Some(path.clone()), group: group.map(str::to_owned), ..brought }
        }
        Delivery::Live | Delivery::ByHand => brought,
    }
}

/// Makes the directories that certificates are brought to where nobody named others: everybody may enter them, and the files
/// say who may read them.
///
/// # Errors
/// What the system refused.
pub fn make_place(destination: &Destination, home: &Home) -> Result<(), Failure> {
    let common = Path::new(CertificateFiles::COMMON);
    let combined = destination.combined.as_ref().and_then(|combined| Path::new(combined).parent());
    for place in destination.out.as_ref().map(Path::new).into_iter().chain(combined) {
        let places: Vec<&Path> = place.ancestors().filter(|above| above.starts_with(common)).collect();
        for directory in places.into_iter().rev() {
            make_directory(directory, DirectoryMode::Public)
                .map_err(|failure| rights(home).into_iter().fold(failure, Failure::hint))?;
        }
    }
    Ok(())
}

/// What somebody can do who has not the rights that a server's place wants: only root may open a CA of root's, and only root's
/// renewals get there. Nothing where it is root who was refused.
pub fn rights(home: &Home) -> Vec<String> {
    if current_user() == 0 {
        return Vec::new();
    }
    let directory = home.layout().directory();
    let place = shell_word(&directory::absolute(directory).unwrap_or(directory.to_owned()).to_string_lossy());
    vec![
        "to keep the CA yours, name a directory of your own that the server can read (--out, --directory), and take the steps at the \
         server itself with sudo: `hubca export preset` tells them"
            .to_owned(),
        format!(
            "to let renewals do it all, the CA has to be root's: sudo chown -R 0:0 {place}, and from then on sudo hubca --home {place} …"
        ),
    ]
}

/// What a person does to have a server take its certificate.
#[derive(Debug, Serialize)]
pub struct ServerSteps {
    server: &'static str,
    /// The texts that `hubca export preset` writes.
    documents: Vec<&'static str>,
    steps: Vec<String>,
    remarks: Vec<&'static str>,
    #[serde(skip)]
    label: String,
}

impl ServerSteps {
    /// The steps of a preset.
    pub fn of(preset: Preset, label: &str) -> Self {
        Self {
            server: preset.target.as_str(),
            documents: preset.documents.iter().map(|document| document.file_name).collect(),
            steps: preset.steps,
            remarks: preset.remarks,
            label: label.to_owned(),
        }
    }

    /// Tells them.
    pub fn tell(&self, page: &mut Page) {
        page.line(&format!("for {}:", self.server));
        let write = (!self.documents.is_empty()).then(|| {
            let line = page.hubca(&format!("export preset {} {}", self.server, self.label));
            format!("Write {}: {line}", self.documents.join(", "))
        });
        for (number, step) in (1..).zip(write.iter().chain(&self.steps)) {
            page.paragraph(&format!("  {number}. "), Tone::Plain, step);
        }
    }
}
