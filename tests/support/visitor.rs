//! A visitor: a browser on some device, with some roots in its store, that does what it is told on the page.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::tools::{commands, present, python};

/// Whether there is a browser to visit with; a missing one is told.
pub(crate) fn browser_is_here() -> bool {
    let tools = [vec![python(), chromium()], commands(&["certutil"])].concat();
    present("the onboarding page in a browser", &tools)
}

/// A visitor on its way.
pub(crate) struct Visitor {
    told: Value,
    acts: Vec<Value>,
    _store: Option<tempfile::TempDir>,
}

/// What a visitor saw.
pub(crate) struct Seen {
    answers: Vec<Value>,
    /// Where the page went, or tried to go.
    pub(crate) requests: Vec<String>,
    /// What popped up.
    pub(crate) dialogs: Vec<String>,
    /// What the console complained of.
    pub(crate) complaints: Vec<String>,
}

impl Visitor {
    /// Somebody with a device, a key of DEVICES in `visit.py`, whose browser trusts nothing of ours.
    pub(crate) fn with(device: &str) -> Self {
        let told = json!({ "chromium": chromium(), "device": device });
        Self { told, acts: Vec::new(), _store: None }.trusting(&[])
    }

    /// The same, whose browser has these roots in its store.
    pub(crate) fn trusting(mut self, roots: &[&Path]) -> Self {
        let store = tempfile::tempdir().unwrap();
        let database = store.path().join(".pki/nssdb");
        std::fs::create_dir_all(&database).unwrap();
        let directory = format!("sql:{}", database.display());
        certutil(&["-N", "-d", &directory, "--empty-password"]);
        for (number, root) in roots.iter().enumerate() {
            let name = format!("root {number}");
            certutil(&["-A", "-d", &directory, "-t", "C,,", "-n", &name, "-i", root.to_str().unwrap()]);
        }
        self.told["home"] = json!(store.path());
        self._store = Some(store);
        self
    }

    /// The same with another setting of `visit.py`.
    pub(crate) fn set(mut self, key: &str, value: Value) -> Self {
        self.told[key] = value;
        self
    }

    /// The same, who then does this as well.
    pub(crate) fn then(mut self, act: Value) -> Self {
        self.acts.push(act);
        self
    }

    /// The same, who waits until the page has made up its mind, and reads what it says.
    pub(crate) fn then_verdict(self) -> Self {
        self.then(json!({ "wait": VERDICT }))
            .then(json!({ "evaluate": format!("document.querySelector({VERDICT:?}).dataset.verdict") }))
    }

    /// The same, who takes a picture where pictures are wanted.
    pub(crate) fn then_picture(self, name: &str) -> Self {
        let Some(directory) = std::env::var_os("HUBCA_TEST_PICTURES") else { return self };
        let file = Path::new(&directory).join(format!("{name}.png"));
        self.then(json!({ "shot": file, "whole": true }))
    }

    /// Goes there, and does it all.
    #[track_caller]
    pub(crate) fn visits(self, url: &str) -> Seen {
        let mut seen = self.goes(url);
        assert_eq!(seen["refused"], Value::Null, "{url}");
        let texts = |value: &Value| serde_json::from_value::<Vec<String>>(value.clone()).unwrap();
        Seen {
            requests: texts(&seen["requests"]),
            dialogs: texts(&seen["dialogs"]),
            complaints: texts(&seen["complaints"]),
            answers: std::mem::take(seen["answers"].as_array_mut().unwrap()),
        }
    }

    /// Goes there, and says why the browser does not take the certificate.
    #[track_caller]
    pub(crate) fn warned_of(self, url: &str) -> String {
        self.goes(url)["refused"].as_str().unwrap().to_owned()
    }

    fn goes(mut self, url: &str) -> Value {
        self.told["url"] = json!(url);
        self.told["acts"] = json!(self.acts);
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/visit.py");
        // A browser that hangs ends by itself.
        let mut child = Command::new("timeout")
            .args(["--kill-after=5", "180"])
            .arg(python())
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(self.told.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the visit failed: {said}\n{}", self.told);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Seen {
    /// What came of an act; acts that take a picture do not count.
    pub(crate) fn answer(&self, number: usize) -> &Value {
        let is_picture = |answer: &&Value| answer.as_str().is_some_and(|text| text.ends_with(".png"));
        self.answers.iter().filter(|answer| !is_picture(answer)).nth(number).unwrap()
    }

    /// The same as text.
    pub(crate) fn text(&self, number: usize) -> &str {
        self.answer(number).as_str().unwrap()
    }
}

/// The verdict that is shown once the page has made up its mind.
pub(crate) const VERDICT: &str = "[data-verdict]:not([hidden]):not([data-verdict=checking])";

pub(crate) fn chromium() -> PathBuf {
    PathBuf::from("/usr/bin/chromium")
}

fn certutil(arguments: &[&str]) {
    let output = Command::new("certutil").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
