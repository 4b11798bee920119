//! What is remembered of a lineage: how its next certificate is made, and where it is brought.

use std::{fmt, net::IpAddr, str::FromStr};

use crate::{system::FileMode, x509::KeyAlgorithm};

/// What is remembered of a lineage beside its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The name of its profile.
    pub profile: String,
    /// The algorithm of its keys; of an older lineage it is not known, and as it was.
    pub key: Option<KeyAlgorithm>,
    /// Whether the next certificate is about a new key.
    pub key_policy: KeyPolicy,
    /// How many days it lives, if not as its profile says.
    pub days: Option<u32>,
    /// Which of its addresses were this machine's, and what is done when it has others.
    pub own: OwnAddresses,
    /// Where it is brought.
    pub destination: Destination,
}

/// The addresses of this machine among the names of a lineage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnAddresses {
    /// Those that it had when a certificate last named one of them, with those that were not named; none where none was.
    pub had: Vec<IpAddr>,
    /// What is done when it has others.
    pub follow_ip: FollowIp,
}

/// What is known of this machine when a certificate is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The addresses at which others reach it; none where it has no network.
    pub here: Vec<IpAddr>,
    /// What shall be done when it has others, if not what is remembered.
    pub follow_ip: Option<FollowIp>,
}

/// What is done when an address of this machine that a certificate names is not its any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FollowIp {
    /// A person is told.
    #[default]
    Tell,
    /// A renewal puts the new address in its place.
    Follow,
    /// Nothing: it is for another machine now, or it comes and goes.
    Leave,
}

/// Whether the next certificate of a lineage is about a new key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPolicy {
    /// Each has a key of its own.
    #[default]
    New,
    /// The key stays, as long as it was not revoked.
    Same,
}

/// Where the certificates of a lineage are brought, and what shows that they arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The kind of server that it is for, by the word of its preset.
    pub server: Option<String>,
    /// The directory that gets the four files.
    pub out: Option<String>,
    /// The file that gets key, certificate and chain together.
    pub combined: Option<String>,
    /// Whose the copies are: a user's name or number.
    pub owner: Option<String>,
    /// Which group's they are: a name or number.
    pub group: Option<String>,
    /// Who may read them.
    pub mode: Option<FileMode>,
    /// The command that makes the server take them.
    pub hook: Option<String>,
    /// How many seconds it may take.
    pub hook_limit: Option<u32>,
    /// The addresses at which the server shows them.
    pub verify: Vec<String>,
}

impl Destination {
    /// Whether there is nothing to bring, to run or to look at, and nobody for whom.
    pub fn is_nowhere(&self) -> bool {
        !self.has_copies() && self.hook.is_none() && self.verify.is_empty() && self.server.is_none()
    }

    /// Whether all that is said here is said there as well.
    pub fn is_part_of(&self, other: &Self) -> bool {
        fn is_in<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
            one.is_none() || one == other
        }
        let Self { server, out, combined, owner, group, mode, hook, hook_limit, verify } = self;
        is_in(server, &other.server)
            && is_in(out, &other.out)
            && is_in(combined, &other.combined)
            && is_in(owner, &other.owner)
            && is_in(group, &other.group)
            && is_in(mode, &other.mode)
            && is_in(hook, &other.hook)
            && is_in(hook_limit, &other.hook_limit)
            && (verify.is_empty() || *verify == other.verify)
    }

    /// Whether files are copied.
    pub fn has_copies(&self) -> bool {
        self.out.is_some() || self.combined.is_some()
    }

    /// Who may read the copies: they and their group, where a group is named.
    pub fn file_mode(&self) -> FileMode {
        self.mode.unwrap_or(if self.group.is_some() { FileMode::Group } else { FileMode::Secret })
    }
}

impl KeyPolicy {
    /// The word in the ledger and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
        }
    }
}

impl FollowIp {
    /// The word in the ledger and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tell => "tell",
            Self::Follow => "follow",
            Self::Leave => "leave",
        }
    }
}

impl FromStr for FollowIp {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Tell, Self::Follow, Self::Leave].into_iter().find(|known| known.as_str() == word).ok_or(())
    }
}

impl FromStr for KeyPolicy {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::New, Self::Same].into_iter().find(|policy| policy.as_str() == word).ok_or(())
    }
}

/// What became of bringing a certificate to its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentOutcome {
    /// It is on its way, or a command was stopped meanwhile.
    Pending,
    /// It failed; the files of before are back under `live/`, and their way to the server is not finished.
    Withdrawn,
    /// It was brought, and there is no address at which to look.
    Deployed,
    /// It was seen at every address.
    Verified,
    /// It failed, and there was nothing good to go back to.
    Failed,
    /// It failed, and the certificate of before is back.
    RolledBack,
}

impl DeploymentOutcome {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Withdrawn, Self::Deployed, Self::Verified, Self::Failed, Self::RolledBack];

    /// The word in the ledger and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Withdrawn => "withdrawn",
            Self::Deployed => "deployed",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether the newest certificate is where it shall be.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Deployed | Self::Verified)
    }
}

impl FromStr for DeploymentOutcome {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word).ok_or(())
    }
}

impl fmt::Display for DeploymentOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
