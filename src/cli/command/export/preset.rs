//! What a server is told of its certificate: configuration, and the commands that put it in place.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    output::{Delivered, OutputArguments},
    preset_install::InstallArguments,
};
use crate::{
    authority::Destination,
    cli::{
        context::Context,
        delivery::DeliveredFile,
        failure::Failure,
        following,
        page::{Page, Tone},
        report::{Outcome, Report},
        server_preset::{self, Instructions, targets},
        server_secrets,
    },
    export::Artifact,
    home::{self, ServerSecret},
    plan::shell_line,
    preset::{CertificateFiles, Delivery, Document, Preset, Site, Standing, Target, check_upstream, preset},
    system::files::directory,
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
    /// Where renewals copy key and certificate to, and whose these are; nothing where the server reads them in the home, or gets none.
    copies: Option<Copies>,
    #[serde(flatten)]
    instructions: Instructions,
    cautions: Vec<&'static str>,
    remarks: Vec<&'static str>,
    /// The command that does it all on this machine, where there is one.
    install: Option<String>,
}

/// Where copies of key and certificate are, and whose.
#[derive(Debug, Serialize)]
struct Copies {
    /// The directory of the four files.
    out: Option<String>,
    /// The file with all of them.
    combined: Option<String>,
    owner: Option<String>,
    group: Option<String>,
    mode: &'static str,
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
    let (target, label) = (arguments.target, &arguments.label);
    let newest = server_preset::newest(&home, label)?;
    let known = home.authority().intent(label)?.map(|intent| intent.destination).unwrap_or_default();
    let files = match &arguments.directory {
        None => server_preset::files(target, label, &known, &home)?,
        Some(path) => CertificateFiles::in_directory(text(path)?)?,
    };
    // The address of another kind of server says nothing of this one's port.
    let is_its_own = known.server.as_deref() == Some(target.as_str());
    let renewals = if is_its_own { Known::Server } else { Known::Nothing };
    let port = arguments.port.or_else(|| home::port(&known).filter(|_| is_its_own));
    let place = arguments.install.place(target, label, context)?;
    let site = Site::new(label, &newest, files)?.at_port(port).configured_in(place);
    let site = site.on_machine_with(following::addresses(context)).for_release(server_preset::release(target, context));
    let standing = Standing::look(&preset(target, &site)?, label, Path::new("/"));
    let standing = if arguments.install.is_asked() { standing? } else { standing.unwrap_or(Standing::Nothing) };
    // What was once said of it stands in its configuration alone.
    let site = site.in_front_of(arguments.upstream.or_else(|| standing.upstream(target)));
    check_upstream(target, &site)?;
    let offered = preset(target, &site)?;
    let call = arguments.call(&offered, &site)?;
    if arguments.install.is_asked() {
        let call = context.invocation().spelled(&call);
        return arguments.install.run(&offered, (&site, &call), &standing, &home, context);
    }
    let report = PresetReport {
        install: server_preset::installing(&offered, &call),
        ..PresetReport::of(&offered, label, renewals)
    };
    let artifacts: Vec<Artifact> = offered.documents.iter().map(artifact).collect();
    if artifacts.is_empty() {
        return Ok(Outcome::done(report));
    }
    let beside = arguments.output.directory(artifacts.len());
    let kept = beside.map(|directory| ServerSecret::look(&offered.secrets, &directory)).transpose()?;
    Ok(match arguments.output.deliver(&artifacts, context)? {
        Delivered::Stdout(outcome) => {
            for secret in &offered.secrets {
                context.note(&format!("`{}` is not made: no secret goes to stdout", secret.file_name));
            }
            outcome
        }
        Delivered::Files(files) => {
            let kept = kept.unwrap_or_default();
            ServerSecret::make(&kept, &*context.doors().random)?;
            Outcome::done(PresetReport { files, secrets: kept, ..report })
        }
    })
}

impl PresetArguments {
    /// The command line by which a preset is put in its place: an option that changes nothing is left out.
    fn call(&self, offered: &Preset, site: &Site) -> Result<String, Failure> {
        let (target, label) = (offered.target, site.label());
        let mut words = ["hubca", "export", "preset", target.as_str(), label].map(str::to_owned).to_vec();
        let mut say = |option: &str, value: String| words.extend([option.to_owned(), value]);
        if !site.files().are_usual(label) && offered.delivery != Delivery::Live {
            say("--directory", site.files().directory().to_owned());
        }
        let is_changed = |by: Site| Ok::<_, Failure>(!preset(target, &by)?.says_the_same(offered));
        if is_changed(site.clone().at_port(None))? {
            site.said_port().into_iter().for_each(|port| say("--port", port.to_string()));
        }
        if is_changed(site.clone().in_front_of(None))? {
            site.said_upstream().into_iter().for_each(|port| say("--upstream", port.to_string()));
        }
        if let Some(place) = self.install.named() {
            say("--place", text(&directory::absolute(place)?)?.to_owned());
        }
        words.push("--install".to_owned());
        Ok(shell_line(&words))
    }
}

fn text(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| Failure::usage(format!("`{}` is no name in UTF-8", path.display())))
}

/// A text of a preset as a file.
pub(super) fn artifact(document: &Document) -> Artifact {
    Artifact::public(document.file_name.to_owned(), MEDIA_TYPE, document.text.clone().into_bytes())
}

impl PresetReport {
    /// Without files.
    fn of(offered: &Preset, label: &str, known: Known) -> Self {
        let known = if offered.delivery == Delivery::ByHand { Known::ByHand } else { known };
        Self {
            target: offered.target.as_str(),
            label: label.to_owned(),
            files: Vec::new(),
            bring: offered.bringing(label).filter(|_| known == Known::Nothing).unwrap_or_default(),
            remember: offered.remembering(label),
            known,
            belongs: offered.documents.iter().map(|document| document.belongs.clone()).collect(),
            secrets: Vec::new(),
            hook: offered.hook.clone(),
            verify: offered.verify.clone(),
            copies: Copies::of(home::destination(offered)),
            instructions: offered.steps.clone().into(),
            cautions: offered.cautions.clone(),
            remarks: offered.remarks.clone(),
            install: None,
        }
    }
}

impl Copies {
    fn of(destination: Destination) -> Option<Self> {
        let mode = destination.has_copies().then(|| destination.file_mode().as_str())?;
        let Destination { out, combined, owner, group, .. } = destination;
        Some(Self { out, combined, owner, group, mode })
    }

    fn told(&self) -> String {
        let place = self.out.as_deref().or(self.combined.as_deref()).unwrap_or_default();
        let owner = self.owner.as_deref().unwrap_or("the user of this CA");
        let group = self.group.as_ref().map(|group| format!(", group {group}")).unwrap_or_default();
        format!("its key and certificate are copied to {place}: of {owner}{group}, mode {}", self.mode)
    }
}

impl Report for PresetReport {
    fn tell(&self, page: &mut Page) {
        for (file, belongs) in self.files.iter().zip(&self.belongs) {
            page.command(&file.path.display().to_string());
            page.paragraph("      ", Tone::Plain, &format!("belongs to {belongs}"));
        }
        self.secrets.iter().for_each(|secret| server_secrets::tell(secret, page));
        if !self.bring.is_empty() {
            page.blank();
            page.line("first, bring its key and certificate there:");
            page.command(&page.spelled(&shell_line(&self.bring)));
            page.command(&page.hubca(&format!("renew {} --force", self.label)));
        }
        page.blank();
        if let Some(copies) = &self.copies {
            page.line(&copies.told());
            page.blank();
        }
        self.instructions.tell(page);
        if self.known != Known::ByHand {
            page.blank();
            page.line("when it serves, let renewals tell it too, and try one:");
            if self.known == Known::Nothing {
                page.command(&page.spelled(&shell_line(&self.remember)));
            }
            page.command(&page.hubca(&format!("renew {} --force", self.label)));
        }
        server_preset::tell_install(self.install.as_deref(), page);
        page.blank();
        server_preset::tell_cautions(&self.cautions, page);
        self.remarks.iter().for_each(|remark| page.paragraph("  ", Tone::Plain, remark));
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
