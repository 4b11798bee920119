//! A text of a preset: a whole configuration file, or a part of one.

use super::language::Language;

/// A text of a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The name of the file; never a path.
    pub file_name: &'static str,
    /// Its language.
    pub language: Language,
    /// What is in it.
    pub text: String,
    /// Where it belongs, in words or as a path: `/etc/nginx/conf.d/hub.lan.conf`.
    pub belongs: String,
}
