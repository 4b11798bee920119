//! Issuing as `issue`, its batches and `quickstart` do it alike: what is wanted, and asking the home for it.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{
    context::Context,
    failure::{Failure, FailureKind},
    following,
    issued::{cut_note, outrun_note},
    moment::Moment,
    passphrases::Passphrases,
};
use crate::{
    authority::{
        DeploymentOutcome, Destination, FollowIp, Intent, KeyPolicy, Label, Lifetime, OnOtherNames, RecordedName,
    },
    home::{Deployed, Home, Issued, KeyChoice, LabelLock, Order, Outside, Settings, Stop, VERIFY_LIMIT, whereabouts},
    x509::{KeyAlgorithm, SubjectAltNames},
};

/// What the options say for every certificate of a command line.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The profile, else the one of the lineage or of the settings.
    pub profile: Option<String>,
    /// How long it shall live.
    pub lifetime: Lifetime,
    /// The algorithm of the key, else the one of the lineage or of the settings.
    pub key: Option<KeyAlgorithm>,
    /// Whether renewals keep the key, else as is remembered.
    pub key_policy: Option<KeyPolicy>,
    /// What to do when the label stands for other names.
    pub on_other_names: OnOtherNames,
    /// What is done when this machine gets another address, if not what is remembered.
    pub follow_ip: Option<FollowIp>,
}

impl Defaults {
    /// What is so where nothing is said.
    pub fn none() -> Self {
        Self {
            profile: None,
            lifetime: Lifetime::Default,
            key: None,
            key_policy: None,
            on_other_names: OnOtherNames::Refuse,
            follow_ip: None,
        }
    }

    /// The same where nothing is open: what is not said is as it was remembered, else as the settings have it.
    pub fn over(&self, known: Option<&Intent>, settings: &Settings) -> Terms {
        let profile = self.profile.as_ref().or(known.map(|intent| &intent.profile));
        let key = self.key.or(known.and_then(|intent| intent.key));
        let key_policy = self.key_policy.or(known.map(|intent| intent.key_policy));
        Terms {
            profile: profile.unwrap_or(&settings.profile).clone(),
            key: key.unwrap_or(settings.key),
            key_policy: key_policy.unwrap_or_default(),
            lifetime: match (self.lifetime, known.and_then(|intent| intent.days)) {
                (Lifetime::Default, Some(days)) => Lifetime::UpTo(days),
                (lifetime, _) => lifetime,
            },
        }
    }
}

/// How a certificate is made.
pub struct Terms {
    /// The name of its profile.
    pub profile: String,
    /// The algorithm of its key.
    pub key: KeyAlgorithm,
    /// Whether renewals keep the key.
    pub key_policy: KeyPolicy,
    /// How long it shall live.
    pub lifetime: Lifetime,
}

/// One certificate that is wanted.
pub struct Wish {
    /// The names.
    pub names: SubjectAltNames,
    /// The lineage.
    pub label: Label,
    /// Where it shall be brought, if not to where the one before was.
    pub destination: Option<Destination>,
    /// Everything else.
    pub defaults: Defaults,
}

/// Holds a label, and says so where another process is at work on it and has to be waited for.
pub fn lock_label(home: &Home, label: &Label, context: &Context) -> Result<LabelLock, Failure> {
    if let Some(lock) = home.try_lock_label(label.as_str())? {
        return Ok(lock);
    }
    context.note(&format!("another process is at work on `{label}`: waiting until it is done"));
    Ok(home.lock_label(label.as_str())?)
}

/// Issues one certificate in an open home, and brings it to where it shall be. What is not said is as it was remembered.
/// Where its server is not set up yet, it is copied only.
pub fn issue(home: &Home, wish: Wish, context: &Context) -> Result<Issued, Failure> {
    let Wish { names, label, destination, defaults } = wish;
    let lock = lock_label(home, &label, context)?;
    let known = home.authority().intent(label.as_str())?;
    let waits = waits_for_its_server(known.as_ref(), destination.as_ref());
    let terms = defaults.over(known.as_ref(), home.settings());
    let profile = home.profile(&terms.profile)?;
    let here = following::here(context);
    if defaults.follow_ip == Some(FollowIp::Follow) {
        let had = known.as_ref().map(|intent| intent.own.had.as_slice()).unwrap_or_default();
        let addresses: Vec<_> = names.iter().map(RecordedName::from).filter_map(|name| name.address()).collect();
        Home::own_among(label.as_str(), &addresses, had, &here)?;
    }
    let issuer = home.issuer(&Passphrases::new(context))?;
    let order = Order {
        names,
        profile: &profile,
        key: KeyChoice::New(terms.key),
        key_policy: terms.key_policy,
        lifetime: terms.lifetime,
        label: label.clone(),
        on_other_names: defaults.on_other_names,
        whereabouts: whereabouts(&here, defaults.follow_ip),
        destination,
    };
    let issued = home.issue(&issuer, order)?;
    if let Some(note) = cut_note(&issued) {
        context.note(&note);
    }
    if let Some(note) = outrun_note(std::slice::from_ref(&issued)) {
        context.note(&note);
    }
    if let Some(end) = home.issuing_end_if_due()? {
        let end = Moment::from(end).date();
        context
            .note(&format!("the issuing CA ends on {end}: before that, make the next one with hubca rotate issuing"));
    }
    following::note_moved(home, &here, context)?;
    if waits {
        home.deliver_first(&lock, label.as_str()).map_err(|error| not_copied(error.into(), home, &issued))?;
        return Ok(issued);
    }
    let outside = Outside {
        network: context.network(),
        processes: context.processes(),
        hook_limit: None,
        verify_limit: VERIFY_LIMIT,
    };
    let deployed = home.deploy(&lock, label.as_str(), &outside)?;
    if let Some(note) = deployed.as_ref().and_then(|deployed| unseen_note(deployed.unseen())) {
        context.note(&note);
    }
    match deployed.and_then(|deployed| undeployed(label.as_str(), &deployed)) {
        Some(failure) => Err(failure.within(format!("the certificate {} is issued, but not in use", issued.serial))),
        None => Ok(issued),
    }
}

/// Whether a certificate is copied only, because its server is not set up yet: the first of a label, or the first for a server of that
/// kind.
pub fn waits_for_its_server(known: Option<&Intent>, destination: Option<&Destination>) -> bool {
    let Some(known) = known else { return true };
    destination
        .and_then(|wanted| wanted.server.as_ref())
        .is_some_and(|server| known.destination.server.as_ref() != Some(server))
}

fn not_copied(failure: Failure, home: &Home, issued: &Issued) -> Failure {
    let place = issued.files.as_ref().and_then(|files| files.fullchain.parent());
    let place = place.unwrap_or(home.layout().directory()).display();
    failure
        .within(format!("the certificate {} is issued, but its files were not copied", issued.serial))
        .hint(format!("they are in {place}; copy them from there"))
}

/// Says that a certificate is in its place and was not seen at its server, where that is so.
pub fn unseen_note(reasons: &[String]) -> Option<String> {
    let why = (!reasons.is_empty()).then(|| reasons.join("; "))?;
    Some(format!("its files are in their place, and it was not seen at its server yet: {why}"))
}

/// Why a certificate is not where it shall be, if it is not.
pub fn undeployed(label: &str, deployed: &Deployed) -> Option<Failure> {
    if deployed.outcome.is_good() || !deployed.unseen().is_empty() {
        return None;
    }
    let back = if deployed.outcome == DeploymentOutcome::RolledBack { ", and the one before is back" } else { "" };
    let message = format!("the new certificate of `{label}` did not reach its server{back}");
    let failure = Failure::new(FailureKind::Deployment, message);
    let failure = deployed.reasons.iter().fold(failure, |failure, reason| failure.because(reason.as_str()));
    let mend = match deployed.stopped_at {
        Some(Stop::Copies) => "make room for its copies, or let them go elsewhere (hubca edit --out, --combined)",
        _ => "mend the hook or the server",
    };
    Some(failure.hint(format!("{mend}, then try again: hubca renew {label}")))
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
