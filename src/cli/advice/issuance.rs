//! The way out where a home cannot be used or a certificate is refused.

use time::Date;

use crate::{
    authority::{
        Beyond, EstablishError, IssueError, IssuerError, LabelError, LedgerError, Refusal, ResponderError,
        RotationError,
    },
    cli::{
        clock,
        failure::{Failure, FailureKind},
        scope,
    },
    home::HomeError,
    lint::{Findings, Severity},
    plan::shell_word,
    profile::{ProfileError, ScopeError},
    x509::{CertificateError, NameConstraintsError, WeakKey},
};

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            HomeError::NoCa { .. } => {
                of(FailureKind::Home).hint("make one: hubca init").hint("or name the home that has it: --home DIR")
            }
            HomeError::LedgerLost { .. } => of(FailureKind::Home)
                .hint("restore the newest backup in another place: hubca --home DIR restore FILE")
                .hint("do not make a new CA here, and remove nothing: the keys are worth keeping"),
            HomeError::AlreadyThere { .. } => of(FailureKind::Exists)
                .hint("use it: hubca issue --ip 192.168.0.1")
                .hint("or make the new one elsewhere: hubca --home DIR init"),
            HomeError::NotEmpty { .. } => of(FailureKind::Exists)
                .hint("make the CA in an empty directory: hubca --home DIR init")
                .hint("if a CA was here and lost its ledger, restore its backup: its keys are worth keeping"),
            HomeError::Exposed { ref directory, .. } => of(FailureKind::Home)
                .hint(format!("close it: chmod go= {}", shell_word(&directory.display().to_string()))),
            HomeError::Shared { ref directory, .. } => {
                of(FailureKind::Home).hint("name a directory that is not there yet: hubca --home DIR init").hint(
                    format!("or, if it is for hubca alone: chmod 700 {}", shell_word(&directory.display().to_string())),
                )
            }
            HomeError::Foreign { ref directory, owner, .. } => of(FailureKind::Home)
                .hint(format!("run hubca as user {owner}, or name a home of your own: --home DIR"))
                .hint(format!(
                    "if it should be yours: chown -R \"$(id -u)\" {}",
                    shell_word(&directory.display().to_string())
                )),
            HomeError::NoRootKey { ref path } => of(FailureKind::NotFound)
                .hint(format!("bring the root key back as {}", path.display()))
                .hint("or, to rotate, name its file: --root-key FILE"),
            HomeError::NoIssuingKey { .. } => {
                let failure = of(FailureKind::NotFound).hint("restore the key of this CA from a backup");
                failure.hint(
                    "or bring it from where it lies, with the CA's certificate: hubca adopt CERTIFICATE --key FILE",
                )
            }
            HomeError::CaInTheWay { ref path, .. } => of(FailureKind::Exists)
                .hint(format!("move it out of the home, and name it there: mv {} ../", path.display()))
                .hint("then: hubca adopt DIR"),
            HomeError::Settings { .. } => {
                of(FailureKind::Home).hint("mend the file, or remove the line: every setting has a default")
            }
            HomeError::NoProfile { ref known, .. } => {
                of(FailureKind::NotFound).hint(format!("there are {}", known.join(", ")))
            }
            HomeError::CaProfile(_) => of(FailureKind::Usage).hint("use --profile server, or leave it out"),
            HomeError::LabelTwice(_) => {
                of(FailureKind::Input).hint("give the rows labels of their own in the column `label`")
            }
            HomeError::Occupied { .. } => {
                of(FailureKind::Exists).hint("move it away; or, for a new certificate, choose another --label")
            }
            HomeError::NoCertificate { .. } => of(FailureKind::NotFound).hint("`hubca list` shows the labels"),
            HomeError::NotGood { ref label, .. } => {
                of(FailureKind::Refused).hint(format!("issue another under this label: `hubca issue --label {label}`"))
            }
            HomeError::Claimed { ref label, ref server } => {
                let failure = of(FailureKind::Refused).hint(format!(
                    "let this server have a certificate of its own: hubca issue … --label {label}-2 --for SERVER"
                ));
                failure.hint(match server {
                    Some(server) => {
                        format!("or take that one away first: hubca export preset {server} {label} --remove")
                    }
                    None => format!("or let that go: hubca edit {label} --no-out --no-combined --no-hook --no-verify"),
                })
            }
            HomeError::InTheWay { .. } => {
                of(FailureKind::Exists).hint("move it away, or name another directory: --directory, of `edit` --out")
            }
            HomeError::NotBegun { ref label, .. } | HomeError::IssuerRevoked { ref label } => {
                of(FailureKind::Refused).hint(format!("`hubca renew {label}` makes one that devices take"))
            }
            HomeError::NoKey { .. } => of(FailureKind::NotFound).hint(
                "only who made the key has it: `hubca sign` never saw it, and the onboarding page writes down none",
            ),
            HomeError::EntriesLost { ref noted, .. } => {
                of(FailureKind::Home).hint("restore the newest backup").hint(format!(
                    "if it was you who put an older ledger there, this note is of the other one, and can go: rm {}",
                    shell_word(&noted.display().to_string())
                ))
            }
            HomeError::Mismatch { .. } => of(FailureKind::Home).hint("restore the file from a backup"),
            HomeError::OldRootInUse { .. } => of(FailureKind::Refused)
                .hint("see which: hubca rotate root")
                .hint("renew those that are kept here; sign the others anew, or revoke them")
                .hint("or retire the old root all the same: hubca rotate root retire --force"),
            HomeError::NoOwnAddress { ref names, ref here, .. } => {
                let failure = of(FailureKind::Refused);
                let own = here.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let failure = if own.is_empty() { failure } else { failure.hint(format!("this machine has {own}")) };
                if names.is_empty() { failure } else { failure.hint("issue it with the address that it has now: --ip") }
            }
            HomeError::UnclearAddress { ref label, .. } => of(FailureKind::Refused)
                .hint(format!("say which: hubca issue --ip ADDRESS --label {label} --force, with all its other names"))
                .hint(format!("or let it stay as it is: hubca edit {label} --no-follow-ip")),
            HomeError::Rotation(error) => error.into(),
            HomeError::NoIssuer { ref known, .. } => {
                of(FailureKind::NotFound).hint(format!("there are {}", known.join(", ")))
            }
            HomeError::Crl(error) => error.into(),
            HomeError::Ledger(error) => error.into(),
            HomeError::Issue(error) => error.into(),
            HomeError::Establish(error) => error.into(),
            HomeError::Key(error) => error.into(),
            HomeError::KeyRead(error) => error.into(),
            HomeError::Issuer(error) => error.into(),
            HomeError::Responder(error) => error.into(),
            HomeError::Profile(error) => error.into(),
            HomeError::Scope(error) => error.into(),
            HomeError::File(error) => error.into(),
            HomeError::Certificate(error) => error.into(),
            HomeError::Route(error) => error.into(),
        }
    }
}

impl From<EstablishError> for Failure {
    fn from(error: EstablishError) -> Self {
        match error {
            EstablishError::Issue(error) => error.into(),
            EstablishError::Key(error) => error.into(),
            EstablishError::Profile(error) => error.into(),
            EstablishError::RotationUnderWay => {
                Self::of(FailureKind::Exists, &error).hint("see where it stands: hubca rotate root")
            }
            EstablishError::RootTooShort { .. } => Self::of(FailureKind::Refused, &error)
                .hint("make a CA of its own, and let devices trust its root: hubca --home DIR init"),
            EstablishError::OutsideRoot { ref added, .. } => Self::of(FailureKind::Refused, &error).hint(format!(
                "make a CA whose scope has it: hubca --home DIR init --permit {added} (devices must trust the new root)"
            )),
            EstablishError::Scope(error) => error.into(),
            EstablishError::NotACa { .. } => Self::of(FailureKind::Refused, &error),
            EstablishError::NameTooLong { .. } => Self::of(FailureKind::Usage, &error).hint("choose a shorter --name"),
        }
    }
}

impl From<RotationError> for Failure {
    fn from(error: RotationError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            RotationError::NotUnderWay => of(FailureKind::NotFound).hint("begin one: hubca rotate root begin"),
            RotationError::NotCutOver => of(FailureKind::Refused)
                .hint("cut over first: hubca rotate root cut-over")
                .hint("or give the change up: hubca rotate root abandon"),
            RotationError::CutOver => of(FailureKind::Refused)
                .hint("finish it: hubca rotate root retire")
                .hint("to leave the new root again, begin another change afterwards"),
            RotationError::NotBegun { .. } => of(FailureKind::Refused)
                .hint("look at the clock of this machine first: date")
                .hint("if it is right and was ahead before, give this change up: hubca rotate root abandon"),
            RotationError::Ledger(error) => error.into(),
        }
    }
}

impl From<IssueError> for Failure {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Refused(refusal) => refusal.into(),
            IssueError::Lint(ref findings) => Self::of(FailureKind::Refused, &error).with_findings(findings),
            IssueError::Ledger(error) => error.into(),
            IssueError::Issuer(error) => error.into(),
            IssueError::Certificate(error) => error.into(),
            IssueError::Name(ref name) => Self::of(FailureKind::Usage, name).hint("choose another --name"),
            IssueError::Random(_) => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = Self::of(FailureKind::Refused, &refusal);
        match &refusal {
            Refusal::OutsideScope { name, scope: limits, beyond } => {
                let permit = scope::permit(name);
                failure.because(scope::of_refusal(name, limits)).hint(match (beyond, limits.shut_out(name)) {
                    (Beyond::Issuer, Some(around)) => format!(
                        "to serve it, make another CA below the root, which may vouch for all of that: hubca rotate issuing \
                         --permit {}",
                        around.trim_start_matches('.')
                    ),
                    (Beyond::Issuer, None) => format!(
                        "to serve it, make another CA below the root, which may vouch for it: hubca rotate issuing {permit}"
                    ),
                    (Beyond::Root, _) => format!(
                        "to serve it, make a CA whose scope has it: hubca --home DIR init {permit} (devices must trust the new root)"
                    ),
                })
            }
            Refusal::Key(WeakKey::Kind { .. } | WeakKey::ModulusLength { .. }) => {
                failure.hint("make another key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
            }
            Refusal::Key(_) => failure.hint("make a new key with another program, or another version of it"),
            Refusal::TooManyDays { most, .. } => {
                failure.hint(format!("use --days {most} or less; Apple devices refuse more than 825 under any root"))
            }
            Refusal::NoDays => failure.hint("leave --days out, or give 1 or more"),
            Refusal::BeyondIssuer { days_left, .. } => failure
                .hint(format!("use --days {days_left} or less, or leave --days out: the life is cut to fit then")),
            Refusal::IssuerNotValid { not_before, now, .. } => failure.of_clock(*not_before, *now),
            Refusal::Dates => failure.hint("look at the clock of this machine first: date"),
        }
    }
}

impl Failure {
    /// The way out where a CA is not valid now: its life is over, or a clock was ahead when it was made.
    pub(super) fn of_clock(self, not_before: Date, now: Date) -> Self {
        let failure = self.hint("look at the clock of this machine first: date");
        if not_before <= now {
            return failure;
        }
        failure
            .hint("if it is right and was ahead when this CA was made, make another: hubca rotate issuing")
            .hint("or give up the change of root that brought it: hubca rotate root abandon")
    }

    pub(super) fn with_findings(self, findings: &Findings) -> Self {
        let errors = || findings.as_slice().iter().filter(|finding| finding.severity == Severity::Error);
        let failure = errors().fold(self, |failure, finding| failure.because(finding.to_string()));
        let mut advice: Vec<&str> = errors().map(|finding| finding.advice).collect();
        advice.dedup();
        advice.into_iter().fold(failure, Self::hint)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            LedgerError::Store(error) => error.into(),
            LedgerError::OtherNames { .. } => of(FailureKind::Exists)
                .hint("choose another label: hubca issue --label LABEL")
                .hint("or let it stand for the new names from now on: hubca issue --force"),
            LedgerError::LabelTaken(_) => of(FailureKind::Exists).hint("choose another --label"),
            LedgerError::KeyOfCa => of(FailureKind::Refused).hint("make a key for the server alone, and a new request"),
            LedgerError::KeyRevoked { .. } => {
                of(FailureKind::Refused).hint("make a new key, and a new request with it")
            }
            LedgerError::IssuerRevoked { .. } => {
                of(FailureKind::Refused).hint("make another below the same root: hubca rotate issuing")
            }
            LedgerError::ClockWentBack { now, newest } => Self::new(FailureKind::Ledger, clock::in_words(now, newest))
                .hint("set the clock of this machine right: certificates are dated by it")
                .hint("if it is right now and was ahead before, say so: hubca audit accept-clock"),
            LedgerError::LogBroken { .. } | LedgerError::RevocationLost { .. } | LedgerError::Changed { .. } => {
                of(FailureKind::Ledger)
                    .hint("see what else was changed: hubca audit verify")
                    .hint("restore the newest backup that is sound")
            }
            LedgerError::Unreadable { .. } => of(FailureKind::Ledger).hint("restore the newest backup"),
        }
    }
}

impl From<IssuerError> for Failure {
    fn from(error: IssuerError) -> Self {
        match error {
            IssuerError::KeyMismatch(_) => {
                Self::of(FailureKind::Home, &error).hint("restore the key of this CA from a backup")
            }
            IssuerError::Key(error) => error.into(),
            IssuerError::Scope(error) => error.into(),
            _ => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<ResponderError> for Failure {
    fn from(error: ResponderError) -> Self {
        match error {
            ResponderError::Ledger(error) => error.into(),
            ResponderError::Key(error) => error.into(),
            _ => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::of(FailureKind::Input, &error).hint("`hubca profile show server` shows one that is right")
    }
}

impl From<ScopeError> for Failure {
    fn from(error: ScopeError) -> Self {
        let failure = Self::of(FailureKind::Usage, &error);
        match error {
            ScopeError::Nothing => {
                failure.hint("say what it may vouch for: --permit home.arpa --permit 192.168.0.0/16")
            }
            ScopeError::Subtree(NameConstraintsError::LeadingDot(ref text) | NameConstraintsError::Star(ref text)) => {
                let mended = text.trim_start_matches(['*', '.']);
                let mended = if mended.is_empty() { "example.com" } else { mended };
                failure.hint(format!("use --permit {mended}: it covers every name below it"))
            }
            ScopeError::Subtree(NameConstraintsError::ShutOut { ref around, .. }) => {
                failure.hint(format!("let it vouch for all of that: --permit {around}"))
            }
            ScopeError::Subtree(NameConstraintsError::NotASubtree(_)) => {
                failure.hint("a scope is made of names and networks: --permit example.com --permit 203.0.113.0/24")
            }
            ScopeError::Subtree(_) => failure,
        }
    }
}

impl From<LabelError> for Failure {
    fn from(error: LabelError) -> Self {
        let failure = Self::of(FailureKind::Usage, &error);
        match error {
            LabelError::Reserved(_) => failure.hint("choose another --label"),
            LabelError::Spelling(ref text) | LabelError::Dots(ref text) | LabelError::LikeSerial(ref text) => {
                let mended = mended_label(text);
                if mended.is_empty() || mended == *text {
                    failure.hint("choose a --label such as `nas`")
                } else {
                    failure.hint(format!("use --label {mended}"))
                }
            }
        }
    }
}

fn mended_label(text: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter);
    let text: String =
        text.to_lowercase().chars().map(|letter| if allowed(letter) { letter } else { '-' }).take(64).collect();
    let mut text = text.trim_matches(['.', '_', '-']).to_owned();
    while text.contains("..") {
        text = text.replace("..", ".");
    }
    text
}

impl From<CertificateError> for Failure {
    fn from(error: CertificateError) -> Self {
        Self::of(FailureKind::Input, &error)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn whose_clock_was_ahead_when_a_ca_was_made_is_told_what_to_do_with_it() {
        let failure = |not_before, not_after| {
            let issuer = "CN=Test".to_owned();
            Failure::from(Refusal::IssuerNotValid { issuer, not_before, not_after, now: date!(2026 - 11 - 24) })
        };
        assert_eq!(failure(date!(2020 - 01 - 01), date!(2025 - 01 - 01)).hints().len(), 1);
        let hints = failure(date!(2028 - 01 - 01), date!(2033 - 01 - 01)).hints().join("\n");
        assert!(hints.contains("hubca rotate issuing") && hints.contains("hubca rotate root abandon"), "{hints}");
    }

    #[test]
    fn a_clock_that_went_back_is_told_in_rfc_3339_with_both_ways_out() {
        let error = LedgerError::ClockWentBack {
            now: datetime!(2026-11-21 12:00 UTC),
            newest: datetime!(2027-01-02 03:04:05 UTC),
        };
        let failure = Failure::from(error);
        let message =
            "the clock says 2026-11-21T12:00:00Z, and the newest entry in the audit log is of 2027-01-02T03:04:05Z";
        assert_eq!(failure.message(), message);
        let [right, accept] = failure.hints() else { panic!("{:?}", failure.hints()) };
        assert_eq!(right, "set the clock of this machine right: certificates are dated by it");
        assert!(accept.ends_with("hubca audit accept-clock"), "{accept}");
    }
}
