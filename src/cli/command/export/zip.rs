//! One archive for a device, or for a server.

use clap::Args;

use super::{
    language::LanguageArguments,
    output::{Delivered, OutputArguments, anchor},
    preset::artifact,
    report::ExportReport,
};
use crate::{
    cli::{
        context::Context,
        failure::Failure,
        file_password::{FilePassword, PasswordArguments},
        passphrases::Passphrases,
        report::Outcome,
    },
    export::{
        Anchor, Artifact,
        archive::Sealing,
        bundle::{Server, for_devices, for_server, for_server_with_key},
    },
    home::Home,
    preset::{CertificateFiles, Site, Target, preset},
};

/// Without a label it is for devices: the root as each of them takes it, and a page with the steps. With a label it is
/// for a server: its certificate and the CAs above it, and its key only where that is asked for.
#[derive(Args, Debug)]
pub(super) struct ZipArguments {
    /// The label of a certificate that `hubca issue` made
    #[arg(value_name = "LABEL")]
    label: Option<String>,
    /// The private key as well; the archive is encrypted then, under a password
    #[arg(long, requires = "label")]
    with_key: bool,
    #[command(flatten)]
    password: PasswordArguments,
    #[command(flatten)]
    language: LanguageArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// What was made, what its password is, and what to do with it.
struct Made {
    artifact: Artifact,
    password: Option<FilePassword>,
    steps: Vec<String>,
}

pub(super) fn run(arguments: &ZipArguments, context: &Context) -> Result<Outcome, Failure> {
    arguments.check()?;
    let home = context.open_home()?;
    let anchor = anchor(&home)?;
    let made = match &arguments.label {
        None => Made {
            artifact: for_devices(&anchor, arguments.language.language())?,
            password: None,
            steps: told(&DEVICE_STEPS),
        },
        Some(label) => arguments.of_server(&home, &anchor, label, context)?,
    };
    let delivered = arguments.output.deliver(&[made.artifact], context)?;
    if let Some(password) = &made.password {
        password.show_once(context);
    }
    Ok(match delivered {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => Outcome::done(ExportReport::with_steps("zip", &anchor, files, made.steps)),
    })
}

impl ZipArguments {
    fn check(&self) -> Result<(), Failure> {
        if self.password.file().is_some() && !self.with_key {
            return Err(Failure::usage("nothing in this archive is secret, so it takes no password")
                .hint("leave out --password-file, or add --with-key"));
        }
        if self.with_key { self.output.check_password(&self.password) } else { Ok(()) }
    }

    fn of_server(&self, home: &Home, anchor: &Anchor, label: &str, context: &Context) -> Result<Made, Failure> {
        let kept = home.kept(label, &Passphrases::new(context))?;
        let site = Site::new(label, &kept.certificate, CertificateFiles::of_label(label)?)?;
        let settings = settings(&site)?;
        let server = Server {
            label,
            certificate: &kept.certificate,
            chain: &kept.chain,
            settings: &settings,
            directory: site.files().directory(),
        };
        if !self.with_key {
            return Ok(Made { artifact: for_server(anchor, server)?, password: None, steps: told(&SERVER_STEPS) });
        }
        let password = self.password.password(context)?;
        let sealing = Sealing { password: password.password(), random: &*context.doors().random };
        let artifact = for_server_with_key(anchor, server, &kept.key, sealing)?;
        Ok(Made { artifact, password: Some(password), steps: told(&SEALED_STEPS) })
    }
}

/// What the programs that most people run are told.
fn settings(site: &Site) -> Result<Vec<Artifact>, Failure> {
    let mut settings = Vec::new();
    for target in [Target::Nginx, Target::Apache, Target::Jupyter, Target::Jupyterhub] {
        settings.extend(preset(target, site)?.documents.first().map(artifact));
    }
    Ok(settings)
}

fn told(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

const DEVICE_STEPS: [&str; 2] = [
    "Bring the archive to the device: by AirDrop, in a mail, on a stick. Nothing in it is secret.",
    "Open it there, and index.html in it: the page says what to do on each kind of device.",
];

const SERVER_STEPS: [&str; 2] = [
    "Bring the archive to the server. Nothing in it is secret: the key is not in it.",
    "Unpack it there. README.txt says which file goes where.",
];

const SEALED_STEPS: [&str; 3] = [
    "Bring the archive to the server, and its password by another way.",
    "Unpack it there with a program that knows AES: 7-Zip, Keka, The Unarchiver, or `7z x`. The plain `unzip` does not.",
    "Put the files where README.txt says, and delete the archive.",
];

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca export zip                           hubca-home-hub.zip, for any device
  hubca export zip --language de
  hubca export zip hub.local                 hubca-hub.local.zip, for the server
  hubca export zip hub.local --with-key      encrypted under a password";
