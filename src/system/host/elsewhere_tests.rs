//! What another machine promises: its files and programs are as they would be here, whatever their names are, and whichever shell
//! answers.

#![expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use tempfile::TempDir;

use super::*;
use crate::system::{SystemProcesses, SystemRandom, host::Here};

/// The way to a shell on this machine.
struct Way(Vec<String>);

impl Processes for Way {
    fn run(&self, _errand: &Errand) -> Result<Ended, ProcessError> {
        Err(ProcessError::Nothing)
    }

    fn converse(&self, _words: &[String], company: Company) -> Result<Conversation, ProcessError> {
        processes().converse(&self.0, company)
    }
}

fn processes() -> SystemProcesses {
    let path = OsString::from("/usr/local/bin:/usr/bin:/bin");
    SystemProcesses::new(vec![("PATH".into(), path), ("HOME".into(), "/".into())])
}

fn try_to_reach(words: &[&str], company: Company) -> Result<Elsewhere, HostError> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Elsewhere::reach("ssh://there".parse().unwrap(), &Way(words), &SystemRandom, company)
}

fn reach(words: &[&str]) -> Elsewhere {
    try_to_reach(words, Company::Nobody).unwrap()
}

/// The shells that are here, each as the `sh` of a machine.
struct Shells(TempDir, Vec<PathBuf>);

impl Shells {
    fn here() -> Self {
        let places = tempfile::tempdir().unwrap();
        let programs = ["dash", "bash", "busybox"].map(|name| Path::new("/bin").join(name)).into_iter();
        let programs = programs.filter(|program| program.is_file()).chain([PathBuf::from("/bin/sh")]);
        let link = |program: PathBuf| {
            let place = places.path().join(program.file_name().unwrap());
            fs::create_dir(&place).unwrap();
            symlink(&program, place.join("sh")).unwrap();
            place.join("sh")
        };
        let links = programs.map(link).collect();
        Self(places, links)
    }

    fn reached(&self, company: Company) -> impl Iterator<Item = Elsewhere> + '_ {
        self.1.iter().map(move |shell| try_to_reach(&[shell.to_str().unwrap()], company).unwrap())
    }

    fn each(&self) -> impl Iterator<Item = Elsewhere> + '_ {
        self.reached(Company::Nobody)
    }
}

fn errand(words: &[&str], input: &[u8]) -> Errand {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Errand { words, variables: Vec::new(), input: input.to_vec(), limit: Duration::from_secs(20) }
}

const ODD: [&str; 9] = ["plain", "a b", "it's", "\"$(id)\"", "-rf", ".hidden", "..two", "line\nfeed", "hüb; touch x #"];

#[test]
fn files_there_are_what_they_would_be_here() {
    let directory = tempfile::tempdir().unwrap();
    for name in ODD {
        fs::write(directory.path().join(name), [name.as_bytes(), &[0, 10, 255, 10, 10]].concat()).unwrap();
    }
    fs::set_permissions(directory.path().join("a b"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(directory.path().join("below")).unwrap();
    symlink("it's", directory.path().join("link")).unwrap();
    symlink("nowhere", directory.path().join("dangling")).unwrap();
    let paths: Vec<PathBuf> =
        ODD.iter().chain(&["below", "link", "dangling", "none"]).map(|name| directory.path().join(name)).collect();
    let (processes, device) = (processes(), PathBuf::from("/dev/null"));
    let here = Here(&processes);
    for there in Shells::here().each() {
        assert_eq!(there.look(&paths), here.look(&paths));
        assert_eq!(there.look(&paths)[..2], [Lying::File, Lying::Program]);
        assert_eq!(there.look(std::slice::from_ref(&device)), [Lying::Special]);
        assert_eq!(there.look(&[]), []);
        assert_eq!(there.entries(directory.path()).unwrap(), here.entries(directory.path()).unwrap());
        assert!(there.entries(&paths[0]).unwrap_err().is_missing());
        for path in &paths[..ODD.len()] {
            assert_eq!(there.read(path, 100).unwrap(), here.read(path, 100).unwrap(), "{}", path.display());
            assert!(matches!(there.read(path, 5), Err(FileError::TooLarge { limit: 5, .. })));
        }
        let length = fs::metadata(&paths[0]).unwrap().len();
        assert!(there.read(&paths[0], usize::try_from(length).unwrap()).is_ok());
        assert_eq!(
            there.resolve(&directory.path().join("link")).unwrap(),
            here.resolve(&directory.path().join("link")).unwrap()
        );
        assert!(there.read(&directory.path().join("none"), 5).unwrap_err().is_missing());
        for path in &paths {
            assert_eq!(there.owner(path), here.owner(path), "{}", path.display());
        }
        assert!(matches!(there.read(&directory.path().join("below"), 5), Err(FileError::NotAFile { .. })));
        assert!(matches!(there.read(&device, 5), Err(FileError::NotAFile { .. })));
        assert!(there.is_reached().is_ok());
    }
}

#[test]
fn programs_there_get_their_words_and_what_they_read_as_they_are() {
    for there in Shells::here().each() {
        let run = |words: &[&str], input: &[u8]| there.run(&errand(words, input)).unwrap();
        let ended = run(&["printf", "%s|", "a b", "$(id)", "*", "; exit 3", "it's", "\n", ""], b"");
        assert_eq!(ended, Ended { how: Ending::Code(0), output: "a b|$(id)|*|; exit 3|it's|\n||".to_owned() });
        let ended = run(&["sh", "-c", "echo out; echo err >&2; exit 7"], b"");
        assert_eq!(ended, Ended { how: Ending::Code(7), output: "out\nerr\n".to_owned() });
        // It reads what it is fed, and never what the shell reads.
        assert_eq!(
            run(&["od", "-An", "-tx1"], b"a\0%s\\n'\xff\n").output.split_whitespace().collect::<String>(),
            "610025735c6e27ff0a"
        );
        assert_eq!(run(&["cat"], b"").output, "");
        assert_eq!(run(&["wc", "-c"], &vec![b'x'; 100_000]).output.trim(), "100000");
        // Of a long speech the end is kept, and it may end without a line feed.
        let ended = run(&["sh", "-c", "yes | head -c 100000; printf end"], b"");
        assert!(ended.output.len() < 20_000 && ended.output.starts_with('…') && ended.output.ends_with("end"));
        assert!(matches!(there.run(&errand(&["no-such-program"], b"")), Err(ProcessError::Missing(_))));
        assert_eq!(run(&["/no/such/program"], b"").how, Ending::Code(127));
        let variables = vec![("A".to_owned(), OsString::from("it's $HOME"))];
        assert_eq!(
            there.run(&Errand { variables, ..errand(&["sh", "-c", "echo \"$A\""], b"") }).unwrap().output,
            "it's $HOME\n"
        );
        // A program that tells the shell's own words is no answer of the shell's.
        assert_eq!(run(&["echo", "\n0 0123456789abcdef0123456789abcdef\n"], b"").output.lines().count(), 3);
    }
}

#[test]
fn an_answer_from_there_is_whole_and_apart_from_complaints() {
    for there in Shells::here().each() {
        let ask = |words: &[&str], most| there.ask(&errand(words, b""), most);
        let answered = ask(&["sh", "-c", "yes | head -c 300000; echo why >&2; exit 4"], 300_000).unwrap();
        assert_eq!(answered.how, Ending::Code(4));
        assert_eq!((answered.answer.len(), answered.complaint.as_str()), (300_000, "why"));
        let long = ask(&["sh", "-c", "yes | head -c 300000"], 299_999);
        assert!(matches!(long, Err(ProcessError::TooLong { program, most: 299_999 }) if program == "sh"));
        let complaining = ask(&["sh", "-c", "yes | head -c 100000 >&2; printf 'a\\000b'"], 3).unwrap();
        assert_eq!(complaining.answer, "a\0b");
        assert!(complaining.complaint.starts_with('…') && complaining.complaint.len() < 20_000);
        assert!(matches!(ask(&["no-such-program"], 100), Err(ProcessError::Missing(_))));
        let words = ["printf", "%s|", "a b", "$(id)", "it's", "\n"];
        assert_eq!(ask(&words, 100).unwrap().answer, "a b|$(id)|it's|\n|");
        assert_eq!(there.ask(&errand(&["cat"], b"fed"), 100).unwrap().answer, "fed");
    }
}

#[test]
fn what_a_login_shell_says_before_is_no_answer() {
    let there = reach(&["sh", "-c", "echo welcome; echo; yes hello | head -n 30000; exec /bin/sh"]);
    let told = there.surroundings().unwrap();
    assert_eq!((told.user, told.home), (Some(nix::unistd::geteuid().as_raw()), Some(PathBuf::from("/"))));
    assert_eq!(told.path, "/usr/local/bin:/usr/bin:/bin");
    assert!(!told.system.is_empty());
}

#[test]
fn whoever_sends_us_away_is_told_with_their_words() {
    let said = |words: &[&str]| match try_to_reach(words, Company::Nobody).err().unwrap() {
        HostError::NotReached { obstacle, said, .. } => (obstacle, said.join("|")),
        other => panic!("{other}"),
    };
    let line = "ssh: connect to host there port 22: Connection refused";
    assert_eq!(said(&["sh", "-c", "echo \"$0\" >&2; exit 255", line]), (Obstacle::Down, line.to_owned()));
    let nologin = "This account is currently not available.";
    assert_eq!(said(&["sh", "-c", "echo \"$0\"; exit 1", nologin]).0, Obstacle::NoShell);
    assert!(matches!(try_to_reach(&["/no/ssh"], Company::Nobody), Err(HostError::NoWay { .. })));
}

#[test]
fn a_connection_that_ends_is_told_by_whatever_comes_after() {
    let there = reach(&["/bin/sh"]);
    let ended = there.run(&errand(&["sh", "-c", "kill -9 $PPID"], b""));
    assert!(matches!(ended, Err(ProcessError::OutOfReach { .. })), "{ended:?}");
    assert!(matches!(there.is_reached(), Err(HostError::Ended { .. })));
    assert!(there.read(Path::new("/etc/hostname"), 100).is_err());
    assert_eq!(there.look(&[PathBuf::from("/")]), [Lying::Nothing]);
}

#[test]
fn a_program_that_takes_too_long_ends_the_connection() {
    let there = reach(&["/bin/sh"]);
    let ended = there.run(&Errand { limit: Duration::from_millis(300), ..errand(&["sleep", "5"], b"") }).unwrap();
    assert_eq!(ended.how, Ending::TimeLimit);
    assert!(there.is_reached().is_err());
}

#[test]
fn a_program_that_speaks_when_the_connection_is_gone_comes_to_its_end() {
    let shells = Shells::here();
    for there in shells.reached(Company::Somebody) {
        let done = shells.0.path().join("done");
        // Each word would be its last, if nobody listened; and more than any pipe holds would be heard by nobody.
        let line = format!("sleep 1; echo word; yes | head -c 200000; printf x; : >'{}'", done.display());
        let said = errand(&["sh", "-ec", &line], b"");
        let ended = there.run(&Errand { limit: Duration::from_millis(300), ..said }).unwrap();
        assert_eq!(ended.how, Ending::TimeLimit);
        drop(there);
        let is_done = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            done.exists()
        });
        assert!(is_done);
        fs::remove_file(done).unwrap();
    }
}

#[test]
fn nothing_is_left_running_when_it_is_let_go() {
    for company in [Company::Nobody, Company::Somebody] {
        for there in Shells::here().reached(company) {
            let line = "echo $PPID; cut -d' ' -f4 /proc/$PPID/stat";
            let shells = there.run(&errand(&["sh", "-c", line], b"")).unwrap().output;
            assert_eq!(shells.split_whitespace().count(), 2, "{shells}");
            drop(there);
            for shell in shells.split_whitespace() {
                assert!(!Path::new("/proc").join(shell).exists(), "{shell} of {shells}, {company:?}");
            }
        }
    }
}
