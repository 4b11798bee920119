//! A page: what its blocks say is typed, what comes of it, and which files there are then.

use std::{fs, ops::Range, path::PathBuf};

/// A page of `docs/guide`.
pub(crate) struct Page {
    path: PathBuf,
    text: String,
}

/// Something that a page shows, in the order of the page.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) what: What,
    /// What stands on the page.
    pub(crate) text: String,
    /// Where in the page that is.
    place: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A command, and below it what it says.
    Command(String),
    /// The content of a file.
    File(String),
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guide").join(name);
        let text = fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    /// Everything that is shown: blocks of `console`, where a line with a prompt is a command, and blocks below the
    /// comment `<!-- file: PATH -->`, which are that file.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let mut all = Vec::new();
        let mut file = None;
        let mut block: Option<Block> = None;
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let place = start..start + line.len();
            start = place.end;
            let line = line.trim_end_matches('\n');
            let opened = line.strip_prefix("```");
            match (&mut block, opened) {
                (None, Some("console")) => block = Some(Block::Console),
                (None, Some(_)) => {
                    block = Some(Block::Other);
                    if let Some(path) = file.take() {
                        all.push(Shown { what: What::File(path), text: String::new(), place: start..start });
                        block = Some(Block::Shown);
                    }
                }
                (None, None) => {
                    let named = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->"));
                    file = named.map(str::to_owned).or(file.filter(|_| line.is_empty()));
                }
                (Some(_), Some("")) => block = None,
                (Some(Block::Console), _) => match command(line) {
                    Some(command) => {
                        let what = What::Command(command.to_owned());
                        all.push(Shown { what, text: String::new(), place: place.end..place.end });
                    }
                    None => {
                        let last = all.last_mut().unwrap();
                        last.went_on(line, place);
                    }
                },
                (Some(Block::Shown), _) => all.last_mut().unwrap().add(line, place),
                (Some(Block::Other), _) => {}
            }
        }
        all
    }

    pub(crate) fn has(&self, words: &str) -> bool {
        self.text.contains(words)
    }

    /// The line on which something is shown.
    pub(crate) fn line_of(&self, shown: &Shown) -> String {
        format!("{}:{}", self.path.display(), self.text[..shown.place.start].matches('\n').count())
    }

    /// Writes the page with other texts in the places of some.
    pub(crate) fn write_anew(&self, changed: &[(Shown, String)]) {
        let mut text = self.text.clone();
        for (shown, said) in changed.iter().rev() {
            text.replace_range(shown.place.clone(), said);
        }
        if text != self.text {
            fs::write(&self.path, text).unwrap();
        }
    }
}

enum Block {
    Console,
    Shown,
    Other,
}

impl Shown {
    fn add(&mut self, line: &str, place: Range<usize>) {
        self.text.push_str(line);
        self.text.push('\n');
        self.place.end = place.end;
    }

    /// A further line of a command that ends in a backslash, or a line that it says.
    fn went_on(&mut self, line: &str, place: Range<usize>) {
        if let What::Command(command) = &mut self.what
            && command.ends_with('\\')
        {
            command.push('\n');
            command.push_str(line);
            self.place = place.end..place.end;
        } else {
            self.add(line, place);
        }
    }
}

/// What stands behind the prompt of a person, or of root.
fn command(line: &str) -> Option<&str> {
    line.strip_prefix("$ ").or_else(|| line.strip_prefix("# "))
}
