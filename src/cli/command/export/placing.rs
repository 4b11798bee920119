//! What is done on this machine with a preset, and what is told of it.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    authority::Label,
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::{Page, Tone},
        report::Report,
        server_preset::tell_cautions,
        server_secrets,
        terminal::Person,
        told_plan::{ToldStep, tell_kept},
    },
    home::ServerSecret,
    plan::{shell_line, shell_word},
    preset::{NoPlace, Preset, Site, Standing, Target},
};

/// What is asked for on this machine.
pub(super) struct Asked<'a> {
    pub(super) offered: &'a Preset,
    pub(super) site: &'a Site,
    pub(super) label: &'a Label,
    /// The command line by which it is put in its place.
    pub(super) call: &'a str,
    /// What stands there.
    pub(super) standing: &'a Standing,
    pub(super) is_dry: bool,
}

/// What was done on this machine, or would be.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct PlacingReport {
    pub(super) target: &'static str,
    pub(super) label: String,
    /// False where it was only shown.
    pub(super) done: bool,
    /// The command after which a renewal brings the files there, where that was not remembered already: done first.
    pub(super) bring: Vec<String>,
    /// The command that has each renewal bring the files there and the server take them, where that was not remembered already: done
    /// last.
    pub(super) remember: Vec<String>,
    /// The secrets beside the configuration; a removal leaves them.
    pub(super) secrets: Vec<ServerSecret>,
    pub(super) steps: Vec<ToldStep>,
    /// Copies of key and certificate that a removal removes.
    pub(super) copies: Vec<PathBuf>,
    /// Copies of key and certificate that nothing of this program needs any more, and a removal leaves.
    pub(super) left: Vec<PathBuf>,
    /// Why a removal has nothing to take away, where it has nothing.
    pub(super) nothing: Option<String>,
    /// What renewals did for the server that its preset did not say, and do no more.
    pub(super) forgotten: Vec<String>,
    /// Copies of what somebody had changed in what was written over or taken away.
    pub(super) edited: Vec<PathBuf>,
    /// What a person has to know.
    pub(super) cautions: Vec<&'static str>,
    #[serde(skip)]
    pub(super) direction: Direction,
    /// Whether a person has read it all before.
    #[serde(skip)]
    pub(super) was_shown: bool,
}

/// Whether a preset is put in its place or taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Direction {
    #[default]
    Install,
    Remove,
}

impl PlacingReport {
    pub(super) fn of(offered: &Preset, label: &str, direction: Direction) -> Self {
        Self { target: offered.target.as_str(), label: label.to_owned(), direction, ..Self::default() }
    }

    /// Shows it to a person, if one is there, and asks.
    ///
    /// # Errors
    /// The person says no.
    pub(super) fn ask(&mut self, context: &Context) -> Result<(), Failure> {
        if context.person() != Person::Present {
            return Ok(());
        }
        let mut page = Page::new(context.terminal().columns()).calling(context.invocation());
        self.tell(&mut page);
        context.terminal().remark(page.as_str());
        self.was_shown = true;
        if context.terminal().confirm("do that?")? {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Refused, "nothing was changed"))
    }

    fn tell_steps(&self, page: &mut Page) {
        if !self.bring.is_empty() {
            page.marked(Tone::Strong, "step:", "bring its key and certificate there, now and at each renewal");
            page.command(&page.spelled(&shell_line(&self.bring)));
        }
        self.secrets.iter().for_each(|secret| server_secrets::tell_step(secret, page));
        self.steps.iter().for_each(|step| step.tell(page));
        if !self.remember.is_empty() {
            page.marked(Tone::Strong, "step:", "let each renewal tell it too");
            page.command(&page.spelled(&shell_line(&self.remember)));
        }
        if !self.copies.is_empty() {
            page.marked(Tone::Strong, "step:", "remove its copies of key and certificate");
            self.copies.iter().for_each(|copy| page.command(&copy.display().to_string()));
        }
    }
}

impl Report for PlacingReport {
    fn tell(&self, page: &mut Page) {
        match (&self.nothing, self.done, self.direction) {
            (Some(why), ..) => {
                page.heading(&format!("nothing to take away: {} for {}", self.target, self.label));
                page.line(&page.spelled(why));
            }
            (None, false, _) => self.tell_steps(page),
            (None, true, Direction::Install) => {
                page.heading(&format!("in its place: {} for {}", self.target, self.label));
            }
            (None, true, Direction::Remove) => {
                page.heading(&format!("taken away: {} for {}", self.target, self.label));
            }
        }
        tell_kept(&self.edited, page);
        for forgotten in &self.forgotten {
            page.marked(
                Tone::Caution,
                "note:",
                &format!("renewals no longer do what somebody said of it: {forgotten}"),
            );
        }
        if !self.left.is_empty() {
            page.line("copies of its key and certificate that nothing of hubca's uses are left; to remove them:");
            page.command(&removal(&self.left));
        }
        if self.direction == Direction::Install && !self.was_shown {
            tell_cautions(&self.cautions, page);
        }
        if self.done && self.direction == Direction::Install {
            page.line("see whether it shows its certificate:");
            page.command(&page.hubca("status"));
            page.line("a renewal, tried now:");
            page.command(&page.hubca(&format!("renew {} --force", self.label)));
        }
    }
}

/// The command that removes files.
pub(super) fn removal(files: &[PathBuf]) -> String {
    let words = ["rm".to_owned()].into_iter().chain(files.iter().map(|file| file.display().to_string()));
    shell_line(&words.collect::<Vec<_>>())
}

/// What is said of copies that were made before something failed.
pub(super) fn naming(failure: Failure, edited: &[PathBuf]) -> Failure {
    let say = |copy: &PathBuf| format!("what was changed there by hand is kept in {}", copy.display());
    edited.iter().map(say).fold(failure, Failure::hint)
}

/// Why a preset is not put in its place, and what to do instead.
pub(super) fn no_place(error: &NoPlace, target: Target, label: &str) -> Failure {
    let of = |kind| Failure::of(kind, error);
    let steps = format!("the steps for a person: hubca export preset {target} {label}");
    match error {
        NoPlace::ByHand { .. } | NoPlace::Closed { .. } => of(FailureKind::Refused).hint(steps),
        NoPlace::Taken { .. } => of(FailureKind::Refused)
            .hint(format!("add to that block what this shows: hubca export preset {target} {label}")),
        NoPlace::Other { label: other, .. } => of(FailureKind::Refused)
            .hint(format!("one certificate can have all names: issue it for `{other}` with those of `{label}` too"))
            .hint(format!("or take that one away first: hubca export preset {target} {other} --remove")),
        NoPlace::Port { .. } => of(FailureKind::Refused).hint("say another port: --port PORT").hint(
            "or, where a label listens there, take that one away first: hubca export preset SERVER LABEL --remove",
        ),
        NoPlace::Address { path } => of(FailureKind::Refused)
            .hint(format!("one certificate can have all names: issue `{label}` with those of {} too", path.display()))
            .hint("or leave the addresses out of one of them: names are told apart"),
        NoPlace::Overruled { key, .. } => of(FailureKind::Refused)
            .hint(format!("take `{key}` out there, and what else stands in these lines:"))
            .hint(steps),
        NoPlace::Fixed { .. } => of(FailureKind::Usage).hint("leave out --place"),
        NoPlace::Several { found, .. } => {
            let first = found.first().map(String::as_str).unwrap_or_default();
            of(FailureKind::Refused).hint(format!("say which: --place {}", shell_word(first)))
        }
        NoPlace::Missing { .. } => of(FailureKind::NotFound)
            .hint("if it is set up on this machine, name the directory: --place DIR")
            .hint(steps),
        NoPlace::Unsayable(_) => of(FailureKind::Usage).hint("name another directory: --place DIR"),
        NoPlace::File(_) => of(FailureKind::File),
    }
}
