//! Where the files of an export go: a file, a directory, or stdout.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    cli::{
        context::Context,
        delivery::{
            DeliveredFile, Existing, Named, check_room_for_artifact, check_room_for_directory, deliver_artifact,
            make_directory, refuse_json,
        },
        failure::Failure,
        file_password::PasswordArguments,
        report::Outcome,
    },
    export::{Anchor, Artifact},
    home::Home,
    system::DirectoryMode,
};

/// Where to, and whether over what is there.
#[derive(Args, Debug)]
pub(super) struct OutputArguments {
    /// Where to: a file, a directory, or - for stdout; else the current directory
    #[arg(long, value_name = "FILE|DIR|-")]
    out: Option<PathBuf>,
    /// Write over a file that holds something else
    #[arg(long)]
    force: bool,
}

/// Files that were written, or bytes for stdout.
pub(super) enum Delivered {
    /// What lies where now.
    Files(Vec<DeliveredFile>),
    /// `--out -`.
    Stdout(Outcome),
}

impl OutputArguments {
    /// Refuses to make a password for a file that goes to stdout: whoever catches the one might lose the other.
    ///
    /// # Errors
    /// `--out -` without a password file.
    pub(super) fn check_password(&self, password: &PasswordArguments) -> Result<(), Failure> {
        if self.is_stdout() && password.file().is_none() {
            return Err(Failure::usage("for a file on stdout no password is made")
                .hint("name a file whose first line is one: --password-file FILE"));
        }
        Ok(())
    }

    fn is_stdout(&self) -> bool {
        self.out.as_deref() == Some(Path::new("-"))
    }

    /// The directory in which so many files come to lie; none on stdout.
    pub(super) fn directory(&self, files: usize) -> Option<PathBuf> {
        match self.out.as_deref() {
            Some(_) if self.is_stdout() => None,
            Some(out) if files == 1 && !names_directory(out) => out.parent().map(Path::to_owned),
            Some(out) => Some(out.components().collect()),
            None => Some(PathBuf::new()),
        }
    }

    /// Writes the files of one export.
    ///
    /// # Errors
    /// Several files for one name or for stdout, a file that is there already, or a file system that says no.
    pub(super) fn deliver(&self, artifacts: &[Artifact], context: &Context) -> Result<Delivered, Failure> {
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        let paths = match (self.out.as_deref(), artifacts) {
            (Some(_), [only]) if self.is_stdout() => return to_stdout(only, context).map(Delivered::Stdout),
            (Some(_), several) if self.is_stdout() => {
                return Err(Failure::usage(format!("{} files do not fit on stdout", several.len()))
                    .hint("name a directory for them: --out DIR"));
            }
            (Some(out), [only]) if !names_directory(out) => vec![out.to_owned()],
            (Some(out), any) => {
                let out = out.components().collect::<PathBuf>();
                check_room_for_directory(&out)?;
                make_directory(&out, DirectoryMode::Public)?;
                any.iter().map(|artifact| out.join(artifact.file_name())).collect()
            }
            (None, any) => any.iter().map(|artifact| PathBuf::from(artifact.file_name())).collect(),
        };
        let mut placed = artifacts.iter().zip(&paths);
        placed.try_for_each(|(artifact, path)| check_room_for_artifact(artifact, path, existing))?;
        let files = artifacts.iter().zip(paths).map(|(artifact, path)| deliver_artifact(artifact, path, existing));
        files.collect::<Result<_, _>>().map(Delivered::Files)
    }
}

/// What this home's CA hands out: while one root follows another the new one, and the old one beside it.
pub fn anchor(home: &Home) -> Result<Anchor, Failure> {
    let authority = home.authority();
    let (root, other) = authority.roots_to_hand_out().map_or((home.root()?, None), |roots| roots);
    // An old CA may issue by its root alone: then nothing lies between.
    let between = authority.served_above(&authority.chain_of(home.issuing()?));
    let anchor = Anchor::new(authority.name(), root.certificate().clone(), between)?;
    Ok(match other {
        Some(other) => anchor.with_other_root(other.certificate().clone())?,
        None => anchor,
    })
}

fn to_stdout(artifact: &Artifact, context: &Context) -> Result<Outcome, Failure> {
    refuse_json(context, Named::Out)?;
    let is_text = std::str::from_utf8(artifact.contents()).is_ok();
    if context.terminal().shows_answer() && !is_text {
        return Err(Failure::usage("these bytes are not for a terminal").hint("give --out FILE, or pipe them on"));
    }
    Ok(Outcome::bytes(artifact.contents().to_vec()))
}

/// A name that ends in a slash is that of a directory, be it there or not.
fn names_directory(out: &Path) -> bool {
    out.as_os_str().as_encoded_bytes().ends_with(b"/") || out.is_dir()
}
