//! One step of a change of root: taken or found taken, and every chain after it.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    moving::{self, Moved},
    progress::{Progress, State},
};
use crate::{
    authority::Effect,
    cli::{
        context::Context,
        delivery::check_directory,
        failure::{Failure, FailureKind},
        issuance::{key_algorithm, undeployed},
        page::{Page, Tone, counted},
        passphrases::{EmptyReply, Passphrases, Remembered},
        report::{Outcome, Report},
        terminal::Person,
    },
    home::{Home, Layout, NextRoot, StillNeeded},
    keys::{KeyPurpose, Passphrase, PassphraseSource, Protection},
    plan::shell_word,
    x509::KeyAlgorithm,
};

#[derive(Args, Debug)]
pub(super) struct BeginArguments {
    /// The algorithm of the new root's key, and of the key of the issuing CA below it; else that of the settings
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm())]
    key: Option<KeyAlgorithm>,
    /// The file of the old root's key, where it was taken away
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Put the new root's key into this directory instead of the home: a stick that is taken away
    #[arg(long, value_name = "DIR")]
    root_key_out: Option<PathBuf>,
    /// A file whose first line opens the new root's key; else it has the passphrase of the old one
    #[arg(long, value_name = "FILE")]
    new_root_passphrase_file: Option<PathBuf>,
    /// No passphrase on the new root's key
    #[arg(long, conflicts_with = "new_root_passphrase_file")]
    no_passphrase: bool,
}

#[derive(Args, Debug)]
pub(super) struct CutOverArguments {
    /// Let servers move over at once, as `renew` does it, and not when they are due
    #[arg(long)]
    now: bool,
}

#[derive(Args, Debug)]
pub(super) struct RetireArguments {
    /// Even if certificates in use stand below the old root, or devices have not shown that they trust the new one
    #[arg(long)]
    force: bool,
}

/// One step.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Begin(&'a BeginArguments),
    CutOver(&'a CutOverArguments),
    Retire(&'a RetireArguments),
    Abandon,
}

impl Step<'static> {
    /// The step that comes next, as it is taken where nothing more is said.
    pub(super) fn next(state: State) -> Self {
        match state {
            State::None => Self::Begin(&PLAIN_BEGINNING),
            State::Begun => Self::CutOver(&CutOverArguments { now: false }),
            State::CutOver => Self::Retire(&RetireArguments { force: false }),
        }
    }
}

/// What a step did, and how far the change has come with it.
#[derive(Debug, Serialize)]
struct StepReport {
    /// Whether this command took it, and not one before.
    taken: bool,
    /// The labels whose chain was written anew.
    chains: Vec<String>,
    /// The servers that were to move over at once.
    moved: Vec<Moved>,
    /// The files of roots that are handed out no more, where the step left some: whoever was given one trusts it until it is taken
    /// away there.
    withdrawn: Vec<PathBuf>,
    #[serde(flatten)]
    progress: Progress,
    #[serde(skip)]
    heading: &'static str,
    #[serde(skip)]
    cautions: Vec<String>,
}

pub(super) fn run(step: Step<'_>, context: &Context) -> Result<Outcome, Failure> {
    let mut home = context.open_home()?;
    let effect = match step {
        Step::Begin(arguments) => begin(&mut home, arguments, context)?,
        Step::CutOver(_) => cut_over(&mut home, context)?,
        Step::Retire(arguments) => retire(&mut home, arguments, context)?,
        Step::Abandon => home.abandon_rotation()?,
    };
    let chains = home.renew_chains()?;
    let lost = chains.iter().filter(|label| deploy(&home, label, context) == Arrival::Failed).count();
    let moved = match step {
        Step::CutOver(CutOverArguments { now: true }) => moving::move_all(&home, context)?,
        _ => Vec::new(),
    };
    let code = u8::from(lost > 0 || !moving::is_complete(&moved));
    let progress = Progress::of(&home, context.now())?;
    let cautions = cautions(step, &home);
    let withdrawn = match step {
        Step::Retire(_) | Step::Abandon => home.authority().withdrawn_roots(),
        Step::Begin(_) | Step::CutOver(_) => Vec::new(),
    };
    let withdrawn = withdrawn.iter().map(|root| home.layout().root_certificate(root.ordinal())).collect();
    let heading = heading(step, effect);
    let report = StepReport { taken: effect == Effect::Taken, chains, moved, withdrawn, progress, heading, cautions };
    Ok(Outcome::with_code(report, code))
}

/// Whether a chain is where it shall be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    There,
    Failed,
}

/// Brings a chain that was written anew to its server; one that does not get there is for the next renewal.
fn deploy(home: &Home, label: &str, context: &Context) -> Arrival {
    let deployed = home.lock_label(label).and_then(|lock| home.deploy(&lock, label, &moving::outside(context)));
    let reason = match deployed {
        Ok(Some(deployed)) => match undeployed(label, &deployed) {
            Some(failure) => failure,
            None => return Arrival::There,
        },
        Ok(None) => return Arrival::There,
        Err(error) => error.into(),
    };
    context.complain(reason.within(format!("the chain of `{label}` is written anew, but not in use")));
    Arrival::Failed
}

/// Nothing is asked for: no passphrase either, where one was begun before.
fn begin(home: &mut Home, arguments: &BeginArguments, context: &Context) -> Result<Effect, Failure> {
    let passphrases = Remembered::new(Passphrases::new(context));
    if let Some(change) = home.authority().rotation() {
        let new = change.new.ordinal();
        let outside = arguments.root_key_out.as_deref().map(|directory| Layout::root_key_in(directory, new));
        home.publish_missing_crl(outside.as_deref(), &passphrases)?;
        return Ok(Effect::TakenBefore);
    }
    home.authority().consider_change_of_root()?;
    arguments.root_key_out.as_deref().map(check_directory).transpose()?;
    let passphrase = new_passphrase(home, arguments, &passphrases, context)?;
    let next = NextRoot {
        key: arguments.key.unwrap_or(home.settings().key),
        root_key: arguments.root_key.as_deref(),
        protection: passphrase.as_ref().map_or(Protection::FileMode, Protection::Passphrase),
        root_key_out: arguments.root_key_out.as_deref(),
    };
    home.begin_rotation(next, &passphrases)?;
    Ok(Effect::Taken)
}

/// What will open the new root's key, if anything.
fn new_passphrase(
    home: &Home,
    arguments: &BeginArguments,
    passphrases: &Remembered<'_>,
    context: &Context,
) -> Result<Option<Passphrase>, Failure> {
    if arguments.no_passphrase {
        return Ok(None);
    }
    if let Some(file) = &arguments.new_root_passphrase_file {
        return Ok(Some(Passphrase::from_file(file)?));
    }
    if home.named_root_key(arguments.root_key.as_deref())?.is_encrypted()? {
        return Ok(Some(passphrases.passphrase(&KeyPurpose::Root)?));
    }
    if context.person() == Person::Present {
        return Passphrases::new(context).ask_new(&KeyPurpose::Root, EmptyReply::MeansNone);
    }
    Err(Failure::new(FailureKind::Passphrase, "nobody said how to protect the new root key")
        .hint("name a file whose first line is its passphrase: --new-root-passphrase-file FILE")
        .hint("or say that there shall be none: --no-passphrase"))
}

/// Whoever sits at the terminal sees who is without the new root, and is asked.
fn cut_over(home: &mut Home, context: &Context) -> Result<Effect, Failure> {
    let progress = Progress::of(home, context.now())?;
    let is_open = progress.state == State::Begun && !progress.devices_without.is_empty();
    if is_open {
        agreed(&progress, "put the new root in force? these devices are served on", context)?;
    }
    Ok(home.cut_over()?)
}

/// Certificates or devices that need the old root hold it up.
fn retire(home: &mut Home, arguments: &RetireArguments, context: &Context) -> Result<Effect, Failure> {
    let progress = Progress::of(home, context.now())?;
    if !arguments.force && progress.state == State::CutOver && !progress.devices_without.is_empty() {
        if context.person() == Person::Absent || context.is_json() {
            let without = counted(progress.devices_without.len(), "device");
            let message = format!("{without} that trusted a root have not shown that they trust the new one");
            return Err(Failure::new(FailureKind::Refused, message)
                .hint("see which: hubca rotate root")
                .hint("let them open the onboarding page: hubca share")
                .hint("or retire the old root all the same: hubca rotate root retire --force"));
        }
        agreed(&progress, "retire the old root? what these devices have may not suffice any more", context)?;
    }
    let needed = if arguments.force { StillNeeded::Overrule } else { StillNeeded::Refuse };
    Ok(home.retire_root(needed)?)
}

fn agreed(progress: &Progress, question: &str, context: &Context) -> Result<(), Failure> {
    if context.person() == Person::Absent || context.is_json() {
        return Ok(());
    }
    let mut page = Page::new(context.terminal().columns()).calling(context.invocation());
    progress.tell_devices(&mut page);
    context.terminal().remark(page.as_str());
    if context.terminal().confirm(question)? {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Refused, "nothing was changed: the answer was no"))
}

/// What lies there that need not.
fn cautions(step: Step<'_>, home: &Home) -> Vec<String> {
    let layout = home.layout();
    let old = |ordinal: i64| {
        let key = layout.root_key(ordinal);
        key.exists().then(|| format!("the key of the old root may go: {}", key.display()))
    };
    match step {
        Step::Begin(arguments) => arguments.caution(home, layout).into_iter().collect(),
        Step::Retire(_) => {
            home.authority().earlier_roots().first().and_then(|root| old(root.ordinal())).into_iter().collect()
        }
        Step::Abandon => vec![
            "devices that were given the new root in the meantime trust it until it is removed there".to_owned(),
            "its keys serve nobody: the newest directories in root/ and issuing/ of the home may go".to_owned(),
        ],
        Step::CutOver(_) => Vec::new(),
    }
}

impl BeginArguments {
    fn caution(&self, home: &Home, layout: &Layout) -> Option<String> {
        let new = home.authority().rotation()?.new;
        let key = match &self.root_key_out {
            Some(directory) => Layout::root_key_in(directory, new.ordinal()),
            None => layout.root_key(new.ordinal()),
        };
        Some(format!("the key of the new root lies in {}; it is needed for the next issuing CA", key.display()))
    }
}

fn heading(step: Step<'_>, effect: Effect) -> &'static str {
    match (step, effect) {
        (Step::Begin(_), Effect::Taken) => "the new root is made, beside the old one",
        (Step::Begin(_), Effect::TakenBefore) => "a change of root was begun before",
        (Step::CutOver(_), Effect::Taken) => "the new root is in force",
        (Step::CutOver(_), Effect::TakenBefore) => "the new root was in force before",
        (Step::Retire(_), Effect::Taken) => "the old root is retired",
        (Step::Retire(_), Effect::TakenBefore) => "the old root was retired before",
        (Step::Abandon, Effect::Taken) => "the change of root is given up",
        (Step::Abandon, Effect::TakenBefore) => "the change of root was given up before",
    }
}

impl Report for StepReport {
    fn tell(&self, page: &mut Page) {
        page.heading(self.heading);
        page.field("chains", &format!("{} written anew", counted(self.chains.len(), "label")));
        moving::tell(&self.moved, page);
        for caution in &self.cautions {
            page.toned_field(Tone::Caution, "note", caution);
        }
        if !self.withdrawn.is_empty() {
            page.blank();
            page.line(
                "computers that were given a root which is handed out no more trust it until it is taken away there:",
            );
        }
        for file in &self.withdrawn {
            page.command(&format!("hubca trust remove --root {}", shell_word(&file.to_string_lossy())));
        }
        page.blank();
        self.progress.tell(page);
    }
}

/// What `begin` does where nothing more is said.
const PLAIN_BEGINNING: BeginArguments = BeginArguments {
    key: None,
    root_key: None,
    root_key_out: None,
    new_root_passphrase_file: None,
    no_passphrase: false,
};
