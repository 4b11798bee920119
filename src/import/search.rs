//! What lies in the directory of an old CA: certificates and keys, whatever their files are called. It is read and never written
//! to, and no link leads out of it.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{
    descent::Descent,
    locks::Locks,
    unread::{Reason, Unread},
};
use crate::{
    keys::PrivateKey,
    system::{
        FileError,
        files::{
            directory::{self, Entry},
            read_bounded,
        },
    },
    x509::{Certificate, CertificateList, certificate::sha256, hexadecimal, pem},
};

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) certificates: Vec<(PathBuf, Certificate)>,
    pub(super) keys: Vec<(PathBuf, PrivateKey)>,
    pub(super) lists: Vec<FoundList>,
    pub(super) unread: Vec<Unread>,
    /// Whether all files were looked at.
    pub(super) is_complete: bool,
    files: usize,
}

/// A CRL, where it lies, and the SHA-256 of its file in hexadecimal digits.
pub(super) struct FoundList {
    pub(super) path: PathBuf,
    pub(super) list: CertificateList,
    pub(super) sha256: String,
}

/// Looks at every file below some directories, and at some files, but not at those that are known already. What is in the
/// directories of `last` comes after all else: their files can be found by their names, if there are more than are looked at.
pub(super) fn search(
    roots: &[&Path],
    known: &[PathBuf],
    last: &[&Path],
    locks: &Locks<'_>,
) -> Result<Found, FileError> {
    let mut found = Found { is_complete: true, ..Found::default() };
    for root in roots {
        match directory::entry_at(root)? {
            Some(Entry::File) if !known.iter().any(|path| path == root) => found.look_at((*root).to_owned(), locks),
            Some(Entry::Directory | Entry::Link) => found.search(root, known, last, locks)?,
            _ => {}
        }
    }
    Ok(found)
}

impl Found {
    fn search(&mut self, root: &Path, known: &[PathBuf], last: &[&Path], locks: &Locks<'_>) -> Result<(), FileError> {
        let mut descent = Descent::from(root, last);
        let mut passed_over = 0;
        while let Some(place) = descent.next() {
            let paths = match directory::paths_in(&place) {
                Err(error) if place != *root => {
                    self.unread.push(Unread::file(&place, Reason::File(error)));
                    continue;
                }
                paths => paths?,
            };
            for path in paths {
                // A link as well: somebody named it, or it has the name that guides give.
                if known.contains(&path) {
                    continue;
                }
                match directory::entry_at(&path)? {
                    Some(Entry::Directory) => descent.add(path),
                    Some(Entry::Link) if leads_out(&path, root) => {
                        self.unread.push(Unread::file(&path, Reason::Link));
                    }
                    Some(Entry::File) if self.has_room_for(&path) => self.look_at(path, locks),
                    Some(Entry::File) => passed_over += 1,
                    Some(Entry::Special) => self.unread.push(Unread::file(&path, Reason::Neither)),
                    Some(Entry::Link) | None => {}
                }
            }
        }
        self.is_complete &= passed_over == 0;
        if passed_over > 0 {
            let reason = Reason::TooMany { count: passed_over, most: MOST_FILES };
            self.unread.push(Unread::file(root, reason));
        }
        let left_out = descent.left_out();
        self.is_complete &= left_out.is_none();
        self.unread.extend(left_out);
        Ok(())
    }

    /// Whether one more file is looked at. What may revoke something has room of its own: it would be good again.
    fn has_room_for(&self, path: &Path) -> bool {
        let name = lower_name(path);
        let may_revoke = name.contains("crl") || name == "index.txt";
        self.files < if may_revoke { MOST_FILES * 2 } else { MOST_FILES }
    }

    fn look_at(&mut self, path: PathBuf, locks: &Locks<'_>) {
        self.files += 1;
        let name = lower_name(&path);
        if name == "index.txt" {
            return self.unread.push(Unread::file(&path, Reason::Index));
        }
        let is_expected = is_of_no_interest(&name);
        let most = if name.contains("crl") { MOST_BYTES_OF_CRL } else { MOST_BYTES };
        let content = match read_bounded(&path, most) {
            Ok(content) => Zeroizing::new(content),
            Err(FileError::TooLarge { .. }) if is_expected => return,
            Err(FileError::TooLarge { .. }) => return self.unread.push(Unread::file(&path, Reason::Neither)),
            Err(error) => return self.unread.push(Unread::file(&path, Reason::File(error))),
        };
        let certificates = certificates_in(&content);
        let list = crl_in(&content);
        let is_der = content.first() == Some(&SEQUENCE) && certificates.is_empty() && list.is_none();
        let has_key = contains(&content, b"PRIVATE KEY-----") || (is_der && PrivateKey::from_der(&content).is_ok());
        if let Some(list) = list {
            let sha256 = hexadecimal(&sha256(&content));
            self.lists.push(FoundList { path: path.clone(), list, sha256 });
        } else if certificates.is_empty() && !has_key && !is_expected && !is_known_kind(&content) {
            let is_pkcs12 = path.extension().is_some_and(|ending| ending == "p12" || ending == "pfx");
            self.unread.push(Unread::file(&path, if is_pkcs12 { Reason::Pkcs12 } else { Reason::Neither }));
        }
        if has_key {
            match locks.open_if_known(&content, &path) {
                Ok(key) => self.keys.push((path.clone(), key)),
                Err(error) => self.unread.push(Unread::file(&path, Reason::Key(error))),
            }
        }
        self.certificates.extend(certificates.into_iter().map(|certificate| (path.clone(), certificate)));
    }
}

impl Found {
    /// The certificate of the CA that issued one, if it is among them.
    pub(super) fn issuer_of(&self, certificate: &Certificate) -> Option<Certificate> {
        let is_issuer = |other: &&Certificate| other.tbs().is_ca() && certificate.is_issued_by(other);
        self.certificates.iter().map(|(_, other)| other).find(is_issuer).cloned()
    }

    /// The key that a certificate is about, if it is among them: it is somebody's from now on.
    pub(super) fn take_key_of(&mut self, certificate: &Certificate) -> Option<PrivateKey> {
        let wanted = certificate.tbs().public_key().key_bits();
        let place = self.keys.iter().position(|(_, key)| key.public_key().key_bits() == wanted)?;
        Some(self.keys.remove(place).1)
    }
}

/// The certificates in a file, in PEM between anything else, or one in DER. A key beside them is not touched: what reads PEM for
/// all leaves copies behind.
pub(super) fn certificates_in(content: &[u8]) -> Vec<Certificate> {
    let passages = pem::passages(content).into_iter().filter(|passage| passage.label == pem::CERTIFICATE);
    let blocks = passages.filter_map(|passage| passage.read().ok());
    let mut certificates: Vec<_> = blocks.filter_map(|block| Certificate::from_der(&block.contents).ok()).collect();
    if content.first() == Some(&SEQUENCE) {
        certificates.extend(Certificate::from_der(content).ok());
    }
    certificates
}

fn crl_in(content: &[u8]) -> Option<CertificateList> {
    if content.first() == Some(&SEQUENCE) {
        return CertificateList::from_der(content).ok();
    }
    let blocks = contains(content, b"-----BEGIN X509 CRL-----").then(|| pem::parse(content).ok())??;
    blocks
        .iter()
        .find(|block| block.label == pem::X509_CRL)
        .and_then(|block| CertificateList::from_der(&block.contents).ok())
}

/// What openssl and Easy-RSA write besides, and nobody misses; a key in such a file is one all the same.
fn is_of_no_interest(name: &str) -> bool {
    let endings =
        [".attr", ".old", ".cnf", ".conf", ".srl", ".csr", ".req", ".rnd", ".rand", ".json", ".tpl", ".md", ".sh"];
    let books = ["index.txt", "serial", "crlnumber", "vars", "readme"];
    let is_book = |book: &str| name.strip_prefix(book).is_some_and(|rest| ["", ".new", ".example"].contains(&rest));
    endings.iter().any(|ending| name.ends_with(ending)) || books.iter().any(|book| is_book(book))
}

fn is_known_kind(content: &[u8]) -> bool {
    let labels: [&[u8]; 4] =
        [b"CERTIFICATE REQUEST-----", b"DH PARAMETERS-----", b"EC PARAMETERS-----", b"PUBLIC KEY-----"];
    content.is_empty() || labels.iter().any(|label| contains(content, label))
}

fn lower_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn leads_out(link: &Path, root: &Path) -> bool {
    let inside = |path: PathBuf| directory::resolve(root).is_ok_and(|root| path.starts_with(root));
    !directory::resolve(link).is_ok_and(inside)
}

fn contains(content: &[u8], text: &[u8]) -> bool {
    content.windows(text.len()).any(|window| window == text)
}

/// The first octet of a certificate or CRL in DER.
const SEQUENCE: u8 = 0x30;
/// Room for a key with a chain.
const MOST_BYTES: usize = 256 * 1024;
/// Room for a CRL of half a million entries, which is what `hubca check` takes.
const MOST_BYTES_OF_CRL: usize = 32 * 1024 * 1024;
/// How many files are looked at.
const MOST_FILES: usize = 20_000;
