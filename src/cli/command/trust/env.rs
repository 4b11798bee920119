//! `hubca trust env`: lines for programs that ask no store.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    alone::is_alone,
    chosen::{Pin, RootArguments},
    report::ToldRoot,
};
use crate::{
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    system::{Host, files::directory, host::Here},
    trust::{Files, Kind, Machine, Purpose, Replaces, Root, Standing, Turns, settings, standing, stores, survey},
};

/// A question for the lines.
#[derive(Args, Debug)]
pub(super) struct EnvArguments {
    #[command(flatten)]
    root: RootArguments,
}

/// The lines, program by program.
#[derive(Debug, Serialize)]
struct EnvReport {
    root: ToldRoot,
    /// The file with the root.
    file: PathBuf,
    /// The system's bundle, where it has the root beside the public ones.
    bundle: Option<PathBuf>,
    /// What to know of the file.
    notes: Vec<String>,
    settings: Vec<ToldSetting>,
}

/// What one program is told.
#[derive(Debug, Serialize)]
struct ToldSetting {
    program: &'static str,
    lines: Vec<String>,
    /// Whether the public roots are replaced.
    replaces: bool,
    warning: String,
}

/// Gives the lines.
///
/// # Errors
/// No root.
pub(super) fn run(arguments: &EnvArguments, context: &Context) -> Result<Outcome, Failure> {
    // While one root follows another this is the newer one; the bundle has both.
    let roots = arguments.root.roots(Pin::Optional, context)?;
    let root = roots.first().ok_or_else(|| Failure::new(FailureKind::NotFound, "there is no root"))?;
    let (file, notes) = match arguments.root.file() {
        Some(file) => (directory::absolute(file)?, Vec::new()),
        None => (arguments.root.file_of_home(context)?, vec![OF_HOME.to_owned()]),
    };
    is_alone(root.certificate(), &file, &context.read(&file, MOST_BYTES)?)?;
    let here = Here(context.processes());
    let bundle = trusted_bundle(root, &survey(context.surroundings(), &here), &here);
    let found = settings(Files { root: &file, bundle });
    let told = found.into_iter().map(|setting| ToldSetting {
        program: setting.program,
        lines: setting.lines,
        replaces: setting.replaces == Replaces::PublicRoots,
        warning: setting.warning,
    });
    Ok(Outcome::done(EnvReport {
        root: ToldRoot::of(root),
        settings: told.collect(),
        bundle: bundle.map(Path::to_owned),
        notes,
        file,
    }))
}

/// The system's bundle, if the root is in it.
fn trusted_bundle(root: &Root, machine: &Machine, host: &dyn Host) -> Option<&'static Path> {
    let system = stores(machine).into_iter().find(|store| store.kind() == Kind::System)?;
    let turns = Turns::new(Purpose::Ask, machine, host);
    let is_trusted = matches!(standing(&*system, root, &turns, host), Ok(Standing::Trusted));
    machine.system.as_ref()?.as_ref().ok().filter(|_| is_trusted)?.layout.bundle()
}

/// A text for a shell, of which every line that is not for it is a comment.
impl Report for EnvReport {
    fn tell(&self, page: &mut Page) {
        self.root.comment(page);
        let notes = self.notes.iter().map(|note| page.spelled(note)).collect::<Vec<_>>();
        for note in notes {
            page.comment(Tone::Caution, &format!("note: {note}"));
        }
        for setting in &self.settings {
            page.blank();
            page.comment(Tone::Strong, setting.program);
            let (tone, mark) = if setting.replaces { (Tone::Caution, "warning:") } else { (Tone::Plain, "note:") };
            page.comment(tone, &format!("{mark} {}", setting.warning));
            setting.lines.iter().for_each(|line| page.verbatim(&format!("{line}\n")));
        }
        if self.bundle.is_none() {
            page.blank();
            let install = page.hubca("trust install --only system");
            page.comment(
                Tone::Good,
                &format!("hint: where the system trusts the root, its bundle has the public roots as well: {install}"),
            );
        }
    }
}

/// Nobody else may enter a home.
const OF_HOME: &str = "this file lies in the home, which lets nobody in but its owner: a program of another user, such as a service, \
                       cannot read it. For those write a copy to where they can: hubca export pem --out FILE";
/// Room for a certificate with what others wrote around it.
const MOST_BYTES: usize = 1024 * 1024;

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca trust env
  hubca trust env --json
  hubca trust env --root /etc/ssl/home-hub.crt";
