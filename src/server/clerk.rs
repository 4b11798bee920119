//! The clerk: one thread that looks into the ledger and signs, for all connections, what is not ready yet.
//!
//! Whoever waits for it waits in a queue of bounded length. It is the thread that called, so that what it uses need not
//! be shared: the open home, the keys, and where passphrases come from.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, mpsc::Receiver},
};

use time::{Duration, OffsetDateTime};
use tokio::sync::oneshot;

use super::{
    bulletin::{self, Bulletin},
    course::Course,
    error::ServeError,
    revocation_event::{AtWork, RevocationEvent},
    shelf::{Ready, Shelf},
};
use crate::{
    authority::{Changes, IssuerId, Keeping, LedgerError, Responder, ResponderError},
    home::{FoundResponder, Home, HomeError, ResponderOrigin},
    keys::PassphraseSource,
    system::files::{Stamp, stamp},
    x509::ocsp::{OcspRequest, ResponseStatus, error_response},
};

/// Something to be done for somebody who waits.
pub(super) enum Errand {
    /// Answer this.
    Answer(OcspRequest, oneshot::Sender<Arc<Ready>>),
    /// Look whether the files are still the same.
    Look(oneshot::Sender<()>),
    /// Nobody asks any more.
    End,
}

/// Who does it.
pub(super) struct Clerk<'a> {
    home: Home,
    duties: Duties,
    passphrases: &'a dyn PassphraseSource,
    shelf: Arc<Shelf>,
    responders: Vec<Responder>,
    bulletin: Bulletin,
    changes: Option<Changes>,
    /// Which file the ledger is.
    ledger: Option<Stamp>,
    /// When responders that could not be renewed are tried again.
    not_before: Option<OffsetDateTime>,
    course: Course,
    has_leapt: bool,
    is_troubled: bool,
}

/// What is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duties {
    /// Answers by OCSP.
    Ocsp,
    /// CRLs and the certificates of the CAs, as files.
    Files,
    /// Both.
    Both,
}

impl Duties {
    /// Whether OCSP is answered.
    pub fn answers(self) -> bool {
        self != Self::Files
    }

    /// Whether files are handed out.
    pub fn hands_out(self) -> bool {
        self != Self::Ocsp
    }
}

type Tell<'a> = &'a mut dyn FnMut(RevocationEvent) -> ControlFlow<()>;

impl<'a> Clerk<'a> {
    pub(super) fn new(home: Home, duties: Duties, passphrases: &'a dyn PassphraseSource, shelf: Arc<Shelf>) -> Self {
        let course = Course::begin(&*home.authority().doors().clock);
        Self {
            home,
            duties,
            passphrases,
            shelf,
            responders: Vec::new(),
            bulletin: Bulletin::default(),
            changes: None,
            ledger: None,
            not_before: None,
            course,
            has_leapt: false,
            is_troubled: false,
        }
    }

    /// Finds the responders and reads the files, before anybody asks.
    ///
    /// # Errors
    /// No CA has a responder, or the ledger fails.
    pub(super) fn begin(&mut self, tell: Tell<'_>) -> Result<(), ServeError> {
        // One that cannot be looked at is opened again as soon as somebody asks.
        self.ledger = stamp(&self.home.layout().ledger()).ok();
        self.changes = Some(self.home.authority().changes()?);
        let _ = self.find_responders(tell)?;
        if self.duties.answers() && self.responders.is_empty() {
            return Err(ServeError::NoResponder);
        }
        self.put_up();
        self.shelf.trust();
        Ok(())
    }

    /// What is served from now on.
    pub(super) fn opened(&self) -> RevocationEvent {
        let mut files = self.bulletin.names();
        files.sort();
        let responders = self.responders.iter().map(|responder| AtWork {
            issuer: responder.certificate().tbs().issuer().to_string(),
            sha256: responder.certificate().fingerprint(),
            not_after: responder.certificate().tbs().validity().not_after(),
        });
        RevocationEvent::Opened { responders: responders.collect(), files }
    }

    /// Does what is asked until nobody asks any more, or nobody listens to what is told.
    pub(super) fn work(&mut self, queue: &Receiver<Errand>, tell: Tell<'_>) {
        for errand in queue {
            if self.run(errand, tell).is_break() {
                return;
            }
        }
    }

    fn run(&mut self, errand: Errand, tell: Tell<'_>) -> ControlFlow<()> {
        let looked = if self.shelf.is_trusted() { Ok(()) } else { self.look(tell) };
        let told = self.report(looked.as_ref().err(), tell);
        match errand {
            Errand::End => return ControlFlow::Break(()),
            Errand::Look(done) => drop(done.send(())),
            Errand::Answer(request, reply) => {
                let ready = match looked {
                    Ok(()) => self.answer(&request),
                    Err(_) => self.none(ResponseStatus::TryLater),
                };
                // Whoever asked may have left.
                let _ = reply.send(ready);
            }
        }
        told
    }

    /// Sees what other processes changed; what is ready holds again afterwards.
    fn look(&mut self, tell: Tell<'_>) -> Result<(), HomeError> {
        // Where another ledger was put in its place, as from a backup, the one that we have open has no name any more: others
        // write down elsewhere what they revoke.
        let ledger = stamp(&self.home.layout().ledger())?;
        if self.ledger.is_none_or(|known| !known.is_same_file(&ledger)) {
            self.changes = None;
            self.open_again()?;
            self.ledger = Some(ledger);
        }
        let changes = self.home.authority().changes()?;
        let before = self.changes;
        if before.is_none_or(|before| before.cas != changes.cas) {
            self.open_again()?;
        }
        let had_leapt = self.has_leapt;
        if self.watch_clock(tell)?.is_break() {
            return Ok(());
        }
        let now = self.now();
        let is_due = match self.not_before {
            _ if self.has_leapt => false,
            _ if had_leapt => true,
            Some(moment) => now >= moment,
            None => self.responders.iter().any(|responder| responder.is_due(now)),
        };
        if before != Some(changes) || is_due {
            self.shelf.forget_answers();
            // Until all of it is done, it is to be done.
            self.changes = None;
            if self.find_responders(tell)?.is_break() {
                return Ok(());
            }
        }
        self.changes = Some(changes);
        self.put_up();
        self.shelf.trust();
        Ok(())
    }

    /// Sees whether the clock leapt, and tells so once.
    fn watch_clock(&mut self, tell: Tell<'_>) -> Result<ControlFlow<()>, LedgerError> {
        let authority = self.home.authority();
        let expected = self.course.expected(&*authority.doors().clock, || authority.newest_entry_at())?;
        let had_leapt = std::mem::replace(&mut self.has_leapt, expected.is_some());
        Ok(match expected {
            Some(expected) if !had_leapt && self.duties.answers() => tell(RevocationEvent::ClockLeapt { expected }),
            _ => ControlFlow::Continue(()),
        })
    }

    fn open_again(&mut self) -> Result<(), HomeError> {
        let (layout, doors) = (self.home.layout().clone(), self.home.authority().doors().clone());
        self.home = Home::open(layout, doors)?;
        Ok(())
    }

    /// The responder of each CA about which somebody may ask. One that is at work and cannot be found now goes on, unless it was revoked: then nobody
    /// answers for its CA until there is another.
    fn find_responders(&mut self, tell: Tell<'_>) -> Result<ControlFlow<()>, LedgerError> {
        if !self.duties.answers() {
            return Ok(ControlFlow::Continue(()));
        }
        let authority = self.home.authority();
        let may_answer: Vec<bool> =
            self.responders.iter().map(|responder| authority.may_answer(responder)).collect::<Result<_, _>>()?;
        let mut at_work: HashMap<IssuerId, (Responder, bool)> =
            self.responders.drain(..).zip(may_answer).map(|both| (both.0.issuer(), both)).collect();
        let is_waited_for = self.not_before.take().is_some();
        let again = self.now() + TRY_AGAIN;
        // A clock that leapt does not say whose life is over.
        let cas: Vec<_> = match self.has_leapt {
            true => authority.cas().iter().filter(|ca| at_work.contains_key(&ca.id())).collect(),
            false => authority.asked_about()?,
        };
        for ca in cas {
            let issuer = ca.certificate().tbs().subject().to_string();
            let end = |responder: &Responder| responder.certificate().tbs().validity().not_after();
            let found = match self.has_leapt {
                true => self.home.responder_at_hand(ca),
                false => self.home.responder(ca, self.passphrases),
            };
            let (responder, event) = match found {
                Ok(FoundResponder { responder, origin }) => {
                    let not_after = end(&responder);
                    let event = match origin {
                        ResponderOrigin::Kept => None,
                        ResponderOrigin::Issued => Some(RevocationEvent::Issued { issuer, not_after }),
                        ResponderOrigin::KeptTooLong(reason) => {
                            Some(RevocationEvent::NotRenewed { issuer, not_after, reason: reason.to_string() })
                        }
                    };
                    (Some(responder), event)
                }
                Err(reason) => {
                    let reason = reason.to_string();
                    match at_work.remove(&ca.id()) {
                        Some((responder, true)) => {
                            let event = RevocationEvent::NotRenewed { issuer, not_after: end(&responder), reason };
                            (Some(responder), Some(event))
                        }
                        before => {
                            // Whoever was left out from the beginning waits for a change or the next start.
                            if before.is_some() || is_waited_for {
                                self.not_before = Some(again);
                            }
                            (None, Some(RevocationEvent::LeftOut { issuer, reason }))
                        }
                    }
                }
            };
            self.responders.extend(responder);
            if matches!(event, Some(RevocationEvent::NotRenewed { .. })) {
                self.not_before = Some(again);
            }
            // The key of a retired root may be gone: it is answered for while it is there, and nobody has to mend that.
            let is_changing = authority.rotation().is_some_and(|change| change.old.id() == ca.id());
            let is_retired = !is_changing && authority.earlier_roots().iter().any(|root| root.id() == ca.id());
            let event = event.filter(|event| !is_retired || matches!(event, RevocationEvent::Issued { .. }));
            if event.is_some_and(|event| tell(event).is_break()) {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn put_up(&mut self) {
        if self.duties.hands_out()
            && let Some(files) = self.bulletin.renewed(&bulletin::notices(&self.home))
        {
            self.shelf.set_files(files);
        }
    }

    fn answer(&self, request: &OcspRequest) -> Arc<Ready> {
        let [first, others @ ..] = request.ids() else { return self.none(ResponseStatus::MalformedRequest) };
        let is_plain = others.is_empty() && request.nonce().is_none();
        // Somebody else may have waited for the same.
        if let Some(ready) = self.shelf.answer(first.as_der()).filter(|_| is_plain) {
            return ready;
        }
        // RFC 6960 2.3: we do not answer for other issuers, and no responder answers for two.
        let Some(responder) = self.responders.iter().find(|responder| responder.answers_for(first)) else {
            return self.none(ResponseStatus::Unauthorized);
        };
        match self.home.authority().answer(responder, request) {
            Ok(answer) if answer.keeping == Keeping::ForAll => {
                let ready = Arc::new(Ready::answer(&answer));
                self.shelf.keep_answer(first.as_der(), &answer, ready.clone());
                ready
            }
            Ok(answer) => Arc::new(Ready::for_nobody_else(answer.der, self.now())),
            Err(ResponderError::OtherIssuer) => self.none(ResponseStatus::Unauthorized),
            Err(ResponderError::Ledger(_) | ResponderError::NotValid(_)) => self.none(ResponseStatus::TryLater),
            Err(_) => self.none(ResponseStatus::InternalError),
        }
    }

    fn none(&self, status: ResponseStatus) -> Arc<Ready> {
        Arc::new(Ready::for_nobody_else(error_response(status).to_vec(), self.now()))
    }

    /// Tells of a ledger that fails once, and again after it worked in between.
    fn report(&mut self, failure: Option<&HomeError>, tell: Tell<'_>) -> ControlFlow<()> {
        let was_troubled = std::mem::replace(&mut self.is_troubled, failure.is_some());
        match failure {
            Some(error) if !was_troubled => tell(RevocationEvent::Troubled { reason: error.to_string() }),
            _ => ControlFlow::Continue(()),
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.home.authority().doors().clock.now()
    }
}

/// How long it takes until a responder that could not be renewed is tried again.
const TRY_AGAIN: Duration = Duration::hours(1);
