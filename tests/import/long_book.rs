//! A book of very many lines: read in one piece, with little memory.

use std::fmt::Write as _;

use crate::openssl_ca::{OpensslCa, USUAL};
use crate::support::TestHome;

#[test]
fn a_hundred_thousand_lines_move_in() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let mut book = String::new();
    for number in 1..=LINES {
        let (status, revoked) = if number % 50 == 0 { ("R", "260101000000Z,superseded") } else { ("V", "") };
        writeln!(book, "{status}\t20401229201530Z\t{revoked}\t{number:06X}\tunknown\t/O=Physics/CN=host-{number}.lan")
            .unwrap();
    }
    std::fs::write(ca.path("index.txt"), book).unwrap();
    let directory = ca.directory.to_str().unwrap();
    let report = home.hubca(&["--json", "import", "openssl", directory, "--no-passphrase"]).succeeded().json();
    let expected = serde_json::json!({ "good": LINES - LINES / 50, "expired": 0, "revoked": LINES / 50 });
    assert_eq!(report["certificates"], expected);
    let newest = home.hubca(&["--json", "list", "--limit", "1"]).succeeded().json();
    assert_eq!(newest[0]["names"][0]["dns"], format!("host-{LINES}.lan"));
    let show = home.hubca(&["--json", "show", "01869f"]).succeeded().json();
    assert_eq!(show["names"][0]["dns"], "host-99999.lan");
}

const LINES: u64 = 100_000;
