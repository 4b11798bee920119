//! A label that is brought nowhere since a restore, because nobody knows for sure where it was.

use serde::Serialize;

use super::page::{Page, Tone};
use crate::authority::{Destination, ForgottenDestination};

/// The label, and what its row said.
#[derive(Debug, Serialize)]
pub struct Forgotten {
    label: String,
    /// None where the row was lost as well.
    said: Option<Said>,
}

/// Where a row said that a label is brought: perhaps what the owner wants, perhaps what somebody else does.
#[derive(Debug, Serialize)]
struct Said {
    server: Option<String>,
    out: Option<String>,
    combined: Option<String>,
    owner: Option<String>,
    group: Option<String>,
    mode: Option<&'static str>,
    hook: Option<String>,
    hook_limit: Option<u32>,
    verify: Vec<String>,
}

impl From<ForgottenDestination> for Forgotten {
    fn from(ForgottenDestination { label, said }: ForgottenDestination) -> Self {
        Self { label, said: said.map(Said::from) }
    }
}

impl From<Destination> for Said {
    fn from(destination: Destination) -> Self {
        let Destination { server, out, combined, owner, group, mode, hook, hook_limit, verify } = destination;
        let mode = mode.map(|mode| mode.as_str());
        Self { server, out, combined, owner, group, mode, hook, hook_limit, verify }
    }
}

impl Forgotten {
    /// Tells it, and how to say it anew.
    pub fn tell(&self, page: &mut Page) {
        let said = self.said.as_ref().map(Said::in_words).filter(|words| !words.is_empty());
        let said = said.map_or_else(|| "its row is lost".to_owned(), |words| format!("its row said {words}"));
        let text = format!(
            "where `{}` was brought, and by which command, is not told for sure: it is brought nowhere from now on ({said}); say \
             it anew:",
            self.label
        );
        page.paragraph("  - ", Tone::Caution, &text);
        page.command(&page.hubca(&format!("edit {} --out DIR --hook COMMAND", self.label)));
    }
}

impl Said {
    fn in_words(&self) -> String {
        let mut words: Vec<String> = self.server.iter().map(|server| format!("that it is for {server}")).collect();
        words.extend(self.out.iter().map(|out| format!("copies in `{out}`")));
        words.extend(self.combined.iter().map(|combined| format!("all in `{combined}`")));
        words.extend(self.hook.iter().map(|hook| format!("the command `{hook}`")));
        if !self.verify.is_empty() {
            words.push(format!("shown at {}", self.verify.join(", ")));
        }
        words.join(", ")
    }
}
