//! What `openssl ca` reads of its configuration: sections of names and values, in which `$name` stands for another value, and
//! `.include` for another file, config(5). Only what says where things lie is looked at.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

/// A configuration: its sections with their values, in which every variable is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OpensslConfig {
    sections: BTreeMap<String, HashMap<String, Result<String, Variable>>>,
}

/// A variable that a value needs and that has none itself, such as one of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable(String);

/// The CA of a configuration that `openssl ca` works with: the section that says where its things lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct CaSection<'a> {
    config: &'a OpensslConfig,
    name: &'a str,
}

/// Why a configuration does not say where a CA lies.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// Nothing names a section.
    #[error("it has no `default_ca`, and no section with a `database`")]
    NoCa,
    /// Nothing says which of several it is.
    #[error("it has no `default_ca`, and several sections with a `database`: {}", .0.join(", "))]
    SeveralCas(Vec<String>),
    /// The section has no such value.
    #[error("its section `{section}` does not say where the `{value}` lies")]
    Missing {
        /// The section.
        section: String,
        /// The value.
        value: &'static str,
    },
    /// A value that needs what is not there.
    #[error("`{value}` needs the variable `{variable}`, which has no value in it")]
    Variable {
        /// The value.
        value: String,
        /// The variable.
        variable: String,
    },
    /// More values than any configuration has.
    #[error("it is larger than any that openssl reads")]
    TooLarge,
}

impl OpensslConfig {
    /// Reads a configuration; `included` gives the texts that stand for what follows `.include`. What is no line of one is passed over:
    /// only what `openssl ca` asks for is asked for here.
    ///
    /// # Errors
    /// What `included` refuses, or values that would fill the memory.
    pub(super) fn parse<E: From<ConfigError>>(
        text: &str,
        included: &mut dyn FnMut(&str) -> Result<Vec<String>, E>,
    ) -> Result<Self, E> {
        let mut config = Self::default();
        let mut reading = Reading { section: DEFAULT.to_owned(), room: MOST_BYTES, depth: 0 };
        config.take(text, &mut reading, included)?;
        Ok(config)
    }

    fn take<E: From<ConfigError>>(
        &mut self,
        text: &str,
        reading: &mut Reading,
        included: &mut dyn FnMut(&str) -> Result<Vec<String>, E>,
    ) -> Result<(), E> {
        for line in logical_lines(text) {
            let line = without_comment(&line).trim().to_owned();
            if let Some(place) = line.strip_prefix(".include") {
                let place = place.trim_start().strip_prefix('=').unwrap_or(place).trim();
                // One that needs a variable without a value includes nothing.
                let Ok(place) = self.expanded(&reading.section, place, reading.room)? else { continue };
                reading.depth += 1;
                if reading.depth > MOST_INCLUDED {
                    return Err(ConfigError::TooLarge.into());
                }
                for text in included(&place)? {
                    self.take(&text, reading, included)?;
                }
            } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                name.0.trim().clone_into(&mut reading.section);
            } else if let Some((name, value)) = line.split_once('=') {
                let (of, name) = name.trim().rsplit_once("::").unwrap_or((&reading.section, name.trim()));
                let value = self.expanded(&reading.section, value.trim(), reading.room)?;
                let length = value.as_ref().map_or(0, String::len) + name.len() + of.len();
                reading.room = reading.room.checked_sub(length).ok_or(ConfigError::TooLarge)?;
                self.sections.entry(of.to_owned()).or_default().insert(name.to_owned(), value);
            }
        }
        Ok(())
    }

    /// The CA that `openssl ca` takes where nobody names one: `default_ca` of the section `ca`; where nothing says it, the only one
    /// that there is.
    ///
    /// # Errors
    /// There is none, or several.
    pub(super) fn default_ca(&self) -> Result<CaSection<'_>, ConfigError> {
        let said = self.value("ca", "default_ca").or_else(|| self.value(DEFAULT, "default_ca"));
        if let Some(said) = said {
            let name = said.as_deref().map_err(|variable| variable.needed_by("default_ca"))?;
            return Ok(CaSection { config: self, name });
        }
        let with_database = self.sections.iter().filter(|(_, values)| values.contains_key(DATABASE));
        match with_database.map(|(name, _)| name.as_str()).collect::<Vec<_>>().as_slice() {
            [] => Err(ConfigError::NoCa),
            [name] => Ok(CaSection { config: self, name }),
            several => Err(ConfigError::SeveralCas(several.iter().map(|name| (*name).to_owned()).collect())),
        }
    }

    fn value(&self, section: &str, name: &str) -> Option<&Result<String, Variable>> {
        self.sections.get(section)?.get(name)
    }

    /// A value in which `$name`, `${name}`, `$(name)` and `$section::name` are replaced; quotes are taken away. There is no room for
    /// what a few lines of variables in variables make: they would fill any memory.
    fn expanded(&self, section: &str, value: &str, room: usize) -> Result<Result<String, Variable>, ConfigError> {
        let mut expanded = String::new();
        let mut rest = value;
        while let Some(first) = rest.chars().next() {
            let after = rest.get(first.len_utf8()..).unwrap_or_default();
            match first {
                '$' => {
                    let (name, next) = variable(after);
                    let (of, plain) = name.rsplit_once("::").unwrap_or((section, name));
                    match self.value(of, plain).or_else(|| self.value(DEFAULT, plain)) {
                        Some(Ok(value)) => expanded.push_str(value),
                        Some(Err(variable)) => return Ok(Err(variable.clone())),
                        None => return Ok(Err(Variable(name.to_owned()))),
                    }
                    rest = next;
                    if expanded.len() > room {
                        return Err(ConfigError::TooLarge);
                    }
                    continue;
                }
                '\\' => {
                    let escaped = after.chars().next();
                    expanded.extend(escaped);
                    rest = after.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
                    continue;
                }
                '"' | '\'' | '`' => {}
                _ => expanded.push(first),
            }
            rest = after;
        }
        if expanded.len() > room { Err(ConfigError::TooLarge) } else { Ok(Ok(expanded)) }
    }
}

impl<'a> CaSection<'a> {
    /// Where something of it lies, if it says so.
    ///
    /// # Errors
    /// It needs a variable that has no value.
    pub(super) fn place(&self, name: &str) -> Result<Option<&'a str>, ConfigError> {
        let value = self.config.value(self.name, name).or_else(|| self.config.value(DEFAULT, name));
        let value = value.map(|value| value.as_deref().map_err(|variable| variable.needed_by(name))).transpose()?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Where its index lies, without which `openssl ca` does nothing.
    ///
    /// # Errors
    /// It does not say so.
    pub(super) fn database(&self) -> Result<&'a str, ConfigError> {
        let missing = || ConfigError::Missing { section: self.name.to_owned(), value: DATABASE };
        self.place(DATABASE)?.ok_or_else(missing)
    }
}

impl Variable {
    fn needed_by(&self, value: &str) -> ConfigError {
        ConfigError::Variable { value: value.to_owned(), variable: self.0.clone() }
    }
}

/// How far a configuration is read.
struct Reading {
    section: String,
    room: usize,
    depth: usize,
}

/// The name of a variable, and what follows it.
fn variable(text: &str) -> (&str, &str) {
    for (open, close) in [('{', '}'), ('(', ')')] {
        if let Some((name, rest)) = text.strip_prefix(open).and_then(|text| text.split_once(close)) {
            return (name, rest);
        }
    }
    let is_name = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == ':';
    text.split_at(text.find(|one| !is_name(one)).unwrap_or(text.len()))
}

/// Lines, of which one that ends with a backslash goes on in the next.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for line in text.lines() {
        let (part, goes_on) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        if let Some(last) = lines.last_mut() {
            last.push_str(part);
        }
        if !goes_on {
            lines.push(String::new());
        }
    }
    lines
}

/// A `#` outside of quotes begins a comment.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (place, one) in line.char_indices() {
        match (quote, one) {
            (None, '#') => return line.get(..place).unwrap_or_default(),
            (None, '"' | '\'') => quote = Some(one),
            (Some(open), one) if open == one => quote = None,
            _ => {}
        }
    }
    line
}

/// The section of what stands before any.
const DEFAULT: &str = "default";
const DATABASE: &str = "database";
/// Room for the values of a hundred configurations; openssl itself takes no value beyond 64 KiB.
const MOST_BYTES: usize = 1024 * 1024;
/// How many files may be included.
const MOST_INCLUDED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration without any other file.
    fn parse(text: &str) -> Result<OpensslConfig, ConfigError> {
        OpensslConfig::parse(text, &mut |_| Ok(Vec::new()))
    }

    #[test]
    fn the_paths_of_the_default_ca_are_found() {
        let text = "base = /srv\n[ ca ] # the section\ndefault_ca = CA_default\n[ CA_default ]\ndir = $base/ca # here\n\
                    database = $dir/index.txt\ncertificate = ${dir}/certs/ca.cert.pem\nprivate_key = \"$(dir)/private/\\\nca.key.pem\"\n\
                    new_certs_dir = $CA_default::dir/newcerts\nserial = $ENV::NOWHERE/serial\ncrl = $serial.crl\nempty =\n";
        let config = parse(text).unwrap();
        let ca = config.default_ca().unwrap();
        assert_eq!(ca.place("dir"), Ok(Some("/srv/ca")));
        assert_eq!(ca.database(), Ok("/srv/ca/index.txt"));
        assert_eq!(ca.place("certificate"), Ok(Some("/srv/ca/certs/ca.cert.pem")));
        assert_eq!(ca.place("private_key"), Ok(Some("/srv/ca/private/ca.key.pem")));
        assert_eq!(ca.place("new_certs_dir"), Ok(Some("/srv/ca/newcerts")));
        assert_eq!([ca.place("empty"), ca.place("nothing")], [Ok(None), Ok(None)]);
        for value in ["serial", "crl"] {
            let needed = ConfigError::Variable { value: value.to_owned(), variable: "ENV::NOWHERE".to_owned() };
            assert_eq!(ca.place(value), Err(needed));
        }
    }

    #[test]
    fn what_is_included_stands_in_its_place() {
        let text = "base = /srv\n.include $base/one.cnf\n.include = two.cnf\n[ca]\ndefault_ca = b\n";
        let mut asked = Vec::new();
        let config = OpensslConfig::parse::<ConfigError>(text, &mut |place| {
            asked.push(place.to_owned());
            Ok(vec![match place {
                "/srv/one.cnf" => "[a]\ndatabase = one\n[b]\n".to_owned(),
                _ => "database = $base/two\n".to_owned(),
            }])
        });
        assert_eq!(config.unwrap().default_ca().unwrap().database(), Ok("/srv/two"));
        assert_eq!(asked, ["/srv/one.cnf", "two.cnf"]);
        let endless = OpensslConfig::parse::<ConfigError>(".include x", &mut |_| Ok(vec![".include x".to_owned()]));
        assert_eq!(endless, Err(ConfigError::TooLarge));
    }

    #[test]
    fn the_only_ca_needs_no_name_and_one_of_several_does() {
        let named = |text: &str| parse(text).unwrap().default_ca().map(|ca| ca.name.to_owned());
        assert_eq!(named("[a]\ndir = x\n[b]\ndatabase = y\n"), Ok("b".to_owned()));
        assert_eq!(named("[a]\ndir = x\n"), Err(ConfigError::NoCa));
        let several = ConfigError::SeveralCas(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(named("[a]\ndatabase = x\n[b]\ndatabase = y\n"), Err(several));
        let missing = ConfigError::Missing { section: "c".to_owned(), value: "database" };
        assert_eq!(parse("default_ca = c\n").unwrap().default_ca().unwrap().database(), Err(missing));
    }

    #[test]
    fn variables_in_variables_do_not_fill_the_memory() {
        let doubled = (1..64).map(|number| format!("v{number} = $v{0}$v{0}\n", number - 1));
        let text = format!("default_ca = one\nv0 = ha\n{}[one]\ndir = late\n", doubled.collect::<String>());
        assert_eq!(parse(&text), Err(ConfigError::TooLarge));
    }

    #[test]
    fn odd_text_is_no_configuration_and_ends_nothing() {
        for text in ["", "=", "[", "[ ca", "$", "a = $", "a = ${", "a = \\", "\\", "a = 'b # c", "é = é$é", ".include"]
        {
            assert!(parse(text).unwrap().default_ca().is_err());
        }
    }
}
