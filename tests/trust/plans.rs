//! The plan for each kind of machine, as a person would read it.

use std::path::{Path, PathBuf};

use hubca::{
    plan::{Deed, Plan, shell_line},
    system::{
        Ended, Ending, Errand, FileError, Host, ProcessError, Processes,
        files::FileAct,
        host::{Lying, Whereabouts},
    },
    trust::{
        BrokenJava, Browser, Database, Feeding, Keystore, Layout, Machine, NoRights, Person, Programs, Rights, Root,
        SystemStore, TrustError, Windows, stores,
    },
    x509::{Certificate, pem},
};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

fn root() -> Root {
    let text = include_bytes!("../fixtures/pki/root.crt.pem");
    Root::new(Certificate::from_der(&pem::parse(text).unwrap().remove(0).contents).unwrap(), "home-hub")
}

/// A machine with these programs.
fn machine(programs: &[&str]) -> Machine {
    let programs = programs.iter().map(|path| {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        (name.to_owned(), PathBuf::from(path))
    });
    Machine {
        root: Some(Rights::Own),
        person: Some(Person { directory: PathBuf::from("/home/ann"), rights: Rights::Own }),
        programs: Programs::new(programs),
        ..Machine::default()
    }
}

fn linux(layout: Layout, directory: &str, program: &str) -> Machine {
    Machine { system: Some(Ok(SystemStore { layout, directory: PathBuf::from(directory) })), ..machine(&[program]) }
}

/// Programs that say, whatever they are asked, that the root is there.
struct Asked;

impl Processes for Asked {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let root = root();
        let entry = |alias: &str| format!("\nAlias name: {alias}\nEntry type: trustedCertEntry\n\n{}", root.pem());
        let output = match errand.words.iter().any(|word| word == "-rfc") {
            true => entry(root.name()) + &entry(&format!("debian:{}.pem", root.name())),
            false => root.pem(),
        };
        Ok(Ended { how: Ending::Code(0), output })
    }
}

/// A machine with a person's directory, and no file but the databases of Firefox.
impl Host for Asked {
    fn whereabouts(&self) -> Whereabouts {
        Whereabouts::Here
    }

    fn look(&self, paths: &[PathBuf]) -> Vec<Lying> {
        let lying = |path: &PathBuf| match path {
            path if path.ends_with("ann") => Lying::Directory,
            path if path.ends_with("a.default/cert9.db") || path.ends_with("a b.default/cert9.db") => Lying::File,
            _ => Lying::Nothing,
        };
        paths.iter().map(lying).collect()
    }

    fn read(&self, path: &Path, _limit: usize) -> Result<Vec<u8>, FileError> {
        Err(FileError::Missing { path: path.to_owned(), act: FileAct::Read })
    }

    fn entries(&self, path: &Path) -> Result<Vec<String>, FileError> {
        self.read(path, 0).map(|_| Vec::new())
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        self.read(path, 0).map(|_| path.to_owned())
    }

    fn owner(&self, _path: &Path) -> Option<u32> {
        None
    }
}

/// The plans of a machine.
fn page(machine: &Machine) -> String {
    let root = root();
    let mut page = String::new();
    for store in stores(machine) {
        page.push_str(&format!("{}: {}\n", store.kind(), store.place()));
        page.push_str(&told("install", &store.installation(&root, &Asked)));
        page.push_str(&told("remove", &store.removal(&root, &Asked)));
        page.push('\n');
    }
    page
}

fn told(verb: &str, plan: &Result<Plan, TrustError>) -> String {
    let mut page = format!("\n  {verb}\n");
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return format!("{page}  cannot: {error}\n"),
    };
    let pem = root().pem();
    for step in plan.steps() {
        let deed = match step.deed() {
            Deed::Write { path, content, mode, .. } => {
                let what = if content == pem.as_bytes() {
                    "the root"
                } else {
                    std::str::from_utf8(content).unwrap().trim_end()
                };
                format!("write {what}, {}, to {}", mode.as_str(), path.display())
            }
            Deed::Remove { path, .. } => format!("remove {}", path.display()),
            Deed::Run { words, input } => {
                let fed = match std::str::from_utf8(input).unwrap() {
                    "" => String::new(),
                    text if text == pem => " <the root".to_owned(),
                    text => format!(" <\n{}", text.trim_end()),
                };
                format!("$ {}{fed}", shell_line(words))
            }
            other => panic!("{other:?}"),
        };
        page.push_str(&format!("    {}\n      {deed}\n", step.sentence()));
    }
    page
}

#[track_caller]
fn is(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/trust/{name}.txt"));
    Assert::new()
        .normalize_paths(false)
        .action_env(DEFAULT_ACTION_ENV)
        .eq(page.to_owned(), Data::read_from(&path, None));
}

#[test]
fn the_plans_of_linux_systems_are_as_they_were() {
    for (name, layout, directory, program) in [
        ("debian", Layout::Debian, "/usr/local/share/ca-certificates", "/usr/sbin/update-ca-certificates"),
        ("fedora", Layout::Fedora, "/etc/pki/ca-trust/source/anchors", "/usr/bin/update-ca-trust"),
        ("arch", Layout::Arch, "/etc/ca-certificates/trust-source/anchors", "/usr/bin/trust"),
        ("opensuse", Layout::OpenSuse, "/etc/pki/trust/anchors", "/usr/sbin/update-ca-certificates"),
        ("p11-kit", Layout::P11Kit, "/run", "/usr/bin/trust"),
    ] {
        is(name, &page(&linux(layout, directory, program)));
    }
}

#[test]
fn a_user_takes_the_steps_of_root_through_sudo() {
    let sudo = ["/usr/bin/sudo", "-n", "--"].map(str::to_owned).to_vec();
    let machine = linux(Layout::Debian, "/usr/local/share/ca-certificates", "/usr/sbin/update-ca-certificates");
    is("debian-with-sudo", &page(&Machine { root: Some(Rights::Through(sudo)), ..machine.clone() }));
    is("debian-without-sudo", &page(&Machine { root: None, ..machine }));
}

#[test]
fn whoever_is_root_on_another_machine_changes_it_by_programs_alone() {
    let database = Database { browser: Browser::Firefox, directory: PathBuf::from("/root/.mozilla/firefox/a.default") };
    let plain = Rights::plain(Whereabouts::Elsewhere);
    let machine = linux(Layout::Debian, "/usr/local/share/ca-certificates", "/usr/sbin/update-ca-certificates");
    let person = Person { directory: PathBuf::from("/root"), rights: plain.clone() };
    let programs = [("certutil", "/usr/bin/certutil"), ("update-ca-certificates", "/usr/sbin/update-ca-certificates")];
    let programs = programs.map(|(name, path)| (name.to_owned(), PathBuf::from(path)));
    let machine = Machine {
        root: Some(plain),
        person: Some(person),
        programs: Programs::new(programs),
        databases: vec![database],
        ..machine
    };
    let told = page(&machine);
    assert!(!told.contains("    write ") && !told.contains("    remove "), "{told}");
    is("elsewhere", &told);
}

#[test]
fn a_store_whose_program_is_not_there_is_told() {
    let machine = linux(Layout::Fedora, "/etc/pki/ca-trust/source/anchors", "/usr/bin/another");
    let told = page(&machine);
    assert_eq!(told.matches("cannot: there is no program `update-ca-trust`").count(), 2, "{told}");
}

#[test]
fn the_plans_of_browsers_are_as_they_were() {
    let database = |browser, directory: &str| Database { browser, directory: PathBuf::from(directory) };
    let machine = Machine {
        databases: vec![
            database(Browser::Chromium, "/home/ann/.pki/nssdb"),
            database(Browser::Firefox, "/home/ann/.config/mozilla/firefox/a b.default"),
        ],
        ..machine(&["/usr/bin/certutil", "/usr/bin/firefox"])
    };
    is("browsers", &page(&machine));
    let before = ["/usr/bin/sudo", "-n", "-H", "-u", "ann", "--"].map(str::to_owned).to_vec();
    let person = Person { directory: PathBuf::from("/home/ann"), rights: Rights::Through(before) };
    is("browsers-under-sudo", &page(&Machine { person: Some(person), ..machine }));
}

#[test]
fn the_plans_of_java_are_as_they_were() {
    let keystore = |file: &str, rights, feeding| Keystore {
        file: PathBuf::from(file),
        keytool: PathBuf::from("/usr/lib/jvm/java-21/bin/keytool"),
        rights,
        feeding,
    };
    let sudo = Rights::Through(["/usr/bin/sudo", "-n", "--"].map(str::to_owned).to_vec());
    let machine = Machine {
        keystores: vec![
            keystore("/etc/ssl/certs/java/cacerts", Ok(sudo), Feeding::BySystem),
            keystore("/home/ann/.sdkman/candidates/java/21/lib/security/cacerts", Ok(Rights::Own), Feeding::Alone),
            keystore("/opt/java/lib/security/cacerts", Err(NoRights::NoSudo), Feeding::Alone),
            keystore("/opt/ann/lib/security/cacerts", Err(NoRights::ForeignJava), Feeding::Alone),
        ],
        broken_java: vec![BrokenJava { directory: PathBuf::from("/nowhere") }],
        ..machine(&[])
    };
    is("java", &page(&machine));
}

#[test]
fn the_plans_of_a_mac_are_as_they_were_and_security_knows_every_word() {
    let sudo = Rights::Through(["/usr/bin/sudo", "-n", "--"].map(str::to_owned).to_vec());
    let machine = Machine { root: Some(sudo), ..machine(&["/usr/bin/security"]) };
    is("macos", &page(&machine));
    // security(1): each verb with its options, those that take a value with a colon; what follows are operands.
    let verbs = [
        ("add-trusted-cert", "d o: r: p: a: s: e: u: k: i: c: D", 1),
        ("remove-trusted-cert", "d D", 1),
        ("delete-certificate", "c: Z: t", 1),
    ];
    for words in runs(&machine, "/usr/bin/security") {
        let (_, options, operands) = verbs.iter().find(|(verb, _, _)| *verb == words[0]).unwrap();
        assert_eq!(rest(&words[1..], options, "-").len(), *operands, "{words:?}");
    }
}

#[test]
fn the_plans_of_windows_are_as_they_were_and_certutil_knows_every_word() {
    let windows = Windows {
        certutil: PathBuf::from("/mnt/c/Windows/System32/certutil.exe"),
        distribution: "Ubuntu".to_owned(),
        directory: PathBuf::from("/home/ann"),
    };
    let machine = Machine { windows: Some(windows), ..machine(&[]) };
    is("windows-around-linux", &page(&machine));
    // certutil -addstore [-user] [-f] Root FILE; -delstore [-user] Root CERTIFICATE.
    for words in runs(&machine, "/mnt/c/Windows/System32/certutil.exe") {
        let operands = rest(&words, "user f addstore delstore", "-");
        assert_eq!((operands.len(), operands[0].as_str()), (2, "Root"), "{words:?}");
        let is_file = operands[1].starts_with(r"\\wsl.localhost\Ubuntu\home\ann\") && operands[1].ends_with(".crt");
        let is_hash = operands[1].len() == 40 && operands[1].bytes().all(|digit| digit.is_ascii_hexdigit());
        assert!(if words.contains(&"-addstore".to_owned()) { is_file } else { is_hash }, "{words:?}");
    }
}

/// What a program is called with in the plans of a machine, behind its own name.
fn runs(machine: &Machine, program: &str) -> Vec<Vec<String>> {
    let root = root();
    let plans = stores(machine).into_iter();
    let plans =
        plans.flat_map(|store| [store.installation(&root, &Asked).unwrap(), store.removal(&root, &Asked).unwrap()]);
    let behind = |deed: &Deed| match deed {
        Deed::Run { words, .. } => {
            let place = words.iter().position(|word| word == program)?;
            Some(words[place + 1..].to_vec())
        }
        _ => None,
    };
    let found: Vec<_> =
        plans.flat_map(|plan| plan.steps().iter().filter_map(|step| behind(step.deed())).collect::<Vec<_>>()).collect();
    assert!(found.len() >= 3, "{found:?}");
    found
}

/// The operands of a command line; an option that its program does not know fails the test.
fn rest(words: &[String], options: &str, dash: &str) -> Vec<String> {
    let mut operands = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix(dash) else {
            operands.push(word.clone());
            continue;
        };
        let known = options.split(' ').find(|known| known.trim_end_matches(':') == option);
        let known = known.unwrap_or_else(|| panic!("no such option: {word}"));
        if known.ends_with(':') {
            assert!(words.next().is_some(), "{word} wants a value");
        }
    }
    operands
}
