//! `hubca man`: the manual pages, one to a command.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use serde::Serialize;

use crate::{
    cli::{
        delivery::make_directory,
        failure::{Failure, FailureKind},
        page::{Page, counted},
        report::{Outcome, Report},
    },
    system::{DirectoryMode, FileMode, files},
};

/// Write the manual pages, one to a command, into a directory
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ManArguments {
    /// The directory; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// The pages that were written.
#[derive(Debug, Serialize)]
pub struct ManReport {
    files: Vec<PathBuf>,
}

/// Writes the pages of a command line.
///
/// # Errors
/// The directory cannot be written.
pub fn run(arguments: &ManArguments, mut parser: Command) -> Result<Outcome, Failure> {
    make_directory(&arguments.directory, DirectoryMode::Public)?;
    parser.build();
    let mut files = Vec::new();
    write(&parser, "hubca", &arguments.directory, &mut files)?;
    Ok(Outcome::done(ManReport { files }))
}

fn write(command: &Command, name: &str, directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    // A page is called as its command is typed, with hyphens: hubca-profile-list(1).
    let titled = command.clone().name(name.to_owned()).display_name(name.to_owned());
    let mut page = Vec::new();
    let rendered = Man::new(titled).manual("hubca").render(&mut page);
    rendered.map_err(|error| Failure::of(FailureKind::Internal, &error))?;
    let path = directory.join(format!("{name}.1"));
    files::replace(&path, &page, FileMode::Public)?;
    files.push(path);
    command
        .get_subcommands()
        .try_for_each(|child| write(child, &format!("{name}-{}", child.get_name()), directory, files))
}

impl Report for ManReport {
    fn tell(&self, page: &mut Page) {
        page.line(&format!("written: {}", counted(self.files.len(), "page")));
        if let Some(first) = self.files.first() {
            page.blank();
            page.command(&format!("man {}", first.display()));
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca man ~/.local/share/man/man1";
