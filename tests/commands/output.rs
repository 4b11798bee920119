//! What goes where: answers on stdout, everything else on stderr, and one JSON document each.

use std::process::Stdio;

use crate::support::TestHome;

#[test]
fn every_command_answers_with_one_json_document() {
    let home = TestHome::with_ca::<&str>(&[]);
    let fullchain = "live/hub.lan/fullchain.pem";
    let lines: [&[&str]; 11] = [
        &["issue", "--dns", "hub.lan"],
        &["list"],
        &["list", "--all"],
        &["show", "hub.lan"],
        &["inspect", &home.file(fullchain).display().to_string()],
        &["check", &home.file(fullchain).display().to_string()],
        &["export", "ios"],
        &["profile", "list"],
        &["profile", "show", "client"],
        &["completions", "bash"],
        &["man", "pages"],
    ];
    for line in lines {
        let line: Vec<&str> = line.iter().copied().chain(["--json"]).collect();
        let answer = home.hubca(&line).succeeded();
        answer.json();
        assert!(answer.stderr.is_empty(), "{answer}");
    }
    assert!(home.directory().join("pages/hubca-profile-list.1").exists());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let home = TestHome::empty();
    let mut child = home.command().args(["completions", "bash"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_file_on_standard_output_is_that_file_and_no_json() {
    let home = TestHome::with_ca::<&str>(&[]);
    let output = home.command().args(["export", "der", "--out", "-"]).output().unwrap();
    assert!(output.status.success());
    let path = home.directory().join("root.cer");
    home.hubca(&["export", "der", "--out", path.to_str().unwrap()]).succeeded();
    assert_eq!(output.stdout, std::fs::read(path).unwrap());
    home.hubca(&["export", "der", "--out", "-", "--json"]).failed_with(2).error();
}

#[test]
fn check_answers_no_with_three_and_inspect_reads_standard_input() {
    let home = TestHome::with_ca::<&str>(&[]);
    let hostile = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/hostile.crt.pem");
    let answer = home.hubca(&["check", hostile, "--json"]).failed_with(3);
    assert_eq!(answer.json()["ok"], false);
    let told = home.hubca(&["check", hostile]).failed_with(3);
    let raw = [answer.stdout, told.stdout, home.hubca(&["inspect", hostile, "--json"]).succeeded().stdout].concat();
    assert!(!raw.contains('\u{1b}') && !raw.contains('\u{202e}') && !raw.contains('\u{7}'));
    let input = std::fs::File::open(hostile).unwrap();
    let output = home.command().args(["inspect", "-"]).stdin(input).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn sign_writes_to_standard_output_where_out_is_a_hyphen() {
    let home = TestHome::with_ca::<&str>(&[]);
    let request = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/leaf.csr.pem");
    let signed = home.hubca(&["sign", request, "--out", "-"]).succeeded();
    assert_eq!(signed.stdout.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(!home.directory().join("-").exists());
    home.hubca(&["sign", request, "--out", "-", "--json"]).failed_with(2).error();
    assert_eq!(home.hubca(&["list", "--json"]).succeeded().json().as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_that_cannot_be_written_is_one_document_on_standard_error() {
    let home = TestHome::with_ca::<&str>(&[]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command().args(["list", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(document["error"]["kind"], "file");
}
