//! Telling the world what is revoked, until somebody stops it: an OCSP responder, CRLs as files, or both on one port.

use std::{
    net::TcpListener,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{
        Arc,
        mpsc::{self, SyncSender},
    },
    thread,
    time::Duration,
};

use tokio::{runtime, sync::oneshot};

use super::{
    clerk::{Clerk, Duties, Errand},
    connection::{Port, Wire, accept},
    error::ServeError,
    inquiry::{Counter, Tally, Window},
    limits::Seats,
    revocation_event::{RevocationEvent, Served},
    shelf::Shelf,
    stops::{Stops, open},
};
use crate::{home::Home, keys::PassphraseSource};

/// A server that tells what is revoked.
pub struct RevocationServer<'a> {
    /// Whose CAs are answered for.
    pub home: Home,
    /// What is served.
    pub duties: Duties,
    /// Where.
    pub listener: TcpListener,
    /// What opens the CAs' keys when a responder needs a certificate.
    pub passphrases: &'a dyn PassphraseSource,
}

impl RevocationServer<'_> {
    /// Serves until SIGINT, SIGTERM or SIGHUP, or until `tell` says that nobody listens any more; tells how many were
    /// served. All that is asked of the ledger and of keys is done on the thread that called.
    ///
    /// # Errors
    /// The system gives no threads or sockets, there is no responder, or the ledger fails before the first is served.
    pub fn serve(self, tell: &mut dyn FnMut(RevocationEvent) -> ControlFlow<()>) -> Result<Served, ServeError> {
        let Self { home, duties, listener, passphrases } = self;
        let clock = home.authority().doors().clock.clone();
        let shelf = Arc::new(Shelf::new(clock.clone()));
        let mut clerk = Clerk::new(home, duties, passphrases, shelf.clone());
        clerk.begin(tell)?;
        let (errands, queue) = mpsc::sync_channel(QUEUE);
        let window = Arc::new(Window { duties, shelf, clerk: errands.clone(), clock, served: Tally::default() });
        let counter = Counter(window.clone());
        let (leave, left) = oneshot::channel::<()>();
        let (opened, has_opened) = mpsc::sync_channel(1);
        thread::scope(|scope| {
            let server = thread::Builder::new().spawn_scoped(scope, move || {
                let ending = run(listener, counter, &opened, left);
                // The clerk may have gone already.
                let _ = errands.send(Errand::End);
                ending
            })?;
            if has_opened.recv().is_ok() && tell(clerk.opened()).is_continue() {
                clerk.work(&queue, tell);
            }
            drop(queue);
            let _ = leave.send(());
            server.join().map_err(|_| ServeError::Broken)?
        })?;
        Ok(window.served.total())
    }
}

fn run(
    listener: TcpListener,
    counter: Counter,
    opened: &SyncSender<()>,
    left: oneshot::Receiver<()>,
) -> Result<(), ServeError> {
    let workers = thread::available_parallelism().map_or(FEWEST_WORKERS, NonZeroUsize::get);
    let workers = workers.clamp(FEWEST_WORKERS, MOST_WORKERS);
    let runtime = runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let ending = runtime.block_on(async {
        let mut stops = Stops::new()?;
        let port = Port { listener: open(listener)?, answers: counter, wire: Wire::Plain };
        // Whoever hears this can stop us now, and be served.
        let _ = opened.send(());
        tokio::select! {
            () = stops.next() => Ok(()),
            _ = left => Ok(()),
            () = accept(port, Seats::default()) => Err(ServeError::Broken),
        }
    });
    runtime.shutdown_timeout(FAREWELL);
    ending
}

/// As many as can wait for the clerk: one for each connection.
const QUEUE: usize = 512;
const FEWEST_WORKERS: usize = 2;
const MOST_WORKERS: usize = 8;
/// How long tasks that were told to end may take.
const FAREWELL: Duration = Duration::from_secs(1);
