//! Plans run in a directory of their own, with programs that only write down that they were called.

use std::{path::Path, sync::Mutex};

use super::{MARK, OnFailure, Outcome, Plan, Step, StepError, shell_line};
use crate::system::{
    Ended, Ending, Errand, FileMode, ProcessError, Processes,
    files::{directory, read_bounded, write_new},
};

/// Programs that are named and not run; `false` fails.
#[derive(Default)]
struct Named(Mutex<Vec<String>>);

impl Processes for Named {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        self.0.lock().unwrap().push(errand.words.join(" "));
        let code = i32::from(errand.words[0] == "false");
        Ok(Ended { how: Ending::Code(code), output: "said\n".to_owned() })
    }
}

fn outcomes(plan: &Plan, processes: &Named, on_failure: OnFailure) -> Vec<Result<Outcome, String>> {
    let taken = plan.run(processes, on_failure);
    taken.into_iter().map(|taken| taken.result.map_err(|error| error.to_string())).collect()
}

fn held(path: &Path) -> String {
    String::from_utf8(read_bounded(path, 1000).unwrap()).unwrap()
}

fn write(path: &Path, text: &str) {
    write_new(path, text.as_bytes(), FileMode::Public).unwrap();
}

#[test]
fn a_plan_taken_twice_does_no_more_than_once_and_undone_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (folder, file) = (place.path().join("a/b"), place.path().join("a/b/unit"));
    let plan = Plan::new([
        Step::make_directory("make room", &folder),
        Step::write("say when", &file, "daily\n", FileMode::Public),
        Step::run("start it", &["start", "it"]).undone_by("stop it", &["stop", "it"]),
    ]);
    let processes = Named::default();
    let (done, so) = (Ok(Outcome::Done), Ok(Outcome::AlreadySo));
    assert_eq!(outcomes(&plan, &processes, OnFailure::Stop), [done.clone(), done.clone(), done.clone()]);
    assert_eq!(outcomes(&plan, &processes, OnFailure::Stop), [so.clone(), so.clone(), done.clone()]);
    assert_eq!(held(&file), "daily\n");
    assert_eq!(outcomes(&plan.undoing(), &processes, OnFailure::GoOn), [done.clone(), done.clone()]);
    assert_eq!(outcomes(&plan.undoing(), &processes, OnFailure::GoOn), [done, so]);
    assert_eq!(*processes.0.lock().unwrap(), ["start it", "start it", "stop it", "stop it"]);
    assert_eq!(directory::entries(&folder).unwrap(), [""; 0]);
}

#[test]
fn what_somebody_else_wrote_is_kept_and_comes_back() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("unit");
    write(&file, "theirs");
    let processes = Named::default();
    let plan = |text: &str| Plan::new([Step::write("write it", &file, format!("# {MARK}\n{text}"), FileMode::Public)]);
    for text in ["first", "second", "second"] {
        assert!(plan(text).run(&processes, OnFailure::Stop).iter().all(|taken| taken.result.is_ok()));
    }
    // Our own first text is not kept: it can be made again.
    assert_eq!(directory::entries(place.path()).unwrap(), [".unit.before-hubca", "unit"]);
    assert!(plan("a third").undoing().run(&processes, OnFailure::Stop)[0].result.is_ok());
    assert_eq!(held(&file), "theirs");
    assert_eq!(directory::entries(place.path()).unwrap(), ["unit"]);
}

#[test]
fn each_thing_that_others_wrote_has_a_copy_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("unit");
    let processes = Named::default();
    let removal = Plan::new([Step::remove("take it away", &file)]);
    for text in ["one", "two"] {
        write(&file, text);
        assert_eq!(outcomes(&removal, &processes, OnFailure::Stop), [Ok(Outcome::Done)]);
    }
    assert_eq!(outcomes(&removal, &processes, OnFailure::Stop), [Ok(Outcome::AlreadySo)]);
    assert_eq!(held(&place.path().join(".unit.before-hubca")), "one");
    assert_eq!(held(&place.path().join(".unit.before-hubca.2")), "two");
    assert_eq!(outcomes(&removal.undoing(), &processes, OnFailure::Stop), [Ok(Outcome::Done)]);
    assert_eq!(held(&file), "two");
}

#[test]
fn what_was_changed_since_is_left_to_whoever_changed_it() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("anchor.pem");
    let plan = Plan::new([Step::write("write it", &file, "ours", FileMode::Public)]);
    write(&file, "theirs");
    let undone = plan.undoing();
    let taken = undone.run(&Named::default(), OnFailure::Stop);
    assert!(matches!(taken[0].result, Err(StepError::Changed { .. })));
    assert_eq!(held(&file), "theirs");
}

#[test]
fn a_step_that_fails_is_the_last_one_or_not_as_is_wanted() {
    let plan = Plan::new([Step::run("try", &["false"]), Step::run("go on", &["true"])]);
    let failed = || Err("`false` failed with exit code 1: said".to_owned());
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::Stop), [failed()]);
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::GoOn), [failed(), Ok(Outcome::Done)]);
}

#[test]
fn a_file_takes_the_place_of_a_link_and_nothing_is_written_through_it() {
    let place = tempfile::tempdir().unwrap();
    let (file, link) = (place.path().join("file"), place.path().join("link"));
    write(&file, "same");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let plan = Plan::new([Step::write("write it", &link, "same", FileMode::Public)]);
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::Stop), [Ok(Outcome::Done)]);
    assert!(!link.is_symlink());
}

#[test]
fn a_line_for_a_shell_has_every_word_whole() {
    let words = ["systemctl", "a b", "it's", "", "$HOME"].map(str::to_owned);
    assert_eq!(shell_line(&words), r"systemctl 'a b' 'it'\''s' '' '$HOME'");
}

#[test]
fn a_plan_that_fails_half_way_leaves_everything_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let (whole, shared, new) = (place.path().join("whole"), place.path().join("shared"), place.path().join("new"));
    let ours = format!("# {MARK}\nold\n");
    write(&whole, &ours);
    let processes = Named::default();
    assert_eq!(
        outcomes(&Plan::new([Step::write_block("add", &shared, "hub", "old")]), &processes, OnFailure::Stop),
        [Ok(Outcome::Done)]
    );
    let before = held(&shared);
    let plan = |last: &'static str| {
        Plan::new([
            Step::write("write", &whole, format!("# {MARK}\nnew\n"), FileMode::Public),
            Step::write("write", &new, "new", FileMode::Public),
            Step::run("switch on", &["on"]).undone_by("switch off", &["off"]),
            Step::write_block("add", &shared, "hub", "new"),
            Step::run("look", &[last]),
        ])
    };
    let failing = plan("false");
    let taken = failing.run_or_undo(&processes).unwrap();
    assert!(taken.last().unwrap().result.is_err() && taken.len() == 5);
    assert_eq!((held(&whole), held(&shared), new.exists()), (ours, before, false));
    assert_eq!(*processes.0.lock().unwrap(), ["on", "false", "off"]);
    assert!(plan("true").run_or_undo(&processes).unwrap().iter().all(|taken| taken.result.is_ok()));
    assert!(held(&whole).contains("new") && held(&shared).contains("new") && new.exists());
}

#[test]
fn lines_come_into_a_file_of_somebody_else_and_go_again() {
    let place = tempfile::tempdir().unwrap();
    let (theirs, none) = (place.path().join("theirs"), place.path().join("none"));
    write(&theirs, "c.port = 1\n");
    let plan = Plan::new([
        Step::write_block("add", &theirs, "hub", "c.cert = 2\n"),
        Step::write_block("add", &none, "hub", "c.cert = 2\n"),
    ]);
    let processes = Named::default();
    assert_eq!(outcomes(&plan, &processes, OnFailure::Stop), [Ok(Outcome::Done), Ok(Outcome::Done)]);
    assert_eq!(outcomes(&plan, &processes, OnFailure::Stop), [Ok(Outcome::AlreadySo), Ok(Outcome::AlreadySo)]);
    assert!(held(&theirs).starts_with("c.port = 1\n\n# Written by hubca: hub\nc.cert = 2\n"), "{}", held(&theirs));
    assert_eq!(outcomes(&plan.undoing(), &processes, OnFailure::GoOn), [Ok(Outcome::Done), Ok(Outcome::Done)]);
    assert_eq!(held(&theirs), "c.port = 1\n");
    assert!(!none.exists());
    let rival = Step::write_block("add", &theirs, "hub", "c.cert = 3\n").instead_of("other");
    Step::write_block("add", &theirs, "other", "c.cert = 1\n").take(&processes).unwrap();
    assert_eq!(rival.take(&processes).unwrap(), Outcome::Done);
    assert_eq!(held(&theirs), "c.port = 1\n\n# Written by hubca: hub\nc.cert = 3\n# End of hub\n");
    write(&none, "# Written by hubca: hub\nno end\n");
    assert!(matches!(Step::write_block("add", &none, "hub", "x").take(&processes), Err(StepError::Torn { .. })));
}
