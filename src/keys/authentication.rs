//! A key that authenticates messages to whoever has it: HMAC with SHA-256, RFC 2104.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use zeroize::Zeroizing;

use crate::system::{Random, RandomError};

/// A secret of this process: what it has tagged, nobody else could have.
pub struct AuthenticationKey(Key);

impl AuthenticationKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let mut secret = Zeroizing::new([0; 32]);
        random.fill(secret.as_mut_slice())?;
        Ok(Self(Key::new(HMAC_SHA256, secret.as_slice())))
    }

    /// The tag of a message.
    #[must_use]
    pub fn tag(&self, message: &[u8]) -> [u8; 32] {
        let mut tag = [0; 32];
        tag.copy_from_slice(sign(&self.0, message).as_ref());
        tag
    }

    /// Whether a tag is that of a message; takes as long for one that is nearly right.
    #[must_use]
    pub fn has_tagged(&self, message: &[u8], tag: &[u8]) -> bool {
        verify(&self.0, message, tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn a_tag_is_good_for_its_message_and_its_key_only() {
        let key = AuthenticationKey::generate(&SystemRandom).unwrap();
        let tag = key.tag(b"message");
        assert!(key.has_tagged(b"message", &tag));
        assert!(!key.has_tagged(b"another", &tag) && !key.has_tagged(b"message", &tag[..31]));
        assert!(!AuthenticationKey::generate(&SystemRandom).unwrap().has_tagged(b"message", &tag));
    }
}
