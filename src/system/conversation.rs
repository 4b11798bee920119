//! A program that is spoken with: it is told something, and what it says is listened to until a mark comes.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal, kill_process_group},
};
use thiserror::Error;

use super::{
    clock::{Clock, SystemClock},
    ending::{Ended, Ending},
    interruption::Interruption,
    tail::{MOST_OUTPUT, Tail},
};

/// A program that is spoken with. Dropped, it is let go, and ended where it does not end by itself.
#[derive(Debug)]
pub struct Conversation {
    child: Child,
    company: Company,
    input: Option<File>,
    output: File,
    complaints: Option<File>,
    /// What it complained of so far.
    complained: Tail,
}

/// Whether somebody sits at the terminal whom the program may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Somebody does: it stays where the terminal's keys reach it.
    Somebody,
    /// Nobody: it is set apart, and gone with all that it has started.
    Nobody,
}

/// What was said before the mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The end of it.
    pub bytes: Vec<u8>,
    /// Whether there was more before.
    pub is_cut: bool,
}

/// There will be no more answers.
#[derive(Debug, Error)]
pub enum BrokenOff {
    /// The program ended, or was ended because no answer came in time. What it wrote is what it complained of.
    #[error("it ended")]
    Ended(Ended),
    /// Somebody wants an end.
    #[error("it was stopped, as was asked for")]
    Interrupted,
    /// The system failed.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Conversation {
    pub(super) fn begin(command: &mut Command, company: Company) -> io::Result<Self> {
        if company == Company::Nobody {
            command.process_group(0);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let input = unblocked(child.stdin.take().ok_or_else(gone)?.into())?;
        let output = unblocked(child.stdout.take().ok_or_else(gone)?.into())?;
        let complaints = unblocked(child.stderr.take().ok_or_else(gone)?.into())?;
        let complained = Tail::of_at_most(MOST_OUTPUT);
        Ok(Self { child, company, input: Some(input), output, complaints: Some(complaints), complained })
    }

    /// Tells it something, and gives what it says before the mark: at most the last `most` bytes of it.
    ///
    /// # Errors
    /// It ended, or no mark came in time: then it is ended.
    pub fn exchange(&mut self, said: &[u8], mark: &[u8], most: usize, limit: Duration) -> Result<Heard, BrokenOff> {
        let watch = SystemClock.stopwatch();
        let (mut unsaid, mut heard, mut is_cut) = (said, Vec::new(), false);
        loop {
            if watch.elapsed() >= limit {
                return Err(self.end(Ending::TimeLimit)?);
            }
            if Interruption::is_asked() {
                self.end(Ending::TimeLimit)?;
                return Err(BrokenOff::Interrupted);
            }
            self.wait_a_moment(!unsaid.is_empty())?;
            self.listen_to_complaints();
            unsaid = self.say(unsaid)?;
            let mut buffer = [0; READ_AT_ONCE];
            let length = match self.output.read(&mut buffer) {
                Ok(0) => return Err(self.bury()?),
                Ok(length) => length,
                Err(error) if is_a_matter_of_time(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            // The mark may have come in two pieces.
            let new = heard.len().saturating_sub(mark.len());
            heard.extend_from_slice(buffer.get(..length).unwrap_or_default());
            let fresh = heard.get(new..).unwrap_or_default();
            let end = fresh.windows(mark.len()).position(|window| window == mark).map(|place| new + place);
            heard.truncate(end.unwrap_or(heard.len()));
            let kept = if end.is_some() { most } else { most.saturating_add(mark.len()) };
            let surplus = heard.len().saturating_sub(kept);
            is_cut |= surplus > 0;
            heard.drain(..surplus);
            if end.is_some() {
                return Ok(Heard { bytes: heard, is_cut });
            }
        }
    }

    /// Waits until there is something to hear, or it listens.
    fn wait_a_moment(&self, has_words: bool) -> io::Result<()> {
        let mut waiting = vec![PollFd::from_borrowed_fd(self.output.as_fd(), PollFlags::IN)];
        waiting.extend(self.complaints.iter().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
        let input = self.input.iter().filter(|_| has_words);
        waiting.extend(input.map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::OUT)));
        match poll(&mut waiting, Some(&Timespec { tv_sec: 0, tv_nsec: LOOK_AGAIN })) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what it listens to now, and gives what is left to say.
    fn say<'a>(&mut self, words: &'a [u8]) -> io::Result<&'a [u8]> {
        let Some(input) = self.input.as_mut().filter(|_| !words.is_empty()) else { return Ok(words) };
        match input.write(words) {
            Ok(length) => Ok(words.get(length..).unwrap_or_default()),
            // It has ended, or is about to: what it says last tells why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(&[]),
            Err(error) if is_a_matter_of_time(&error) => Ok(words),
            Err(error) => Err(error),
        }
    }

    fn listen_to_complaints(&mut self) {
        let Some(pipe) = &mut self.complaints else { return };
        let mut buffer = [0; READ_AT_ONCE];
        match pipe.read(&mut buffer) {
            Ok(0) => self.complaints = None,
            Ok(length) => self.complained.add(buffer.get(..length).unwrap_or_default()),
            Err(error) if is_a_matter_of_time(&error) => {}
            Err(_) => self.complaints = None,
        }
    }

    /// How it ended, whose words have come to an end.
    fn bury(&mut self) -> io::Result<BrokenOff> {
        self.input = None;
        let watch = SystemClock.stopwatch();
        while watch.elapsed() < GRACE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(self.ended(Ending::of(status)));
            }
            self.listen_to_complaints();
            std::thread::sleep(Duration::from_millis(10));
        }
        self.end(Ending::TimeLimit)
    }

    /// Ends it.
    fn end(&mut self, how: Ending) -> io::Result<BrokenOff> {
        self.input = None;
        match self.company {
            // Until it is waited for, its number, which is the group's, cannot become another's.
            Company::Nobody => {
                let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            }
            Company::Somebody => self.child.kill()?,
        }
        self.child.wait()?;
        Ok(self.ended(how))
    }

    fn ended(&mut self, how: Ending) -> BrokenOff {
        // What it said last lies in the pipe still.
        for _ in 0..MOST_LEFT {
            self.listen_to_complaints();
        }
        let output = std::mem::replace(&mut self.complained, Tail::of_at_most(MOST_OUTPUT)).into_text();
        BrokenOff::Ended(Ended { how, output })
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Who hears no more ends by itself; if not, nobody can be told from here.
            let _ = self.bury();
        }
    }
}

fn unblocked(pipe: OwnedFd) -> io::Result<File> {
    rustix::io::ioctl_fionbio(&pipe, true)?;
    Ok(File::from(pipe))
}

fn is_a_matter_of_time(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// How much is read from a pipe at once.
const READ_AT_ONCE: usize = 8 * 1024;
/// How many reads empty a pipe (pipe(7)).
const MOST_LEFT: usize = 64 * 1024 / READ_AT_ONCE;
/// How often it is looked at whether time is up, in nanoseconds.
const LOOK_AGAIN: i64 = 50_000_000;
/// How long it has to end after its last word.
const GRACE: Duration = Duration::from_secs(2);
