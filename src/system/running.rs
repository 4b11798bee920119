//! A program that runs: waited for, listened to, and ended where its time is over.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
    process::{Child, Command},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal, kill_process_group},
};

use super::{
    clock::{Clock, Stopwatch, SystemClock},
    ending::Ending,
    interruption::Interruption,
    record::Record,
    speech::{Speech, Way},
};

/// A program that runs.
pub(super) struct Running {
    child: Child,
    outputs: Outputs,
    speech: Speech,
    watch: Stopwatch,
    limit: Duration,
}

impl Running {
    /// Starts a program. What it says is read from its pipes, or from the record that it writes into.
    pub(super) fn start(
        command: &mut Command,
        input: &[u8],
        speech: Speech,
        record: Option<Record>,
        limit: Duration,
    ) -> io::Result<Self> {
        let watch = SystemClock.stopwatch();
        let mut child = command.spawn()?;
        feed(&mut child, input.to_owned());
        let outputs = Outputs::of(&mut child, record)?;
        Ok(Self { child, outputs, speech, watch, limit })
    }

    /// How it ended, and what it said; none where it had to end, because somebody wants an end.
    pub(super) fn run_out(mut self) -> io::Result<Option<(Ending, Speech)>> {
        let how = loop {
            if let Some(status) = self.child.try_wait()? {
                // What it started may go on and hold the pipes open, as a server does: nobody waits for that.
                self.outputs.drain(&mut self.speech)?;
                break Ending::of(status);
            }
            if self.watch.elapsed() >= self.limit {
                self.end()?;
                break Ending::TimeLimit;
            }
            if Interruption::is_asked() {
                self.end()?;
                return Ok(None);
            }
            self.outputs.read(&mut self.speech, LOOK_AGAIN)?;
        };
        Ok(Some((how, self.speech)))
    }

    /// Asks the whole group to end, then ends it. The program itself is waited for last: until then its number, which
    /// is the group's, cannot become another's.
    fn end(&mut self) -> io::Result<()> {
        let group = Pid::from_child(&self.child);
        // Who is gone already needs no signal.
        let _ = kill_process_group(group, Signal::TERM);
        let asked = SystemClock.stopwatch();
        while asked.elapsed() < GRACE {
            self.outputs.read(&mut self.speech, LOOK_AGAIN)?;
        }
        let _ = kill_process_group(group, Signal::KILL);
        self.child.wait()?;
        self.outputs.drain(&mut self.speech)
    }
}

/// Gives a program what it reads, in a thread: it may speak before it has read all. One that ends without reading is not
/// waited for.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut pipe) = child.stdin.take() {
        std::thread::spawn(move || pipe.write_all(&input));
    }
}

/// Where a program that runs says something: pipes, read as far as there is something in them, or a record.
struct Outputs {
    open: Vec<(Way, File)>,
    record: Option<Record>,
}

impl Outputs {
    fn of(child: &mut Child, record: Option<Record>) -> io::Result<Self> {
        let output = child.stdout.take().map(|pipe| (Way::Output, OwnedFd::from(pipe)));
        let error = child.stderr.take().map(|pipe| (Way::Error, OwnedFd::from(pipe)));
        let mut open = Vec::new();
        for (way, pipe) in output.into_iter().chain(error) {
            rustix::io::ioctl_fionbio(&pipe, true)?;
            open.push((way, File::from(pipe)));
        }
        Ok(Self { open, record })
    }

    /// Reads what is there already, and no more than a program could leave behind: whoever goes on writing has no end.
    fn drain(&mut self, into: &mut Speech) -> io::Result<()> {
        if let Some(record) = &mut self.record {
            return record.read(into);
        }
        for _ in 0..MOST_LEFT {
            if !self.read(into, Duration::ZERO)? {
                break;
            }
        }
        Ok(())
    }

    /// Waits for something to read, but not longer than `patience`; false where there was nothing.
    fn read(&mut self, into: &mut Speech, patience: Duration) -> io::Result<bool> {
        if let Some(record) = &mut self.record
            && record.is_long()?
        {
            record.read(into)?;
        }
        if self.open.is_empty() {
            std::thread::sleep(patience);
            return Ok(false);
        }
        let mut waiting: Vec<PollFd<'_>> =
            self.open.iter().map(|(_, pipe)| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)).collect();
        let nanoseconds = i64::from(patience.subsec_nanos());
        match poll(&mut waiting, Some(&Timespec { tv_sec: 0, tv_nsec: nanoseconds })) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut buffer = [0; READ_AT_ONCE];
        let mut has_read = false;
        self.open.retain_mut(|(way, pipe)| match pipe.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                into.add(*way, buffer.get(..length).unwrap_or_default());
                has_read = true;
                true
            }
            Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        });
        Ok(has_read)
    }
}

/// How much is read from a pipe at once.
const READ_AT_ONCE: usize = 8 * 1024;
/// How many reads empty a pipe: it holds 64 KiB, and a megabyte where somebody made it larger (pipe(7)).
const MOST_LEFT: usize = 1024 * 1024 / READ_AT_ONCE;
/// How often a program is asked whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long a program that took too long has to end by itself.
const GRACE: Duration = Duration::from_secs(1);
