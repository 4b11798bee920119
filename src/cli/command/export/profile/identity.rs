//! The options of a device's identity.

use clap::Args;

use super::super::output::OutputArguments;
use crate::{
    cli::{
        context::Context,
        failure::Failure,
        file_password::{FilePassword, PasswordArguments},
        passphrases::Passphrases,
    },
    export::{
        mobileconfig::DeviceIdentity,
        pkcs12::{self, Encryption, Identity},
    },
    home::{Home, Kept},
    x509::oid,
};

/// A certificate and a key for the device itself.
#[derive(Args, Debug)]
pub(super) struct IdentityArguments {
    /// The certificate and key of this label as well, by which the device proves who it is
    #[arg(long, value_name = "LABEL")]
    client: Option<String>,
    #[command(flatten)]
    password: PasswordArguments,
    /// Encrypt the key as Apple systems before iOS 18 and macOS 15 read it
    #[arg(long, requires = "client")]
    legacy: bool,
}

impl IdentityArguments {
    /// Refuses a password for no key, and to make one for a file on stdout.
    ///
    /// # Errors
    /// `--password-file` without `--client`, or `--client` and `--out -` without `--password-file`.
    pub(super) fn check(&self, output: &OutputArguments) -> Result<(), Failure> {
        if self.client.is_none() && self.password.file().is_some() {
            return Err(Failure::usage("`--password-file` is for the key that `--client` adds, and there is none")
                .hint("the profile itself has no password; leave it out, or add --client LABEL"));
        }
        if self.client.is_some() { output.check_password(&self.password) } else { Ok(()) }
    }

    /// The identity, if one is asked for, and the password it is sealed under.
    ///
    /// # Errors
    /// No such label, one without a key here, or no password.
    pub(super) fn identity(
        &self,
        home: &Home,
        context: &Context,
    ) -> Result<Option<(DeviceIdentity, FilePassword)>, Failure> {
        let Some(label) = &self.client else { return Ok(None) };
        let kept = home.kept(label, &Passphrases::new(context))?;
        if let Some(note) = not_for_clients(label, &kept) {
            context.note(&note);
        }
        let password = self.password.password(context)?;
        let encryption = if self.legacy { Encryption::Legacy } else { Encryption::Modern };
        let Kept { certificate, key, chain, .. } = &kept;
        let sealed = pkcs12::identity(Identity { label, key, certificate, chain }, password.password(), encryption)?;
        let identity = DeviceIdentity::new(label, certificate.clone(), sealed.contents().to_vec());
        Ok(Some((identity, password)))
    }
}

/// What to say of a certificate that servers will not take from a client.
fn not_for_clients(label: &str, kept: &Kept) -> Option<String> {
    let purposes = kept.certificate.tbs().extended_key_usage();
    let is_for_clients = purposes.is_ok_and(|purposes| purposes.is_none_or(|named| named.allows(oid::CLIENT_AUTH)));
    (!is_for_clients).then(|| {
        format!(
            "`{label}` is a certificate of the profile `{}`, which servers do not take from a device; issue one for it \
             with `hubca issue --profile client`",
            kept.record.profile
        )
    })
}

/// What a person does besides.
pub(super) const STEP: &str = "Type the password of the key. While it installs, the device asks for it; send it on \
                               another way than the file.";
