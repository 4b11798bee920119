//! The way out where a CA does not move in.

use crate::{
    cli::failure::{Failure, FailureKind},
    import::{ConfigError, ImportError, Tool},
    keys::{KeyReadError, PassphraseError},
};

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let of = |kind: FailureKind| Self::of(kind, &error);
        match error {
            ImportError::NoDirectory { .. } => of(FailureKind::NotFound).hint("name the directory of the old CA"),
            ImportError::NoCertificate { tool, ref looked_for, .. } => {
                let failure =
                    of(FailureKind::NotFound).because(format!("it would be called {}", looked_for.join(", ")));
                let failure = match tool {
                    Tool::Openssl => failure.hint("say where things lie with --config openssl.cnf"),
                    _ => failure,
                };
                failure.hint(NAME_FILES)
            }
            ImportError::SeveralCertificates { .. } => {
                of(FailureKind::Input).hint("say which with --config openssl.cnf").hint(NAME_FILES)
            }
            ImportError::NotACa { version, .. } => {
                let failure = of(FailureKind::Refused);
                let failure = match version {
                    3.. => failure,
                    _ => failure.because(format!("it is of version {version}, and only version 3 can say it")),
                };
                failure.hint("iPhones, iPads, Android and browsers refuse it as a root: make a new CA with hubca init")
            }
            ImportError::MayNotSign { .. } => {
                of(FailureKind::Refused).hint("every device refuses what it signs: make a new CA with hubca init")
            }
            ImportError::NotValid { not_after, now, .. } if not_after < now => {
                of(FailureKind::Refused).hint("devices trust nothing below it any more: make a new CA with hubca init")
            }
            ImportError::NotValid { .. } => {
                of(FailureKind::Refused).hint("see whether the clock of this machine is right")
            }
            ImportError::Config { source: ConfigError::Variable { .. }, .. } => {
                of(FailureKind::Input).hint("write the path itself into a copy of it, and name that: --config FILE")
            }
            ImportError::Config { source: ConfigError::NoCa | ConfigError::SeveralCas(_), .. } => of(
                FailureKind::Input,
            )
            .hint("say in a copy of it which section is meant, and name that: `default_ca = SECTION` below `[ca]`"),
            ImportError::Config { .. } => of(FailureKind::Input),
            ImportError::NoIndex { .. } => of(FailureKind::NotFound)
                .because("it would be called index.txt or db/index; without it, what was revoked would be good again".to_owned())
                .hint("say where it lies with --config openssl.cnf")
                .hint("if there is none, move the CA in without its history: hubca import pem --root-cert FILE --root-key FILE"),
            ImportError::NoRoot { .. } => of(FailureKind::NotFound)
                .hint("put the certificate of the CA above into that directory, and try again")
                .hint("or name it: hubca import pem --root-cert FILE --issuing-cert FILE --issuing-key FILE"),
            ImportError::OtherKey { .. } => of(FailureKind::Input).hint(NAME_FILES),
            ImportError::Key { source: KeyReadError::UnsupportedKind { .. }, .. } => of(FailureKind::Refused)
                .hint("iPhones, iPads and browsers refuse what such a key signs: make a new CA with hubca init"),
            ImportError::Key { source: KeyReadError::Rejected { .. }, .. } => of(FailureKind::Refused)
                .hint("devices refuse what so short or broken a key signs: make a new CA with hubca init"),
            ImportError::WrongPassphrase { .. } => of(FailureKind::Passphrase).hint(NAME_PASSPHRASE),
            ImportError::Passphrase(PassphraseError::Unavailable { .. }) => {
                of(FailureKind::Passphrase).hint(NAME_PASSPHRASE)
            }
            ImportError::Passphrase(_) => of(FailureKind::Passphrase),
            ImportError::NobodyIssues { .. } => {
                of(FailureKind::NotFound).hint("bring the key of the root, or of a CA below it").hint(NAME_FILES)
            }
            ImportError::Changed { .. } => {
                of(FailureKind::Input).hint("let nobody issue from the old CA meanwhile, then try again")
            }
            ImportError::KeyOfNone { .. } => of(FailureKind::Input)
                .hint("name the certificate that it belongs to as well: hubca adopt FILE --key KEY"),
            ImportError::Key { .. } => of(FailureKind::Input).hint(NAME_FILES).hint(
                "if a device or another program keeps the root key, move in without it: hubca import pem --root-cert FILE \
                 --issuing-cert FILE --issuing-key FILE",
            ),
            ImportError::NotACertificate { .. } | ImportError::Certificate { .. } => of(FailureKind::Input),
            ImportError::Home(error) => error.into(),
            ImportError::File(error) => error.into(),
        }
    }
}

const NAME_FILES: &str = "name the files: hubca import pem --root-cert FILE --root-key FILE";
const NAME_PASSPHRASE: &str = "name a file whose first line it is: --source-passphrase-file FILE";
