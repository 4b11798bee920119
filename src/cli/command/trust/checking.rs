//! `hubca trust check`: whether the root is trusted, store by store.

use clap::Args;
use serde::Serialize;

use super::{
    chosen::{ChosenArguments, Pin},
    report::{ToldRoot, tell_machine, tell_others},
};
use crate::{
    cli::{
        context::Context,
        failure::Failure,
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    system::Host,
    trust::{self, Purpose, Root, Standing, Store, Turns},
};

/// A question to the stores.
#[derive(Args, Debug)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    chosen: ChosenArguments,
}

/// What each store says.
#[derive(Debug, Serialize)]
struct CheckReport {
    /// Whether the root is trusted in all of them, and none that is handed out no more in any.
    ok: bool,
    /// Where the machine is, if it is not this one.
    on: Option<String>,
    machine: Option<String>,
    roots: Vec<ToldRoot>,
    stores: Vec<AskedStore>,
    /// The command line that has every store that was asked trust the root, where that can be had.
    #[serde(skip)]
    installation: Option<String>,
    /// The command lines that take out roots that are handed out no more, and that a store trusts still.
    #[serde(skip)]
    removals: Vec<String>,
}

/// What one store says of one root.
#[derive(Debug, Serialize)]
struct AskedStore {
    store: &'static str,
    place: String,
    /// The fingerprint of the root.
    root: String,
    standing: ToldStanding,
    /// False for a root that was handed out once and is no more: it is told where it is trusted still.
    handed_out: bool,
    error: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum ToldStanding {
    Trusted,
    Idle,
    Absent,
    Blocked,
    /// The store cannot be asked.
    Unknown,
}

/// Asks the stores.
///
/// # Errors
/// No root, or no store.
pub(super) fn run(arguments: &CheckArguments, context: &Context) -> Result<Outcome, Failure> {
    let roots = arguments.chosen.roots(Pin::Optional, context)?;
    let reached = arguments.chosen.machine(context)?;
    let stores = arguments.chosen.stores(&reached)?;
    let host = reached.host();
    let turns = Turns::new(Purpose::Ask, reached.machine(), host);
    let wanted = stores.iter().flat_map(|store| roots.wanted.iter().map(move |root| (&**store, root)));
    let mut asked: Vec<AskedStore> = wanted.map(|(store, root)| ask(store, root, &turns, host)).collect();
    let any = |wanted: &[ToldStanding]| asked.iter().any(|store| wanted.contains(&store.standing));
    let (is_no, is_unknown) =
        (any(&[ToldStanding::Idle, ToldStanding::Absent, ToldStanding::Blocked]), any(&[ToldStanding::Unknown]));
    let mut told: Vec<ToldRoot> = roots.wanted.iter().map(ToldRoot::of).collect();
    let mut removals = Vec::new();
    for (root, file) in &roots.withdrawn {
        let trusting = stores.iter().map(|store| AskedStore { handed_out: false, ..ask(&**store, root, &turns, host) });
        let trusting: Vec<_> = trusting.filter(|store| store.standing == ToldStanding::Trusted).collect();
        if !trusting.is_empty() {
            told.push(ToldRoot::withdrawn(root));
            removals.push(arguments.chosen.removal(file));
            asked.extend(trusting);
        }
    }
    tell_others(&turns, context);
    let is_no = is_no || !removals.is_empty();
    // What cannot be asked, or is blocked, no installation mends.
    let is_missing = |store: &AskedStore| matches!(store.standing, ToldStanding::Idle | ToldStanding::Absent);
    let installation = asked.iter().any(is_missing).then(|| arguments.chosen.installation());
    let report = CheckReport {
        ok: !is_no && !is_unknown,
        on: reached.address(),
        machine: reached.machine().name.clone(),
        roots: told,
        stores: asked,
        installation,
        removals,
    };
    Ok(match (is_no, is_unknown) {
        (true, _) => Outcome::no(report),
        (false, true) => Outcome::with_code(report, 1),
        (false, false) => Outcome::done(report),
    })
}

fn ask(store: &dyn Store, root: &Root, turns: &Turns, host: &dyn Host) -> AskedStore {
    let (standing, error) = match trust::standing(store, root, turns, host) {
        Ok(Standing::Trusted) => (ToldStanding::Trusted, None),
        Ok(Standing::Idle) => (ToldStanding::Idle, None),
        Ok(Standing::Absent) => (ToldStanding::Absent, None),
        Ok(Standing::Blocked) => (ToldStanding::Blocked, None),
        Err(error) => (ToldStanding::Unknown, Some(Failure::from(&error))),
    };
    AskedStore {
        store: store.kind().as_str(),
        place: store.place(),
        root: root.certificate().fingerprint(),
        standing,
        handed_out: true,
        error,
    }
}

impl Report for CheckReport {
    fn tell(&self, page: &mut Page) {
        tell_machine(self.on.as_deref(), self.machine.as_deref(), page);
        self.roots.iter().for_each(|root| root.tell(page));
        page.blank();
        for store in &self.stores {
            let (tone, words) = match store.standing {
                _ if !store.handed_out => (Tone::Bad, "trusts the earlier root still"),
                ToldStanding::Trusted => (Tone::Good, "trusts it"),
                ToldStanding::Idle => (Tone::Bad, "has it and does not trust it"),
                ToldStanding::Absent => (Tone::Bad, "does not trust it"),
                ToldStanding::Blocked => (Tone::Bad, "does not trust it, and has it in its blocklist"),
                ToldStanding::Unknown => (Tone::Caution, "does not say"),
            };
            page.toned_field(tone, store.store, &format!("{words}: {}", store.place));
            if let Some(failure) = &store.error {
                failure.tell(page);
            }
        }
        if let Some(line) = &self.installation {
            page.blank();
            page.line("to have it trusted in all of them:");
            page.command(&page.spelled(line));
        }
        for line in &self.removals {
            page.blank();
            page.line("to have the earlier root trusted no more:");
            page.command(line);
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca trust check
  hubca trust check --only system --json
  hubca trust check --root home-hub.crt
  hubca trust check --on ssh://ann@nas.lan";
