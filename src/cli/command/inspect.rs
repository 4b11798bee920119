//! `hubca inspect`: any certificate, request, CRL, OCSP message, key or profile, told in words.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use crate::cli::{
    context::Context,
    failure::Failure,
    inspection::{self, Description},
    page::Page,
    report::{Outcome, Report},
};

/// Tell in words what a file holds
///
/// Certificates and chains, requests, CRLs, OCSP requests and responses, keys and Apple profiles; PEM, DER or XML, which
/// is found out. Of a private key nothing private is told.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InspectArguments {
    /// The file, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What a file holds.
#[derive(Debug, Serialize)]
pub struct InspectReport {
    source: String,
    objects: Vec<Description>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Tells what a file holds.
///
/// # Errors
/// It cannot be read, or holds nothing that is known.
pub fn run(arguments: &InspectArguments, context: &Context) -> Result<Outcome, Failure> {
    let bytes = zeroize::Zeroizing::new(context.read(&arguments.file, MOST_BYTES)?);
    let now = context.now();
    let source = arguments.file.display().to_string();
    let objects = inspection::describe(&bytes, now)
        .map_err(|failure| failure.within(format!("cannot tell what `{source}` is")))?;
    Ok(Outcome::done(InspectReport { source, objects, now }))
}

impl Report for InspectReport {
    fn tell(&self, page: &mut Page) {
        for (place, object) in self.objects.iter().enumerate() {
            if place > 0 {
                page.blank();
            }
            object.tell(page, self.now);
        }
    }
}

/// The most bytes of a file that is inspected or checked.
pub(super) const MOST_BYTES: usize = 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  hubca inspect fullchain.pem
  hubca inspect server.key                its kind, never its value
  hubca inspect home-hub.mobileconfig
  hubca inspect answer.der                what an OCSP responder said
  openssl req -new … | hubca inspect -    what does this request ask for?";
