//! Plans that somebody disturbs: what is changed meanwhile, another plan at the same time, an end in the middle.

use std::{
    path::PathBuf,
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

use super::{
    Plan, Step, StepError,
    tests::{Named, held, names, ours, write},
};
use crate::system::{Ended, Ending, Errand, ProcessError, Processes, files};

/// A program that somebody changes a file beneath.
struct Beneath(PathBuf);

impl Processes for Beneath {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        let changed = format!("{}mine\n", held(&self.0));
        files::rewrite(&self.0, changed.as_bytes()).unwrap();
        Ok(Ended { how: Ending::Code(1), output: String::new() })
    }
}

#[test]
fn what_somebody_changed_while_a_check_ran_is_not_put_back() {
    let place = tempfile::tempdir().unwrap();
    let (file, other) = (place.path().join("Caddyfile"), place.path().join("other"));
    for theirs in [None, Some("theirs\n")] {
        theirs.into_iter().for_each(|text| write(&file, text));
        let plan =
            Plan::new([Step::write_block("add", &file, "hub", "x"), ours(&other, "x"), Step::run("look", &["look"])]);
        let undone = plan.run_or_undo(&Beneath(file.clone())).unwrap_err();
        assert!(matches!(&undone.left[..], [StepError::ChangedMeanwhile { path }] if *path == file), "{undone:?}");
        assert!(held(&file).ends_with("# End of hub\nmine\n"), "{}", held(&file));
        assert_eq!(names(place.path()), ["Caddyfile"]);
        std::fs::remove_file(&file).unwrap();
    }
}

/// A program that runs until it is told to end.
struct Waiting {
    begun: Mutex<mpsc::Sender<()>>,
    end: Mutex<mpsc::Receiver<()>>,
}

impl Processes for Waiting {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        self.begun.lock().unwrap().send(()).unwrap();
        self.end.lock().unwrap().recv().unwrap();
        Ok(Ended { how: Ending::Code(1), output: String::new() })
    }
}

#[test]
fn two_plans_for_one_file_are_taken_one_after_the_other() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("Caddyfile");
    write(&file, "theirs\n");
    let (begun, has_begun) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let waiting = Waiting { begun: Mutex::new(begun), end: Mutex::new(ended) };
    let lines = |name: &str| Step::write_block("add", &file, name, "x");
    thread::scope(|scope| {
        let failing = scope.spawn(|| {
            let plan = Plan::new([lines("a"), Step::run("look", &["look"])]);
            plan.run_or_undo(&waiting).is_err_and(|undone| undone.left.is_empty())
        });
        has_begun.recv().unwrap();
        let second = scope.spawn(|| Plan::new([lines("b")]).run_or_undo(&Named::default()).is_ok());
        thread::sleep(Duration::from_millis(200));
        assert!(!second.is_finished());
        end.send(()).unwrap();
        assert!(failing.join().unwrap() && second.join().unwrap());
    });
    assert!(held(&file).starts_with("theirs\n") && held(&file).ends_with("# End of b\n"));
    assert!(!held(&file).contains("End of a"));
}

/// A program that was stopped.
struct Stopped;

impl Processes for Stopped {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        Err(ProcessError::Interrupted { program: "look".to_owned() })
    }
}

#[test]
fn a_plan_that_is_stopped_is_undone() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hub.conf");
    write(&file, "theirs");
    let plan = Plan::new([ours(&file, "x"), Step::run("look", &["look"])]);
    assert!(plan.run_or_undo(&Stopped).is_err_and(|undone| undone.left.is_empty()));
    assert_eq!((held(&file).as_str(), names(place.path()).as_slice()), ("theirs", &["hub.conf".to_owned()][..]));
}
