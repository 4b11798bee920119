//! The languages of configuration files, and how each writes down a word that it must not obey.

use std::fmt;

use thiserror::Error;

/// A language of configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// nginx.
    Nginx,
    /// Apache's httpd.
    Apache,
    /// Caddy's own.
    Caddyfile,
    /// haproxy.
    Haproxy,
    /// Python.
    Python,
    /// JSON, RFC 8259.
    Json,
    /// YAML 1.2, of which JSON's strings are a part.
    Yaml,
    /// JavaScript, whose strings hold JSON's.
    Javascript,
    /// PostgreSQL's configuration file.
    Postgresql,
    /// Mosquitto's: a value is the rest of its line.
    Mosquitto,
    /// A POSIX shell.
    Shell,
}

/// A word for which a language has no way of writing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{language} cannot be told `{text}`: it would read `{part}` as something else than a part of a name")]
pub struct UnsayableError {
    /// The language.
    pub language: Language,
    /// What should be said.
    pub text: String,
    /// What stands in the way.
    pub part: &'static str,
}

impl Language {
    /// The word as it stands in this language, with whatever marks it needs around it.
    ///
    /// # Errors
    /// A word for which the language has no way of writing. Control characters are in none: [`super::Site`] has refused
    /// them.
    pub fn word(self, text: &str) -> Result<String, UnsayableError> {
        let unsayable = |part| UnsayableError { language: self, text: text.to_owned(), part };
        if let Some(part) = self.obeyed().iter().find(|part| text.contains(**part)) {
            return Err(unsayable(part));
        }
        let between = |mark: char, escaped: &[char]| {
            let mut word = String::from(mark);
            for letter in text.chars() {
                if letter == mark || escaped.contains(&letter) {
                    word.push('\\');
                }
                word.push(letter);
            }
            word.push(mark);
            word
        };
        Ok(match self {
            Self::Nginx | Self::Apache => between('"', &['\\']),
            Self::Haproxy => between('"', &['\\', '$']),
            Self::Caddyfile => between('"', &[]),
            Self::Python => between('\'', &['\\']),
            Self::Json | Self::Javascript => serde_json::Value::from(text).to_string(),
            // Traefik fills in templates before it reads its YAML: no two braces stand side by side.
            Self::Yaml => serde_json::Value::from(text).to_string().replace('{', "\\u007b"),
            Self::Postgresql => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
            Self::Mosquitto if text.trim() != text => return Err(unsayable(" ")),
            Self::Mosquitto => text.to_owned(),
            Self::Shell => crate::plan::shell_word(text),
        })
    }

    /// What the language obeys even between its quotes, with no way around it.
    fn obeyed(self) -> &'static [&'static str] {
        match self {
            // A variable, even in the path of a certificate.
            Self::Nginx => &["$"],
            // Names that were defined, and the environment.
            Self::Apache => &["${", "%{"],
            // The environment and placeholders; a backslash is only read before a quote.
            Self::Caddyfile => &["{", "}", "\\"],
            _ => &[],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddyfile => "Caddy",
            Self::Haproxy => "haproxy",
            Self::Python => "Python",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Javascript => "JavaScript",
            Self::Postgresql => "PostgreSQL",
            Self::Mosquitto => "Mosquitto",
            Self::Shell => "a shell",
        })
    }
}
