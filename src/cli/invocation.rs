//! How the program is called the next time: with the `--home` that was given this time.

use std::path::Path;

use crate::plan::shell_word;

/// What stands behind `hubca` in every command line that is advised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    home: Option<String>,
}

impl Invocation {
    /// With the value of `--home`, where it was given.
    pub fn at(home: Option<&Path>) -> Self {
        Self { home: home.map(|home| shell_word(&home.display().to_string())) }
    }

    /// The command line with these words.
    pub fn line(&self, words: &str) -> String {
        match &self.home {
            Some(home) => format!("hubca --home {home} {words}"),
            None => format!("hubca {words}"),
        }
    }

    /// A text whose command lines are typed where the home is meant: each gets the `--home`.
    pub fn spelled(&self, text: &str) -> String {
        let mut spelled = String::new();
        let mut pieces = text.split(CALL);
        spelled.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let verb = piece.split(|letter: char| !letter.is_ascii_lowercase()).next().unwrap_or_default();
            if AT_HOME.contains(&verb) {
                spelled.push_str(&self.line(piece));
            } else {
                spelled.push_str(CALL);
                spelled.push_str(piece);
            }
        }
        spelled
    }
}

const CALL: &str = "hubca ";
/// The commands that look for a home.
const AT_HOME: [&str; 23] = [
    "quickstart",
    "init",
    "issue",
    "renew",
    "edit",
    "sign",
    "revoke",
    "crl",
    "list",
    "show",
    "check",
    "export",
    "share",
    "profile",
    "key",
    "audit",
    "status",
    "rotate",
    "ocsp",
    "trust",
    "adopt",
    "backup",
    "restore",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_that_was_given_stands_in_every_line_that_needs_one() {
        let given = Invocation::at(Some(Path::new("/srv/lab ca")));
        assert_eq!(given.line("export ios"), "hubca --home '/srv/lab ca' export ios");
        assert_eq!(
            given.spelled("use it: hubca issue --ip 192.168.0.1; `hubca list` shows more"),
            "use it: hubca --home '/srv/lab ca' issue --ip 192.168.0.1; `hubca --home '/srv/lab ca' list` shows more"
        );
        for text in ["`hubca inspect` tells what it is", "hubca --home DIR init", "use the newer hubca that wrote it"] {
            assert_eq!(given.spelled(text), text);
        }
        assert_eq!(Invocation::at(None).spelled("hubca issue"), "hubca issue");
        assert_eq!(Invocation::at(Some(Path::new("it's"))).line("list"), r"hubca --home 'it'\''s' list");
    }
}
