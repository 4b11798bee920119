//! Plans run in a directory of their own, with programs that only write down that they were called.

use std::{
    fs::{Permissions, set_permissions, symlink_metadata},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    sync::Mutex,
};

use super::{MARK, OnFailure, Outcome, Plan, Step, StepError, change::Change, held::Held, mark::Writer, sealed};
use crate::system::{
    Ended, Ending, Errand, FileMode, ProcessError, Processes,
    files::{self, directory, read_bounded, write_new},
};

/// Programs that are named and not run; `false` fails.
#[derive(Default)]
pub(super) struct Named(Mutex<Vec<String>>);

impl Processes for Named {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let fed = String::from_utf8(errand.input.clone()).unwrap();
        self.0.lock().unwrap().push(format!("{}{fed}", errand.words.join(" ")));
        let code = i32::from(errand.words[0] == "false");
        Ok(Ended { how: Ending::Code(code), output: "said\n".to_owned() })
    }
}

fn outcomes(plan: &Plan, processes: &Named, on_failure: OnFailure) -> Vec<Result<Outcome, String>> {
    let taken = plan.run(processes, on_failure);
    taken.into_iter().map(|taken| taken.result.map_err(|error| error.to_string())).collect()
}

pub(super) fn held(path: &Path) -> String {
    String::from_utf8(read_bounded(path, 1000).unwrap()).unwrap()
}

pub(super) fn write(path: &Path, text: &str) {
    write_new(path, text.as_bytes(), FileMode::Public).unwrap();
}

/// A file that bears the mark.
pub(super) fn ours(path: &Path, text: &str) -> Step {
    Step::write("write it", path, sealed(format!("# {MARK}: x\n{text}")), FileMode::Public)
}

fn take(step: Step) -> Result<Outcome, StepError> {
    Plan::new([step]).run(&Named::default(), OnFailure::Stop).remove(0).result
}

pub(super) fn names(place: &Path) -> Vec<String> {
    directory::entries(place).unwrap()
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
    let plan = |text: &str| Plan::new([ours(&file, text)]);
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
    assert_eq!(held(&place.path().join(".unit.before-hubca")), "two");
    assert_eq!(held(&place.path().join(".unit.before-hubca.2")), "one");
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
fn a_program_is_fed() {
    let processes = Named::default();
    let plan = Plan::new([Step::feed("tell it", &["take"], " this")]);
    assert_eq!(outcomes(&plan, &processes, OnFailure::Stop), [Ok(Outcome::Done)]);
    assert_eq!(*processes.0.lock().unwrap(), ["take this"]);
}

#[test]
fn a_step_that_fails_is_the_last_one_or_not_as_is_wanted() {
    let plan = Plan::new([Step::run("try", &["false"]), Step::run("go on", &["true"])]);
    let failed = || Err("`false` failed with exit code 1".to_owned());
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::Stop), [failed()]);
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::GoOn), [failed(), Ok(Outcome::Done)]);
}

#[test]
fn a_file_takes_the_place_of_a_link_and_nothing_is_written_through_it() {
    let place = tempfile::tempdir().unwrap();
    let (file, link) = (place.path().join("file"), place.path().join("link"));
    write(&file, "same");
    symlink(&file, &link).unwrap();
    let plan = Plan::new([Step::write("write it", &link, "same", FileMode::Public)]);
    assert_eq!(outcomes(&plan, &Named::default(), OnFailure::Stop), [Ok(Outcome::Done)]);
    assert!(!link.is_symlink());
}

#[test]
fn a_plan_that_fails_half_way_leaves_everything_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let (whole, shared, new, theirs) = (at("whole"), at("shared"), at("new"), at("theirs"));
    take(ours(&whole, "old\n")).unwrap();
    take(Step::write_block("add", &shared, "hub", "old")).unwrap();
    write(&theirs, "theirs");
    let everything = || (names(place.path()), [&whole, &shared, &theirs].map(|path| held(path)));
    let before = everything();
    let plan = |last: &'static str| {
        Plan::new([
            Step::make_directory("make room", at("room")),
            ours(&whole, "new\n"),
            ours(&new, "new"),
            ours(&theirs, "new"),
            Step::run("switch on", &["on"]).undone_by("switch off", &["off"]),
            Step::run("no need", &["needless"]).undone_by("no need", &["off again"]).unless(&whole),
            Step::write_block("add", &shared, "hub", "new"),
            Step::tell("tell it", &[last]),
        ])
    };
    let processes = Named::default();
    let failing = plan("false");
    let undone = failing.run_or_undo(&processes).unwrap_err();
    assert_eq!(undone.step.sentence(), "tell it");
    assert!(matches!(&undone.error, StepError::Failed { said, .. } if said == &["said"]), "{}", undone.error);
    // The server is told once more, and fails again; all else is as it was.
    assert_eq!(undone.left.iter().map(ToString::to_string).collect::<Vec<_>>(), ["`false` failed with exit code 1"]);
    assert_eq!(*processes.0.lock().unwrap(), ["on", "false", "off", "false"]);
    assert_eq!(everything(), before);
    assert!(plan("true").run_or_undo(&processes).is_ok());
    assert!(held(&whole).contains("new") && held(&shared).contains("new") && new.exists());
    assert_eq!(names(place.path()), [".theirs.before-hubca", "new", "room", "shared", "theirs", "whole"]);
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
    assert!(held(&theirs).starts_with("c.port = 1\n\n# Written by hubca ("), "{}", held(&theirs));
    assert!(held(&theirs).ends_with("): hub\nc.cert = 2\n# End of hub\n"), "{}", held(&theirs));
    assert_eq!(outcomes(&plan.undoing(), &processes, OnFailure::GoOn), [Ok(Outcome::Done), Ok(Outcome::Done)]);
    assert_eq!(held(&theirs), "c.port = 1\n");
    assert!(!none.exists());
    take(Step::write_block("add", &theirs, "other", "c.cert = 1\n")).unwrap();
    assert_eq!(
        take(Step::write_block("add", &theirs, "hub", "c.cert = 3\n").instead_of("other")).unwrap(),
        Outcome::Done
    );
    assert!(held(&theirs).ends_with("): hub\nc.cert = 3\n# End of hub\n") && !held(&theirs).contains("other"));
    write(&none, "# Written by hubca: hub\nno end\n");
    assert!(matches!(take(Step::write_block("add", &none, "hub", "x")), Err(StepError::Torn { .. })));
    assert_eq!(held(&none), "# Written by hubca: hub\nno end\n");
}

#[test]
fn what_somebody_changed_in_a_file_of_ours_is_kept_when_it_is_written_anew_or_taken_away() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hub.conf");
    let change = |text: &str| files::replace(&file, text.as_bytes(), FileMode::Secret).unwrap();
    let plan = Plan::new([ours(&file, "listen 443;\n")]);
    let processes = Named::default();
    let run = |plan: &Plan| plan.run_or_undo(&processes).unwrap().remove(0).kept;
    assert_eq!((run(&plan), run(&plan)), (None, None));
    let allowed = format!("{}deny all;\n", held(&file));
    change(&allowed);
    let kept = run(&plan).unwrap();
    assert_eq!((held(&kept), kept), (allowed.clone(), place.path().join(".hub.conf.edited")));
    // Nobody but who could read the changes can read the copy.
    assert_eq!(symlink_metadata(place.path().join(".hub.conf.edited")).unwrap().mode() & 0o777, 0o600);
    change(&allowed);
    let kept = run(&plan.undoing()).unwrap();
    assert_eq!((held(&kept), kept), (allowed, place.path().join(".hub.conf.edited.2")));
    assert!(!file.exists());
    // What bears the mark somewhere else is a person's own.
    write(&file, "mine\n# Not Written by hubca\n");
    assert_eq!(run(&plan), None);
    run(&plan.undoing());
    assert_eq!(held(&file), "mine\n# Not Written by hubca\n");
}

#[test]
fn what_somebody_changed_between_our_lines_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("config.py");
    write(&file, "c.port = 1\n");
    let plan = Plan::new([Step::write_block("add", &file, "hub", "c.cert = 2\n")]);
    let run = |plan: &Plan| plan.run(&Named::default(), OnFailure::Stop).remove(0).kept;
    assert_eq!((run(&plan), run(&plan)), (None, None));
    let changed = held(&file).replace("c.cert = 2\n", "c.cert = 2\nc.mine = 3\n");
    for plan in [&plan, &plan.undoing()] {
        files::replace(&file, changed.as_bytes(), FileMode::Public).unwrap();
        let kept = run(plan).unwrap();
        assert_eq!(held(&kept), changed);
        assert!(held(&file).starts_with("c.port = 1\n") && !held(&file).contains("mine"));
    }
    assert_eq!(run(&plan.undoing()), None);
}

#[test]
fn each_removal_brings_back_what_its_own_installation_found() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hub.conf");
    let plan = Plan::new([ours(&file, "x")]);
    let run = |plan: &Plan| assert!(plan.run(&Named::default(), OnFailure::Stop).remove(0).result.is_ok());
    for text in ["one", "two", "one"] {
        files::replace(&file, text.as_bytes(), FileMode::Public).unwrap();
        run(&plan);
    }
    run(&plan.undoing());
    assert_eq!(held(&file), "one");
    // Where nothing was, nothing comes back.
    run(&plan);
    std::fs::remove_file(&file).unwrap();
    run(&plan);
    run(&plan.undoing());
    assert!(!file.exists());
}

#[test]
fn what_comes_back_is_the_file_itself_with_its_owner_and_mode_or_the_link() {
    let place = tempfile::tempdir().unwrap();
    let (file, dangling) = (place.path().join("file"), place.path().join("dangling"));
    write(&file, "# token SECRET\n");
    set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    symlink("nowhere", &dangling).unwrap();
    let whose = |path: &Path| symlink_metadata(path).map(|found| (found.ino(), found.mode(), found.uid())).unwrap();
    let before = (whose(&file), whose(&dangling));
    let files = [ours(&file, "x"), ours(&dangling, "x")];
    let failing = Plan::new(files.clone()).then(Step::run("look", &["false"]));
    assert!(failing.run_or_undo(&Named::default()).is_err_and(|undone| undone.left.is_empty()));
    assert_eq!((whose(&file), whose(&dangling)), before);
    let plan = Plan::new(files);
    for plan in [&plan, &plan.undoing()] {
        assert!(plan.run(&Named::default(), OnFailure::Stop).iter().all(|taken| taken.result.is_ok()));
    }
    assert_eq!((whose(&file), whose(&dangling)), before);
    assert_eq!(names(place.path()), ["dangling", "file"]);
}

#[test]
fn a_step_that_failed_half_way_is_undone_too() {
    let place = tempfile::tempdir().unwrap();
    let (file, copy) = (place.path().join("hub.conf"), place.path().join(".hub.conf.before-hubca"));
    write(&copy, "earlier");
    for writer in [Writer::Us, Writer::UsAndThem, Writer::Them] {
        for is_written in [false, true] {
            write(&file, "before");
            let mut change = Change::default();
            change.prepare(&file, Some(writer), Held::File(b"after".to_vec())).unwrap();
            if is_written {
                files::replace(&file, b"after", FileMode::Public).unwrap();
            }
            assert!(change.undo().is_empty());
            assert_eq!((held(&file).as_str(), held(&copy).as_str()), ("before", "earlier"), "{writer:?}");
            assert_eq!(names(place.path()).len(), 2, "{writer:?}");
            std::fs::remove_file(&file).unwrap();
        }
    }
}

#[test]
fn what_is_written_over_or_removed_for_good_has_no_second_name() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hub.conf");
    write(&file, "ours, without a mark");
    let step = Step::write("write it", &file, "new", FileMode::Public).over("ours, without a mark");
    let mut change = Change::for_good();
    assert_eq!(step.take(&Named::default(), &mut change).unwrap(), Outcome::Done);
    assert_eq!((held(&file).as_str(), names(place.path()).len()), ("new", 1));
    let mut change = Change::for_good();
    Step::remove_written("remove it", &file, "new").take(&Named::default(), &mut change).unwrap();
    assert!(names(place.path()).is_empty());
    drop(change);
    // What is not what was written there last is somebody else's.
    write(&file, "theirs");
    let step = Step::write("write it", &file, "new", FileMode::Public).over("ours, without a mark");
    step.take(&Named::default(), &mut Change::for_good()).unwrap();
    assert_eq!(held(&place.path().join(".hub.conf.before-hubca")), "theirs");
}
