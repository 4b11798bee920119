//! The files of a certificate as a server finds them.

use super::error::PresetError;

/// The directory in which a server finds the files of a certificate: absolute, and printable in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    directory: String,
    kept: Kept,
    combined: Option<String>,
}

/// Who keeps the files in the directory new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// A renewal copies them there.
    Copied,
    /// It is the CA's own directory of the newest files.
    Live,
}

impl CertificateFiles {
    /// The directory in which each label has one of its own, if nobody says otherwise.
    pub const COMMON: &str = "/etc/hubca";

    /// The files in a directory.
    ///
    /// # Errors
    /// A path that is not absolute, has control characters, or is longer than every server takes.
    pub fn in_directory(directory: &str) -> Result<Self, PresetError> {
        let is_printable = |letter: char| !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{85}');
        if !directory.starts_with('/')
            || directory.bytes().all(|octet| octet == b'/')
            || directory.len() > LONGEST
            || !directory.chars().all(is_printable)
        {
            let shown = directory.chars().filter(|letter| !letter.is_control()).take(80).collect();
            return Err(PresetError::Directory(shown));
        }
        Ok(Self { directory: directory.trim_end_matches('/').to_owned(), kept: Kept::Copied, combined: None })
    }

    /// Where the files of a label lie if nobody says otherwise.
    pub fn of_label(label: &str) -> Result<Self, PresetError> {
        Self::in_directory(&format!("{}/{label}", Self::COMMON))
    }

    /// The files where the CA itself shows the newest: for a server of the very user whose CA it is.
    ///
    /// # Errors
    /// As [`CertificateFiles::in_directory`].
    pub fn live(directory: &str) -> Result<Self, PresetError> {
        Ok(Self { kept: Kept::Live, ..Self::in_directory(directory)? })
    }

    /// The same where key, certificate and chain lie together in a file of another name.
    #[must_use]
    pub fn with_combined(self, path: &str) -> Self {
        Self { combined: Some(path.to_owned()), ..self }
    }

    /// Whether they lie where those of a label do if nobody says otherwise.
    pub fn are_usual(&self, label: &str) -> bool {
        Self::of_label(label).is_ok_and(|usual| usual == *self)
    }

    /// Whether the CA itself shows the newest there, and nothing has to be copied.
    pub fn are_live(&self) -> bool {
        self.kept == Kept::Live
    }

    /// The directory.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// The certificate and the CAs below the root, as nearly every server wants it.
    pub fn fullchain(&self) -> String {
        self.file("fullchain.pem")
    }

    /// The private key, open.
    pub fn key(&self) -> String {
        self.file("privkey.pem")
    }

    /// Key, certificate and chain in one file.
    pub fn combined(&self) -> String {
        self.combined.clone().unwrap_or_else(|| self.file("combined.pem"))
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.directory)
    }
}

/// haproxy reads lines of 2047 octets, and a backslash may stand before each of them.
const LONGEST: usize = 900;
