//! The encryption of keys in PEM that openssl wrote by default until 2010, and in guides until today: `Proc-Type: 4,ENCRYPTED`,
//! RFC 1421 4.6.1. It is read and never written: its passphrase is stretched by one round of MD5.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, InvalidLength, KeyIvInit, block_padding::Pkcs7};
use des::TdesEde3;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::error::KeyReadError;
use super::passphrase::Passphrase;
use crate::x509::hexadecimal::octets;

/// How a block is encrypted: what its `DEK-Info` says.
pub(super) struct Encryption {
    cipher: Cipher,
    iv: Vec<u8>,
}

/// The ciphers that openssl's commands offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cipher {
    TripleDes,
    Aes128,
    Aes192,
    Aes256,
}

impl Encryption {
    /// Reads the value of `DEK-Info`: the cipher's name, a comma, and its initialization vector.
    pub(super) fn parse(dek_info: &str) -> Result<Self, KeyReadError> {
        let unknown = || KeyReadError::LegacyEncryption { form: format!("Proc-Type: 4,ENCRYPTED with {dek_info}") };
        let (name, iv) = dek_info.split_once(',').ok_or_else(unknown)?;
        let cipher = Cipher::ALL.into_iter().find(|cipher| cipher.name() == name.trim()).ok_or_else(unknown)?;
        let iv = octets(iv.trim().as_bytes()).ok_or_else(unknown)?;
        if iv.len() != cipher.block_length() {
            return Err(unknown());
        }
        Ok(Self { cipher, iv })
    }

    /// Opens what was sealed.
    pub(super) fn open(&self, sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyReadError> {
        let key = self.key(passphrase);
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let opened = match self.cipher {
            Cipher::TripleDes => self.decrypt::<Decryptor<TdesEde3>>(&key, &mut buffer),
            Cipher::Aes128 => self.decrypt::<Decryptor<Aes128>>(&key, &mut buffer),
            Cipher::Aes192 => self.decrypt::<Decryptor<Aes192>>(&key, &mut buffer),
            Cipher::Aes256 => self.decrypt::<Decryptor<Aes256>>(&key, &mut buffer),
        };
        let length = opened.map_err(|InvalidLength| KeyReadError::UnknownEncryption)?;
        buffer.truncate(length.ok_or(KeyReadError::WrongPassphrase)?);
        Ok(buffer)
    }

    /// How much of the buffer is the opened content; none where the padding is not right.
    fn decrypt<C: BlockModeDecrypt + KeyIvInit>(
        &self,
        key: &[u8],
        buffer: &mut [u8],
    ) -> Result<Option<usize>, InvalidLength> {
        let cipher = C::new_from_slices(key, &self.iv)?;
        Ok(cipher.decrypt_padded::<Pkcs7>(buffer).ok().map(<[u8]>::len))
    }

    /// EVP_BytesToKey of openssl with one round: each digest is of the one before, the passphrase and the salt, which is the
    /// beginning of the vector.
    fn key(&self, passphrase: &Passphrase) -> Zeroizing<Vec<u8>> {
        let length = self.cipher.key_length();
        let salt = self.iv.get(..SALT).unwrap_or_default();
        let mut key = Zeroizing::new(Vec::with_capacity(length + DIGEST));
        while key.len() < length {
            let before = key.len().saturating_sub(DIGEST);
            let mut digest = Md5::new();
            digest.update(key.get(before..).unwrap_or_default());
            digest.update(passphrase.as_bytes());
            digest.update(salt);
            key.extend_from_slice(&Zeroizing::new(<[u8; DIGEST]>::from(digest.finalize()))[..]);
        }
        key.truncate(length);
        key
    }
}

impl Cipher {
    const ALL: [Self; 4] = [Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    fn name(self) -> &'static str {
        match self {
            Self::TripleDes => "DES-EDE3-CBC",
            Self::Aes128 => "AES-128-CBC",
            Self::Aes192 => "AES-192-CBC",
            Self::Aes256 => "AES-256-CBC",
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    fn block_length(self) -> usize {
        if self == Self::TripleDes { 8 } else { 16 }
    }
}

/// PKCS5_SALT_LEN of openssl.
const SALT: usize = 8;
/// The octets of an MD5 digest.
const DIGEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_cipher_with_its_vector_is_told() {
        assert!(Encryption::parse("AES-256-CBC,00112233445566778899AABBCCDDEEFF").is_ok());
        for text in [
            "",
            "AES-256-CBC",
            "DES-CBC,0011223344556677",
            "AES-128-CBC,0011",
            "DES-EDE3-CBC,001122334455667",
            "DES-EDE3-CBC,00112233445566zz",
        ] {
            let error = Encryption::parse(text).err().unwrap();
            assert!(matches!(error, KeyReadError::LegacyEncryption { .. }), "{text}");
        }
    }
}
