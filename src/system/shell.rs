//! Words for a POSIX shell.

/// A text as a shell takes it for one word, whatever is in it.
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
