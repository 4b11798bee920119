//! `hubca export`: files to hand out.

use std::path::{Path, PathBuf};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        delivery::{DeliveredFile, Existing, check_room_beside, deliver_artifact, refuse_json},
        failure::Failure,
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    export::{Anchor, Artifact, Contents, Target},
    home::Home,
};

/// Write the file that a device or a program needs to trust this CA
///
/// `ios` is a profile for iPhones, iPads and Macs; `pem` and `der` are the root certificate. No file holds a private
/// key, and each is the same whenever it is written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExportArguments {
    /// For whom
    #[arg(value_name = "TARGET", value_parser = target())]
    target: Target,
    /// Where to: a file, a directory, or - for stdout; else the current directory
    #[arg(long, value_name = "FILE|DIR|-")]
    out: Option<PathBuf>,
    /// The issuing CA as well, for servers that do not send it
    #[arg(long)]
    with_issuing: bool,
    /// Write over a file that holds something else
    #[arg(long)]
    force: bool,
}

/// The files that were written, and what to do with them.
#[derive(Debug, Serialize)]
pub struct ExportReport {
    target: &'static str,
    files: Vec<DeliveredFile>,
    /// What a person compares before trusting it.
    root_sha256: String,
    steps: Vec<&'static str>,
}

/// Writes a file to hand out.
///
/// # Errors
/// A home that fails, or a file that is there already.
pub fn run(arguments: &ExportArguments, context: &Context) -> Result<Outcome, Failure> {
    if arguments.with_issuing && arguments.target == Target::Der {
        return Err(Failure::usage("`der` holds one certificate, so `--with-issuing` does not go with it")
            .hint("use a form that holds several: hubca export pem --with-issuing"));
    }
    let home = context.open_home()?;
    let contents = if arguments.with_issuing { Contents::WithIssuing } else { Contents::RootOnly };
    let anchor = anchor(&home)?;
    let artifact = arguments.target.artifact(&anchor, contents);
    let path = match arguments.out.as_deref() {
        Some(out) if out == Path::new("-") => return to_stdout(&artifact, context),
        Some(out) => place(out, &artifact),
        None => PathBuf::from(artifact.file_name()),
    };
    check_room_beside(&path)?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let file = deliver_artifact(&artifact, path, existing)?;
    Ok(Outcome::done(ExportReport::new(arguments.target, &anchor, vec![file])))
}

/// What this home's CA hands out.
pub(super) fn anchor(home: &Home) -> Result<Anchor, Failure> {
    let (root, issuing) = (home.root()?.certificate().clone(), home.issuing()?.certificate().clone());
    // An old CA may issue by its root alone.
    let issuing = (issuing != root).then_some(issuing);
    Ok(Anchor::new(home.authority().name(), root, issuing)?)
}

fn to_stdout(artifact: &Artifact, context: &Context) -> Result<Outcome, Failure> {
    refuse_json(context)?;
    let is_text = std::str::from_utf8(artifact.contents()).is_ok();
    if context.terminal().shows_answer() && !is_text {
        return Err(Failure::usage("these bytes are not for a terminal").hint("give --out FILE, or pipe them on"));
    }
    Ok(Outcome::bytes(artifact.contents().to_vec()))
}

fn place(out: &Path, artifact: &Artifact) -> PathBuf {
    let names_directory = out.as_os_str().as_encoded_bytes().ends_with(b"/");
    if names_directory || out.is_dir() { out.join(artifact.file_name()) } else { out.to_owned() }
}

fn target() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::as_str)).try_map(|word| word.parse::<Target>())
}

impl ExportReport {
    /// Files for a target, and its steps.
    pub fn new(target: Target, anchor: &Anchor, files: Vec<DeliveredFile>) -> Self {
        let root_sha256 = anchor.root().fingerprint();
        Self { target: target.as_str(), files, root_sha256, steps: target.steps().to_vec() }
    }

    /// The files.
    pub fn files(&self) -> &[DeliveredFile] {
        &self.files
    }

    /// Tells what to do with them; the marks count the steps.
    pub fn tell_steps<'a>(&self, page: &mut Page, marks: impl IntoIterator<Item = &'a str>) {
        page.field("root SHA-256", &self.root_sha256);
        page.blank();
        for (mark, step) in marks.into_iter().zip(&self.steps) {
            page.paragraph(&format!("  {mark} "), Tone::Plain, step);
        }
    }
}

impl Report for ExportReport {
    fn tell(&self, page: &mut Page) {
        self.files.iter().for_each(|file| page.command(&file.path.display().to_string()));
        page.blank();
        self.tell_steps(page, ["1.", "2.", "3.", "4.", "5."]);
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca export ios                        home-hub.mobileconfig, for the iPad
  hubca export pem --out /etc/ssl/hub.pem
  hubca export der --out - | sha256sum";
