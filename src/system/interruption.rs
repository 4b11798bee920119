//! Signals that ask for an end, held back while something is done that must not stay half done.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// As long as one is held, a signal that asks for an end is only noted, and what runs then is told to stop.
#[derive(Debug)]
pub struct Interruption {
    signals: Option<&'static Signals>,
}

/// What the signals find; there is one of it in a process.
#[derive(Debug)]
struct Signals {
    /// Nothing is held back: a signal ends the process, as if nobody had asked for it.
    is_at_ease: Arc<AtomicBool>,
    /// A signal came.
    has_come: Arc<AtomicBool>,
    /// What runs is told to stop.
    is_told: AtomicBool,
}

impl Interruption {
    /// Holds them back. Where the system does not let us, they end the process as before.
    #[must_use]
    pub fn hold_back() -> Self {
        let signals = signals();
        if let Some(signals) = signals {
            signals.has_come.store(false, Ordering::SeqCst);
            signals.is_told.store(true, Ordering::SeqCst);
            signals.is_at_ease.store(false, Ordering::SeqCst);
        }
        Self { signals }
    }

    /// From now on nobody is told to stop: what is done has to be done to its end.
    pub fn disregard(&self) {
        if let Some(signals) = self.signals {
            signals.is_told.store(false, Ordering::SeqCst);
        }
    }

    /// Whether a signal came since it is held, heeded or not.
    #[must_use]
    pub fn has_come(&self) -> bool {
        self.signals.is_some_and(|signals| signals.has_come.load(Ordering::SeqCst))
    }

    /// Whether a signal came that what runs has to heed.
    #[must_use]
    pub fn is_asked() -> bool {
        let signals = SIGNALS.get().and_then(Option::as_ref);
        signals.is_some_and(|signals| signals.is_told.load(Ordering::SeqCst) && signals.has_come.load(Ordering::SeqCst))
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        if let Some(signals) = self.signals {
            signals.is_told.store(false, Ordering::SeqCst);
            signals.is_at_ease.store(true, Ordering::SeqCst);
        }
    }
}

fn signals() -> Option<&'static Signals> {
    SIGNALS.get_or_init(|| Signals::catch().ok()).as_ref()
}

impl Signals {
    fn catch() -> io::Result<Self> {
        let (is_at_ease, has_come) = (Arc::new(AtomicBool::new(true)), Arc::default());
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order: where nothing is held back, the process is gone before anything is noted.
            flag::register_conditional_default(signal, Arc::clone(&is_at_ease))?;
            flag::register(signal, Arc::clone(&has_come))?;
        }
        Ok(Self { is_at_ease, has_come, is_told: AtomicBool::new(false) })
    }
}

static SIGNALS: OnceLock<Option<Signals>> = OnceLock::new();
