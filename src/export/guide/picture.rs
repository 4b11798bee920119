//! What a step looks like on the screen: a list of settings or a question, described in words that are translated.
//! How it is drawn is decided elsewhere.

use serde::Deserialize;

use super::phrase::Phrase;

/// A piece of a screen.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Picture {
    /// A page of settings.
    List {
        /// What stands at its top.
        title: Phrase,
        /// What leads back from it, at the top left.
        back: Option<Phrase>,
        /// A button at the top right.
        action: Option<Action>,
        /// A line above the rows.
        heading: Option<Phrase>,
        /// The rows.
        rows: Vec<Row>,
    },
    /// A question with buttons.
    Question {
        /// What is asked.
        text: Phrase,
        /// The answers.
        buttons: Vec<Action>,
    },
}

/// One row of a page of settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it says.
    pub label: Phrase,
    /// What it says on its right.
    pub detail: Option<Phrase>,
    /// What is at its end.
    #[serde(default)]
    pub trailing: Trailing,
    /// Whether this is the one to touch.
    #[serde(default)]
    pub here: bool,
}

/// What is at the end of a row.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Trailing {
    /// Nothing.
    #[default]
    Nothing,
    /// An arrow: it leads on.
    Arrow,
    /// A switch that is on.
    SwitchOn,
    /// A switch that is off.
    SwitchOff,
    /// A box with a tick.
    Tick,
}

/// Something to press.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What it says.
    pub label: Phrase,
    /// Whether this is the one to touch.
    #[serde(default)]
    pub here: bool,
}
