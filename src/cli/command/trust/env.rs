//! `hubca trust env`: lines for programs that ask no store.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
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
    trust::{Files, Kind, Machine, Replaces, Root, Standing, bundle, settings, stores, survey},
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
    let file = match arguments.root.file() {
        Some(file) => directory::absolute(file)?,
        None => arguments.root.file_of_home(context)?,
    };
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
        file,
    }))
}

/// The system's bundle, if the root is in it.
fn trusted_bundle(root: &Root, machine: &Machine, host: &dyn Host) -> Option<&'static Path> {
    let system = stores(machine).into_iter().find(|store| store.kind() == Kind::System)?;
    let is_trusted = matches!(system.standing(root, host), Ok(Standing::Trusted));
    machine.system.as_ref().filter(|_| is_trusted).and_then(|system| bundle(system.layout))
}

impl Report for EnvReport {
    fn tell(&self, page: &mut Page) {
        self.root.tell(page);
        for setting in &self.settings {
            page.blank();
            page.heading(setting.program);
            setting.lines.iter().for_each(|line| page.command(line));
            let (tone, mark) = if setting.replaces { (Tone::Caution, "warning:") } else { (Tone::Plain, "note:") };
            page.marked(tone, mark, &setting.warning);
        }
        if self.bundle.is_none() {
            page.blank();
            page.marked(
                Tone::Good,
                "hint:",
                &format!(
                    "where the system trusts the root, its bundle has the public roots as well: {}",
                    page.hubca("trust install --only system")
                ),
            );
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca trust env
  hubca trust env --json
  hubca trust env --root /etc/ssl/home-hub.crt";
