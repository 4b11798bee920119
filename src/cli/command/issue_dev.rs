//! `hubca issue --for dev`: a key and a certificate in a directory, to be thrown away.

use std::path::Path;

use crate::{
    authority::{Label, Lifetime},
    cli::{
        context::Context,
        delivery::{Existing, check_room_for_directory, check_room_for_file, make_directory},
        failure::Failure,
        issuance::Defaults,
        issued::{IssuedFiles, cut_note},
        names::{NameArguments, Typed},
        passphrases::Passphrases,
        server_preset::ServerSteps,
    },
    home::Issued,
    keys::PrivateKey,
    preset::{self, Site, Target},
    system::{
        DirectoryMode, FileMode,
        files::{DirectoryLock, Ownership, Placed, directory, replace_together},
    },
    x509::{Certificate, SubjectAltNames, pem},
};

/// What is thrown away, and where it goes.
pub(super) struct ThrowAway<'a> {
    pub(super) names: &'a NameArguments,
    pub(super) label: Option<&'a str>,
    pub(super) out: Option<&'a Path>,
    pub(super) defaults: Defaults,
    pub(super) existing: Existing,
}

/// What was made.
pub(super) struct ThrownAway {
    pub(super) issued: Issued,
    pub(super) files: IssuedFiles,
    pub(super) steps: ServerSteps,
}

/// Makes both, and remembers nothing but the serial number.
pub(super) fn make(wanted: ThrowAway<'_>, context: &Context) -> Result<ThrownAway, Failure> {
    let names = if wanted.names.is_empty() { this_machine() } else { wanted.names.clone() }.parse()?;
    let label = wanted.label.map(Label::parse).transpose()?;
    let place = directory::absolute(wanted.out.unwrap_or(Path::new(".")))?;
    let steps = steps(&place, &names)?;
    check_room_for_directory(&place)?;
    let was_there = place.is_dir();
    make_directory(&place, DirectoryMode::Private)?;
    let made = make_in(&place, wanted, (names, label), context);
    if made.is_err() && !was_there {
        directory::remove_if_empty(&place);
    }
    let (issued, files) = made?;
    Ok(ThrownAway { issued, files, steps })
}

fn make_in(
    place: &Path,
    wanted: ThrowAway<'_>,
    (names, label): (SubjectAltNames, Option<Label>),
    context: &Context,
) -> Result<(Issued, IssuedFiles), Failure> {
    // Of two at once the key of one would lie beside the certificate of the other.
    let _lock = DirectoryLock::acquire(place)?;
    let files = IssuedFiles::in_directory(place);
    files.paths().into_iter().try_for_each(|path| check_room_for_file(path, wanted.existing))?;
    let home = context.open_home()?;
    let issuer = home.issuer(&Passphrases::new(context))?;
    let terms = wanted.defaults.over(None, home.settings());
    let profile = home.profile(&terms.profile)?;
    let lifetime = if terms.lifetime == Lifetime::Default { Lifetime::UpTo(DAYS) } else { terms.lifetime };
    let key = PrivateKey::generate(terms.key, &*context.doors().random)?;
    let issued = home.certify(&issuer, &key, names, &profile, lifetime, label)?;
    if let Some(note) = cut_note(&issued) {
        context.note(&note);
    }
    write(&files, &key, &issued, &home.served_chain(&issuer)).map_err(|failure| {
        failure.within(format!("the certificate {} is issued, but it was not written", issued.serial))
    })?;
    Ok((issued, files))
}

/// The names that only this machine has.
fn this_machine() -> NameArguments {
    let ip = |text: &str| Typed::Ip(text.to_owned());
    NameArguments::new(vec![Typed::Dns("localhost".to_owned()), ip("127.0.0.1"), ip("::1")])
}

fn write(files: &IssuedFiles, key: &PrivateKey, issued: &Issued, above: &[Certificate]) -> Result<(), Failure> {
    let cert = pem::encode(pem::CERTIFICATE, &issued.certificate);
    let chain: String = above.iter().map(|it| pem::encode(pem::CERTIFICATE, it.as_der())).collect();
    let fullchain = format!("{cert}{chain}");
    let key = key.to_pem()?;
    let contents = [key.as_bytes(), cert.as_bytes(), chain.as_bytes(), fullchain.as_bytes()];
    let all: Vec<_> = files.paths().into_iter().zip(contents).map(|(path, content)| Placed { path, content }).collect();
    Ok(replace_together(&all, FileMode::Secret, Ownership::default())?)
}

fn steps(place: &Path, names: &SubjectAltNames) -> Result<ServerSteps, Failure> {
    let found = preset::CertificateFiles::live(&place.to_string_lossy())?;
    let offered = preset::preset(Target::Dev, &Site::of_names(NO_LABEL, names, found)?)?;
    Ok(ServerSteps::of(offered, NO_LABEL))
}

/// Long enough to forget about it, short enough that one in a repository by mistake is soon nothing.
const DAYS: u32 = 90;
/// The home keeps none.
const NO_LABEL: &str = "dev";
