//! What a server is told of its certificate: configuration, and the commands that put it in place.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    output::{Delivered, OutputArguments},
    preset_install::InstallArguments,
};
use crate::{
    cli::{
        context::Context,
        delivery::DeliveredFile,
        failure::Failure,
        following,
        page::{Page, Tone},
        report::{Outcome, Report},
        server_preset::{self, targets},
        server_secrets::{self, ServerSecret},
    },
    export::Artifact,
    plan::shell_line,
    preset::{CertificateFiles, Delivery, Document, Preset, Site, Target, preset, secrets},
};

/// Without --install nothing is changed on this machine but the files that are written; a key is in none of them.
#[derive(Args, Debug)]
pub(super) struct PresetArguments {
    /// Which server
    #[arg(value_name = "SERVER", value_parser = targets())]
    target: Target,
    /// The label of a certificate that `hubca issue` made
    #[arg(value_name = "LABEL")]
    label: String,
    /// Where the server finds the files of the certificate, if not where `hubca show` says, or in /etc/hubca/LABEL
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// The port at which it serves, if not its usual one
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The port of this machine that it stands in front of, or that it is to have behind another
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    upstream: Option<u16>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    install: InstallArguments,
}

/// The files that were written, and what to do with them.
#[derive(Debug, Serialize)]
struct PresetReport {
    target: &'static str,
    label: String,
    files: Vec<DeliveredFile>,
    /// Where each file belongs, in the order of the files.
    belongs: Vec<String>,
    /// The secrets beside them.
    secrets: Vec<ServerSecret>,
    /// The command after which a renewal brings the files there, before the server is told of them; nothing where that was said already.
    bring: Vec<String>,
    /// The command that has each renewal bring the files there and the server take them: for one that is set up.
    remember: Vec<String>,
    /// What is already so.
    #[serde(skip)]
    known: Known,
    hook: Option<String>,
    verify: Option<String>,
    steps: Vec<String>,
    remarks: Vec<&'static str>,
}

/// What renewals do already for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// They bring no files to it: that is for a person, or for the server in front of it.
    ByHand,
    /// They know nothing of it.
    Nothing,
    /// They bring its files.
    Server,
}

pub(super) fn run(arguments: &PresetArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let label = &arguments.label;
    let newest = server_preset::newest(&home, label)?;
    let known = home.authority().intent(label)?.map(|intent| intent.destination).unwrap_or_default();
    let files = match &arguments.directory {
        None => server_preset::files(arguments.target, label, &known, &home)?,
        Some(path) => {
            let text =
                path.to_str().ok_or_else(|| Failure::usage(format!("`{}` is no name in UTF-8", path.display())))?;
            CertificateFiles::in_directory(text)?
        }
    };
    // The address of another kind of server says nothing of this one's port.
    let is_its_own = known.server.as_deref() == Some(arguments.target.as_str());
    let renewals = if is_its_own { Known::Server } else { Known::Nothing };
    let port = arguments.port.or_else(|| server_preset::port(&known).filter(|_| is_its_own));
    let place = arguments.install.place(arguments.target, label)?;
    let site = Site::new(label, &newest, files)?.at_port(port).in_front_of(arguments.upstream);
    let site = site.configured_in(place.clone()).on_machine_with(following::addresses(context));
    let offered = preset(arguments.target, &site)?;
    if arguments.install.is_asked() {
        return arguments.install.run(&offered, (label, place.as_ref()), &home, context);
    }
    let artifacts: Vec<Artifact> = offered.documents.iter().map(artifact).collect();
    if artifacts.is_empty() {
        return Ok(Outcome::done(PresetReport::of(offered, label, renewals)));
    }
    let beside = arguments.output.directory(artifacts.len());
    let kept = beside.map(|directory| server_secrets::look(offered.target, &directory)).transpose()?;
    Ok(match arguments.output.deliver(&artifacts, context)? {
        Delivered::Stdout(outcome) => {
            for secret in secrets(offered.target) {
                context.note(&format!("`{}` is not made: no secret goes to stdout", secret.file_name));
            }
            outcome
        }
        Delivered::Files(files) => {
            let kept = kept.unwrap_or_default();
            server_secrets::make(&kept, &*context.doors().random)?;
            Outcome::done(PresetReport { files, secrets: kept, ..PresetReport::of(offered, label, renewals) })
        }
    })
}

/// A text of a preset as a file.
pub(super) fn artifact(document: &Document) -> Artifact {
    Artifact::public(document.file_name.to_owned(), MEDIA_TYPE, document.text.clone().into_bytes())
}

impl PresetReport {
    /// Without files.
    fn of(offered: Preset, label: &str, known: Known) -> Self {
        let known = if offered.delivery == Delivery::ByHand { Known::ByHand } else { known };
        Self {
            target: offered.target.as_str(),
            label: label.to_owned(),
            files: Vec::new(),
            bring: offered.bringing(label).filter(|_| known == Known::Nothing).unwrap_or_default(),
            remember: offered.remembering(label),
            known,
            belongs: offered.documents.into_iter().map(|document| document.belongs).collect(),
            secrets: Vec::new(),
            hook: offered.hook,
            verify: offered.verify,
            steps: offered.steps,
            remarks: offered.remarks,
        }
    }
}

impl Report for PresetReport {
    fn tell(&self, page: &mut Page) {
        for (file, belongs) in self.files.iter().zip(&self.belongs) {
            page.command(&file.path.display().to_string());
            page.paragraph("      ", Tone::Plain, &format!("belongs to {belongs}"));
        }
        self.secrets.iter().for_each(|secret| secret.tell(page));
        if !self.bring.is_empty() {
            page.blank();
            page.line("first, bring its key and certificate there:");
            page.command(&page.spelled(&shell_line(&self.bring)));
            page.command(&page.hubca(&format!("renew {} --force", self.label)));
        }
        page.blank();
        for (number, step) in (1..).zip(&self.steps) {
            page.paragraph(&format!("  {number}. "), Tone::Plain, &page.spelled(step));
        }
        if self.known != Known::ByHand {
            page.blank();
            page.line("when it serves, let renewals tell it too, and try one:");
            if self.known == Known::Nothing {
                page.command(&page.spelled(&shell_line(&self.remember)));
            }
            page.command(&page.hubca(&format!("renew {} --force", self.label)));
        }
        page.blank();
        for remark in &self.remarks {
            page.paragraph("  ", Tone::Plain, remark);
        }
    }
}

const MEDIA_TYPE: &str = "text/plain; charset=utf-8";

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca export preset nginx hub.lan --upstream 8888 --out hub.conf
  hubca export preset jupyter hub.lan --out jupyter/
  hubca export preset jupyterhub-behind-proxy hub.lan
  hubca export preset nginx hub.lan --upstream 8888 --install --dry-run
  hubca export preset nginx hub.lan --remove
  hubca export preset haproxy nas.lan --directory /etc/haproxy/tls";
