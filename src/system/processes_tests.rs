//! What running promises: words and no shell, a clean environment, an end, and a bounded memory of what was said.

use super::*;
use crate::system::clock::{Clock as _, SystemClock};

fn processes() -> SystemProcesses {
    let path = OsString::from("/usr/local/bin:/usr/bin:/bin");
    SystemProcesses::new(vec![("PATH".into(), path)])
}

fn run(words: &[&str], limit: Duration) -> Ended {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let variables = vec![("HUBCA_LABEL".to_owned(), OsString::from("hub.lan; touch /tmp/x"))];
    processes().run(&Errand { words, variables, input: Vec::new(), limit }).unwrap()
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_program_gets_its_words_as_they_are_and_both_outputs_are_kept() {
    let ended = run(&["printf", "%s|", "a b", "$(id)", "*", "; exit 3"], LONG);
    assert_eq!(ended, Ended { how: Ending::Code(0), output: "a b|$(id)|*|; exit 3|".to_owned() });
    let ended = run(&["sh", "-c", "echo out; echo err >&2; exit 7"], LONG);
    assert_eq!(ended.how, Ending::Code(7));
    assert!(ended.output.contains("out\n") && ended.output.contains("err\n"), "{ended:?}");
}

#[test]
fn a_program_gets_the_variables_it_is_given_and_no_others_and_nobody_to_ask() {
    let ended = run(&["env"], LONG);
    let mut names: Vec<_> = ended.output.lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["HUBCA_LABEL", "PATH"]);
    assert!(ended.output.contains("HUBCA_LABEL=hub.lan; touch /tmp/x\n"));
    assert_eq!(run(&["cat"], LONG), Ended { how: Ending::Code(0), output: String::new() });
}

#[test]
fn a_program_reads_what_it_is_fed_however_long_it_is() {
    let fed = |words: &[&str], input: &[u8]| {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        processes().run(&Errand { words, variables: Vec::new(), input: input.to_vec(), limit: LONG }).unwrap()
    };
    assert_eq!(fed(&["cat"], b"a\0b"), Ended { how: Ending::Code(0), output: "a\0b".to_owned() });
    assert_eq!(fed(&["wc", "-c"], &vec![b'x'; 1_000_000]).output.trim(), "1000000");
    // One that does not read is not waited for.
    assert_eq!(fed(&["true"], &vec![b'x'; 1_000_000]).how, Ending::Code(0));
}

#[test]
fn a_program_that_takes_too_long_is_ended_with_its_children() {
    let watch = SystemClock.stopwatch();
    let script = "trap '' TERM; sleep 333 & echo $!; (trap '' TERM; sleep 333) & echo $!; wait; wait";
    let ended = run(&["sh", "-c", script], Duration::from_millis(300));
    assert_eq!(ended.how, Ending::TimeLimit);
    assert!(watch.elapsed() < Duration::from_secs(20));
    for child in ended.output.lines() {
        // A busy machine takes a moment to end what is ended, and it may wait to be buried: it runs no more.
        let state = || std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_else(|_| ") Z".to_owned());
        while !state().contains(") Z") && !state().contains(") X") {
            assert!(watch.elapsed() < Duration::from_secs(20), "{}", state());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    assert_eq!(ended.output.lines().count(), 2);
}

#[test]
fn a_child_that_never_stops_talking_holds_nobody_up() {
    let watch = SystemClock.stopwatch();
    let script = "for n in 1 2 3 4; do cat /dev/zero & done; sleep 0.2; exit 0";
    let ended = run(&["sh", "-c", script], LONG);
    assert_eq!(ended.how, Ending::Code(0));
    assert!(watch.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_child_that_goes_on_holds_nobody_up() {
    let watch = SystemClock.stopwatch();
    let ended = run(&["sh", "-c", "sleep 5 & echo started"], LONG);
    assert_eq!(ended, Ended { how: Ending::Code(0), output: "started\n".to_owned() });
    assert!(watch.elapsed() < Duration::from_secs(4));
}

#[test]
fn of_megabytes_the_end_is_kept() {
    let ended = run(&["sh", "-c", "yes | head -c 20000000; echo the end"], LONG);
    assert!(ended.output.starts_with('…') && ended.output.ends_with("\nthe end\n"));
    assert!(ended.output.len() <= MOST_OUTPUT + 3);
}

fn errand(words: &[&str]) -> Errand {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Errand { words, variables: Vec::new(), input: Vec::new(), limit: LONG }
}

#[test]
fn an_answer_is_whole_and_apart_from_complaints_or_refused() {
    let ask = |script: &str, most| processes().ask(&errand(&["sh", "-c", script]), most);
    let answered = ask("yes | head -c 300000; echo why >&2; exit 4", 300_000).unwrap();
    assert_eq!((answered.how, answered.answer.len(), answered.complaint.as_str()), (Ending::Code(4), 300_000, "why\n"));
    assert!(answered.answer.bytes().all(|octet| matches!(octet, b'y' | b'\n')));
    let long = ask("yes | head -c 300000", 299_999);
    assert!(matches!(long, Err(ProcessError::TooLong { program, most: 299_999 }) if program == "sh"));
    // However much it complains.
    let complaining = ask("yes | head -c 3000000 >&2; echo fine", 100).unwrap();
    assert_eq!((complaining.answer.as_str(), complaining.complaint.len()), ("fine\n", MOST_OUTPUT + 3));
}

#[test]
fn a_program_that_is_run_through_is_heard_as_any_other() {
    let run = |words: &[&str]| processes().run_through(&errand(words)).unwrap();
    let ended = run(&["sh", "-c", "echo out; echo err >&2; echo out; exit 7"]);
    assert_eq!(ended, Ended { how: Ending::Code(7), output: "out\nerr\nout\n".to_owned() });
    let ended = run(&["sh", "-c", "yes | head -c 20000000; echo the end"]);
    assert!(ended.output.starts_with('…') && ended.output.ends_with("\nthe end\n"));
    assert!(ended.output.len() <= MOST_OUTPUT + 3);
    let talking = Errand { limit: Duration::from_millis(300), ..errand(&["cat", "/dev/zero"]) };
    assert_eq!(processes().run_through(&talking).unwrap().how, Ending::TimeLimit);
}

#[test]
fn a_signal_and_a_program_that_is_not_there_are_told() {
    assert_eq!(run(&["sh", "-c", "kill -9 $$"], LONG).how, Ending::Signal(9));
    let missing = processes().run(&errand(&["no-such-program"]));
    assert!(matches!(missing, Err(ProcessError::Missing(name)) if name == "no-such-program"));
    assert!(matches!(processes().run(&errand(&["/"])), Err(ProcessError::Permission { .. })));
    assert!(matches!(processes().run(&errand(&[])), Err(ProcessError::Nothing)));
}
