//! Metrics and calendar, read by programs of others.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::support::{
    TestHome,
    tools::{present, python},
};

/// A home whose CA is called something that would end a line, a value or an event.
fn home() -> TestHome {
    let home = TestHome::empty();
    let name = r#"Ann; "x", \ END:VEVENT 家"#;
    home.hubca(&["init", "--name", name, "--no-passphrase"]).succeeded();
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    home
}

/// What a Python program makes of a text, as JSON.
fn read(program: &str, text: &str) -> Value {
    let mut child =
        Command::new(python()).args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn prometheus_reads_the_metrics() {
    if !present("prometheus_client", &[python()]) {
        return;
    }
    let home = home();
    let text = home.hubca(&["status", "--prometheus"]).succeeded().stdout;
    let metrics = read(
        "import sys, json\nfrom prometheus_client.parser import text_string_to_metric_families as parse\n\
         print(json.dumps({f.name: [[s.labels, s.value] for s in f.samples] for f in parse(sys.stdin.read())}))",
        &text,
    );
    assert_eq!(metrics["hubca_status_ok"][0][1], 1.0);
    assert_eq!(metrics["hubca_certificate_not_after_timestamp_seconds"][0][0]["label"], "hub.lan");
    let kinds = metrics["hubca_findings"].as_array().unwrap();
    assert!(kinds.iter().any(|sample| sample[0]["kind"] == "backup_unknown" && sample[1] == 1.0), "{text}");
}

#[test]
fn a_calendar_program_reads_the_calendar() {
    if !present("icalendar", &[python()]) {
        return;
    }
    let home = home();
    let text = home.hubca(&["status", "--ics"]).succeeded().stdout;
    let events = read(
        "import sys, json, icalendar\nc = icalendar.Calendar.from_ical(sys.stdin.buffer.read())\n\
         print(json.dumps([[str(e['SUMMARY']), str(e['UID']), e['DTSTART'].dt.isoformat(), len(e.walk('VALARM'))]\n\
         for e in c.walk('VEVENT')]))",
        &text,
    );
    let events = events.as_array().unwrap();
    // The root and its CRL are due and end, so does the issuing CA; and a certificate ends.
    assert_eq!(events.len(), 7, "{text}");
    let certificate = events.iter().find(|event| event[0].as_str().unwrap().ends_with("hub.lan ends")).unwrap();
    assert!(certificate[0].as_str().unwrap().starts_with(r#"Ann; "x", \ END:VEVENT 家: "#), "{certificate}");
    assert_eq!(certificate[3], 1);
}

#[test]
fn a_document_is_written_over_an_earlier_one_and_everybody_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = home();
    let file = home.directory().join("hubca.prom");
    for _ in 0..2 {
        let answer = home.hubca(&["status", "--prometheus", "--out", file.to_str().unwrap()]).succeeded();
        assert_eq!(answer.stdout, "");
    }
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# HELP "));
    home.hubca(&["status", "--out", "x"]).failed_with(2);
    home.hubca(&["status", "--prometheus", "--json"]).failed_with(2);
    home.hubca(&["status", "--prometheus", "--ics"]).failed_with(2);
}
