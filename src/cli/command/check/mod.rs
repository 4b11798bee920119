//! `hubca check`: whether a chain, or the server that shows one, works on iPads, phones and browsers, and if not why.

mod all;
mod asked;
mod file;
mod report;
mod roots;
mod server;
mod told_server;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        moment::Moment,
        place::{self, AskingArguments, Place},
        report::Outcome,
    },
    lint::Platform,
    probe::meet,
};
use asked::Asked;
use roots::Roots;
use server::judge;

/// Tell whether iPads, phones, computers and browsers take a chain, or a server
///
/// Any chain by anybody, or one certificate alone, in a file or as a server shows it. Its root counts as trusted: the
/// question is what stands in the way once it is. Of a server are judged as well: whether it sends the CAs between, in their
/// order, and has the key; the name that was asked for; its versions of TLS; whether the chain leads to this home's root,
/// is the newest of its label and not revoked. Ends with 3 where one of the platforms refuses it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CheckArguments {
    /// The chain in PEM, one certificate in DER, or - for stdin; else a server, at port 443 if none is named
    #[arg(value_name = "FILE|HOST:PORT", required_unless_present = "all")]
    pub place: Option<OsString>,
    /// Every server of this home: each label with an address of --verify, the worst first
    #[arg(long, conflicts_with_all = ["place", "name", "root", "websocket"])]
    pub all: bool,
    /// Ask about these platforms only
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', value_parser = platforms())]
    pub on: Vec<Platform>,
    /// At this time instead of now: a date, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Moment>,
    /// How a server is asked.
    #[command(flatten)]
    pub asking: AskingArguments,
    /// Judge by the root in this file, and not by those of the home
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// A WebSocket shall open at this path of the server, such as /api/events
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub websocket: Option<String>,
}

/// Examines a chain.
///
/// # Errors
/// The file cannot be read, or holds no certificate; nobody answers where the server should be.
pub fn run(arguments: &CheckArguments, context: &Context) -> Result<Outcome, Failure> {
    let at = arguments.at.unwrap_or_else(|| context.now().into());
    let platforms = if arguments.on.is_empty() { &Platform::ALL[..] } else { &arguments.on };
    let Some(word) = &arguments.place else {
        return all::check(platforms, at, arguments.asking.limit(), context);
    };
    let report = match Place::of(word)? {
        Place::File(file) => {
            if arguments.asking.is_for_server() || arguments.websocket.is_some() {
                return Err(Failure::usage("`--name` and `--websocket` are for a server, and this is a file")
                    .hint("name the server: hubca check HOST:PORT"));
            }
            let roots = Roots::gather(arguments.root.as_deref(), context)?;
            file::check(&file, &roots, platforms, at, context)?
        }
        Place::Server(address) => {
            let name = arguments.asking.asked(&address)?;
            let asked = Asked { address, name, websocket: arguments.websocket.clone() };
            let roots = Roots::gather(arguments.root.as_deref(), context)?;
            let meeting = meet(
                context.network(),
                &*context.doors().clock,
                &asked.visitor(arguments.asking.limit()),
                roots.known(),
            )
            .map_err(|error| place::unanswered(error, word))?;
            judge(&asked, &meeting, &roots, platforms, at)?
        }
    };
    Ok(if report.is_ok() { Outcome::done(report) } else { Outcome::no(report) })
}

fn platforms() -> impl TypedValueParser<Value = Platform> {
    let names = Platform::ALL.map(Platform::name);
    PossibleValuesParser::new(names).try_map(|word| word.parse::<Platform>())
}

fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("a time looks like 2027-12-23 or 2027-12-23T10:59:59Z")
}

/// A path as it stands in a request, RFC 9112 3.2.1.
fn path(text: &str) -> Result<String, &'static str> {
    let is_path = text.starts_with('/') && text.len() <= 1024 && text.bytes().all(|octet| octet.is_ascii_graphic());
    if is_path { Ok(text.to_owned()) } else { Err("a path begins with a slash and has no spaces: /api/events") }
}

const EXAMPLES: &str = "\
Examples:
  hubca check fullchain.pem
  hubca check fullchain.pem --on ios,macos
  hubca check fullchain.pem --at 2027-12-23       will it still work then?
  hubca check 192.168.0.1:8443                    the server itself
  hubca check 127.0.0.1:8443 --name hub.lan       as devices ask for it
  hubca check hub.lan --websocket /api/events
  hubca check hub.lan --root root.crt.pem         on a machine without a home
  hubca check --all                               every server of this home";
