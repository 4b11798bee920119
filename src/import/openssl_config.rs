//! What `openssl ca` reads of its configuration: sections of names and values, in which `$name` stands for another value,
//! config(5). Only what says where things lie is looked at.

use std::collections::HashMap;

/// A configuration: its sections with their values, in which every variable is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OpensslConfig {
    sections: HashMap<String, HashMap<String, String>>,
}

impl OpensslConfig {
    /// Reads a configuration. What is no line of one is passed over: only what `openssl ca` asks for is asked for here.
    pub(super) fn parse(text: &str) -> Self {
        let mut config = Self::default();
        let mut section = DEFAULT.to_owned();
        let mut room = MOST_BYTES;
        for line in logical_lines(text) {
            let line = without_comment(&line).trim().to_owned();
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                section = name.0.trim().to_owned();
            } else if let Some((name, value)) = line.split_once('=') {
                let (of, name) = name.trim().rsplit_once("::").unwrap_or((&section, name.trim()));
                let Some(value) = config.expanded(&section, value.trim(), room) else { break };
                room -= value.len();
                let of = of.to_owned();
                config.sections.entry(of).or_default().insert(name.to_owned(), value);
            }
        }
        config
    }

    /// A value of the CA that `openssl ca` takes where nobody names one: `default_ca` of the section `ca`.
    pub(super) fn of_default_ca(&self, name: &str) -> Option<&str> {
        let ca = self.value("ca", "default_ca").or_else(|| self.value(DEFAULT, "default_ca"))?;
        self.value(ca, name).or_else(|| self.value(DEFAULT, name)).filter(|value| !value.is_empty())
    }

    fn value(&self, section: &str, name: &str) -> Option<&str> {
        self.sections.get(section)?.get(name).map(String::as_str)
    }

    /// A value in which `$name`, `${name}`, `$(name)` and `$section::name` are replaced; quotes are taken away. None where there is
    /// no room for it: a few lines of variables in variables would fill any memory.
    fn expanded(&self, section: &str, value: &str, room: usize) -> Option<String> {
        let mut expanded = String::new();
        let mut rest = value;
        while let Some(first) = rest.chars().next() {
            let after = rest.get(first.len_utf8()..).unwrap_or_default();
            match first {
                '$' => {
                    let (name, next) = variable(after);
                    let (of, name) = name.rsplit_once("::").unwrap_or((section, name));
                    expanded.push_str(self.value(of, name).or_else(|| self.value(DEFAULT, name)).unwrap_or_default());
                    rest = next;
                    if expanded.len() > room {
                        return None;
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
        Some(expanded).filter(|expanded| expanded.len() <= room)
    }
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
/// Room for the values of a hundred configurations; openssl itself takes no value beyond 64 KiB.
const MOST_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_the_default_ca_are_found() {
        let text = "base = /srv\n[ ca ] # the section\ndefault_ca = CA_default\n[ CA_default ]\ndir = $base/ca # here\n\
                    database = $dir/index.txt\ncertificate = ${dir}/certs/ca.cert.pem\nprivate_key = \"$(dir)/private/\\\nca.key.pem\"\n\
                    new_certs_dir = $CA_default::dir/newcerts\nserial = $ENV::NOWHERE/serial\nempty =\n";
        let config = OpensslConfig::parse(text);
        assert_eq!(config.of_default_ca("dir"), Some("/srv/ca"));
        assert_eq!(config.of_default_ca("database"), Some("/srv/ca/index.txt"));
        assert_eq!(config.of_default_ca("certificate"), Some("/srv/ca/certs/ca.cert.pem"));
        assert_eq!(config.of_default_ca("private_key"), Some("/srv/ca/private/ca.key.pem"));
        assert_eq!(config.of_default_ca("new_certs_dir"), Some("/srv/ca/newcerts"));
        assert_eq!(config.of_default_ca("serial"), Some("/serial"));
        assert_eq!(config.of_default_ca("empty"), None);
        assert_eq!(OpensslConfig::parse("").of_default_ca("dir"), None);
    }

    #[test]
    fn variables_in_variables_do_not_fill_the_memory() {
        let doubled = (1..64).map(|number| format!("v{number} = $v{0}$v{0}\n", number - 1));
        let text = format!("default_ca = one\nv0 = ha\n{}[one]\ndir = late\n", doubled.collect::<String>());
        let config = OpensslConfig::parse(&text);
        assert_eq!(config.value(DEFAULT, "v10").map(str::len), Some(2048));
        assert_eq!((config.value(DEFAULT, "v63"), config.of_default_ca("dir")), (None, None));
    }

    #[test]
    fn odd_text_is_no_configuration_and_ends_nothing() {
        for text in ["=", "[", "[ ca", "$", "a = $", "a = ${", "a = \\", "\\", "a = 'b # c", "é = é$é"] {
            assert_eq!(OpensslConfig::parse(text).of_default_ca("dir"), None);
        }
    }
}
