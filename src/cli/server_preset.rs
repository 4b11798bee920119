//! The preset of a server for a label: where the server finds its files, and what a person does to have it take them.

use std::{path::Path, time::Duration};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::{
    context::Context,
    delivery::make_directory,
    failure::Failure,
    page::{Page, Tone},
};
use crate::{
    authority::Destination,
    home::{Home, HomeError},
    plan::shell_word,
    preset::{CertificateFiles, Installation, Instruction, Preset, Target, release_of_nginx},
    system::{
        DirectoryMode, Errand,
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

/// The certificate that is the newest of a label.
///
/// # Errors
/// No such label, or a ledger that fails.
pub fn newest(home: &Home, label: &str) -> Result<Certificate, Failure> {
    let newest = home.authority().by_label(label, 1)?.pop().and_then(|record| record.certificate);
    let der = newest.ok_or_else(|| HomeError::NoCertificate { label: label.to_owned() })?;
    Ok(Certificate::from_der(&der)?)
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

/// Which release of a server is on this machine, of those whose configuration depends on it.
pub fn release(target: Target, context: &Context) -> Option<[u32; 3]> {
    let words = match target {
        Target::Nginx => ["nginx", "-v"].map(str::to_owned).to_vec(),
        _ => return None,
    };
    let errand = Errand { words, variables: Vec::new(), input: Vec::new(), limit: Duration::from_secs(10) };
    let ended = context.processes().run(&errand).ok()?;
    release_of_nginx(&ended.output)
}

/// What a person does to have a server take its certificate.
#[derive(Debug, Serialize)]
pub struct ServerSteps {
    server: &'static str,
    /// The texts that `hubca export preset` writes.
    documents: Vec<&'static str>,
    #[serde(flatten)]
    instructions: Instructions,
    cautions: Vec<&'static str>,
    remarks: Vec<&'static str>,
    /// The command that does it all on this machine, where there is one.
    install: Option<String>,
    #[serde(skip)]
    label: String,
}

/// What a person does, in order.
#[derive(Debug, Serialize)]
pub struct Instructions {
    /// Each in one line.
    steps: Vec<String>,
    /// What is typed or copied for each of them, where something is.
    commands: Vec<Option<String>>,
    #[serde(skip)]
    all: Vec<Instruction>,
}

impl From<Vec<Instruction>> for Instructions {
    fn from(all: Vec<Instruction>) -> Self {
        Self {
            steps: all.iter().map(ToString::to_string).collect(),
            commands: all.iter().map(|instruction| instruction.command.clone()).collect(),
            all,
        }
    }
}

impl Instructions {
    /// Tells them, numbered; commands as they are typed.
    pub fn tell(&self, page: &mut Page) {
        self.tell_after(None, page);
    }

    fn tell_after(&self, first: Option<Instruction>, page: &mut Page) {
        for (number, Instruction { words, command }) in (1..).zip(first.iter().chain(&self.all)) {
            let mark = if command.is_some() { ":" } else { "" };
            page.paragraph(&format!("  {number}. "), Tone::Plain, &format!("{}{mark}", page.spelled(words)));
            command.iter().for_each(|command| page.command(&page.spelled(command)));
        }
    }
}

impl ServerSteps {
    /// The steps of a preset.
    pub fn of(preset: Preset, label: &str) -> Self {
        Self {
            server: preset.target.as_str(),
            documents: preset.documents.iter().map(|document| document.file_name).collect(),
            install: installing(&preset, &format!("hubca export preset {} {label} --install", preset.target)),
            instructions: preset.steps.into(),
            cautions: preset.cautions,
            remarks: preset.remarks,
            label: label.to_owned(),
        }
    }

    /// Tells them.
    pub fn tell(&self, page: &mut Page) {
        page.line(&format!("for {}:", self.server));
        let write = (!self.documents.is_empty()).then(|| {
            let command = format!("hubca export preset {} {}", self.server, self.label);
            Instruction::typing(format!("Write {}", self.documents.join(", ")), command)
        });
        self.instructions.tell_after(write, page);
        tell_install(self.install.as_deref(), page);
        tell_cautions(&self.cautions, page);
    }
}

/// The command that puts a preset in its place, if this program and this user can.
pub fn installing(offered: &Preset, call: &str) -> Option<String> {
    let is_somebodys = offered.target.is_a_persons_own() && current_user() == 0;
    (matches!(offered.installation, Installation::Here(_)) && !is_somebodys).then(|| call.to_owned())
}

/// Tells of that command.
pub fn tell_install(call: Option<&str>, page: &mut Page) {
    if let Some(call) = call {
        page.blank();
        page.line("or have it done on this machine; with --dry-run it is only shown:");
        page.command(&page.spelled(call));
    }
}

/// Tells what a person has to know.
pub fn tell_cautions(cautions: &[&str], page: &mut Page) {
    cautions.iter().for_each(|caution| page.marked(Tone::Caution, "note:", caution));
}
