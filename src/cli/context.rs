//! What a command works with: the doors, the terminal, and what the command line and the environment say about where.

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
};

use time::OffsetDateTime;

use super::{
    failure::{Failure, FailureKind},
    global::GlobalArguments,
    invocation::Invocation,
    page::{Page, Tone},
    terminal::{Person, Terminal},
};
use crate::{
    authority::Doors,
    home::{Home, HomeError, Layout, Suspect},
    plan::shell_word,
    system::{
        Network, Processes,
        files::{self, directory},
    },
    trust::Surroundings,
};

/// What a command works with. `main` builds one; nobody else reads the environment.
pub struct Context {
    doors: Doors,
    network: Box<dyn Network>,
    processes: Box<dyn Processes>,
    terminal: Box<dyn Terminal>,
    environment: Environment,
    global: GlobalArguments,
    /// Notes that wait for the end, so that a failure is alone on stderr where programs read it.
    notes: RefCell<Vec<String>>,
    /// Whether something failed beside the answer: where programs read it, no note follows.
    has_complained: Cell<bool>,
}

/// What the environment of the process says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `HUBCA_HOME`.
    pub home: Option<PathBuf>,
    /// Where a home lies if nobody says: it depends on the user and the system.
    pub default_home: Option<PathBuf>,
    /// `HUBCA_PASSPHRASE_FILE`.
    pub passphrase_file: Option<PathBuf>,
    /// `HUBCA_ROOT_PASSPHRASE_FILE`.
    pub root_passphrase_file: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY`, which systemd sets.
    pub credentials_directory: Option<PathBuf>,
    /// What this machine is called.
    pub host_name: Option<String>,
    /// Which characters can be shown.
    pub glyphs: Glyphs,
    /// Where this program lies.
    pub program: Option<PathBuf>,
    /// The user's directory for settings, and their own directory.
    pub user_directories: Option<(PathBuf, PathBuf)>,
    /// `JUPYTER_CONFIG_DIR`.
    pub jupyter_directory: Option<PathBuf>,
    /// What it says of the machine and its trust stores.
    pub surroundings: Surroundings,
}

/// Which characters a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// All of Unicode.
    #[default]
    Unicode,
    /// Those of ASCII.
    Ascii,
}

impl Context {
    /// A context for a command line that is yet to be read.
    pub fn new(
        doors: Doors,
        network: Box<dyn Network>,
        processes: Box<dyn Processes>,
        terminal: Box<dyn Terminal>,
        environment: Environment,
    ) -> Self {
        let global = GlobalArguments::default();
        Self {
            doors,
            network,
            processes,
            terminal,
            environment,
            global,
            notes: RefCell::default(),
            has_complained: Cell::default(),
        }
    }

    pub(super) fn with_global(self, global: GlobalArguments) -> Self {
        Self { global, ..self }
    }

    /// The doors of the authority: the clock and the random numbers.
    pub fn doors(&self) -> &Doors {
        &self.doors
    }

    /// The network.
    pub fn network(&self) -> &dyn Network {
        &*self.network
    }

    /// Other programs.
    pub fn processes(&self) -> &dyn Processes {
        &*self.processes
    }

    /// What time it is.
    pub fn now(&self) -> OffsetDateTime {
        self.doors.clock.now()
    }

    /// The terminal.
    pub fn terminal(&self) -> &dyn Terminal {
        &*self.terminal
    }

    /// What this machine is called.
    pub fn host_name(&self) -> Option<&str> {
        self.environment.host_name.as_deref()
    }

    /// Where this program lies.
    pub fn program(&self) -> Option<&Path> {
        self.environment.program.as_deref()
    }

    /// Where a home lies if nobody says.
    pub fn default_home(&self) -> Option<&Path> {
        self.environment.default_home.as_deref()
    }

    /// The user's directory for settings, and their own directory.
    pub fn user_directories(&self) -> Option<(&Path, &Path)> {
        self.environment.user_directories.as_ref().map(|(config, own)| (config.as_path(), own.as_path()))
    }

    /// Where the user has their configuration of Jupyter.
    pub fn jupyter_directory(&self) -> Option<PathBuf> {
        let usual = || self.user_directories().map(|(_, own)| own.join(".jupyter"));
        self.environment.jupyter_directory.clone().or_else(usual)
    }

    /// What the environment says of the machine and its trust stores.
    pub fn surroundings(&self) -> &Surroundings {
        &self.environment.surroundings
    }

    /// Which characters can be shown.
    pub fn glyphs(&self) -> Glyphs {
        self.environment.glyphs
    }

    /// Whether answers are for programs.
    pub fn is_json(&self) -> bool {
        self.global.json
    }

    /// Whether nothing is wanted but the answer and errors.
    pub fn is_quiet(&self) -> bool {
        self.global.quiet
    }

    /// Whether somebody can be asked, and wants to be.
    pub fn person(&self) -> Person {
        if self.global.yes { Person::Absent } else { self.terminal.person() }
    }

    /// Whether the command line says yes to whatever would be asked.
    pub fn says_yes(&self) -> bool {
        self.global.yes
    }

    /// How the next command is to be called.
    pub fn invocation(&self) -> Invocation {
        Invocation::at(self.global.home.as_deref())
    }

    /// Where the home is: `--home`, else `HUBCA_HOME`, else the user's data directory.
    ///
    /// # Errors
    /// No home is named and the user has none, or there is no current directory.
    pub fn layout(&self) -> Result<Layout, Failure> {
        let Environment { home, default_home, .. } = &self.environment;
        let named = self.global.home.as_ref().or(home.as_ref()).or(default_home.as_ref()).ok_or_else(|| {
            Failure::new(FailureKind::Home, "there is no place for a home: this user has no home directory")
                .hint("name one with --home DIR")
        })?;
        if named.to_str().is_none() {
            // SQLite takes names in UTF-8 alone, and so does JSON.
            return Err(Failure::usage(format!("`{}` is no name in UTF-8, and no home can be there", named.display()))
                .hint("name one with --home DIR"));
        }
        Ok(Layout::new(directory::absolute(named)?))
    }

    /// The home, open.
    ///
    /// # Errors
    /// There is no CA in it, or it cannot be used.
    pub fn open_home(&self) -> Result<Home, Failure> {
        let layout = self.layout()?;
        Home::open(layout.clone(), self.doors.clone()).map_err(|error| self.not_opened(error, &layout))
    }

    /// The home, open to be backed up. What is not opened is saved as it is by other means.
    ///
    /// # Errors
    /// There is no CA in it, or it cannot be used.
    pub fn open_home_to_save(&self) -> Result<Home, Failure> {
        let layout = self.layout()?;
        Home::open(layout.clone(), self.doors.clone()).map_err(|error| {
            let is_damage = error.is_damage();
            let failure = self.not_opened(error, &layout);
            if !is_damage {
                return failure;
            }
            let home = shell_word(&layout.directory().display().to_string());
            failure
                .because("what is sound in it cannot be told, and nothing is packed that is not looked at")
                .hint(format!("save it as it is, on another disk, before anything else is tried: cp -a {home} COPY"))
                .hint("restore the newest backup that is sound, in another place: hubca --home DIR restore FILE")
                .hint("enter there what was issued since: hubca --home DIR adopt COPY/archive")
        })
    }

    /// The home, open to be looked at whatever is wrong with it.
    ///
    /// # Errors
    /// There is no CA in it, or it cannot be read at all.
    pub fn open_suspect(&self) -> Result<Suspect, Failure> {
        let layout = self.layout()?;
        Suspect::open(layout.clone(), self.doors.clone()).map_err(|error| self.not_opened(error, &layout))
    }

    fn not_opened(&self, error: HomeError, layout: &Layout) -> Failure {
        match error {
            HomeError::NoCa { .. } => self.homes_beside(layout).into_iter().fold(error.into(), |failure, other| {
                Failure::hint(failure, format!("there is a CA in {0}: --home {0}", other.display()))
            }),
            error => error.into(),
        }
    }

    /// The home, open; none where nobody named one and there is no CA in the usual place.
    ///
    /// # Errors
    /// A home that was named and has no CA, or one that is there and cannot be used.
    pub fn home_if_any(&self) -> Result<Option<Home>, Failure> {
        let Environment { home, default_home, .. } = &self.environment;
        let is_named = self.global.home.is_some() || home.is_some();
        let is_anywhere = is_named
            || default_home.as_ref().is_some_and(|usual| Layout::new(usual).ledger().symlink_metadata().is_ok());
        if is_anywhere { self.open_home().map(Some) } else { Ok(None) }
    }

    /// The other places where a home might be, and is.
    fn homes_beside(&self, layout: &Layout) -> Vec<PathBuf> {
        let Environment { home, default_home, .. } = &self.environment;
        let system = PathBuf::from(SYSTEM_HOME);
        let mut places: Vec<PathBuf> = home.iter().chain(default_home).chain([&system]).cloned().collect();
        places.dedup();
        places.retain(|place| place != layout.directory() && Layout::new(place).ledger().exists());
        places
    }

    pub(super) fn root_passphrase_file(&self) -> Option<&Path> {
        let file = self.global.root_passphrase_file.as_ref().or(self.environment.root_passphrase_file.as_ref());
        file.map(PathBuf::as_path)
    }

    pub(super) fn passphrase_file(&self) -> Option<PathBuf> {
        let Environment { passphrase_file, credentials_directory, .. } = &self.environment;
        let credential = || {
            // systemd.exec(5): the file is there where the unit names the credential.
            let file = credentials_directory.as_ref()?.join(CREDENTIAL);
            file.exists().then_some(file)
        };
        self.global.passphrase_file.clone().or_else(|| passphrase_file.clone()).or_else(credential)
    }

    /// The content of a file, or of stdin where the path is `-`.
    ///
    /// # Errors
    /// It cannot be read, or is larger than it may be.
    pub fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
        if path == Path::new("-") {
            return Ok(files::read_stdin_bounded(limit)?);
        }
        Ok(files::read_bounded(path, limit)?)
    }

    /// Tells something that is no part of the answer.
    pub fn note(&self, text: &str) {
        if self.global.quiet {
            return;
        }
        let mut page = Page::new(self.terminal.columns());
        page.marked(Tone::Caution, "note:", &self.invocation().spelled(text));
        if self.global.json {
            self.notes.borrow_mut().push(page.as_str().to_owned());
        } else {
            self.terminal.remark(page.as_str());
        }
    }

    /// Tells of something that failed beside the answer: to a program it is a document of its own, on one line.
    pub fn complain(&self, failure: Failure) {
        let failure = failure.calling(&self.invocation());
        self.has_complained.set(true);
        if self.global.json {
            self.terminal.remark(&failure.to_json());
            return;
        }
        let mut page = Page::new(self.terminal.columns());
        failure.tell(&mut page);
        self.terminal.remark(page.as_str());
    }

    /// Tells what waited for the end.
    pub(super) fn tell_notes(&self) {
        if self.has_complained.get() {
            return;
        }
        for note in self.notes.borrow_mut().drain(..) {
            self.terminal.remark(&note);
        }
    }

    /// Shows how far long work has come, unless nobody wants to know.
    pub fn progress(&self, work: &str, steps: u64) -> Box<dyn super::terminal::Progress> {
        let steps = if self.global.quiet { 0 } else { steps };
        self.terminal.progress(work, steps)
    }
}

/// The home of root, whose services have no home directory.
pub const SYSTEM_HOME: &str = "/var/lib/hubca";
/// The name of the credential that opens the issuing key.
const CREDENTIAL: &str = "hubca-passphrase";
