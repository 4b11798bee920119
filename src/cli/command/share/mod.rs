//! `hubca share`: the onboarding page on the local network, for as long as it is needed.

mod place;
mod telling;

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use clap::Args;
use time::{Duration, OffsetDateTime};

use super::export::anchor;
use crate::{
    cli::{
        bind::Bind,
        context::Context,
        delivery::{Existing, check_room_for_file, deliver},
        duration::{Until, in_words},
        failure::Failure,
        passphrases::Passphrases,
        report::Outcome,
    },
    export::guide::Language,
    home::{Home, PageIssuers},
    onboarding::{EarlierRoot, HubAddress, Offer, Origin, QrCode, Recording, Site},
    server::{ProbePort, Share},
    system::{Announcement, FileMode, NetworkError},
    x509::{DnsName, GeneralName, SubjectAltNames},
};
use place::{PAGE_PORT, address, announced_name, host_of, listen};
use telling::{LeftOutTold, Opening, ProbeTold, Teller};

/// Show the onboarding page on the local network, with a QR code to scan
///
/// Whoever opens it on a phone, a tablet or a computer gets the root and the steps for that device, and is told when
/// trust took. The page goes away by itself. Its own certificate lives a day and its key is never written down.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ShareArguments {
    /// The address of this machine to serve it at, and the port; else the only one in a private network, and 4822
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = Bind::parse)]
    bind: Option<Bind>,
    /// For how long, at most 23h; or until when, as in 2027-01-31T18:30:00Z
    #[arg(long, value_name = "DURATION|TIME", default_value = "15m", value_parser = Until::parse)]
    until: Until,
    /// The address of your server, which the page offers once a device trusts the root
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
    /// Write the QR code into a file as well
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    qr: Option<PathBuf>,
    /// Announce NAME.local on the local network, by multicast DNS
    #[arg(long, value_name = "NAME", value_parser = announced_name)]
    announce: Option<DnsName>,
    /// Write down nothing of who came, and set no cookie
    #[arg(long)]
    no_record: bool,
    /// The port on which trust is proven; else the one after the page's
    #[arg(long, value_name = "N")]
    tls_port: Option<u16>,
    /// Write over the file of --qr
    #[arg(long, requires = "qr")]
    force: bool,
}

/// Serves the page until its time is over or somebody stops it.
///
/// # Errors
/// An address, port, duration or file that cannot be; what policy refuses; a home or key that fails. Nothing is issued
/// then.
pub fn run(arguments: &ShareArguments, context: &Context) -> Result<Outcome, Failure> {
    let open_for = open_for(arguments.until, context.now())?;
    let hub = arguments.hub.as_deref().map(hub).transpose()?;
    let home = context.open_home()?;
    let anchor = anchor(&home)?;
    let picture = arguments.qr.as_deref().map(|path| Picture::at(path, arguments.force)).transpose()?;
    let address = address(arguments.bind, context)?;
    let names = names(address, arguments.announce.as_ref())?;
    let issuers = home.page_issuers(&names, &Passphrases::new(context))?;
    let sockets = Sockets::open(address, 1 + issuers.earlier.len(), arguments, context)?;
    let hosts: Vec<String> = names.iter().map(host_of).collect();
    let urls: Vec<String> = hosts.iter().map(|host| format!("http://{host}:{}/", sockets.page_port)).collect();
    let code = QrCode::of(urls.first().map_or("", String::as_str))?;
    let _announcement =
        arguments.announce.as_ref().map(|name| announce(name, address, &sockets, context)).transpose()?;
    let until = context.now() + open_for;
    let probes = probes(sockets.tls, &home, &issuers, &names)?;
    let site = Site::new(Offer {
        anchor,
        address: urls.first().cloned().unwrap_or_default(),
        current: Origin::new(GeneralName::Ip(address), sockets.tls_port),
        earlier: earlier(&probes, address)?,
        hub,
        until,
        recording: if arguments.no_record { Recording::Off } else { Recording::On },
    });
    if let Some(picture) = &picture {
        picture.write(&code)?;
    }
    let mut teller = Teller::new(
        Opening {
            urls,
            until,
            open_for,
            code,
            root: site.offer().anchor.root().clone(),
            name: site.offer().anchor.name().to_owned(),
            scope: home.authority().scope()?,
            scope_in_words: site.scope_in_words(Language::English),
            probes: probes.iter().filter_map(ProbeTold::of).collect(),
            left_out: issuers.left_out.iter().map(LeftOutTold::of).collect(),
            qr: picture.map(|picture| picture.path.to_owned()),
        },
        context,
    );
    let share = Share { authority: home.authority(), site, hosts, page: sockets.page, probes };
    let ending = share.serve(until, &mut |event| teller.tell(&event))?;
    teller.end(ending)?;
    Ok(Outcome::told())
}

/// The address of the hub; one with a password in it is not told again.
fn hub(text: &str) -> Result<HubAddress, Failure> {
    let hint = "write it as the browser shows it: --hub https://192.168.0.1:8000";
    HubAddress::parse(text).map_err(|error| Failure::usage(error.to_string()).hint(hint))
}

/// How long the page is open: some time, and not beyond the life of its certificate.
fn open_for(until: Until, now: OffsetDateTime) -> Result<Duration, Failure> {
    let open_for = until.from(now);
    if open_for <= Duration::ZERO {
        return Err(Failure::usage("the page would be closed before it opens").hint("say for how long: --until 15m"));
    }
    if open_for > LONGEST {
        let message = format!("the page may be open for {} at most: its certificate lives a day", in_words(LONGEST));
        return Err(
            Failure::usage(message).hint("share again when it is over; devices that trust the root need nothing")
        );
    }
    Ok(open_for)
}

/// What the page's certificate is for.
fn names(address: IpAddr, announced: Option<&DnsName>) -> Result<SubjectAltNames, Failure> {
    let names = std::iter::once(GeneralName::Ip(address)).chain(announced.cloned().map(GeneralName::Dns));
    SubjectAltNames::new(names.collect()).map_err(|error| Failure::usage(error.to_string()))
}

/// The ports, open before anything is issued.
struct Sockets {
    page: TcpListener,
    page_port: u16,
    /// One for each root that can be asked about; the first is today's.
    tls: Vec<TcpListener>,
    tls_port: u16,
}

impl Sockets {
    fn open(address: IpAddr, roots: usize, arguments: &ShareArguments, context: &Context) -> Result<Self, Failure> {
        let named = arguments.bind.and_then(Bind::port);
        let page = listen(address, named, PAGE_PORT, "--bind ADDRESS:PORT", context)?;
        let page_port = port_of(&page)?;
        let mut tls = vec![listen(address, arguments.tls_port, page_port.saturating_add(1), "--tls-port", context)?];
        let tls_port = tls.first().map_or(Ok(0), port_of)?;
        let mut last = tls_port;
        while tls.len() < roots {
            let next = listen(address, None, last.saturating_add(1), "--tls-port", context)?;
            last = port_of(&next)?;
            tls.push(next);
        }
        Ok(Self { page, page_port, tls, tls_port })
    }
}

fn port_of(listener: &TcpListener) -> Result<u16, Failure> {
    Ok(listener.local_addr().map_err(NetworkError::from)?.port())
}

fn announce(name: &DnsName, address: IpAddr, sockets: &Sockets, context: &Context) -> Result<Announcement, Failure> {
    let label = name.as_str().split('.').next().unwrap_or_default();
    Ok(context.network().announce(label, SocketAddr::new(address, sockets.page_port))?)
}

/// The certificates, one for each port. An earlier root is left out no more: that it can be was seen before.
fn probes(
    listeners: Vec<TcpListener>,
    home: &Home,
    issuers: &PageIssuers,
    names: &SubjectAltNames,
) -> Result<Vec<ProbePort>, Failure> {
    let issuers = std::iter::once(&issuers.current).chain(&issuers.earlier);
    let probe = |(listener, issuer)| Ok(ProbePort { listener, certificate: home.issue_in_memory(issuer, names)? });
    listeners.into_iter().zip(issuers).map(probe).collect()
}

/// The earlier roots as the page asks about them.
fn earlier(probes: &[ProbePort], address: IpAddr) -> Result<Vec<EarlierRoot>, Failure> {
    let earlier = probes.iter().skip(1).filter_map(|probe| Some((probe, probe.certificate.root()?)));
    let named = earlier.map(|(probe, root)| {
        let origin = Origin::new(GeneralName::Ip(address), port_of(&probe.listener)?);
        let name = root.tbs().subject().common_name().map_or_else(|| root.tbs().subject().to_string(), str::to_owned);
        Ok(EarlierRoot { name, origin })
    });
    named.collect()
}

/// The QR code as a file.
struct Picture<'a> {
    path: &'a Path,
    existing: Existing,
    kind: PictureKind,
}

enum PictureKind {
    Svg,
    Png,
}

impl<'a> Picture<'a> {
    fn at(path: &'a Path, force: bool) -> Result<Self, Failure> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let kind = match ending.as_str() {
            "svg" => PictureKind::Svg,
            "png" => PictureKind::Png,
            _ => {
                return Err(Failure::usage(format!("`{}` ends neither in .svg nor in .png", path.display()))
                    .hint("name a picture: --qr page.svg, or --qr page.png"));
            }
        };
        let existing = if force { Existing::Replace } else { Existing::Keep };
        check_room_for_file(path, existing)?;
        Ok(Self { path, existing, kind })
    }

    fn write(&self, code: &QrCode) -> Result<(), Failure> {
        let bytes = match self.kind {
            PictureKind::Svg => code.svg().into_bytes(),
            PictureKind::Png => code.png()?,
        };
        deliver(self.path, &bytes, FileMode::Public, self.existing)
    }
}

/// The page's certificate begins an hour ago and lives a day.
const LONGEST: Duration = Duration::hours(23);

const EXAMPLES: &str = "\
Examples:
  hubca share                  a page for 15 minutes, and its QR code
  hubca share --until 2h --hub https://192.168.0.1:8000
  hubca share --bind 192.168.0.1:80 --announce hub
  hubca share --qr page.png --no-record";
