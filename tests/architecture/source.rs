//! A source file as the checker sees it: words and marks without comments and strings, and the paths they spell.

use std::fs;
use std::path::Path;

/// One file below `src`.
pub(crate) struct Source {
    /// Its path below `src`.
    pub(crate) path: String,
    /// Whether its first line is a `//!` sentence.
    pub(crate) has_doc: bool,
    /// The paths it names.
    pub(crate) uses: Vec<Use>,
    /// The modules it declares.
    pub(crate) modules: Vec<Vec<String>>,
}

/// A path named in a file.
pub(crate) struct Use {
    /// From the root of the crate, or foreign.
    pub(crate) target: Target,
    /// Whether only tests name it.
    pub(crate) is_test: bool,
}

/// What a path leads to.
pub(crate) enum Target {
    /// Something of ours, from the root of the crate.
    Ours(Vec<String>),
    /// Something in another crate, by the crate's name.
    Foreign(String),
}

/// All Rust files below a directory.
pub(crate) fn read(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(root).unwrap().to_str().unwrap();
                sources.push(Source::new(below, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

impl Source {
    /// Reads the text of the file at `path` below `src`.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let words = words(text);
        let is_test_file = path.ends_with("tests.rs") || path.contains("/tests/");
        let mut reader = Reader {
            words: &words,
            is_test: test_words(&words),
            module: module_of(path),
            uses: Vec::new(),
            modules: Vec::new(),
        };
        reader.read();
        let mut uses = reader.uses;
        for one in &mut uses {
            one.is_test |= is_test_file;
        }
        Self { path: path.to_owned(), has_doc: text.starts_with("//! "), uses, modules: reader.modules }
    }

    /// The folder it lies in, or its own name where it lies in none.
    pub(crate) fn folder(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Its module, from the root of the crate.
    pub(crate) fn module(&self) -> Vec<String> {
        module_of(&self.path)
    }
}

fn module_of(path: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<_> = stem.split('/').map(String::from).collect();
    let last = module.pop().unwrap_or_default();
    match last.as_str() {
        "mod" => {}
        "lib" | "main" if module.is_empty() => {}
        // `write_tests.rs` is the module `tests` of `write.rs`.
        name => match name.strip_suffix("_tests") {
            Some(tested) => module.extend([tested.to_owned(), String::from("tests")]),
            None => module.push(name.to_owned()),
        },
    }
    module
}

struct Reader<'a> {
    words: &'a [String],
    is_test: Vec<bool>,
    module: Vec<String>,
    uses: Vec<Use>,
    modules: Vec<Vec<String>>,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    fn read(&mut self) {
        let mut depth = 0;
        let mut inline_modules = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            match self.word(at) {
                "mod" if self.word(at + 2) == "{" => {
                    let name = self.word(at + 1).to_owned();
                    self.module.push(name);
                    inline_modules.push(depth);
                    depth += 1;
                    at += 3;
                    continue;
                }
                "mod" if self.word(at + 2) == ";" => {
                    let mut declared = self.module.clone();
                    declared.push(self.word(at + 1).to_owned());
                    self.modules.push(declared);
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline_modules.last() == Some(&depth) {
                        inline_modules.pop();
                        self.module.pop();
                    }
                }
                "use" => {
                    at = self.tree(at + 1, Vec::new(), true);
                    continue;
                }
                word if is_name(word) && self.word(at + 1) == "::" && !self.continues(at) => {
                    at = self.tree(at, Vec::new(), false);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Whether what stands before makes this the middle of a path, or a method.
    fn continues(&self, at: usize) -> bool {
        at > 0 && matches!(self.word(at - 1), "." | "mod" | "fn")
            || at > 1 && self.word(at - 1) == "::" && is_name(self.word(at - 2))
    }

    /// Takes a path, or a tree of them, and tells where it ends.
    fn tree(&mut self, mut at: usize, mut path: Vec<String>, is_use: bool) -> usize {
        let start = at;
        if self.word(at) == "::" {
            at += 1;
        }
        loop {
            let word = self.word(at).to_owned();
            if word == "{" && (is_use || !path.is_empty()) {
                at += 1;
                while !matches!(self.word(at), "}" | "") {
                    at = self.tree(at, path.clone(), is_use);
                    if self.word(at) == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            if is_name(&word) || word == "*" {
                at += 1;
                path.push(word);
                if self.word(at) == "::" && (is_name(self.word(at + 1)) || matches!(self.word(at + 1), "{" | "*")) {
                    at += 1;
                    continue;
                }
            }
            if self.word(at) == "as" {
                at += 2;
            }
            self.take(start, &path, is_use);
            // A word that fits no path is stepped over, so that the walk always ends.
            return at.max(start + 1);
        }
    }

    fn take(&mut self, at: usize, path: &[String], is_use: bool) {
        let Some(first) = path.first() else {
            return;
        };
        let mut module = self.module.clone();
        let target = match first.as_str() {
            "crate" if path.len() > 1 => Target::Ours(path.iter().skip(1).cloned().collect()),
            "crate" => return,
            "self" | "super" => {
                let mut rest = path.iter().peekable();
                while let Some(step) = rest.next_if(|word| matches!(word.as_str(), "self" | "super")) {
                    if step == "super" {
                        module.pop();
                    }
                }
                module.extend(rest.cloned());
                Target::Ours(module)
            }
            _ if !is_use && path.len() < 2 => return,
            name => Target::Foreign(name.to_owned()),
        };
        self.uses.push(Use { target, is_test: self.is_test.get(at).copied().unwrap_or_default() });
    }
}

/// Which words stand in an item that only tests see.
fn test_words(words: &[String]) -> Vec<bool> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let mut is_test = vec![false; words.len()];
    for at in 0..words.len() {
        if !(word(at) == "#" && word(at + 1) == "[" && word(at + 2) == "cfg") {
            continue;
        }
        let mut end = closing(words, at + 1);
        let condition = words.get(at..end).unwrap_or_default();
        let has = |name: &str| condition.iter().any(|word| word == name);
        if !has("test") || has("not") {
            continue;
        }
        while word(end) == "#" {
            end = closing(words, end + 1);
        }
        while !matches!(word(end), ";" | "{" | "") {
            end += 1;
        }
        if word(end) == "{" {
            end = closing(words, end);
        }
        for mark in is_test.iter_mut().take(end).skip(at) {
            *mark = true;
        }
    }
    is_test
}

/// Behind the bracket that closes the one at `open`.
fn closing(words: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

fn is_name(word: &str) -> bool {
    let first = word.chars().next();
    let keyword = matches!(word, "as" | "for" | "in" | "where" | "if" | "else" | "match" | "return");
    !keyword && first.is_some_and(|first| first.is_alphabetic() || first == '_')
}

/// Names and marks of a text, without its comments, strings and characters.
fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let at_least = |at: usize| characters.get(at).copied().unwrap_or('\0');
    let mut words = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let (this, next) = (at_least(at), at_least(at + 1));
        if this == '/' && next == '/' {
            while at < characters.len() && at_least(at) != '\n' {
                at += 1;
            }
        } else if this == '/' && next == '*' {
            let mut depth = 0;
            loop {
                match (at_least(at), at_least(at + 1)) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => {
                        at += 1;
                        continue;
                    }
                }
                at += 2;
                if depth == 0 || at >= characters.len() {
                    break;
                }
            }
        } else if let Some(end) = string_end(&characters, at) {
            words.push(String::from("\"\""));
            at = end;
        } else if this.is_alphanumeric() || this == '_' {
            let start = at;
            while at_least(at).is_alphanumeric() || at_least(at) == '_' {
                at += 1;
            }
            words.push(characters.iter().take(at).skip(start).collect());
        } else if this == ':' && next == ':' {
            words.push(String::from("::"));
            at += 2;
        } else {
            if !this.is_whitespace() {
                words.push(this.to_string());
            }
            at += 1;
        }
    }
    words
}

/// The end of the string or character that begins here, if one does.
fn string_end(characters: &[char], start: usize) -> Option<usize> {
    let at = |index: usize| characters.get(index).copied().unwrap_or('\0');
    let mut open = start;
    if matches!(at(open), 'b' | 'c') && matches!(at(open + 1), '"' | 'r' | '\'') {
        open += 1;
    }
    if at(open) == 'r' {
        let hashes = (open + 1..).take_while(|index| at(*index) == '#').count();
        let mut end = open + 1 + hashes;
        if at(end) != '"' {
            return None;
        }
        end += 1;
        while end < characters.len() {
            let closes = (1..=hashes).all(|hash| at(end + hash) == '#');
            if at(end) == '"' && closes {
                return Some(end + 1 + hashes);
            }
            end += 1;
        }
        return Some(end);
    }
    match at(open) {
        '"' => {}
        // `'a` is a lifetime, `'a'` and `'\n'` are characters.
        '\'' if at(open + 1) == '\\' || at(open + 2) == '\'' => {}
        _ => return None,
    }
    let mut end = open + 1;
    while end < characters.len() && at(end) != at(open) {
        end += if at(end) == '\\' { 2 } else { 1 };
    }
    Some(end + 1)
}
