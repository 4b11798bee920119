//! Opening a sealed file: nothing comes out of a piece before all of it was seen to be whole.

use std::io::{self, BufRead, BufReader, Read};

use base64ct::{Base64Unpadded, Encoding};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    chunk::{Cipher, IsLast, PIECE, Place, TAG},
    header::{FileKey, LAST_MARK, MOST_WORK, NONCE, VERSION, Wrapping},
};
use crate::keys::passphrase::Passphrase;

/// What opens. Reading fails with [`io::ErrorKind::InvalidData`] where a piece was changed, and with
/// [`io::ErrorKind::UnexpectedEof`] where the end was cut off.
pub struct Opening<R: Read> {
    source: BufReader<R>,
    cipher: Cipher,
    place: Place,
    is_over: bool,
    /// The piece that is being read out, and how far.
    piece: Zeroizing<Vec<u8>>,
    read: usize,
}

/// Why a sealed file is not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// It is none, or not one under a passphrase.
    #[error("it is not a file that was sealed under a passphrase")]
    NotSealed,
    /// Trying the passphrase would take more than is given to it.
    #[error("trying its passphrase takes 2^{required} rounds, where 2^{most} is the most", most = MOST_WORK)]
    TooMuchWork {
        /// What it takes, as a power of two.
        required: u8,
    },
    /// The passphrase is another, or the wrapped key was changed.
    #[error("the passphrase is another")]
    Passphrase,
    /// The header was changed.
    #[error("its header is not the one that was written")]
    Header,
    /// The file cannot be read, or ends in its header.
    #[error("it cannot be read")]
    Reading(#[from] io::Error),
}

impl<R: Read> Opening<R> {
    /// Opens a sealed file.
    ///
    /// # Errors
    /// It is none, the passphrase is another, or it cannot be read.
    pub fn begin(source: R, passphrase: &Passphrase) -> Result<Self, OpenError> {
        let mut source = BufReader::with_capacity(PIECE + TAG, source);
        let mut header = String::new();
        if line(&mut source, &mut header)? != VERSION {
            return Err(OpenError::NotSealed);
        }
        let wrapping = Wrapping::parse(line(&mut source, &mut header)?.trim_end()).ok_or(OpenError::NotSealed)?;
        let body = line(&mut source, &mut header)?.trim_end().to_owned();
        let mut body = Base64Unpadded::decode_vec(&body).map_err(|_| OpenError::NotSealed)?;
        // A passphrase is the only recipient there may be.
        let last = line(&mut source, &mut header)?.to_owned();
        let code = last.trim_end().strip_prefix(LAST_MARK).and_then(|rest| rest.strip_prefix(' '));
        let code = code.and_then(|code| Base64Unpadded::decode_vec(code).ok()).ok_or(OpenError::NotSealed)?;
        header.truncate(header.len() - last.len() + LAST_MARK.len());
        if wrapping.work > MOST_WORK {
            return Err(OpenError::TooMuchWork { required: wrapping.work });
        }
        let key = FileKey::unwrap(wrapping, passphrase, &mut body).ok_or(OpenError::Passphrase)?;
        if !key.is_code_of(&code, header.as_bytes()) {
            return Err(OpenError::Header);
        }
        let mut nonce = [0; NONCE];
        source.read_exact(&mut nonce)?;
        let cipher = key.content_cipher(&nonce).ok_or(OpenError::Header)?;
        let piece = Zeroizing::new(Vec::with_capacity(PIECE + TAG));
        Ok(Self { source, cipher, place: Place::default(), is_over: false, piece, read: 0 })
    }

    /// Reads and opens the next piece.
    fn next_piece(&mut self) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a piece is not the one that was written");
        self.piece.clear();
        self.read = 0;
        (&mut self.source).take((PIECE + TAG) as u64).read_to_end(&mut self.piece)?;
        let is_last = if self.source.fill_buf()?.is_empty() { IsLast::Yes } else { IsLast::No };
        let mut sealed = self.piece.clone();
        let opened = self.cipher.open(self.place.number(is_last), &mut self.piece).map(|opened| opened.len());
        let Some(length) = opened else {
            // What was cut off between two pieces ends with one that is whole and not the last.
            let is_cut = is_last == IsLast::Yes
                && (sealed.len() < PIECE + TAG
                    || self.cipher.open(self.place.number(IsLast::No), &mut sealed).is_some());
            return Err(if is_cut { io::ErrorKind::UnexpectedEof.into() } else { damaged() });
        };
        // The last piece is empty only where there is no other.
        if length == 0 && self.place != Place::default() {
            return Err(damaged());
        }
        self.piece.truncate(length);
        self.place = self.place.next();
        self.is_over = is_last == IsLast::Yes;
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() && !self.is_over {
            self.next_piece()?;
        }
        let rest = self.piece.get(self.read..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.read += length;
        Ok(length)
    }
}

/// The next line with its end, which is added to the header.
fn line<'h>(source: &mut impl BufRead, header: &'h mut String) -> Result<&'h str, OpenError> {
    let (before, mut line) = (header.len(), Vec::new());
    source.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    let is_whole = line.ends_with(b"\n");
    let text = String::from_utf8(line).map_err(|_| OpenError::NotSealed)?;
    if !is_whole && VERSION.starts_with(&text) {
        return Err(OpenError::Reading(io::ErrorKind::UnexpectedEof.into()));
    }
    header.push_str(&text);
    if !is_whole {
        // Cut off in the header, or something else altogether.
        let is_begun = header.starts_with(VERSION);
        return Err(if is_begun {
            OpenError::Reading(io::ErrorKind::UnexpectedEof.into())
        } else {
            OpenError::NotSealed
        });
    }
    Ok(header.get(before..).unwrap_or_default())
}

/// More than a line of such a header has.
const LONGEST_LINE: u64 = 256;
