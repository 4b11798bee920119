//! A hundred names that somebody might give a CA, or a label, in order to get something else into what is handed out.

use std::{
    collections::BTreeSet,
    fs,
    io::{Cursor, Read},
    path::Path,
    thread,
};

use serde_json::{Value, json};

use crate::support::{Answer, TestHome};

/// The names: each payload after each opening.
fn names() -> Vec<String> {
    let payloads = [
        "<script>alert(1)</script>",
        "</string><key>PayloadType</key>",
        "'; Stop-Computer; '",
        "’; iex (calc) #‘",
        "$(reboot)`reboot`",
        "../../../etc/passwd",
        "=?utf-8?q?=0D=0ABcc:_e@x.org?=",
        "\\\",\"Install\":[\"evil\"]}}//",
        "\r\nBcc: eve@example.org",
        "\u{1b}[31mred\u{1b}]0;x\u{7}",
        "\u{202e}gpj.exe\u{2066}x",
        "--=_mixed_0123456789abcdef--",
        "a name of more than sixty-four letters that never comes to an end",
    ];
    let openings = ["", "A & B ", "\">", "]]>", "'@ ", "-->", "שלום ", "家 🏠 "];
    openings.iter().flat_map(|opening| payloads.iter().map(move |payload| format!("{opening}{payload}"))).collect()
}

/// Whether a name may be one at all: nothing in it commands a terminal or turns the words around it.
fn is_possible(name: &str) -> bool {
    let hides =
        |letter: char| letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !name.contains(hides) && name.chars().count() + ADDED.len() <= 64
}

/// What `init` puts behind the name for the root.
const ADDED: &str = " Issuing CA 01234567";

/// What a CA hands out, by file name, and all that the commands said meanwhile.
struct HandedOut {
    files: Vec<(String, Vec<u8>)>,
    said: Vec<Answer>,
}

impl HandedOut {
    fn of(home: &TestHome) -> Self {
        let lines: [&[&str]; 9] = [
            &["export", "ios", "--consent"],
            &["export", "windows"],
            &["export", "firefox"],
            &["export", "java", "--json"],
            &["export", "chain"],
            &["export", "zip"],
            &["export", "mail", "--to", "ann@example.org"],
            &["show", "hub.lan"],
            &["list", "--json"],
        ];
        home.hubca(&["issue", "--ip", "192.168.0.1", "--label", "hub.lan"]).succeeded();
        let before = entries(home.directory());
        let said = lines.into_iter().map(|line| home.hubca(line).succeeded()).collect();
        let made = entries(home.directory());
        let files = made.difference(&before).map(|name| (name.clone(), fs::read(home.directory().join(name)).unwrap()));
        Self { files: files.collect(), said }
    }

    fn file(&self, ending: &str) -> &[u8] {
        let found = self.files.iter().find(|(name, _)| name.ends_with(ending));
        &found.unwrap_or_else(|| panic!("no {ending}")).1
    }

    fn text(&self, ending: &str) -> &str {
        std::str::from_utf8(self.file(ending)).unwrap()
    }

    /// The files in the archive, by their names.
    fn archived(&self) -> Vec<(String, Vec<u8>)> {
        let mut archive = zip::ZipArchive::new(Cursor::new(self.file(".zip"))).unwrap();
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.push((file.name().unwrap().into_owned(), bytes));
        }
        files
    }

    fn page(&self) -> String {
        let page = self.archived().into_iter().find(|(name, _)| name.ends_with("/index.html")).unwrap();
        String::from_utf8(page.1).unwrap()
    }
}

fn entries(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn is_safe_in_a_path(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-./".contains(letter);
    name.chars().all(is_plain) && !name.contains("..") && !name.starts_with('/') && name.len() < 200
}

fn commands_no_terminal(text: &str) -> bool {
    !text.contains(|letter: char| letter != '\n' && letter.is_control()) && !text.contains(['\u{202e}', '\u{2066}'])
}

#[test]
fn a_hundred_names_are_names_and_nothing_else() {
    let names = names();
    assert!(names.len() >= 100, "{}", names.len());
    let harmless = TestHome::empty();
    harmless.hubca(&["init", "--no-passphrase", "--name", "Home Hub"]).succeeded();
    let harmless = HandedOut::of(&harmless);
    thread::scope(|scope| {
        for half in names.chunks(names.len().div_ceil(2)) {
            let harmless = &harmless;
            scope.spawn(move || half.iter().for_each(|name| judge(name, harmless)));
        }
    });
}

fn judge(name: &str, harmless: &HandedOut) {
    let home = TestHome::empty();
    // What begins with a hyphen is an option, unless it stands behind a sign of equality.
    let named = format!("--name={name}");
    let made = home.hubca(&["init", "--no-passphrase", &named]);
    assert!(commands_no_terminal(&made.stdout) && commands_no_terminal(&made.stderr), "{made}");
    if !is_possible(name) {
        let refused = home.hubca(&["init", "--no-passphrase", &named, "--json"]).failed_with(2).error();
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains("letters") || message.contains("shown") || message.contains("printable"), "{message}");
        assert!(refused["hints"][0].as_str().unwrap().contains("--name"), "{refused}");
        assert!(!home.path().exists(), "{name:?}");
        return;
    }
    made.succeeded();
    let handed_out = HandedOut::of(&home);
    for answer in &handed_out.said {
        assert!(commands_no_terminal(&answer.stdout) && answer.stderr.is_empty(), "{answer}");
    }
    for (file, _) in &handed_out.files {
        assert!(is_safe_in_a_path(file), "{name}: {file}");
    }
    profile(name, handed_out.file(".mobileconfig"));
    script(name, handed_out.text(".ps1"), harmless.text(".ps1"));
    policies(name, &handed_out);
    archive(name, &handed_out, harmless);
    mail(name, handed_out.text(".eml"), harmless.text(".eml"));
}

fn profile(name: &str, bytes: &[u8]) {
    let profile = plist::Value::from_reader_xml(bytes).unwrap().into_dictionary().unwrap();
    assert_eq!(profile["PayloadDisplayName"].as_string(), Some(name));
    assert_eq!(profile["PayloadType"].as_string(), Some("Configuration"), "{name}");
    assert_eq!(profile["PayloadContent"].as_array().unwrap().len(), 1, "{name}");
}

/// The script differs from a harmless one in what is data: the slug where it says how to run it, and the base64.
fn script(name: &str, script: &str, harmless: &str) {
    assert!(script.is_ascii(), "{name}");
    let is_data = |line: &str| {
        let base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
        let quoted =
            |start: &str, end: &str| line.strip_prefix(start)?.strip_suffix(end).map(|data| data.chars().all(base64));
        line.starts_with("#   powershell ")
            || line.chars().all(base64)
            || quoted("$expected = '", "'") == Some(true)
            || quoted("$name = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('", "'))") == Some(true)
    };
    let code = |script: &str| script.lines().filter(|line| !is_data(line)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(code(script), code(harmless), "{name}");
    let run = script.lines().filter(|line| line.starts_with("#   powershell ")).collect::<Vec<_>>();
    assert!(
        run.len() == 2
            && run.iter().all(|line| line.split(' ').filter(|word| word.ends_with(".ps1")).all(is_safe_in_a_path))
    );
}

fn policies(name: &str, handed_out: &HandedOut) {
    let policies: Value = serde_json::from_str(handed_out.text("policies.json")).unwrap();
    let certificate = handed_out.files.iter().find(|(file, _)| file.ends_with(".crt")).unwrap().0.clone();
    let expected = json!({"policies": {"Certificates": {"ImportEnterpriseRoots": true, "Install": [certificate]}}});
    assert_eq!(policies, expected, "{name}");
}

fn archive(name: &str, handed_out: &HandedOut, harmless: &HandedOut) {
    let files = handed_out.archived();
    assert_eq!(files.len(), harmless.archived().len(), "{name}");
    for (file, bytes) in &files {
        assert!(
            is_safe_in_a_path(file) && file.starts_with("hubca-") && file.matches('/').count() == 1,
            "{name}: {file}"
        );
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| file.ends_with(".txt")) {
            assert!(commands_no_terminal(&text.replace('\r', "")), "{name}");
        }
    }
    let (page, plain) = (handed_out.page(), harmless.page());
    assert_eq!(page.matches('<').count(), plain.matches('<').count(), "{name}");
    assert_eq!(page.matches('>').count(), plain.matches('>').count(), "{name}");
    assert_eq!(page.matches('"').count(), plain.matches('"').count(), "{name}");
    assert!(commands_no_terminal(&page), "{name}");
}

fn mail(name: &str, mail: &str, harmless: &str) {
    let fields = |mail: &str| -> Vec<String> {
        let head = mail.split("\r\n\r\n").next().unwrap();
        let starts = head.split("\r\n").filter(|line| !line.starts_with(' '));
        starts.map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(fields(mail), fields(harmless), "{name}");
    let marks = |mail: &str| {
        let boundary = mail.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        mail.matches(&format!("\r\n--{boundary}")).count()
    };
    assert_eq!(marks(mail), marks(harmless), "{name}");
    assert!(mail.is_ascii() && commands_no_terminal(&mail.replace("\r\n", "\n")), "{name}");
    assert!(mail.lines().all(|line| line.len() <= 998), "{name}");
}

#[test]
fn a_hundred_labels_are_refused_and_touch_nothing() {
    let home = TestHome::with_ca::<&str>(&[]);
    let secret = home.directory().join("secret");
    fs::write(&secret, "correct horse battery").unwrap();
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let secret = secret.to_str().unwrap();
    let before = entries(home.directory());
    for label in names() {
        // What begins with a hyphen is an option, unless it is said to be none.
        let lines: [&[&str]; 3] = [
            &["issue", "--ip", "192.168.0.1", &format!("--label={label}")],
            &["export", "p12", "--password-file", secret, "--", &label],
            &["export", "zip", "--with-key", "--password-file", secret, "--", &label],
        ];
        for line in lines {
            let refused = home.hubca(line);
            assert!(matches!(refused.code, Some(1 | 2)), "{refused}");
            assert!(refused.stdout.is_empty() && commands_no_terminal(&refused.stderr), "{refused}");
            assert!(refused.stderr.contains("hint: "), "{refused}");
        }
    }
    assert_eq!(entries(home.directory()), before);
    assert_eq!(home.hubca(&["list", "--json"]).succeeded().json(), json!([]));
}
