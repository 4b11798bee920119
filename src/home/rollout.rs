//! Bringing a certificate to its server: copies, hook, a look at what is served, and back again where that fails.
//!
//! `docs/renewal.md` tells it step by step. The ledger knows before the first step that a deployment is pending, and is
//! told how it ended after the last one: whatever stops us in between, the next `renew` begins it anew.

use std::path::Path;

use super::{
    deployment::{self, Durability},
    error::HomeError,
    generation::Generation,
    hook::{self, Event, HookRun},
    opened::Home,
    outside::Outside,
    route::Route,
    verification::{self, Sight, Unseen},
};
use crate::{
    authority::{DeploymentOutcome, Status},
    keys::KeyError,
    system::{
        DirectoryMode,
        files::{DirectoryLock, Placed, create_directory_for, replace_together},
    },
};

/// What became of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// What became of it.
    pub outcome: DeploymentOutcome,
    /// Why it failed, the worst first.
    pub reasons: Vec<String>,
    /// Where it came to a stop, if it did.
    pub stopped_at: Option<Stop>,
    /// What the hook did, if it was run for the new certificate.
    pub hook: Option<HookRun>,
}

impl Deployed {
    /// Why it was not seen at its server, where it is in its place all the same: nobody answers, or shows the one before, and nothing
    /// is there to tell it. A server that starts later, or a person, takes it from there.
    pub fn unseen(&self) -> &[String] {
        if self.outcome == DeploymentOutcome::Pending { &self.reasons } else { &[] }
    }
}

/// A step on the way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The copies could not be written.
    Copies,
    /// The hook could not be run, or failed.
    Hook,
    /// A server shows another certificate, or none.
    Look,
}

/// A label that no other process deploys.
pub struct LabelLock {
    _lock: Option<DirectoryLock>,
}

/// Where a deployment came to a stop.
struct Setback {
    stop: Stop,
    /// Whether nothing speaks against the new certificate: nobody who could have taken it was told of it.
    is_unheard: bool,
    reasons: Vec<String>,
    hook: Option<HookRun>,
}

impl Setback {
    fn at(stop: Stop, reasons: Vec<String>) -> Self {
        Self { stop, is_unheard: false, reasons, hook: None }
    }
}

impl Home {
    /// Holds a label, if no other process does.
    ///
    /// # Errors
    /// A directory that cannot be locked.
    pub fn try_lock_label(&self, label: &str) -> Result<Option<LabelLock>, HomeError> {
        let directory = self.layout.lineage(label);
        if !directory.is_dir() {
            return Ok(Some(LabelLock { _lock: None }));
        }
        Ok(DirectoryLock::try_acquire(&directory)?.map(|lock| LabelLock { _lock: Some(lock) }))
    }

    /// Waits until no other process deploys a label.
    ///
    /// # Errors
    /// A directory that cannot be locked.
    pub fn lock_label(&self, label: &str) -> Result<LabelLock, HomeError> {
        let directory = self.layout.lineage(label);
        // What was never issued is deployed by nobody.
        let lock = if directory.is_dir() { Some(DirectoryLock::acquire(&directory)?) } else { None };
        Ok(LabelLock { _lock: lock })
    }

    /// Writes the copies of the newest certificate for a server that is not set up yet: its hook and a look at it wait until somebody
    /// asks for them.
    ///
    /// # Errors
    /// A copy that cannot be written, or a ledger that fails.
    pub fn deliver_first(&self, _lock: &LabelLock, label: &str) -> Result<(), HomeError> {
        let Some(record) = self.authority.deployment(label)? else { return Ok(()) };
        self.authority.glance_at([label])?;
        let Some(intent) = self.authority.intent(label)? else { return Ok(()) };
        let written = Route::of(&intent.destination)
            .map_err(HomeError::from)
            .and_then(|route| copy(&Generation::read(&self.layout, label, record.generation)?, &route));
        match &written {
            Ok(()) => self.authority.settle_deployment(label, DeploymentOutcome::Deployed, None)?,
            Err(error) => {
                self.authority.settle_deployment(label, DeploymentOutcome::Failed, Some(&error.to_string()))?;
            }
        }
        written
    }

    /// Brings the newest certificate of a label to its server, or puts the one before back. Nothing is done where none
    /// is to be brought anywhere.
    ///
    /// # Errors
    /// A file of the home or a ledger that fails. What fails outside is told in the answer.
    pub fn deploy(&self, _lock: &LabelLock, label: &str, outside: &Outside<'_>) -> Result<Option<Deployed>, HomeError> {
        let Some(intent) = self.authority.intent(label)? else { return Ok(None) };
        if intent.destination.is_nowhere() {
            return Ok(None);
        }
        // A row alone runs no command and takes no key anywhere.
        self.authority.glance_at([label])?;
        if self.authority.deployment(label)?.is_none_or(|known| known.outcome != DeploymentOutcome::Pending) {
            self.authority.await_deployment(label)?;
        }
        let Some(record) = self.authority.deployment(label)? else { return Ok(None) };
        let route = Route::of(&intent.destination)?;
        self.publish_newest(label)?;
        self.mend_chain(label)?;
        let new = Generation::read(&self.layout, label, record.generation)?;
        if !new.has_its_key() {
            let path = self.layout.generation(label, record.generation).join("privkey.pem");
            return Err(KeyError::OtherKey { path }.into());
        }
        let old = record.previous.filter(|previous| *previous != record.generation);
        let old = old.map(|previous| Generation::read(&self.layout, label, previous)).transpose().ok().flatten();
        let event = if old.is_some() { Event::Renewed } else { Event::Deployed };
        let setback = match self.bring(label, &new, old.as_ref(), event, &route, outside) {
            Ok(hook) => {
                let seen =
                    if route.addresses.is_empty() { DeploymentOutcome::Deployed } else { DeploymentOutcome::Verified };
                self.authority.settle_deployment(label, seen, None)?;
                return Ok(Some(Deployed { outcome: seen, reasons: Vec::new(), stopped_at: None, hook }));
            }
            Err(setback) => setback,
        };
        let Setback { stop, is_unheard, mut reasons, hook } = setback;
        let outcome = match old {
            // The server finds it when it starts, or a person brings it; with the one before it would end one day.
            _ if is_unheard => DeploymentOutcome::Pending,
            Some(old) if self.is_good(&old)? => self.go_back(label, &old, &new, &route, outside, &mut reasons)?,
            // What is over or soon will be, has not begun, or was revoked with or without its CA, is nothing to go back to:
            // better the new one, wherever it got to.
            _ => DeploymentOutcome::Failed,
        };
        self.authority.settle_deployment(label, outcome, Some(&reasons.join("; ")))?;
        Ok(Some(Deployed { outcome, reasons, stopped_at: Some(stop), hook }))
    }

    pub(super) fn publish_newest(&self, label: &str) -> Result<(), HomeError> {
        deployment::refuse_occupied(&self.layout, label)?;
        self.authority.publish(&[label], |label, generation| {
            Ok::<_, HomeError>(deployment::swap(&self.layout, label, generation, Durability::EachFile)?)
        })
    }

    /// Puts the generation of before back: under `live/`, in the copies, and in the server.
    fn go_back(
        &self,
        label: &str,
        old: &Generation,
        new: &Generation,
        route: &Route,
        outside: &Outside<'_>,
        reasons: &mut Vec<String>,
    ) -> Result<DeploymentOutcome, HomeError> {
        self.authority.withdraw(label, old.number, &reasons.join("; "), || {
            Ok::<_, HomeError>(deployment::swap(&self.layout, label, old.number, Durability::EachFile)?)
        })?;
        match self.bring(label, old, Some(new), Event::RolledBack, route, outside) {
            Ok(_) => Ok(DeploymentOutcome::RolledBack),
            Err(setback) => {
                let also = setback.reasons.into_iter().map(|reason| format!("going back: {reason}"));
                reasons.extend(also);
                Ok(DeploymentOutcome::Withdrawn)
            }
        }
    }

    /// Copies, hook, and a look at every address.
    fn bring(
        &self,
        label: &str,
        new: &Generation,
        old: Option<&Generation>,
        event: Event,
        route: &Route,
        outside: &Outside<'_>,
    ) -> Result<Option<HookRun>, Setback> {
        copy(new, route).map_err(|error| Setback::at(Stop::Copies, told(&error)))?;
        let is_earlier = |der: &[u8]| self.is_of(label, der).unwrap_or(false);
        let look = || verification::verify(new, &is_earlier, route, outside, &*self.authority.doors().clock);
        let Some(words) = &route.hook else {
            return look().map(|()| None).map_err(|unseen| Setback {
                is_unheard: unseen.iter().all(|one| one.what != Sight::Other),
                ..Setback::at(Stop::Look, in_words(unseen))
            });
        };
        let limit = outside.hook_limit.unwrap_or(route.hook_limit);
        let occasion = hook::Occasion { layout: &self.layout, label, new, old, event };
        let run = hook::run(outside.processes, words, &occasion, limit)
            .map_err(|error| Setback::at(Stop::Hook, told(&error)))?;
        if !run.ending.is_success() {
            let reasons = vec![run.failure()];
            return Err(Setback { hook: Some(run), ..Setback::at(Stop::Hook, reasons) });
        }
        match look() {
            Ok(()) => Ok(Some(run)),
            Err(unseen) => Err(Setback { hook: Some(run), ..Setback::at(Stop::Look, in_words(unseen)) }),
        }
    }

    /// Whether a generation can serve until the next renewals: it has its key and has begun, nobody has revoked it or its CA, and it is not
    /// over soon, which would leave its server with nothing while a new one lies here.
    fn is_good(&self, generation: &Generation) -> Result<bool, HomeError> {
        let now = self.authority.doors().clock.now();
        let der = generation.certificate.as_der();
        let rows = self.authority.by_serial(&generation.serial())?;
        let row = rows.into_iter().find(|row| row.certificate.as_deref() == Some(der));
        let Some(row) = row.filter(|_| generation.has_its_key()) else { return Ok(false) };
        let tenth: time::Duration = (row.not_after - row.not_before) / 10;
        let has_time = row.not_before <= now && row.not_after - now > tenth.min(LEAST_LEFT);
        Ok(has_time && row.status(now) == Status::Good && !self.authority.is_issuer_revoked(&row)?)
    }
}

/// Writes the copies: all of them are whole on the disk before the first gets its name.
fn copy(generation: &Generation, route: &Route) -> Result<(), HomeError> {
    let mut placed: Vec<(std::path::PathBuf, &[u8])> = Vec::new();
    let combined = route.combined.as_ref().map(|path| (path, generation.combined()));
    if let Some(out) = &route.out {
        make_room(out, route)?;
        // The one that tells whose they all are comes first: after a stop between two names they are known for this label's.
        for (name, content) in generation.files().into_iter().rev() {
            placed.push((out.join(name), content));
        }
    }
    if let Some((path, content)) = &combined {
        placed.push(((*path).clone(), content));
    }
    let placed: Vec<_> = placed.iter().map(|(path, content)| Placed { path, content }).collect();
    Ok(replace_together(&placed, route.mode, route.ownership)?)
}

/// The directory of the copies, made for whoever reads them.
fn make_room(out: &Path, route: &Route) -> Result<(), HomeError> {
    let mode = if route.mode.is_for_group() { DirectoryMode::Group } else { DirectoryMode::Private };
    match create_directory_for(out, mode, route.ownership) {
        Err(error) if error.is_exists() && out.is_dir() => Ok(()),
        made => Ok(made?),
    }
}

fn in_words(unseen: Vec<Unseen>) -> Vec<String> {
    unseen.into_iter().map(|one| one.reason).collect()
}

fn told(error: &dyn std::error::Error) -> Vec<String> {
    let mut reasons = vec![error.to_string()];
    let mut next = error.source();
    while let Some(source) = next {
        if reasons.last() != Some(&source.to_string()) {
            reasons.push(source.to_string());
        }
        next = source.source();
    }
    reasons
}

/// What shall be left of the life of a certificate that is put back, unless a tenth of it is less.
const LEAST_LEFT: time::Duration = time::Duration::days(2);

#[cfg(test)]
#[path = "rollout_tests.rs"]
mod tests;
