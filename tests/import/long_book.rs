//! A book of very many lines: read in one piece, with little memory.

use std::{
    fmt::Write as _,
    process::{Command, Stdio},
};

use crate::openssl_ca::{OpensslCa, USUAL};
use crate::support::{
    TestHome,
    tools::{commands, present},
};

#[test]
fn a_hundred_thousand_lines_move_in() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    write_book(&ca, LINES);
    let directory = ca.directory.to_str().unwrap();
    let report = home.hubca(&["--json", "import", "openssl", directory, "--no-passphrase"]).succeeded().json();
    let expected = serde_json::json!({ "good": LINES - LINES / 50, "expired": 0, "revoked": LINES / 50 });
    assert_eq!(report["certificates"], expected);
    let newest = home.hubca(&["--json", "list", "--limit", "1"]).succeeded().json();
    assert_eq!(newest[0]["names"][0]["dns"], format!("host-{LINES}.lan"));
    let show = home.hubca(&["--json", "show", "01869f"]).succeeded().json();
    assert_eq!(show["names"][0]["dns"], "host-99999.lan");
}

/// The bar that a person sees: how many of the bytes of the books are read, twice.
#[test]
fn a_person_sees_how_far_a_long_book_is_read() {
    if !present("the progress of an import", &commands(&["script"])) {
        return;
    }
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    write_book(&ca, LINES / 5);
    let all = 2 * std::fs::metadata(ca.path("index.txt")).unwrap().len();
    let line = |options: &str| {
        let (program, place) = (env!("CARGO_BIN_EXE_hubca"), home.path().display());
        format!("{program} --home {place} import openssl {} --no-passphrase {options}", ca.directory.display())
    };
    let seen = |line: &str| {
        let mut script = Command::new("script");
        let ran = script.args(["-qefc", line, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success(), "{told}");
        let bars = told.split("reading the books [").skip(1);
        let counts = bars.map(|bar| bar.split("] ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned());
        let mut places: Vec<(u64, u64)> = counts
            .map(|count| {
                let (place, all) = count.split_once('/').unwrap();
                let all = all.chars().take_while(char::is_ascii_digit).collect::<String>();
                (place.parse().unwrap(), all.parse().unwrap())
            })
            .collect();
        places.dedup();
        places
    };
    let planned = seen(&line("--dry-run"));
    assert!(planned.iter().all(|(_, whole)| *whole == all / 2), "{planned:?}");
    let places = seen(&line(""));
    assert!(places.len() > 3 && places.is_sorted(), "{places:?}");
    assert!(places.iter().all(|(place, whole)| place <= whole && *whole == all), "{places:?}");
    assert!(places.last().unwrap().0 > all / 2, "{places:?}");
}

fn write_book(ca: &OpensslCa, lines: u64) {
    let mut book = String::new();
    for number in 1..=lines {
        let (status, revoked) = if number % 50 == 0 { ("R", "260101000000Z,superseded") } else { ("V", "") };
        writeln!(book, "{status}\t20401229201530Z\t{revoked}\t{number:06X}\tunknown\t/O=Physics/CN=host-{number}.lan")
            .unwrap();
    }
    std::fs::write(ca.path("index.txt"), book).unwrap();
}

const LINES: u64 = 100_000;
