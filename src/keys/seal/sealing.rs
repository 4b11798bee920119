//! Sealing a file: what is written goes on piece by piece.

use std::io::{self, Write};

use base64ct::{Base64Unpadded, Encoding};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    chunk::{Cipher, IsLast, PIECE, Place, TAG},
    header::{FILE_KEY, FileKey, LAST_MARK, NONCE, SALT, VERSION, WORK, Wrapping},
};
use crate::{
    keys::passphrase::Passphrase,
    system::{Random, RandomError},
};

/// What seals. It has to be finished: what is dropped before cannot be opened.
pub struct Sealing<W: Write> {
    out: W,
    cipher: Cipher,
    place: Place,
    /// What is not sealed yet; it is not known whether it is the last.
    piece: Zeroizing<Vec<u8>>,
    /// Whether a piece could not be written, without which the others are nothing.
    is_broken: bool,
}

/// Why there is no seal.
#[derive(Debug, Error)]
pub enum SealError {
    /// There were no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The passphrase could not be worked on.
    #[error("there is too little memory to seal anything")]
    Work,
    /// The file could not be written.
    #[error("the sealed file cannot be written")]
    Writing(#[from] io::Error),
}

impl<W: Write> Sealing<W> {
    /// Begins a sealed file.
    ///
    /// # Errors
    /// No random bytes, or a file that cannot be written.
    pub fn begin(mut out: W, passphrase: &Passphrase, random: &dyn Random) -> Result<Self, SealError> {
        let (mut key, mut salt, mut nonce) = (Zeroizing::new([0; FILE_KEY]), [0; SALT], [0; NONCE]);
        random.fill(&mut *key)?;
        random.fill(&mut salt)?;
        random.fill(&mut nonce)?;
        let (key, wrapping) = (FileKey::new(key), Wrapping { salt, work: WORK });
        let body = key.wrap(wrapping, passphrase).ok_or(SealError::Work)?;
        let mut header = format!("{VERSION}{}{}\n", wrapping.line(), Base64Unpadded::encode_string(&body));
        header.push_str(LAST_MARK);
        let code = key.code(header.as_bytes()).ok_or(SealError::Work)?;
        out.write_all(format!("{header} {}\n", Base64Unpadded::encode_string(&code)).as_bytes())?;
        out.write_all(&nonce)?;
        let cipher = key.content_cipher(&nonce).ok_or(SealError::Work)?;
        // Allocated at once: a buffer that grows leaves copies of keys behind.
        let piece = Zeroizing::new(Vec::with_capacity(PIECE + TAG));
        Ok(Self { out, cipher, place: Place::default(), piece, is_broken: false })
    }

    /// Seals what is left, and gives back what was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_piece(IsLast::Yes)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_piece(&mut self, is_last: IsLast) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier piece could not be written"));
        }
        let sealed = self.cipher.seal(self.place.number(is_last), &mut self.piece);
        sealed.ok_or_else(|| io::Error::other("the cipher refused a piece"))?;
        let written = self.out.write_all(&self.piece);
        self.is_broken = written.is_err();
        self.place = self.place.next();
        // Also where it failed: who goes on writing after that must not find the piece longer than one.
        self.piece.clear();
        written
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.end_piece(IsLast::No)?;
        }
        let taken = bytes.get(..PIECE - self.piece.len()).unwrap_or(bytes);
        self.piece.extend_from_slice(taken);
        Ok(taken.len())
    }

    /// What is in the last piece stays until it is known whether more comes.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
