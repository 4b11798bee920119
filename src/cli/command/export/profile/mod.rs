//! The configuration profile for iPhones, iPads and Macs.

mod identity;
mod signature;
mod web_clip;

use clap::Args;

use super::{
    output::{Delivered, OutputArguments, anchor},
    report::ExportReport,
};
use crate::{
    cli::{context::Context, failure::Failure, report::Outcome},
    export::{
        Contents, Target,
        mobileconfig::{Audience, Consent, Profile},
        profile_instructions,
    },
};
use identity::IdentityArguments;
use signature::SignatureArguments;
use web_clip::WebClipArguments;

#[derive(Args, Debug)]
pub(super) struct ProfileArguments {
    #[command(flatten)]
    output: OutputArguments,
    /// The issuing CA as well, for servers that do not send it
    #[arg(long)]
    with_issuing: bool,
    /// A text with the fingerprint that a person has to agree to: one tap more
    #[arg(long)]
    consent: bool,
    #[command(flatten)]
    web_clip: WebClipArguments,
    #[command(flatten)]
    identity: IdentityArguments,
    #[command(flatten)]
    signature: SignatureArguments,
}

/// Writes a profile for everybody.
pub(super) fn run_for_everybody(arguments: &ProfileArguments, context: &Context) -> Result<Outcome, Failure> {
    run(Target::Ios, Audience::Everybody, arguments, context)
}

/// Writes a profile for Macs alone.
pub(super) fn run_for_macs(arguments: &ProfileArguments, context: &Context) -> Result<Outcome, Failure> {
    run(Target::Macos, Audience::Macs, arguments, context)
}

fn run(
    target: Target,
    audience: Audience,
    arguments: &ProfileArguments,
    context: &Context,
) -> Result<Outcome, Failure> {
    arguments.identity.check(&arguments.output)?;
    let home = context.open_home()?;
    let anchor = anchor(&home)?;
    let web_clip = arguments.web_clip.web_clip(&anchor, context)?;
    let signer = arguments.signature.signer(&anchor, context)?;
    let identity = arguments.identity.identity(&home, context)?;
    let contents = if arguments.with_issuing { Contents::WithIssuing } else { Contents::RootOnly };
    let consent = if arguments.consent { Consent::Asked } else { Consent::Unasked };
    let mut profile = Profile::new(&anchor).for_audience(audience).with_contents(contents).with_consent(consent);
    if let Some(web_clip) = web_clip {
        profile = profile.with_web_clip(web_clip);
    }
    if let Some((identity, _)) = &identity {
        profile = profile.with_identity(identity.clone());
    }
    let artifact = match signer {
        Some(signer) => profile.signed_by(&signer, context.now())?,
        None => profile.artifact(),
    };
    let delivered = arguments.output.deliver(&[artifact], context)?;
    if let Some((_, password)) = &identity {
        password.show_once(context);
    }
    Ok(match delivered {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => {
            let name = files.first().and_then(|file| file.path.file_name()).unwrap_or_default();
            let mut steps = profile_instructions(audience, &anchor, &name.to_string_lossy());
            steps.extend(identity.map(|_| identity::STEP.to_owned()));
            Outcome::done(ExportReport::with_steps(target.as_str(), &anchor, files, steps))
        }
    })
}

pub(super) const IOS_EXAMPLES: &str = "\
Examples:
  hubca export ios                  home-hub.mobileconfig, for the iPad
  hubca export ios --out -
  hubca export ios --web-clip https://192.168.0.1:8000
  hubca export ios --client ipad    home-hub-ipad.mobileconfig, with its key
  hubca export ios --sign-cert fullchain.pem --sign-key privkey.pem";

pub(super) const MACOS_EXAMPLES: &str = "\
Examples:
  hubca export macos                home-hub-macos.mobileconfig, for the Mac
  hubca export macos --consent
  hubca export macos --web-clip https://hub.local --icon hub.png";
