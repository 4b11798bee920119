//! The program: the doors to the world are made here and handed down.

use std::{
    env,
    ffi::OsString,
    path::{PathBuf, absolute},
    process::ExitCode,
    sync::Arc,
};

use etcetera::BaseStrategy;
use hubca::{
    authority::Doors,
    cli::{
        self,
        context::{Context, Environment, Glyphs, SYSTEM_HOME},
        terminal::{Colour, StandardTerminal},
    },
    system::{
        SystemClock, SystemNetwork, SystemProcesses, SystemRandom,
        files::current_user,
        harden_process, host_name,
        processes::{PASSED_ON, PASSED_ON_TO_WAYS},
    },
    trust::{Surroundings, System},
};

fn main() -> ExitCode {
    harden_process();
    let doors = Doors { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let terminal = StandardTerminal::new(colour());
    let context =
        Context::new(doors, Box::new(SystemNetwork), Box::new(processes()), Box::new(terminal), environment());
    ExitCode::from(cli::run(env::args_os(), context))
}

/// Other programs, with the few of our variables that are theirs as well.
fn processes() -> SystemProcesses {
    let of = |names: &[&str]| names.iter().filter_map(|name| Some((OsString::from(name), variable(name)?))).collect();
    SystemProcesses::new(of(&PASSED_ON)).with_ways(of(&PASSED_ON_TO_WAYS))
}

fn environment() -> Environment {
    let path = |name| variable(name).map(PathBuf::from);
    Environment {
        home: path("HUBCA_HOME"),
        default_home: default_home(),
        passphrase_file: path("HUBCA_PASSPHRASE_FILE"),
        root_passphrase_file: path("HUBCA_ROOT_PASSPHRASE_FILE"),
        credentials_directory: path("CREDENTIALS_DIRECTORY"),
        host_name: host_name(),
        glyphs: glyphs(),
        program: env::current_exe().ok(),
        user_directories: user_directories(),
        jupyter_directory: path("JUPYTER_CONFIG_DIR"),
        surroundings: surroundings(),
    }
}

fn surroundings() -> Surroundings {
    let search_path = variable("PATH").map(|path| env::split_paths(&path).collect());
    Surroundings {
        user: Some(current_user()),
        system: if cfg!(target_os = "macos") { System::Macos } else { System::Other },
        search_path: search_path.unwrap_or_default(),
        sudo_user: variable("SUDO_USER").and_then(|name| name.into_string().ok()),
        // Its programs are run from elsewhere.
        java_home: variable("JAVA_HOME").map(|home| absolute(&home).unwrap_or_else(|_| PathBuf::from(home))),
        wsl_distribution: variable("WSL_DISTRO_NAME").and_then(|name| name.into_string().ok()),
        own_directory: user_directories().map(|(_, own)| absolute(&own).unwrap_or(own)),
    }
}

fn user_directories() -> Option<(PathBuf, PathBuf)> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some((strategy.config_dir(), strategy.home_dir().to_owned()))
}

/// What the locale says of characters, as POSIX orders its variables; where none is set, programs of today write UTF-8.
fn glyphs() -> Glyphs {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    let is_unicode = |locale: OsString| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    if locale.is_none_or(is_unicode) { Glyphs::Unicode } else { Glyphs::Ascii }
}

/// The system's data for root, whose services run without a home directory; the user's own for everybody else.
fn default_home() -> Option<PathBuf> {
    if current_user() == 0 {
        return Some(PathBuf::from(SYSTEM_HOME));
    }
    etcetera::choose_base_strategy().ok().map(|strategy| strategy.data_dir().join("hubca"))
}

/// <https://no-color.org>, and terminals that know no colours.
fn colour() -> Colour {
    let is_dumb = variable("TERM").is_some_and(|terminal| terminal == "dumb");
    if variable("NO_COLOR").is_some() || is_dumb { Colour::Nowhere } else { Colour::OnTerminals }
}

/// A variable that is set to something: an empty one counts as none.
#[expect(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
