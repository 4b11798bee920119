//! A preset: what a server wants of a certificate, what it is told, and what makes it take a new one.

use std::fmt;

use super::{
    certificate_files::CertificateFiles, document::Document, installation::Installation, instruction::Instruction,
    secret::Secret, target::Target,
};
use crate::system::FileMode;

/// What a server wants of a certificate, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// For which server.
    pub target: Target,
    /// Which files it gets, and whose they are.
    pub delivery: Delivery,
    /// What is written into its configuration.
    pub documents: Vec<Document>,
    /// The command that makes it take a new certificate, as a renewal runs it; none where it notices by itself, or where
    /// a person has to.
    pub hook: Option<String>,
    /// Where it shows its certificate: a name or address with a port.
    pub verify: Option<String>,
    /// The secrets that it keeps in files beside its configuration.
    pub secrets: Vec<Secret>,
    /// Who puts it in its place.
    pub installation: Installation,
    /// What a person does to put it in place, in order.
    pub steps: Vec<Instruction>,
    /// What a person has to know who has it put in its place.
    pub cautions: Vec<&'static str>,
    /// Why it is as it is.
    pub remarks: Vec<&'static str>,
}

/// Which files a server gets, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The four files in a directory.
    Directory {
        /// The directory.
        path: String,
        /// Whose they are.
        owner: Option<Owner>,
        /// Which group's.
        group: Option<&'static str>,
        /// Who may read them.
        mode: FileMode,
    },
    /// The server reads what the CA itself keeps new: nothing is copied.
    Live,
    /// Key, certificate and chain in one file.
    Combined {
        /// The file.
        path: String,
        /// Which group's it is.
        group: Option<&'static str>,
    },
    /// A person brings them.
    ByHand,
}

/// The user whose files they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// As whom that server runs everywhere.
    Usual(&'static str),
    /// The number of the user who has its configuration on this machine.
    Here(u32),
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual(name) => formatter.write_str(name),
            Self::Here(number) => write!(formatter, "{number}"),
        }
    }
}

impl Delivery {
    /// The four files where the server finds them, for the user who runs this program, unless the CA keeps them new there.
    pub(super) fn of(files: &CertificateFiles) -> Self {
        if files.are_live() {
            return Self::Live;
        }
        Self::Directory { path: files.directory().to_owned(), owner: None, group: None, mode: FileMode::Secret }
    }
}

impl Preset {
    /// Whether a server that is told the one is told the other as well.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.documents == other.documents && self.verify == other.verify
    }

    /// The command after which a renewal brings the files there and tells nobody of them, for a server that is not set up yet; none
    /// where nothing has to be brought.
    pub fn bringing(&self, label: &str) -> Option<Vec<String>> {
        let (option, path, owner, group) = match &self.delivery {
            Delivery::Directory { path, owner, group, .. } => ("--out", path, *owner, *group),
            Delivery::Combined { path, group } => ("--combined", path, None, *group),
            Delivery::Live | Delivery::ByHand => return None,
        };
        let mut words = ["hubca", "edit", label, option, path].map(str::to_owned).to_vec();
        owner.iter().for_each(|owner| words.extend(["--owner".to_owned(), owner.to_string()]));
        group.iter().for_each(|group| words.extend(["--group".to_owned(), (*group).to_owned()]));
        Some(words)
    }

    /// The command after which each renewal brings the files there: what follows from the server goes without saying.
    pub fn remembering(&self, label: &str) -> Vec<String> {
        let mut words = vec!["hubca", "edit", label, "--for", self.target.as_str()];
        let usual = CertificateFiles::of_label(label).ok();
        match &self.delivery {
            Delivery::Directory { path, .. } if usual.as_ref().is_none_or(|usual| usual.directory() != path) => {
                words.extend(["--out", path]);
            }
            Delivery::Combined { path, .. } if usual.as_ref().is_none_or(|usual| usual.combined() != *path) => {
                words.extend(["--combined", path]);
            }
            Delivery::Directory { .. } | Delivery::Combined { .. } | Delivery::Live | Delivery::ByHand => {}
        }
        self.verify.iter().for_each(|verify| words.extend(["--verify", verify]));
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        if let Delivery::Directory { owner: Some(owner @ Owner::Here(_)), .. } = &self.delivery {
            words.extend(["--owner".to_owned(), owner.to_string()]);
        }
        words
    }
}
