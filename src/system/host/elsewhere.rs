//! Another machine, reached by one connection to a POSIX shell there.
//!
//! The shell there reads `relay.sh`, by which it hands over to another one. That reads `far_end.sh`, then one call after the other; names,
//! words and what programs read are quoted, so that none of it is read as anything else. Each answer ends with a mark that was drawn for
//! this connection: nothing that a program says can be taken for the end of it, and nothing that a login shell says beforehand for an
//! answer.

use std::{
    ffi::OsString,
    fmt::Write as _,
    io,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use zeroize::Zeroizing;

use super::{
    address::HostAddress,
    door::{Host, Lying, Whereabouts},
    error::HostError,
    obstacle::Obstacle,
};
use crate::system::{
    conversation::{BrokenOff, Company, Conversation, Heard},
    ending::{Answered, Ended, Ending},
    files::{FileAct, FileError},
    process_error::ProcessError,
    processes::{Errand, Processes},
    random::Random,
    shell::shell_quoted,
    tail,
};

/// Another machine. Dropped, the connection ends, and the shell there with it.
pub struct Elsewhere {
    address: HostAddress,
    mark: String,
    line: Mutex<Line>,
}

/// Who we are on another machine, and what the surroundings say there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FarSurroundings {
    /// The number of the user there.
    pub user: Option<u32>,
    /// What the system calls itself: uname(1).
    pub system: String,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `PATH`.
    pub path: OsString,
    /// `JAVA_HOME`.
    pub java_home: Option<PathBuf>,
}

/// The connection.
enum Line {
    Open(Conversation),
    /// It has ended, and the program that led there said this.
    Ended(Vec<String>),
}

/// What a call gave.
struct Answer {
    status: u8,
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Elsewhere {
    /// Reaches a machine. Where somebody sits at the terminal, they are asked what ssh asks: a password, whether a host key is right.
    ///
    /// # Errors
    /// It is not reached, or no shell answers there.
    pub fn reach(
        address: HostAddress,
        processes: &dyn Processes,
        random: &dyn Random,
        company: Company,
    ) -> Result<Self, HostError> {
        let mut drawn = [0; 16];
        random.fill(&mut drawn)?;
        let mark = format!("{:032x}", u128::from_be_bytes(drawn));
        let mut conversation = processes
            .converse(&address.words(company), company)
            .map_err(|source| HostError::NoWay { host: address.clone(), source })?;
        let limit = match company {
            Company::Somebody => LONGEST_WITH_SOMEBODY,
            Company::Nobody => LONGEST_ALONE,
        };
        // Whatever the login shell says comes before the first mark.
        for beginning in [format!("mark={mark}\n{RELAY}"), format!("{FAR_END}mark={mark}\nanswered\n")] {
            match conversation.exchange(beginning.as_bytes(), end_of(&mark).as_bytes(), MOST_BEFORE, limit) {
                Ok(_) => {}
                Err(BrokenOff::Interrupted) => return Err(HostError::Interrupted),
                Err(BrokenOff::Ended(ended)) => {
                    let (obstacle, said) = (Obstacle::of(&ended), lines(&ended.output));
                    return Err(HostError::NotReached { host: address, obstacle, said });
                }
                Err(BrokenOff::System(error)) => {
                    let said = vec![error.to_string()];
                    return Err(HostError::NotReached { host: address, obstacle: Obstacle::Other, said });
                }
            }
        }
        Ok(Self { address, mark, line: Mutex::new(Line::Open(conversation)) })
    }

    /// Who we are there, and what the surroundings say.
    ///
    /// # Errors
    /// The connection ended, or what answers is no shell.
    pub fn surroundings(&self) -> Result<FarSurroundings, HostError> {
        let answer = self.call("surroundings", MOST_NAMES, LONGEST_ANSWER)?;
        let mut told = answer.bytes.split(|byte| *byte == 0).map(|text| OsString::from_vec(text.to_vec()));
        let mut next = || told.next().ok_or_else(|| HostError::Strange { host: self.address.clone() });
        let (user, system, home, path, java_home) = (next()?, next()?, next()?, next()?, next()?);
        let place = |text: OsString| (!text.is_empty()).then(|| PathBuf::from(text));
        Ok(FarSurroundings {
            user: user.to_str().and_then(|number| number.parse().ok()),
            system: system.to_string_lossy().into_owned(),
            home: place(home),
            path,
            java_home: place(java_home),
        })
    }

    /// Whether the connection is there still.
    ///
    /// # Errors
    /// It has ended.
    pub fn is_reached(&self) -> Result<(), HostError> {
        match &*self.line.lock().unwrap_or_else(PoisonError::into_inner) {
            Line::Open(_) => Ok(()),
            Line::Ended(said) => Err(HostError::Ended { host: self.address.clone(), said: said.clone() }),
        }
    }

    /// Has the shell there run a line, and gives what came of it: at most the last `most` bytes.
    fn call(&self, call: &str, most: usize, limit: Duration) -> Result<Answer, HostError> {
        let strange = || HostError::Strange { host: self.address.clone() };
        let ended = |said: &[String]| HostError::Ended { host: self.address.clone(), said: said.to_vec() };
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = match &mut *line {
            Line::Ended(said) => return Err(ended(said)),
            Line::Open(conversation) => {
                let said = Zeroizing::new([call, "; answered\n"].concat());
                let most = most.saturating_add(LONGEST_STATUS);
                conversation.exchange(said.as_bytes(), end_of(&self.mark).as_bytes(), most, limit)
            }
        };
        let broken = match heard {
            Ok(heard) => return Answer::read(heard, most).ok_or_else(strange),
            Err(broken) => broken,
        };
        let said = match &broken {
            BrokenOff::Ended(ended) => lines(&ended.output),
            BrokenOff::Interrupted | BrokenOff::System(_) => Vec::new(),
        };
        let error = match broken {
            BrokenOff::Interrupted => HostError::Interrupted,
            BrokenOff::Ended(Ended { how: Ending::TimeLimit, .. }) => HostError::Late { host: self.address.clone() },
            BrokenOff::Ended(_) | BrokenOff::System(_) => ended(&said),
        };
        *line = Line::Ended(said);
        Err(error)
    }

    /// Has the shell there run a program by a line; gives how it ended, and what it said unless it took too long.
    fn said(&self, errand: &Errand, line: &str, most: usize) -> Result<(Ending, Option<Answer>), ProcessError> {
        let program = errand.words.first().ok_or(ProcessError::Nothing)?.clone();
        match self.call(line, most, errand.limit) {
            Ok(Answer { status: NO_PROGRAM, .. }) if !program.contains('/') => Err(ProcessError::Missing(program)),
            Ok(answer) => Ok((Ending::Code(answer.status.into()), Some(answer))),
            Err(HostError::Late { .. }) => Ok((Ending::TimeLimit, None)),
            Err(HostError::Interrupted) => Err(ProcessError::Interrupted { program }),
            Err(_) => Err(ProcessError::OutOfReach { program, host: self.address.to_string() }),
        }
    }

    /// Asks for what lies at a path.
    fn lookup(&self, question: &str, path: &Path, most: usize) -> Result<Answer, FileError> {
        let gone =
            |error| FileError::Other { path: path.to_owned(), act: FileAct::Read, source: io::Error::other(error) };
        let answer = self.call(&format!("{question} {}", quoted(path)?), most, LONGEST_ANSWER).map_err(gone)?;
        let refused = |kind: io::ErrorKind| io::Error::from(kind);
        match answer.status {
            0 => Ok(answer),
            MISSING => Err(FileError::Missing { path: path.to_owned(), act: FileAct::Read }),
            NO_FILE => Err(FileError::NotAFile { path: path.to_owned(), found: "something else" }),
            SHUT => {
                let source = refused(io::ErrorKind::PermissionDenied);
                Err(FileError::Permission { path: path.to_owned(), act: FileAct::Read, source })
            }
            _ => Err(FileError::new(FileAct::Read, path, refused(io::ErrorKind::Other))),
        }
    }
}

impl Answer {
    /// What was said before the line with the status.
    fn read(heard: Heard, most: usize) -> Option<Self> {
        let Heard { mut bytes, is_cut } = heard;
        let line = bytes.iter().rposition(|byte| *byte == b'\n')?;
        let status = std::str::from_utf8(bytes.get(line..)?).ok()?.trim().parse().ok()?;
        bytes.truncate(line);
        let surplus = bytes.len().saturating_sub(most);
        bytes.drain(..surplus);
        Some(Self { status, bytes, is_cut: is_cut || surplus > 0 })
    }
}

impl Processes for Elsewhere {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let (how, said) = self.said(errand, &line_for(errand, "", " 2>&1"), tail::MOST_OUTPUT)?;
        Ok(Ended { how, output: said.map(|said| tail::text(&said.bytes, said.is_cut)).unwrap_or_default() })
    }

    fn ask(&self, errand: &Errand, most: usize) -> Result<Answered, ProcessError> {
        // One octet more tells that there was more.
        let most_complaint = tail::MOST_OUTPUT.saturating_add(1);
        let room = most.saturating_add(most_complaint).saturating_add(1);
        let (how, said) = self.said(errand, &line_for(errand, &format!("asked {most_complaint} "), ""), room)?;
        let program = || errand.words.first().cloned().unwrap_or_default();
        let Some(said) = said else {
            return Ok(Answered { how, answer: String::new(), complaint: String::new() });
        };
        // No shell lets a program complain with a zero octet.
        let end = said.bytes.iter().rposition(|octet| *octet == 0).unwrap_or(said.bytes.len());
        let (answer, complaint) = said.bytes.split_at(end);
        if said.is_cut || answer.len() > most {
            return Err(ProcessError::TooLong { program: program(), most });
        }
        let complaint = complaint.get(1..).unwrap_or_default();
        let kept = complaint.get(complaint.len().saturating_sub(tail::MOST_OUTPUT)..).unwrap_or_default();
        let is_cut = kept.len() < complaint.len();
        Ok(Answered { how, answer: tail::text(answer, false), complaint: tail::text(kept, is_cut) })
    }
}

impl Host for Elsewhere {
    fn whereabouts(&self) -> Whereabouts {
        Whereabouts::Elsewhere
    }

    fn look(&self, paths: &[PathBuf]) -> Vec<Lying> {
        let nothing = || vec![Lying::Nothing; paths.len()];
        let Ok(words) = paths.iter().map(|path| quoted(path)).collect::<Result<Vec<_>, _>>() else { return nothing() };
        let answer = self.call(&format!("look {}", words.join(" ")), paths.len(), LONGEST_ANSWER);
        let Ok(answer) = answer else { return nothing() };
        let read = |letter: &u8| match letter {
            b'f' => Lying::File,
            b'x' => Lying::Program,
            b'd' => Lying::Directory,
            b's' => Lying::Special,
            _ => Lying::Nothing,
        };
        let found: Vec<Lying> = answer.bytes.iter().map(read).collect();
        if found.len() == paths.len() { found } else { nothing() }
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
        let answer = self.lookup("content", path, limit)?;
        if answer.is_cut {
            return Err(FileError::TooLarge { path: path.to_owned(), limit });
        }
        Ok(answer.bytes)
    }

    fn entries(&self, path: &Path) -> Result<Vec<String>, FileError> {
        let answer = self.lookup("names", path, MOST_NAMES)?;
        let names = answer.bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let mut names: Vec<String> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        names.sort();
        Ok(names)
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        let mut answer = self.lookup("resolved", path, MOST_NAMES)?;
        if answer.bytes.last() == Some(&b'\n') {
            answer.bytes.pop();
        }
        Ok(PathBuf::from(OsString::from_vec(answer.bytes)))
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        let answer = self.lookup("owner", path, MOST_NAMES).ok()?;
        // The mode, the number of links, and the number of the user: ls(1) of POSIX.
        std::str::from_utf8(&answer.bytes).ok()?.split_whitespace().nth(2)?.parse().ok()
    }
}

/// The line that has a shell run a program, by a function of the far end or by itself: it reads what it is fed, or nothing, and never
/// what the shell reads.
fn line_for(errand: &Errand, by: &str, end: &str) -> Zeroizing<String> {
    let mut line = String::with_capacity(errand.input.len().saturating_mul(OCTAL).saturating_add(LINE));
    if !errand.input.is_empty() {
        line.push_str("printf '");
        for octet in &errand.input {
            // Writing into a string does not fail.
            let _ = write!(line, "\\{octet:03o}");
        }
        line.push_str("' | ");
    }
    line.push_str(by);
    if !errand.variables.is_empty() {
        line.push_str("env ");
    }
    for (name, value) in &errand.variables {
        line.push_str(&shell_quoted(&format!("{name}={}", value.to_string_lossy())));
        line.push(' ');
    }
    line.push_str(&errand.words.iter().map(|word| shell_quoted(word)).collect::<Vec<_>>().join(" "));
    if errand.input.is_empty() {
        line.push_str(" </dev/null");
    }
    line.push_str(end);
    Zeroizing::new(line)
}

/// A path as the shell there reads it.
fn quoted(path: &Path) -> Result<String, FileError> {
    let text = std::str::from_utf8(path.as_os_str().as_bytes());
    let text = text.ok().filter(|text| !text.contains('\0'));
    text.map(shell_quoted).ok_or_else(|| FileError::NoName { path: path.to_owned() })
}

fn end_of(mark: &str) -> String {
    format!("{mark}\n")
}

/// What a program said, line by line, without the frames that ssh draws.
fn lines(said: &str) -> Vec<String> {
    let lines = said.lines().map(str::trim).filter(|line| line.chars().any(char::is_alphanumeric));
    lines.map(str::to_owned).collect()
}

/// What the first shell there reads.
const RELAY: &str = include_str!("relay.sh");
/// What the second one reads first, with the numbers by which it says that there is nothing, no file, or none that we may read.
const FAR_END: &str = concat!("missing=81 no_file=82 shut=83\n", include_str!("far_end.sh"));
const MISSING: u8 = 81;
const NO_FILE: u8 = 82;
const SHUT: u8 = 83;
/// As shells number it.
const NO_PROGRAM: u8 = 127;
/// How much is listened to of what a login shell says.
const MOST_BEFORE: usize = 64 * 1024;
/// How much of the names in a directory.
const MOST_NAMES: usize = 4 * 1024 * 1024;
/// A line feed, three digits and a blank.
const LONGEST_STATUS: usize = 5;
/// How long it may take to get there; with somebody at the terminal, who has to find a password.
const LONGEST_ALONE: Duration = Duration::from_secs(60);
const LONGEST_WITH_SOMEBODY: Duration = Duration::from_secs(300);
/// How long the shell there may take to look something up.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);
/// An octet as `printf` takes it has so many signs, and the rest of a line rarely more than this.
const OCTAL: usize = 4;
const LINE: usize = 4096;

#[cfg(test)]
#[path = "elsewhere_tests.rs"]
mod tests;
