//! The header: the key of the file, wrapped by what scrypt (RFC 7914) makes of the passphrase, and a code over all of it.

use aws_lc_rs::{
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::chunk::Cipher;
use crate::keys::passphrase::Passphrase;

/// The key of a file, by which its header is bound and its content sealed.
pub(super) struct FileKey(Zeroizing<[u8; FILE_KEY]>);

/// What wraps the key of a file: scrypt's salt and its work, as a power of two.
#[derive(Clone, Copy)]
pub(super) struct Wrapping {
    pub(super) salt: [u8; SALT],
    pub(super) work: u8,
}

impl FileKey {
    pub(super) fn new(octets: Zeroizing<[u8; FILE_KEY]>) -> Self {
        Self(octets)
    }

    /// The key, wrapped; none where there is too little memory for that work.
    pub(super) fn wrap(&self, wrapping: Wrapping, passphrase: &Passphrase) -> Option<Vec<u8>> {
        let mut body = self.0.to_vec();
        wrapping.cipher(passphrase)?.seal(0, &mut body)?;
        Some(body)
    }

    /// The key in what was wrapped, if the passphrase is right.
    pub(super) fn unwrap(wrapping: Wrapping, passphrase: &Passphrase, body: &mut [u8]) -> Option<Self> {
        let opened = wrapping.cipher(passphrase)?.open(0, body)?;
        Some(Self(Zeroizing::new(opened.try_into().ok()?)))
    }

    /// The code over a header, up to and with its last mark.
    pub(super) fn code(&self, header: &[u8]) -> Option<Vec<u8>> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.derive(&[], b"header")?);
        Some(hmac::sign(&key, header).as_ref().to_vec())
    }

    /// Whether a code is that of a header.
    pub(super) fn is_code_of(&self, code: &[u8], header: &[u8]) -> bool {
        self.derive(&[], b"header")
            .is_some_and(|key| hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &*key), header, code).is_ok())
    }

    /// What seals the content that follows this nonce.
    pub(super) fn content_cipher(&self, nonce: &[u8; NONCE]) -> Option<Cipher> {
        Cipher::new(&*self.derive(nonce, b"payload")?)
    }

    /// HKDF-SHA-256, RFC 5869.
    fn derive(&self, salt: &[u8], info: &[u8]) -> Option<Zeroizing<[u8; KEY]>> {
        let mut key = Zeroizing::new([0; KEY]);
        let extracted = Salt::new(HKDF_SHA256, salt).extract(&*self.0);
        let info = [info];
        let expanded = extracted.expand(&info, KeyLength).ok()?;
        expanded.fill(&mut *key).ok()?;
        Some(key)
    }
}

impl Wrapping {
    /// The line that says it: `-> scrypt SALT WORK`.
    pub(super) fn line(&self) -> String {
        format!("-> scrypt {} {}\n", Base64Unpadded::encode_string(&self.salt), self.work)
    }

    /// Reads that line, without its end.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("-> scrypt ")?.split(' ');
        let (salt, work, end) = (words.next()?, words.next()?, words.next());
        let is_plain = !work.starts_with('0') && work.bytes().all(|digit| digit.is_ascii_digit());
        let work = work.parse().ok().filter(|_| is_plain && end.is_none())?;
        Some(Self { salt: Base64Unpadded::decode_vec(salt).ok()?.try_into().ok()?, work })
    }

    fn cipher(self, passphrase: &Passphrase) -> Option<Cipher> {
        let salt = [SCRYPT_LABEL, &self.salt[..]].concat();
        let parameters = scrypt::Params::new(self.work, BLOCK, PARALLEL).ok()?;
        let mut key = Zeroizing::new([0; KEY]);
        scrypt::scrypt(passphrase.as_bytes(), &salt, &parameters, &mut *key).ok()?;
        Cipher::new(&key)
    }
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        KEY
    }
}

/// The first line.
pub(super) const VERSION: &str = "age-encryption.org/v1\n";
/// What stands before the code.
pub(super) const LAST_MARK: &str = "---";
/// The work of a seal of ours, as a power of two: 128 MiB and about half a second for each guess, the least that OWASP asks
/// of scrypt. The tests of this crate open hundreds of them, and fuzzing thousands.
pub(super) const WORK: u8 = if cfg!(any(test, fuzzing)) { 10 } else { 17 };
/// The most work that opening one may take, as a power of two: a gibibyte of memory. `age` writes 18.
pub(super) const MOST_WORK: u8 = if cfg!(fuzzing) { 11 } else { 20 };
/// Octets of the nonce before the content.
pub(super) const NONCE: usize = 16;
/// Octets of the salt of scrypt.
pub(super) const SALT: usize = 16;
/// Octets of the key of a file.
pub(super) const FILE_KEY: usize = 16;
const KEY: usize = 32;
const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const BLOCK: u32 = 8;
const PARALLEL: u32 = 1;
