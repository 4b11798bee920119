//! What a person is asked, and what becomes of the reply.

use crate::machine::Machine;

#[test]
fn init_asks_for_what_it_has_to_know_and_nothing_else() {
    let machine = Machine::new();
    let seen = machine.run_with(&["init"], &["y", "Our Lab", "correct horse"]);
    seen.is("init-asked");
    assert!(machine.run(&["issue", "--dns", "server.example.org"]).code == 0);
}

#[test]
fn an_empty_passphrase_is_an_answer_and_leaves_the_root_key_open() {
    let machine = Machine::new();
    let seen = machine.run_with(&["init", "--name", "Lab"], &["n", ""]);
    assert_eq!(seen.code, 0, "{}", seen.stderr);
    assert!(seen.stdout.contains("without a passphrase"));
}

#[test]
fn nobody_is_asked_where_yes_was_said() {
    let seen = Machine::new().run_with(&["init", "--yes"], &["never read"]);
    assert_eq!(seen.code, 1);
    assert!(seen.questions.is_empty() && seen.stderr.contains("--no-passphrase"));
}

#[test]
fn a_question_that_is_broken_off_makes_no_ca() {
    let machine = Machine::new();
    assert_eq!(machine.run_with(&["init"], &["n", "Lab"]).code, 2);
    assert!(!machine.file("home").join("ledger.db").exists());
}

#[test]
fn a_person_chooses_at_which_address_the_page_is_served() {
    let machine = Machine::with_ca();
    let seen = machine.run_with(&["share"], &["192.168.1.7"]);
    assert_eq!(
        seen.questions,
        ["at which address do devices reach this machine? \
          (192.168.0.5 (eth0) | 192.168.1.7 (wlan0) | 172.17.0.1 (docker0, virtual) | 127.0.0.1 (lo, this machine only))"]
    );
    assert!(seen.stderr.contains("192.168.1.7 is taken"), "{}", seen.stderr);
}

#[test]
fn a_protected_issuing_key_is_opened_by_who_knows_the_passphrase() {
    let machine = Machine::with_ca();
    let protected = machine.run_with(&["key", "protect", "issuing"], &["correct horse"]);
    assert_eq!(protected.code, 0, "{}", protected.stderr);
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 1);
    machine.run_with(&["issue", "--dns", "hub.lan"], &["battery staple"]).is("refused-passphrase");
    let issued = machine.run_with(&["issue", "--dns", "hub.lan"], &["correct horse"]);
    assert_eq!(issued.code, 0, "{}", issued.stderr);
}

#[test]
fn no_passphrase_is_asked_for_where_yes_was_said() {
    let machine = Machine::with_ca();
    let refused = machine.run_with(&["--yes", "key", "protect", "issuing"], &["never read"]);
    assert!(refused.code == 1 && refused.questions.is_empty(), "{}", refused.stderr);
    assert!(refused.stderr.contains("there is no new passphrase for the issuing key"), "{}", refused.stderr);
    assert_eq!(machine.run_with(&["key", "protect", "issuing"], &["correct horse"]).code, 0);
    let refused = machine.run_with(&["--yes", "issue", "--dns", "hub.lan"], &["correct horse"]);
    assert!(refused.code == 1 && refused.questions.is_empty(), "{}", refused.stderr);
}

#[test]
fn a_new_passphrase_is_asked_for_and_not_offered_away() {
    let machine = Machine::with_ca();
    let seen = machine.run_with(&["key", "protect", "root"], &["correct horse"]);
    assert_eq!(seen.questions, ["a new passphrase for the root key"]);
    let empty = machine.run_with(&["key", "protect", "issuing"], &[""]);
    assert!(empty.stderr.contains("hubca key unprotect issuing"), "{}", empty.stderr);
    // What goes wrong while asking is told as what it is.
    let long = machine.run_with(&["key", "protect", "issuing"], &["x".repeat(2000).as_str()]);
    assert!(long.stderr.contains("2000 bytes"), "{}", long.stderr);
    let broken_off = machine.run_with(&["key", "protect", "issuing"], &[]);
    assert!(broken_off.stderr.contains("the question was not answered"), "{}", broken_off.stderr);
}

#[test]
fn a_clock_that_is_behind_the_log_is_accepted_by_who_knows_which_day_it_is() {
    let machine = Machine::with_ca();
    assert!(machine.run_with(&["audit", "accept-clock"], &[]).stderr.contains("there is nothing to accept"));
    machine.leap(60);
    machine.run(&["audit", "accept-clock"]).is("refused-clock");
    for (reply, told) in [("2027-01-20", "is not today"), ("yes", "is no date"), ("", "is no date")] {
        let seen = machine.run_with(&["audit", "accept-clock"], &[reply]);
        assert!(seen.code == 1 && seen.stderr.contains(told), "{}", seen.stderr);
    }
    machine.run_with(&["audit", "accept-clock"], &["2026-11-22"]).is("accepted-clock");
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
}
