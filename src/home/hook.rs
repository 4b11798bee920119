//! The hook: the operator's own program that makes a server take its new files.

use std::{ffi::OsString, time::Duration};

use super::{generation::Generation, layout::Layout};
use crate::{
    system::{Ending, Errand, ProcessError, Processes},
    x509::AltName,
};

/// Why a hook is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A new certificate has taken the place of another.
    Renewed,
    /// A certificate is brought without another before it, or once more.
    Deployed,
    /// The certificate of before is back.
    RolledBack,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Renewed => "renewed",
            Self::Deployed => "deployed",
            Self::RolledBack => "rolled_back",
        }
    }
}

/// What a hook is told.
pub(super) struct Occasion<'a> {
    pub(super) layout: &'a Layout,
    pub(super) label: &'a str,
    /// What is under `live/` now.
    pub(super) new: &'a Generation,
    /// What was there before.
    pub(super) old: Option<&'a Generation>,
    pub(super) event: Event,
}

/// What a hook did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRun {
    /// How it ended.
    pub ending: Ending,
    /// How long it had.
    pub limit: Duration,
    /// The end of what it wrote.
    pub output: String,
}

impl HookRun {
    /// Why it is no success.
    pub fn failure(&self) -> String {
        match self.ending {
            Ending::Code(code) => format!("the hook ended with {code}"),
            Ending::Signal(signal) => format!("the hook was ended by signal {signal}"),
            Ending::TimeLimit => format!("the hook took longer than {} s and was ended", self.limit.as_secs()),
        }
    }
}

/// Runs it.
pub(super) fn run(
    processes: &dyn Processes,
    words: &[String],
    occasion: &Occasion<'_>,
    limit: Duration,
) -> Result<HookRun, ProcessError> {
    let ended =
        processes.run(&Errand { words: words.to_vec(), variables: variables(occasion), input: Vec::new(), limit })?;
    Ok(HookRun { ending: ended.how, limit, output: ended.output })
}

/// `RENEWED_LINEAGE` and `RENEWED_DOMAINS` are certbot's, so that hooks written for it run as they are.
fn variables(occasion: &Occasion<'_>) -> Vec<(String, OsString)> {
    let Occasion { layout, label, new, old, event } = occasion;
    let live = layout.live_link(label);
    let names: Vec<String> =
        new.certificate.tbs().subject_alt_names().ok().flatten().unwrap_or_default().iter().filter_map(name).collect();
    let mut variables: Vec<(&str, OsString)> = vec![
        ("RENEWED_LINEAGE", live.clone().into()),
        ("RENEWED_DOMAINS", names.join(" ").into()),
        ("HUBCA_EVENT", event.as_str().into()),
        ("HUBCA_HOME", layout.directory().into()),
        ("HUBCA_LABEL", (*label).into()),
        ("HUBCA_SERIAL", new.serial().into()),
        ("HUBCA_KEY", live.join("privkey.pem").into()),
        ("HUBCA_CERT", live.join("cert.pem").into()),
        ("HUBCA_CHAIN", live.join("chain.pem").into()),
        ("HUBCA_FULLCHAIN", live.join("fullchain.pem").into()),
    ];
    if let Some(old) = old {
        variables.push(("HUBCA_OLD_SERIAL", old.serial().into()));
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn name(name: &AltName) -> Option<String> {
    match name {
        AltName::Dns(text) => Some(text.clone()),
        other => other.ip().map(|address| address.to_string()),
    }
}
