//! The content: pieces of 64 KiB, each sealed by ChaCha20-Poly1305 (RFC 8439) under its number, the last under a mark of its
//! own, so that none can be moved, dropped or cut off.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// A key, and the cipher that it is for.
pub(super) struct Cipher(LessSafeKey);

/// Which piece of the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(u64);

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals what stands alone under a number.
    pub(super) fn seal(&self, number: u128, content: &mut Vec<u8>) -> Option<()> {
        self.0.seal_in_place_append_tag(nonce(number), Aad::empty(), content).ok()
    }

    /// Opens what stands alone under a number.
    pub(super) fn open<'c>(&self, number: u128, sealed: &'c mut [u8]) -> Option<&'c mut [u8]> {
        self.0.open_in_place(nonce(number), Aad::empty(), sealed).ok()
    }
}

impl Place {
    /// The number under which a piece is sealed: its place, and whether it is the last.
    pub(super) fn number(self, is_last: IsLast) -> u128 {
        u128::from(self.0) << 8 | u128::from(is_last == IsLast::Yes)
    }

    /// The place after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Whether a piece is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsLast {
    Yes,
    No,
}

/// The octets of a number, of which no content of ours is long enough to lose any.
fn nonce(number: u128) -> Nonce {
    let mut octets = [0; NONCE_LEN];
    octets.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(octet, digit)| *octet = digit);
    Nonce::assume_unique_for_key(octets)
}

/// The octets of a piece before it is sealed.
pub(super) const PIECE: usize = 64 * 1024;
/// What the seal adds to each.
pub(super) const TAG: usize = 16;
