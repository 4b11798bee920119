//! What is told of roots and stores.

use std::path::Path;

use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        page::{Page, Tone, or_nameless},
        told_plan::ToldStep,
    },
    export::Fingerprint,
    plan::Plan,
    trust::{Kind, Root, Store, Turns},
};

/// A root that stores are asked about.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ToldRoot {
    subject: String,
    sha256: String,
    /// What it is called in the stores.
    name: String,
    /// False for one that was handed out once, and is no more.
    handed_out: bool,
    #[serde(skip)]
    fingerprint: Fingerprint,
}

/// What became of one root in one store, or would.
#[derive(Debug, Serialize)]
pub(super) struct ToldStore {
    store: &'static str,
    place: String,
    /// The fingerprint of the root.
    root: String,
    pub(super) outcome: StoreOutcome,
    pub(super) error: Option<Failure>,
    /// The kind of the store whose change brings the root here as well.
    fed_by: Option<&'static str>,
    /// Whether somebody has the root blocked there, which is left.
    blocked: bool,
    /// The file that would be the root's there, and holds something of somebody else's: it is left.
    foreign: Option<String>,
    steps: Vec<ToldStep>,
    #[serde(skip)]
    pem: String,
}

/// What became of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoreOutcome {
    /// It would be changed.
    Planned,
    /// It was changed.
    Done,
    /// It was as it shall be.
    AlreadySo,
    /// It was not changed.
    Failed,
}

/// Tells which machine it is, where that is not plain.
pub(super) fn tell_machine(on: Option<&str>, name: Option<&str>, page: &mut Page) {
    if let Some(on) = on {
        page.field("machine", &name.map_or_else(|| on.to_owned(), |name| format!("{on}, {name}")));
    }
}

/// Tells that another run was at work while the stores were asked, if one was.
pub(super) fn tell_others(turns: &Turns, context: &Context) {
    if turns.is_beside_another() {
        context.note("another run of hubca is at work on these stores: what is told of them may be half made. Ask again when it has ended");
    }
}

impl ToldRoot {
    pub(super) fn of(root: &Root) -> Self {
        let fingerprint = Fingerprint::of(root.certificate());
        Self {
            subject: root.certificate().tbs().subject().to_string(),
            sha256: fingerprint.hex(),
            name: root.name().to_owned(),
            handed_out: true,
            fingerprint,
        }
    }

    /// One that is handed out no more.
    pub(super) fn withdrawn(root: &Root) -> Self {
        Self { handed_out: false, ..Self::of(root) }
    }

    pub(super) fn tell(&self, page: &mut Page) {
        page.field(if self.handed_out { "root" } else { "earlier root" }, or_nameless(&self.subject));
        page.field("root SHA-256", &self.fingerprint.groups().join(" "));
        page.field("in words", &self.fingerprint.words().join(" "));
    }

    /// Tells it in a text for a shell.
    pub(super) fn comment(&self, page: &mut Page) {
        page.comment(Tone::Strong, &format!("root: {}", or_nameless(&self.subject)));
        page.comment(Tone::Plain, &format!("SHA-256: {}", self.fingerprint.groups().join(" ")));
    }
}

impl ToldStore {
    pub(super) fn of(store: &dyn Store, root: &Root, outcome: StoreOutcome, plan: Option<&Plan>) -> Self {
        Self {
            store: store.kind().as_str(),
            place: store.place(),
            root: root.certificate().fingerprint(),
            outcome,
            error: None,
            fed_by: None,
            blocked: false,
            foreign: None,
            steps: plan.into_iter().flat_map(Plan::steps).map(ToldStep::of).collect(),
            pem: root.pem(),
        }
    }

    /// A store that another one feeds.
    pub(super) fn fed(store: &dyn Store, root: &Root, by: Kind) -> Self {
        Self { fed_by: Some(by.as_str()), ..Self::of(store, root, StoreOutcome::Planned, None) }
    }

    /// A store that the root was taken out of, and that somebody has it blocked in.
    pub(super) fn still_blocked(store: &dyn Store, root: &Root) -> Self {
        Self { blocked: true, ..Self::of(store, root, StoreOutcome::Done, None) }
    }

    /// A store that does not have the root, though a file there has its name.
    pub(super) fn without(store: &dyn Store, root: &Root, foreign: Option<&Path>) -> Self {
        let foreign = foreign.map(|file| file.display().to_string());
        Self { foreign, ..Self::of(store, root, StoreOutcome::AlreadySo, None) }
    }

    pub(super) fn failed(store: &dyn Store, root: &Root, failure: Failure) -> Self {
        Self { error: Some(failure), ..Self::of(store, root, StoreOutcome::Failed, None) }
    }

    /// Whether a program is told that reads the root.
    pub(super) fn is_fed_root(&self) -> bool {
        self.steps.iter().any(|step| step.feeds(&self.pem))
    }

    /// Tells what would be done.
    pub(super) fn tell_plan(&self, page: &mut Page) {
        page.heading(&format!("{}: {}", self.store, self.place));
        if self.outcome == StoreOutcome::AlreadySo {
            page.line("  nothing to do");
        }
        if let Some(kind) = self.fed_by {
            page.line(&format!("  comes with the store `{kind}`"));
        }
        self.steps.iter().for_each(|step| step.tell_beside(&self.pem, ROOT, page));
        self.tell_error(page);
    }

    /// Tells what was done.
    pub(super) fn tell(&self, page: &mut Page, done: &str, already: &str) {
        let (tone, words) = match self.outcome {
            StoreOutcome::Done => (Tone::Good, done),
            StoreOutcome::AlreadySo | StoreOutcome::Planned => (Tone::Plain, already),
            StoreOutcome::Failed => (Tone::Bad, "failed"),
        };
        page.toned_field(tone, self.store, &format!("{words}: {}", self.place));
        if self.blocked {
            page.line("  it stays in the blocklist, into which somebody has put it");
        }
        if let Some(file) = &self.foreign {
            page.line(&format!("  `{file}` has the root's name, and is a link or holds other certificates: it stays"));
        }
        self.tell_error(page);
    }

    fn tell_error(&self, page: &mut Page) {
        if let Some(failure) = &self.error {
            failure.tell(page);
        }
    }
}

/// What stands for the root behind a program that reads it.
pub(super) const ROOT: &str = "root.crt.pem";
