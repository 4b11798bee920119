//! Everything that one device, or one server, wants: the files, and a text that says what to do with them.

use thiserror::Error;

use super::{
    anchor::{Anchor, Contents},
    archive::{self, ArchiveError, Sealing},
    artifact::Artifact,
    fingerprint::Fingerprint,
    guide::Language,
    leaflet::{Leaflet, Occasion},
    mobileconfig, pem,
};
use crate::{
    keys::{KeyError, PrivateKey},
    x509::Certificate,
};

/// There is no bundle.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The archive could not be made.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The key could not be written down.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The certificate of a server and what belongs to it.
#[derive(Clone, Copy)]
pub struct Server<'a> {
    /// What it is called; a word that is safe in a path.
    pub label: &'a str,
    /// Its certificate.
    pub certificate: &'a Certificate,
    /// The CAs above it, without the root.
    pub chain: &'a [Certificate],
    /// What the programs that people run are told of it.
    pub settings: &'a [Artifact],
    /// Where they expect its files.
    pub directory: &'a str,
}

/// `hubca-<ca-slug>.zip`: the root for every kind of device, and the leaflet.
///
/// # Errors
/// More than an archive holds.
pub fn for_devices(anchor: &Anchor, language: Language) -> Result<Artifact, BundleError> {
    let leaflet = Leaflet::new(anchor, language, Occasion::Archive);
    let files = [
        text("README.txt", &leaflet.text()),
        Artifact::public("index.html".to_owned(), "text/html; charset=utf-8", leaflet.html().into_bytes()),
        mobileconfig::profile(anchor, Contents::RootOnly),
        pem::crt(anchor),
        pem::der(anchor),
    ];
    Ok(archive::open(&format!("hubca-{}", anchor.slug()), &files)?)
}

/// `hubca-<label>.zip`: the certificate as servers take it, without its key.
///
/// # Errors
/// More than an archive holds.
pub fn for_server(anchor: &Anchor, server: Server<'_>) -> Result<Artifact, BundleError> {
    let files = server_files(anchor, server, None)?;
    Ok(archive::open(&format!("hubca-{}", server.label), &files)?)
}

/// The same with the key, and all of it encrypted.
///
/// # Errors
/// No random bytes, or more than an archive holds.
pub fn for_server_with_key(
    anchor: &Anchor,
    server: Server<'_>,
    key: &PrivateKey,
    sealing: Sealing<'_>,
) -> Result<Artifact, BundleError> {
    let files = server_files(anchor, server, Some(key))?;
    Ok(archive::sealed(&format!("hubca-{}", server.label), &files, sealing)?)
}

fn server_files(anchor: &Anchor, server: Server<'_>, key: Option<&PrivateKey>) -> Result<Vec<Artifact>, BundleError> {
    let (cert, chain) = (pem::encode([server.certificate]), pem::encode(server.chain));
    let of_pem = |name: &str, text: String| Artifact::public(name.to_owned(), pem::PEM_MEDIA_TYPE, text.into_bytes());
    let mut files = vec![text("README.txt", &readme(anchor, server, key))];
    files.push(of_pem("fullchain.pem", format!("{cert}{chain}")));
    files.push(of_pem("cert.pem", cert));
    if !chain.is_empty() {
        files.push(of_pem("chain.pem", chain));
    }
    if let Some(key) = key {
        let text = key.to_pem()?.as_bytes().to_vec();
        files.push(Artifact::secret("privkey.pem".to_owned(), pem::KEY_MEDIA_TYPE, text));
    }
    files.push(pem::crt(anchor));
    files.extend_from_slice(server.settings);
    Ok(files)
}

/// A text as Windows' oldest editor shows it too.
fn text(name: &str, words: &str) -> Artifact {
    Artifact::public(name.to_owned(), "text/plain; charset=utf-8", words.replace('\n', "\r\n").into_bytes())
}

fn readme(anchor: &Anchor, server: Server<'_>, key: Option<&PrivateKey>) -> String {
    let root = pem::crt_file_name(&anchor.slug());
    let width = root.len().max("fullchain.pem".len());
    let row = |name: &str, what: &str| format!("  {name:width$}  {what}\n");
    let title = format!("The certificate of {}", server.label);
    let mut text = format!("{title}\n{}\n\n", "=".repeat(title.len()));
    let end = server.certificate.tbs().validity().not_after().date();
    text.push_str(&format!("It was issued by {} and ends on {end}.\n\n", anchor.name()));
    text.push_str(&row("fullchain.pem", "the certificate and the CAs above it: what a server sends"));
    text.push_str(&row("cert.pem", "the certificate alone"));
    if !server.chain.is_empty() {
        text.push_str(&row("chain.pem", "the CAs above it alone"));
    }
    if key.is_some() {
        text.push_str(&row("privkey.pem", "the private key: whoever has it can pose as the server"));
    }
    text.push_str(&row(&root, "the root: for devices, which trust it, and not for the server"));
    text.push_str(match key {
        Some(_) => WITH_KEY,
        None => WITHOUT_KEY,
    });
    text.push_str(&USE.replace("{directory}", server.directory));
    let fingerprint = Fingerprint::of(anchor.root());
    text.push_str(&format!("\nThe root has the fingerprint (SHA-256)\n  {}\n", fingerprint.hex()));
    text.push_str(&format!("and in words\n  {}\n", fingerprint.words().join(" ")));
    text
}

const WITH_KEY: &str = "
Let nobody but the server read the key (chmod 600 privkey.pem), and delete
this archive when the files are in their place.
";

const WITHOUT_KEY: &str = "
The private key is not in here. It lies where the CA is, beside the files
that `hubca show` names, as privkey.pem.
";

const USE: &str = "
How to use them
---------------

Put the files into {directory}. There are presets for four programs,
which expect them there; start the program anew once it has its own:

  nginx.conf                into /etc/nginx/conf.d/, under another name
  apache.conf               into /etc/apache2/sites-available/, then a2ensite
  jupyter_server_config.py  into ~/.jupyter/, or its lines into the file there
  jupyterhub_config.py      its lines into the file that JupyterHub reads, and
                            beside it two secrets of the hub's own, which no
                            archive carries, each with chmod 600 and made by
                            `openssl rand -hex 32`: jupyterhub_cookie_secret
                            and jupyterhub_proxy_token

Other programs ask for a certificate chain, which is fullchain.pem, and for a
private key, which is privkey.pem.

Devices open its address without a warning once they trust the root.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        export::Password,
        keys::PassphraseError,
        system::{FileMode, SystemRandom},
        x509::pem::parse,
    };

    fn certificate(text: &str) -> Certificate {
        Certificate::from_der(&parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
    }

    fn anchor(name: &str) -> Anchor {
        let root = certificate(include_str!("../../tests/fixtures/pki/root.crt.pem"));
        Anchor::new(name, root, []).unwrap()
    }

    fn names(artifact: &Artifact) -> Vec<String> {
        let archive = zip::ZipArchive::new(std::io::Cursor::new(artifact.contents())).unwrap();
        archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }

    #[test]
    fn a_bundle_for_devices_is_the_same_whenever_it_is_made() {
        let first = for_devices(&anchor("Home Hub"), Language::English).unwrap();
        assert_eq!(first.contents(), for_devices(&anchor("Home Hub"), Language::English).unwrap().contents());
        assert_eq!((first.file_name(), first.mode()), ("hubca-home-hub.zip", FileMode::Public));
        let expected = ["README.txt", "index.html", "home-hub.mobileconfig", "home-hub.crt", "home-hub.cer"];
        assert_eq!(names(&first), expected.map(|name| format!("hubca-home-hub/{name}")));
        let hostile = for_devices(&anchor("../../etc/passwd"), Language::German).unwrap();
        assert!(names(&hostile).iter().all(|name| name.starts_with("hubca-etc-passwd/") && !name.contains("..")));
    }

    #[test]
    fn a_key_goes_in_only_where_all_is_sealed() {
        let leaf = certificate(include_str!("../../tests/fixtures/pki/leaf.crt.pem"));
        let issuing = certificate(include_str!("../../tests/fixtures/pki/issuing.crt.pem"));
        let text = include_bytes!("../../tests/fixtures/pki/leaf.key.pem");
        let key = PrivateKey::from_pem(text, || Err(PassphraseError::Empty)).unwrap();
        let settings = [super::text("nginx.conf", "ssl_certificate /etc/hubca/hub.lan/fullchain.pem;\n")];
        let server = Server {
            label: "hub.lan",
            certificate: &leaf,
            chain: std::slice::from_ref(&issuing),
            settings: &settings,
            directory: "/etc/hubca/hub.lan",
        };
        let open = for_server(&anchor("Home Hub"), server).unwrap();
        assert_eq!(open.mode(), FileMode::Public);
        assert!(!names(&open).iter().any(|name| name.contains("privkey")));
        assert_eq!(open.contents(), for_server(&anchor("Home Hub"), server).unwrap().contents());
        let password = Password::generate(&SystemRandom).unwrap();
        let sealing = Sealing { password: &password, random: &SystemRandom };
        let sealed = for_server_with_key(&anchor("Home Hub"), server, &key, sealing).unwrap();
        assert_eq!(sealed.mode(), FileMode::Secret);
        assert!(!sealed.contents().windows(5).any(|window| window == b"BEGIN"));
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(sealed.contents())).unwrap();
        assert!(archive.by_index_decrypt(0, b"another").is_err());
        for index in 0..archive.len() {
            let file = archive.by_index_decrypt(index, password.reveal().as_bytes()).unwrap();
            let name = file.name().unwrap().into_owned();
            let mode = if name.ends_with("privkey.pem") { 0o100_600 } else { 0o100_644 };
            assert_eq!((file.encrypted(), file.unix_mode()), (true, Some(mode)), "{name}");
        }
    }
}
