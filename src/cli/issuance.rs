//! Issuing as `issue`, its batches and `quickstart` do it alike: what is wanted, and asking the home for it.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{context::Context, failure::Failure, issued::cut_note, passphrases::Passphrases};
use crate::{
    authority::{KeyPolicy, Label, Lifetime, OnOtherNames},
    home::{Home, Issued, KeyChoice, Order},
    x509::{KeyAlgorithm, SubjectAltNames},
};

/// What the options say for every certificate of a command line.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The profile, else the one of the settings.
    pub profile: Option<String>,
    /// How long it shall live.
    pub lifetime: Lifetime,
    /// The algorithm of the key, else the one of the settings.
    pub key: Option<KeyAlgorithm>,
    /// What to do when the label stands for other names.
    pub on_other_names: OnOtherNames,
}

impl Defaults {
    /// What is so where nothing is said.
    pub fn none() -> Self {
        Self { profile: None, lifetime: Lifetime::Default, key: None, on_other_names: OnOtherNames::Refuse }
    }
}

/// One certificate that is wanted.
pub struct Wish {
    /// The names.
    pub names: SubjectAltNames,
    /// The lineage.
    pub label: Label,
    /// Everything else.
    pub defaults: Defaults,
}

/// Issues one certificate in an open home.
pub fn issue(home: &Home, wish: Wish, context: &Context) -> Result<Issued, Failure> {
    let Wish { names, label, defaults } = wish;
    let profile = home.profile(defaults.profile.as_deref().unwrap_or(&home.settings().profile))?;
    let issuer = home.issuer(&Passphrases::new(context))?;
    let order = Order {
        names,
        profile: &profile,
        key: KeyChoice::New(defaults.key.unwrap_or(home.settings().key)),
        key_policy: KeyPolicy::New,
        lifetime: defaults.lifetime,
        label,
        on_other_names: defaults.on_other_names,
        destination: None,
    };
    let issued = home.issue(&issuer, order)?;
    if let Some(note) = cut_note(&issued) {
        context.note(&note);
    }
    Ok(issued)
}

/// The label that was given, or the one of the first name.
pub fn label(given: Option<&str>, names: &SubjectAltNames) -> Result<Label, Failure> {
    match (given, names.iter().next()) {
        (Some(text), _) => Ok(Label::parse(text)?),
        (None, Some(first)) => {
            let label = Label::from_name(first);
            label.map_err(|error| Failure::from(error).hint("the first name makes no label: give one with --label"))
        }
        (None, None) => Ok(Label::parse("")?),
    }
}

/// The values of `--key`.
pub fn key_algorithm() -> impl TypedValueParser<Value = KeyAlgorithm> {
    PossibleValuesParser::new(KeyAlgorithm::ALL.map(KeyAlgorithm::as_str)).try_map(|word| word.parse::<KeyAlgorithm>())
}
