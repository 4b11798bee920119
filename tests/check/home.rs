//! A home whose servers are checked.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    leaf::{Leaf, Made, der},
    support::{Answer, TestHome},
};

/// A home, its issuing CA and its root in DER.
pub(crate) struct Home {
    pub(crate) home: TestHome,
    pub(crate) issuing: Vec<u8>,
    pub(crate) root: Vec<u8>,
}

/// What `hubca check` found.
pub(crate) struct Found {
    pub(crate) answer: Answer,
    pub(crate) json: Value,
    pub(crate) took: Duration,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = TestHome::with_ca::<&str>(&[]);
        let (issuing, root) = (der(&home.file("issuing/1/ca.crt.pem")), der(&home.file("root/root.crt.pem")));
        Self { home, issuing, root }
    }

    pub(crate) fn leaf(&self, leaf: &Leaf) -> Made {
        leaf.made_by(&self.home)
    }

    /// Looks at a port of 127.0.0.1.
    pub(crate) fn check(&self, port: u16, options: &[&str]) -> Found {
        let (address, since) = (format!("127.0.0.1:{port}"), Instant::now());
        let answer = self.home.hubca(&[&["check", &address, "--json"], options].concat());
        let took = since.elapsed();
        let json = if matches!(answer.code, Some(1 | 2)) { answer.error() } else { answer.json() };
        Found { answer, json, took }
    }
}

impl Found {
    /// The rules that are broken, each once, in the order of the alphabet.
    pub(crate) fn rules(&self) -> Vec<&str> {
        let findings = self.json["findings"].as_array().unwrap_or_else(|| panic!("{}", self.answer));
        let mut rules: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// These rules are broken and no others, and the exit code says so.
    #[track_caller]
    pub(crate) fn breaks(self, rules: &[&str]) -> Self {
        assert_eq!(self.rules(), rules, "{}", self.answer);
        let is_ok = self.json["ok"] == true;
        assert_eq!(self.answer.code, Some(if is_ok { 0 } else { 3 }), "{}", self.answer);
        let findings = self.json["findings"].as_array().unwrap();
        assert_eq!(is_ok, !findings.iter().any(|finding| finding["severity"] == "error"), "{}", self.answer);
        self
    }

    /// Something of these words is found.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        let findings = self.json["findings"].as_array().unwrap();
        let is_said = findings.iter().any(|finding| finding["message"].as_str().unwrap().contains(words));
        assert!(is_said, "{words}: {}", self.answer);
        self
    }

    #[track_caller]
    pub(crate) fn within(self, seconds: u64) -> Self {
        assert!(self.took < Duration::from_secs(seconds), "took {:?}: {}", self.took, self.answer);
        self
    }
}
