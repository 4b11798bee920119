//! The options of a signature around the profile.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        inspection,
        passphrases::Passphrases,
    },
    export::{Anchor, ContentSigner},
    keys::{KeyError, KeyFile, KeyPurpose, Passphrase, PassphraseError, PassphraseSource, PrivateKey},
    x509::{Certificate, CertificationPath},
};

/// A signature that devices can check.
#[derive(Args, Debug)]
pub(super) struct SignatureArguments {
    /// Sign the profile: the signer's certificate, whose root the devices have already
    #[arg(long, value_name = "FILE", requires = "sign_key")]
    sign_cert: Option<PathBuf>,
    /// The private key of that certificate
    #[arg(long, value_name = "FILE", requires = "sign_cert")]
    sign_key: Option<PathBuf>,
    /// The CAs between it and the root, where they are not in --sign-cert
    #[arg(long, value_name = "FILE", requires = "sign_cert")]
    sign_chain: Option<PathBuf>,
    /// The file whose first line opens the signer's key; else it is asked for
    #[arg(long, value_name = "FILE", requires = "sign_key")]
    sign_passphrase_file: Option<PathBuf>,
}

impl SignatureArguments {
    /// The signer, if one is named.
    ///
    /// # Errors
    /// A file that cannot be read, or a signer that devices would not believe.
    pub(super) fn signer(&self, anchor: &Anchor, context: &Context) -> Result<Option<ContentSigner>, Failure> {
        let (Some(certificate), Some(key)) = (&self.sign_cert, &self.sign_key) else { return Ok(None) };
        let mut certificates = certificates(certificate, context)?;
        if let Some(chain) = &self.sign_chain {
            certificates.extend(self::certificates(chain, context)?);
        }
        let first = certificates.remove(0);
        let key = self.key(key, context)?;
        let signer = ContentSigner::new(first, key.to_signing_key()?, certificates, context.now())?;
        if signer.is_below(anchor) {
            context.note(
                "a device that does not trust this CA yet shows the profile as `Not Verified`, in red: it cannot know \
                 the signer before the profile is installed; sign with a certificate that a public CA issued, or leave \
                 the signature out",
            );
        } else if signer.lacks_chain() {
            context.note(
                "there is no CA above the signer in the profile; where a device does not know it, it shows \
                 `Not Verified`: give the rest of the chain with --sign-chain",
            );
        }
        Ok(Some(signer))
    }

    fn key(&self, path: &Path, context: &Context) -> Result<PrivateKey, Failure> {
        let passphrase = SignerPassphrase { file: self.sign_passphrase_file.as_deref(), context };
        let key = KeyFile::new(path, KeyPurpose::Other(path.to_owned())).read(&passphrase);
        key.map_err(|error| match error {
            KeyError::Passphrase(error @ PassphraseError::Unavailable { .. }) => {
                Failure::of(FailureKind::Passphrase, &error)
                    .hint("name a file whose first line it is: --sign-passphrase-file FILE")
            }
            other => other.into(),
        })
    }
}

/// What opens the signer's key: a file, or the person at the terminal.
struct SignerPassphrase<'a> {
    file: Option<&'a Path>,
    context: &'a Context,
}

impl PassphraseSource for SignerPassphrase<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        match self.file {
            Some(file) => Passphrase::from_file(file),
            None => Passphrases::new(self.context).passphrase(purpose),
        }
    }
}

fn certificates(path: &Path, context: &Context) -> Result<Vec<Certificate>, Failure> {
    let found = context.read(path, MOST_BYTES).and_then(|bytes| inspection::certificates(&bytes));
    let found = found.map_err(|failure| failure.within(format!("cannot sign with `{}`", path.display())))?;
    if found.len() > CertificationPath::MOST {
        let message = format!("there are {} certificates in `{}`", found.len(), path.display());
        return Err(Failure::new(FailureKind::Input, message).because("a chain is a few certificates long"));
    }
    Ok(found)
}

/// Room for a chain.
const MOST_BYTES: usize = 256 * 1024;
