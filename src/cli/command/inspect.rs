//! `hubca inspect`: any certificate, request, CRL, OCSP message, key or profile, and what a server shows, told in words.

use std::ffi::OsString;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        inspection::{self, Description},
        page::Page,
        place::{self, AskingArguments, Place},
        report::{Outcome, Report},
    },
    probe::shown,
};

/// Tell in words what a file holds, or a server shows
///
/// Certificates and chains, requests, CRLs, OCSP requests and responses, keys and Apple profiles; PEM, DER or XML, which
/// is found out. Of a private key nothing private is told. Of a server, at port 443 if none is named, the certificates are
/// told as it sends them, and one that cannot be read is named; whether they are good, `hubca check` says.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InspectArguments {
    /// The file, or - for stdin; else a server
    #[arg(value_name = "FILE|HOST:PORT")]
    pub place: OsString,
    /// How a server is asked.
    #[command(flatten)]
    pub asking: AskingArguments,
}

/// What a file holds.
#[derive(Debug, Serialize)]
pub struct InspectReport {
    source: String,
    objects: Vec<Description>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Tells what a file holds, or a server shows.
///
/// # Errors
/// It cannot be read, or holds nothing that is known; nobody answers where the server should be.
pub fn run(arguments: &InspectArguments, context: &Context) -> Result<Outcome, Failure> {
    let now = context.now();
    let (source, objects) = match Place::of(&arguments.place)? {
        Place::File(file) => {
            if arguments.asking.is_for_server() {
                return Err(Failure::usage("`--name` is for a server, and this is a file")
                    .hint("name the server: hubca inspect HOST:PORT"));
            }
            let bytes = zeroize::Zeroizing::new(context.read(&file, MOST_BYTES)?);
            let source = file.display().to_string();
            let objects = inspection::describe(&bytes, now)
                .map_err(|failure| failure.within(format!("cannot tell what `{source}` is")))?;
            (source, objects)
        }
        Place::Server(address) => {
            let name = arguments.asking.asked(&address)?;
            let sent = shown(context.network(), &address, &name, arguments.asking.limit())
                .map_err(|error| place::not_seen(error, &arguments.place))?;
            (address.to_string(), described(&sent, now))
        }
    };
    let is_whole = !objects.iter().any(|object| matches!(object, Description::Unreadable { .. }));
    let report = InspectReport { source, objects, now };
    Ok(if is_whole { Outcome::done(report) } else { Outcome::with_code(report, 1) })
}

fn described(sent: &[Vec<u8>], now: OffsetDateTime) -> Vec<Description> {
    let described = sent.iter().enumerate().map(|(place, der)| {
        let what = format!("certificate {} of {} that the server sends", place + 1, sent.len());
        inspection::describe_certificate(der, &what, now)
    });
    described.collect()
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
  hubca inspect 192.168.0.1:8443          the certificates of a server
  hubca inspect server.key                its kind, never its value
  hubca inspect home-hub.mobileconfig
  hubca inspect answer.der                what an OCSP responder said
  openssl req -new … | hubca inspect -    what does this request ask for?";
