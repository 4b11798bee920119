//! A page of text for a person: wrapped, aligned, and safe to show, whatever the certificates of others hold.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

use super::invocation::Invocation;
use crate::x509::name::is_unprintable;

/// Text as it will be shown; the terminal takes the colours out where they are not wanted.
#[derive(Debug)]
pub struct Page {
    columns: usize,
    text: String,
    invocation: Invocation,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A heading.
    Strong,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// News to think about.
    Caution,
}

impl Page {
    /// An empty page of so many columns.
    pub fn new(columns: usize) -> Self {
        Self { columns, text: String::new(), invocation: Invocation::default() }
    }

    /// The same page, on which commands are advised as they have to be typed.
    #[must_use]
    pub fn calling(self, invocation: Invocation) -> Self {
        Self { invocation, ..self }
    }

    /// A command line of this program as a person has to type it, without `hubca`.
    pub fn hubca(&self, words: &str) -> String {
        self.invocation.line(words)
    }

    /// A text whose command lines are typed as this program was called.
    pub fn spelled(&self, text: &str) -> String {
        self.invocation.spelled(text)
    }

    /// What is on it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.paragraph("", Tone::Strong, text);
    }

    /// A paragraph.
    pub fn line(&mut self, text: &str) {
        self.paragraph("", Tone::Plain, text);
    }

    /// A line of its own that separates.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A name and its value, in two columns.
    pub fn field(&mut self, name: &str, value: &str) {
        self.toned_field(Tone::Plain, name, value);
    }

    /// A name and its value, which has a tone.
    pub fn toned_field(&mut self, tone: Tone, name: &str, value: &str) {
        let label = format!("  {}  ", padded(name, FIELD_NAME));
        self.paragraph(&label, tone, value);
    }

    /// A paragraph in which only the first words have a tone: `error: …`.
    pub fn marked(&mut self, tone: Tone, mark: &str, text: &str) {
        let mark = escaped(mark);
        let indent = "  ".to_owned();
        let whole = format!("{mark} {}", escaped(text));
        for (place, line) in wrapped(&whole, self.columns, indent.len()).into_iter().enumerate() {
            match (place, line.strip_prefix(mark.as_str())) {
                (0, Some(rest)) => {
                    self.push_toned(tone, &mark);
                    self.text.push_str(rest);
                }
                (0, None) => self.text.push_str(&line),
                _ => {
                    self.text.push_str(&indent);
                    self.text.push_str(&line);
                }
            }
            self.text.push('\n');
        }
    }

    /// A paragraph behind a label; its other lines stand below the first.
    pub fn paragraph(&mut self, label: &str, tone: Tone, text: &str) {
        let label = escaped(label);
        let indent = label.width();
        let mut lines = wrapped(&escaped(text), self.columns.saturating_sub(indent), 0).into_iter();
        self.text.push_str(&label);
        self.push_toned(tone, &lines.next().unwrap_or_default());
        self.end_line();
        for line in lines {
            self.text.push_str(&" ".repeat(indent));
            self.push_toned(tone, &line);
            self.end_line();
        }
    }

    /// A command or a path on a line of its own, never wrapped: a person copies it.
    pub fn command(&mut self, text: &str) {
        self.text.push_str("    ");
        self.text.push_str(&escaped(text));
        self.end_line();
    }

    /// A remark in a text for a shell: each of its lines is a comment.
    pub fn comment(&mut self, tone: Tone, text: &str) {
        for line in wrapped(&escaped(text), self.columns.saturating_sub(COMMENT.len()), 0) {
            self.text.push_str(COMMENT);
            self.push_toned(tone, &line);
            self.end_line();
        }
    }

    /// A line of a file or of what a program said, as it is but for its tabs.
    pub fn quoted(&mut self, line: &str) {
        self.command(&format!("| {}", line.replace('\t', "    ")));
    }

    /// Rows below headings; one column gives way where there is no room, the others stay whole to be copied.
    pub fn table<const N: usize>(
        &mut self,
        headings: [&str; N],
        gives_way: usize,
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        let rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| told_in_cell(&cell))).collect();
        let cells = rows.iter().filter_map(|row| row.get(gives_way));
        let longest = cells.flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or_default();
        // A word that is copied, such as a serial number, is not broken even where the line grows too long.
        let least = u16::try_from(longest.min(LONGEST_WHOLE_WORD)).unwrap_or_default() + 2;
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.columns).unwrap_or(u16::MAX));
        table.set_header(headings);
        table.add_rows(rows);
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            column.set_constraint(if place == gives_way {
                ColumnConstraint::LowerBoundary(Width::Fixed(least))
            } else {
                ColumnConstraint::ContentWidth
            });
        }
        for line in table.to_string().lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// Text of our own that is passed on as it is: PEM, a script.
    pub fn verbatim(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push_toned(&mut self, tone: Tone, text: &str) {
        let style = tone.style();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{style}{text}{style:#}");
    }

    fn end_line(&mut self) {
        let trimmed = self.text.trim_end_matches(' ').len();
        self.text.truncate(trimmed);
        self.text.push('\n');
    }
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Caution => AnsiColor::Yellow.on_default(),
        }
    }
}

/// A number of things: `1 payload`, `2 payloads`.
pub fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A subject; words in its place where there is none.
pub fn or_nameless(subject: &str) -> &str {
    if subject.is_empty() { "a certificate without a subject" } else { subject }
}

/// Text in which every character can be seen: a terminal must obey none of them.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A text in a cell of a table, which holds no more than a line of 65535 columns: a home that was damaged by hand may hold
/// longer words than any of ours.
fn told_in_cell(text: &str) -> String {
    escaped(text).chars().take(MOST_OF_CELL).collect()
}

/// Lines of at most so many columns, those after the first shorter by the indent; a word that is longer stays whole.
fn wrapped(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let room = if lines.is_empty() { columns } else { columns.saturating_sub(indent) };
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// What makes a line a comment to a shell.
const COMMENT: &str = "# ";
/// The most characters of a cell; each is at most two columns wide.
const MOST_OF_CELL: usize = 20_000;
/// The longest word that a table does not break.
const LONGEST_WHOLE_WORD: usize = 44;
/// The longest name of a field.
const FIELD_NAME: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: &Page) -> String {
        anstream::adapter::strip_str(page.as_str()).to_string()
    }

    #[test]
    fn a_value_is_wrapped_below_itself() {
        let mut page = Page::new(30);
        page.field("names", "hub.lan, 192.168.0.1, fd00::1, printer.lan");
        assert_eq!(
            text(&page),
            "  names         hub.lan,\n                192.168.0.1,\n                fd00::1,\n                printer.lan\n"
        );
    }

    #[test]
    fn what_would_command_a_terminal_is_shown_instead() {
        let mut page = Page::new(80);
        page.line("a\u{1b}]0;owned\u{7}b\u{202e}c\nd");
        assert_eq!(text(&page), "a\\u{1b}]0;owned\\u{7}b\\u{202e}c\\u{a}d\n");
    }

    #[test]
    fn a_line_that_is_quoted_has_blanks_for_tabs() {
        let mut page = Page::new(10);
        page.quoted("\ttls \"/etc/hubca/a long name.pem\"\u{7}");
        assert_eq!(text(&page), "    |     tls \"/etc/hubca/a long name.pem\"\\u{7}\n");
    }

    #[test]
    fn a_long_word_is_not_broken_and_wide_letters_count_twice() {
        let mut page = Page::new(10);
        page.line("0123456789abcdef 家家家 家家");
        assert_eq!(text(&page), "0123456789abcdef\n家家家\n家家\n");
    }

    #[test]
    fn a_mark_is_followed_by_indented_lines() {
        let mut page = Page::new(20);
        page.marked(Tone::Bad, "error:", "there is no such thing as this");
        assert_eq!(text(&page), "error: there is no\n  such thing as this\n");
    }

    #[test]
    fn a_cell_of_any_length_has_its_table() {
        for cell in ["x".repeat(200_000), "家".repeat(200_000), "\u{1b}".repeat(200_000), "x ".repeat(200_000)] {
            for gives_way in [0, 1] {
                let mut page = Page::new(80);
                page.table(["id", "name"], gives_way, [["1".to_owned(), cell.clone()]]);
                assert!(text(&page).contains('1'));
            }
        }
    }
}
