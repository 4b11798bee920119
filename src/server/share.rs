//! Serving the page from now until its time is over, somebody stops it, or nobody listens any more.

use std::{
    net::TcpListener,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, SyncSender},
    },
    thread,
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{runtime, sync::oneshot, task::JoinSet, time::sleep};

use super::{
    connection::{Port, Wire, accept},
    desk::Desk,
    error::ServeError,
    event::Event,
    guard::Hosts,
    limits::Seats,
    onboarding, probe,
    recorder::{Deed, Deeds, Recorder},
    stops::{Stops, open},
    tls,
    token::Tokens,
    visitors::Visitors,
};
use crate::{
    authority::{Authority, DeviceKey, Doors},
    home::InMemory,
    onboarding::{Recording, Site},
    x509::Certificate,
};

/// The page, and everything that serves it.
pub struct Share<'a> {
    /// The CA, whose ledger takes down who came.
    pub authority: &'a Authority,
    /// What is shown.
    pub site: Site,
    /// The hosts under which it is asked for, as they stand in an address: `192.168.0.1`, `[fd00::1]`, `hub.local`.
    pub hosts: Vec<String>,
    /// The port of the page.
    pub page: TcpListener,
    /// The ports that prove trust: the first in the root that is handed out, the others in earlier ones.
    pub probes: Vec<ProbePort>,
}

/// A port that proves trust in one root.
pub struct ProbePort {
    /// The port.
    pub listener: TcpListener,
    /// What it shows: a certificate below that root.
    pub certificate: InMemory,
}

/// Why the page is served no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its time was over.
    Time,
    /// Somebody stopped it.
    Stopped,
    /// Whoever was told of what happens has gone.
    Unheard,
}

impl Share<'_> {
    /// Serves the page until `until`, SIGINT, SIGTERM or SIGHUP; then every port is free at once. `tell` hears first that the
    /// page is open, then what happens, on the thread that called.
    ///
    /// # Errors
    /// The system gives no threads or sockets, or the ledger fails before the page is open.
    pub fn serve(
        self,
        until: OffsetDateTime,
        tell: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Ending, ServeError> {
        let Self { authority, site, hosts, page, probes } = self;
        let doors = authority.doors().clone();
        let recording = site.offer().recording;
        let roots: Vec<Certificate> = probes.iter().filter_map(|probe| probe.certificate.root().cloned()).collect();
        let known = match recording {
            Recording::On => authority.known_devices(MOST_KNOWN).unwrap_or_default(),
            Recording::Off => Vec::new(),
        };
        authority.wait_at_most(LEDGER_PATIENCE)?;
        let (deeds, done) = mpsc::sync_channel::<Deed>(BACKLOG);
        let (events, happened) = mpsc::sync_channel::<Event>(BACKLOG);
        let (leave, left) = oneshot::channel::<()>();
        let desk = Arc::new(Desk {
            site,
            tokens: Tokens::new(&*doors.random)?,
            visitors: Visitors::default(),
            deeds: Deeds(deeds),
            known: known.into_iter().collect::<std::collections::HashSet<DeviceKey>>(),
            random: doors.random.clone(),
        });
        let ports = Ports { desk, hosts, page, probes };
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let opened = events.clone();
            let recorder = Recorder::new(authority, recording, &roots, &is_over);
            let recorder = thread::Builder::new().spawn_scoped(scope, move || recorder.run(&done, &events))?;
            let is_over = &is_over;
            let server = thread::Builder::new().spawn_scoped(scope, move || {
                let ending = run(ports, &doors, until, &opened, left);
                is_over.store(true, Ordering::Relaxed);
                ending
            })?;
            for event in &happened {
                if tell(event).is_break() {
                    let _ = leave.send(());
                    break;
                }
            }
            drop(happened);
            let ending = server.join().map_err(|_| ServeError::Broken)?;
            recorder.join().map_err(|_| ServeError::Broken)?;
            ending
        })
    }
}

/// What the server's own thread takes with it.
struct Ports {
    desk: Arc<Desk>,
    hosts: Vec<String>,
    page: TcpListener,
    probes: Vec<ProbePort>,
}

fn run(
    ports: Ports,
    doors: &Doors,
    until: OffsetDateTime,
    opened: &SyncSender<Event>,
    left: oneshot::Receiver<()>,
) -> Result<Ending, ServeError> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let ending = runtime.block_on(async {
        let mut stops = Stops::new()?;
        let mut serving = ports.open()?;
        // Whoever reads this can stop us now, and be served.
        let _ = opened.send(Event::Opened);
        let ending = tokio::select! {
            () = over(doors, until) => Ending::Time,
            () = stops.next() => Ending::Stopped,
            Ok(()) = left => Ending::Unheard,
            // A port that ends by itself has panicked.
            Some(_) = serving.join_next() => return Err(ServeError::Broken),
        };
        serving.shutdown().await;
        Ok(ending)
    });
    runtime.shutdown_timeout(FAREWELL);
    ending
}

impl Ports {
    fn open(self) -> Result<JoinSet<()>, ServeError> {
        let Self { desk, hosts, page, probes } = self;
        let seats = Seats::default();
        let mut serving = JoinSet::new();
        let hosts = |listener: &TcpListener, usual| {
            listener.local_addr().map(|address| Hosts::new(&hosts, address.port(), usual))
        };
        let router = onboarding::router(desk.clone(), hosts(&page, 80)?);
        serving.spawn(accept(Port { listener: open(page)?, answers: router, wire: Wire::Plain }, seats.clone()));
        for (root, ProbePort { listener, certificate }) in probes.into_iter().enumerate() {
            let router = probe::router(desk.clone(), root, hosts(&listener, 443)?);
            let watcher = (root == 0).then(|| desk.clone());
            let wire = Wire::Tls(tls::configuration(&certificate)?, watcher);
            serving.spawn(accept(Port { listener: open(listener)?, answers: router, wire }, seats.clone()));
        }
        Ok(serving)
    }
}

/// Waits until the clock shows that time, or as much time has gone by: a machine may sleep, and a clock may be set.
async fn over(doors: &Doors, until: OffsetDateTime) {
    let whole = (until - doors.clock.now()).try_into().unwrap_or(Duration::ZERO);
    let watched = async {
        while doors.clock.now() < until {
            let left = (until - doors.clock.now()).try_into().unwrap_or(Duration::ZERO);
            sleep(left.min(GLANCE)).await;
        }
    };
    tokio::select! {
        () = sleep(whole) => {}
        () = watched => {}
    }
}

/// Two threads serve a classroom; what they share is guarded for as many.
const WORKERS: usize = 2;
/// More than ever happens while the page is served once, within the bounds that visitors have.
const BACKLOG: usize = 4096;
/// How many devices of other days are known again, those that came last.
const MOST_KNOWN: u32 = 10_000;
/// How many seconds the recorder waits for another process that holds the ledger: the end waits as long at most.
const LEDGER_PATIENCE: u64 = 5;
/// How often the clock is looked at.
const GLANCE: Duration = Duration::from_secs(10);
/// How long tasks that were told to end may take.
const FAREWELL: Duration = Duration::from_secs(1);
