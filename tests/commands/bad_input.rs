//! Bad input: one clear error, exit code 1 or 2, and nothing left behind.

use std::fs;

use crate::support::{Answer, TestHome};

/// The refusal says what, names the value, and gives a way out; the home is as it was.
#[track_caller]
fn refused(home: &TestHome, arguments: &[&str], words: &[&str]) -> Answer {
    let before = home.hubca(&["list", "--all", "--json"]).succeeded().stdout;
    let with_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let answer = home.hubca(&with_json);
    assert!(matches!(answer.code, Some(1 | 2)), "{answer}");
    assert!(answer.stdout.is_empty(), "{answer}");
    let error = answer.error();
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in {error}");
    }
    assert!(!error["message"].as_str().unwrap().is_empty());
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().stdout, before);
    assert!(!home.file("archive").exists() || fs::read_dir(home.file("archive")).unwrap().count() == 0);
    // A person gets the same in words, on standard error only.
    let told = home.hubca(arguments);
    assert_eq!(told.code, answer.code);
    assert!(told.stdout.is_empty() && told.stderr.starts_with("error: "), "{told}");
    assert!(told.stderr.lines().all(|line| line.chars().count() <= 100), "{told}");
    answer
}

#[test]
fn names_outside_the_scope_are_refused_with_the_scope_and_the_way_out() {
    let home = TestHome::with_ca::<&str>(&[]);
    refused(&home, &["issue", "--ip", "8.8.8.8"], &["8.8.8.8", "10.0.0.0/8", "--permit"]);
    refused(&home, &["issue", "--ip", "2001:db8::1"], &["2001:db8::1", "--permit"]);
    refused(&home, &["issue", "--dns", "example.com"], &["example.com", "home.arpa", "--permit"]);
}

#[test]
fn bad_names_are_refused_with_what_to_type_instead() {
    let home = TestHome::with_ca::<&str>(&[]);
    refused(&home, &["issue"], &["--ip", "--dns"]);
    refused(&home, &["issue", "--dns", "192.168.0.1"], &["192.168.0.1", "--ip"]);
    refused(&home, &["issue", "--ip", "hub.lan"], &["hub.lan", "--dns"]);
    refused(&home, &["issue", "--dns", "*.lan"], &["*.lan", "Apple"]);
    refused(&home, &["issue", "--dns", ""], &[]);
    refused(&home, &["issue", "--ip", ""], &[]);
    refused(&home, &["issue", "--dns", "my_hub.lan"], &["my_hub.lan"]);
    refused(&home, &["issue", "--dns", "xn--a.lan"], &["xn--a.lan"]);
    refused(&home, &["issue", "--ip", "192.168.0.0/24"], &["192.168.0.0/24"]);
    refused(&home, &["issue", "--ip", "fe80::1%eth0"], &["fe80::1%eth0"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--dns", "HUB.lan"], &["hub.lan", "twice"]);
    refused(&home, &["issue", "--ip", "192.168.0.1", "--ip", "::ffff:192.168.0.1"], &["192.168.0.1", "twice"]);
    let names: Vec<String> = (0..101).map(|number| format!("h{number}.lan")).collect();
    let mut many = vec!["issue"];
    many.extend(names.iter().flat_map(|name| ["--dns", name]));
    refused(&home, &many, &["101", "100"]);
}

#[test]
fn bad_labels_are_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    let serial_like = "ab".repeat(17);
    for label in ["../x", "a/b", "..", "a..b", "", ".hidden", "UPPER", &serial_like, &"a".repeat(65)] {
        refused(&home, &["issue", "--dns", "hub.lan", "--label", label], &["label"]);
    }
}

#[test]
fn bad_lives_keys_and_profiles_are_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    refused(&home, &["issue", "--dns", "hub.lan", "--days", "826"], &["826", "825"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--days", "0"], &["0"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--days", "-1"], &[]);
    refused(&home, &["issue", "--dns", "hub.lan", "--days", "99999999999"], &[]);
    refused(&home, &["issue", "--dns", "hub.lan", "--key", "ed25519"], &["ed25519", "p256"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--key", "rsa1024"], &["rsa1024"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--profile", "none"], &["none", "server"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--profile", "root"], &["root"]);
    refused(&home, &["show", "hub.lan"], &["hub.lan"]);
    refused(&home, &["frobnicate"], &["frobnicate"]);
}

#[test]
fn a_bad_batch_is_refused_whole_with_the_line() {
    let home = TestHome::with_ca::<&str>(&[]);
    let batches = [
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\nb,8.8.8.8,,,\n", "line 3 of"),
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\nb,192.168.0.2,,826,\n", "line 3 of"),
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\nb,192.168.0.2,,0,\n", "line 3 of"),
        (
            "label,ip,dns,days,profile\na,192.168.0.1,,,\nb,192.168.0.2,,3000,\n",
            "write 825 or less into the column `days`",
        ),
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\nb,192.168.0.2,,,none\n", "line 3 of"),
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\nb,192.168.0.2,,,root\n", "`server` in the column `profile`"),
        ("label,ip,dns,days,profile\na,hub.lan,,,\n", "it is a name: use `hub.lan` in the column `dns`"),
        ("label,ip,dns,days,profile\nA B,192.168.0.1,,,\n", "use `a-b` in the column `label`"),
        ("label,ip,dns,days,profile\na,192.168.0.1,,,\na,192.168.0.2,,,\n", "a"),
        ("label,ip,dns,days,profile\na,,,,\n", "2"),
        ("label,ip,dns,days,profile\na,192.168.0.1,,many,\n", "many"),
        ("name,address\na,192.168.0.1\n", "label"),
        ("label,ip,dns,days,profile\na,192.168.0.1\n", "line 2 has 2 fields and not 5"),
        ("", "label"),
    ];
    let path = home.directory().join("batch.csv");
    for (content, word) in batches {
        fs::write(&path, content).unwrap();
        refused(&home, &["issue", "--batch", path.to_str().unwrap()], &[word]);
    }
    refused(&home, &["issue", "--batch", "/no/such/file"], &["/no/such/file"]);
}

#[test]
fn a_label_of_other_names_is_refused_with_the_line_and_what_to_do_in_the_file() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan", "--label", "hub"]).succeeded();
    let path = home.directory().join("batch.csv");
    fs::write(&path, "label,ip,dns,days,profile\nnas,192.168.0.1,,,\nhub,192.168.0.2,,,\n").unwrap();
    let line = ["issue", "--batch", path.to_str().unwrap(), "--json"];
    let error = home.hubca(&line).failed_with(1).error();
    assert_eq!(error["message"], format!("line 3 of `{}` cannot be issued", path.display()));
    assert_eq!(
        error["hints"],
        serde_json::json!([
            "give the row another label in the column `label`",
            "or let the label stand for the new names from now on: --force",
        ])
    );
    home.hubca(&line.into_iter().chain(["--force"]).collect::<Vec<_>>()).succeeded();
}

#[test]
fn a_name_with_more_around_it_is_answered_with_the_name_alone() {
    let home = TestHome::with_ca::<&str>(&[]);
    for (line, way_out) in [
        (["--dns", "https://hub.lan"], "use --dns hub.lan"),
        (["--dns", "hub.lan:8443"], "use --dns hub.lan"),
        (["--ip", "http://192.168.0.1:8888/lab"], "use --ip 192.168.0.1"),
    ] {
        let answer = refused(&home, &["issue", line[0], line[1]], &[]);
        assert_eq!(answer.error()["hints"], serde_json::json!([way_out]), "{answer}");
    }
}

#[test]
fn numbers_and_files_are_refused_in_our_words() {
    let home = TestHome::with_ca::<&str>(&[]);
    refused(&home, &["list", "--limit", "0"], &["a limit is a whole number, 1 or more"]);
    refused(&home, &["list", "--before", "foo"], &["a cursor is the number that"]);
    refused(&home, &["list", "--expiring", "soon"], &["days are a whole number, such as 90"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--days", "99999999999"], &["days are a whole number"]);
    refused(
        &home,
        &["check", "a.pem", "b.pem"],
        &["`b.pem` is one word too many: `hubca check` takes one FILE|HOST:PORT"],
    );
    refused(&home, &["list", "hub"], &["`hubca list` takes options only"]);
    let profile = home.directory().join("x.mobileconfig");
    home.hubca(&["export", "ios", "--out", profile.to_str().unwrap()]).succeeded();
    refused(&home, &["check", profile.to_str().unwrap()], &["configuration profile for Apple devices", "inspect"]);
    let nonsense = home.directory().join("nonsense");
    fs::write(&nonsense, "nonsense").unwrap();
    refused(&home, &["check", nonsense.to_str().unwrap()], &["it is no certificate, neither in PEM nor in DER"]);
}

#[test]
fn an_output_that_exists_is_not_overwritten() {
    let home = TestHome::with_ca::<&str>(&[]);
    let out = home.directory().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("privkey.pem"), "somebody's").unwrap();
    refused(&home, &["issue", "--dns", "hub.lan", "--out", out.to_str().unwrap()], &["privkey.pem", "--force"]);
    assert_eq!(fs::read_to_string(out.join("privkey.pem")).unwrap(), "somebody's");
    let file = home.directory().join("root.pem");
    fs::write(&file, "somebody's").unwrap();
    refused(&home, &["export", "pem", "--out", file.to_str().unwrap()], &["root.pem", "--force"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "somebody's");
    home.hubca(&["export", "pem", "--force", "--out", file.to_str().unwrap()]).succeeded();
    // The very bytes again are no conflict.
    home.hubca(&["export", "pem", "--out", file.to_str().unwrap()]).succeeded();
}

#[test]
fn an_output_that_cannot_be_written_is_known_before_anything_is_issued() {
    let home = TestHome::with_ca::<&str>(&[]);
    let file = home.directory().join("afile");
    fs::write(&file, "somebody's").unwrap();
    let (file, below) = (file.to_str().unwrap().to_owned(), file.join("x.pem").to_str().unwrap().to_owned());
    let directory = home.directory().to_str().unwrap();
    refused(&home, &["issue", "--dns", "hub.lan", "--out", "/no/such/dir"], &["mkdir -p /no/such"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--out", &file], &["afile", "is a file, not a directory"]);
    refused(&home, &["issue", "--dns", "hub.lan", "--out", &below], &["afile", "is a file, not a directory"]);
    refused(&home, &["export", "pem", "--out", &format!("{file}/")], &["afile", "is a file, not a directory"]);
    refused(&home, &["man", &file], &["afile", "is a file, not a directory"]);
    let request = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/leaf.csr.pem");
    refused(&home, &["sign", request, "--out", "no/such/x.pem"], &["no/such"]);
    refused(&home, &["sign", request, "--out", &below], &["afile", "is a file, not a directory"]);
    refused(&home, &["sign", request, "--out", directory, "--force"], &["is a directory, not a file"]);
    home.hubca(&["issue", "--dns", "hub.lan", "--out", home.directory().join("new").to_str().unwrap()]).succeeded();
    assert!(
        fs::read_dir(home.directory()).unwrap().all(|it| !it.unwrap().file_name().to_str().unwrap().starts_with('.'))
    );
}

#[test]
fn a_copy_that_fails_after_all_names_the_serial_and_where_the_files_are() {
    let home = TestHome::with_ca::<&str>(&[]);
    let fails = |inject: &str, line: &[&str]| {
        let output = std::process::Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", inject])
            .arg(env!("CARGO_BIN_EXE_hubca"))
            .arg("--home")
            .arg(home.path())
            .args(line)
            .current_dir(home.directory())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let document: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        document["error"].clone()
    };
    // The first rename is that of the link in live/, those after it give the copies their names.
    let error = fails("inject=renameat:error=EIO:when=2+", &["issue", "--dns", "hub.lan", "--out", "out", "--json"]);
    let issued = home.hubca(&["list", "--json"]).succeeded().json();
    assert!(error["message"].as_str().unwrap().contains(issued[0]["serial"].as_str().unwrap()), "{error}");
    assert!(error["hints"].to_string().contains("live/hub.lan"), "{error}");
    let request = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/leaf.csr.pem");
    // The only exclusive rename is that of the file.
    let error = fails("inject=renameat2:error=EIO:when=1+", &["sign", request, "--out", "signed.pem", "--json"]);
    let signed = home.hubca(&["list", "--json"]).succeeded().json();
    let serial = signed[0]["serial"].as_str().unwrap();
    assert!(error["message"].as_str().unwrap().contains(serial), "{error}");
    let way_out = format!("hubca --home {} show {serial} --json", home.path().display());
    assert!(error["hints"].to_string().contains(&way_out), "{error}");
}

#[test]
fn der_holds_one_certificate() {
    let home = TestHome::with_ca::<&str>(&[]);
    let answer = refused(&home, &["export", "der", "--with-issuing"], &["--with-issuing", "export der --help"]);
    assert_eq!(answer.code, Some(2));
    let both = home.hubca(&["export", "pem", "--with-issuing", "--out", "-"]).succeeded();
    assert_eq!(both.stdout.matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn a_wrong_passphrase_is_told_as_such() {
    let home = TestHome::with_ca::<&str>(&[]);
    let right = home.directory().join("right");
    let wrong = home.directory().join("wrong");
    for (path, text) in [(&right, "correct horse\n"), (&wrong, "battery staple\n")] {
        fs::write(path, text).unwrap();
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let (right, wrong) = (right.to_str().unwrap(), wrong.to_str().unwrap());
    home.hubca(&["--passphrase-file", right, "key", "protect", "issuing"]).succeeded();
    refused(&home, &["--passphrase-file", wrong, "issue", "--dns", "hub.lan"], &["passphrase"]);
    refused(&home, &["issue", "--dns", "hub.lan"], &["passphrase", "--passphrase-file"]);
    home.hubca(&["--passphrase-file", right, "issue", "--dns", "hub.lan"]).succeeded();
}
