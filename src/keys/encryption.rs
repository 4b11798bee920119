//! Encrypted PKCS#8 (RFC 5958 3) with PBES2 (RFC 8018 6.2): opened within limits, sealed in the one way every reader opens.

use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Encode};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::{Kdf, PBES2_OID, Parameters};
use pkcs8::pkcs5::{EncryptionScheme, Error as SchemeError};
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::error::{KeyError, KeyReadError};
use super::passphrase::Passphrase;
use crate::system::Random;

/// Opens a sealed key; what comes out is whatever was sealed.
pub(super) fn open(der: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyReadError> {
    let sealed = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeyReadError::UnknownEncryption)?;
    let EncryptionScheme::Pbes2(parameters) = &sealed.encryption_algorithm else {
        return Err(KeyReadError::UnknownEncryption);
    };
    let mut buffer = Zeroizing::new(sealed.encrypted_data.as_bytes().to_vec());
    let opened = parameters.decrypt_in_place(passphrase.as_bytes(), &mut buffer);
    let length = match opened {
        Ok(content) => content.len(),
        Err(SchemeError::UnsupportedAlgorithm { .. } | SchemeError::AlgorithmParametersInvalid { .. }) => {
            return Err(KeyReadError::UnknownEncryption);
        }
        Err(_) => return Err(KeyReadError::WrongPassphrase),
    };
    buffer.truncate(length);
    Ok(buffer)
}

/// Checks, before a passphrase is asked for, that it would be of use and cost no more than we grant.
pub(super) fn check(der: &[u8]) -> Result<(), KeyReadError> {
    let malformed = || KeyReadError::Malformed { label: String::from("ENCRYPTED PRIVATE KEY") };
    let scheme = AnyRef::from_der(der)
        .and_then(|outer| {
            outer.sequence(|reader| {
                let scheme = AlgorithmIdentifierRef::decode(reader)?;
                <&OctetStringRef>::decode(reader)?;
                Ok::<_, der::Error>(scheme.oid)
            })
        })
        .map_err(|_| malformed())?;
    if scheme != PBES2_OID {
        return Err(KeyReadError::LegacyEncryption { form: format!("scheme {scheme}") });
    }
    let sealed = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeyReadError::UnknownEncryption)?;
    let EncryptionScheme::Pbes2(parameters) = &sealed.encryption_algorithm else {
        return Err(KeyReadError::UnknownEncryption);
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => within("PBKDF2 iteration count", pbkdf2.iteration_count.into(), MOST_ITERATIONS),
        Kdf::Scrypt(scrypt) => {
            // The reader of parameters takes the logarithm of the cost without looking whether there is one.
            if scrypt.cost_parameter < 2 || scrypt.block_size == 0 || scrypt.parallelization == 0 {
                return Err(KeyReadError::UnknownEncryption);
            }
            // One after the other: what parallelization adds is time.
            let memory = u128::from(scrypt.cost_parameter) * u128::from(scrypt.block_size) * 128;
            within("scrypt work in bytes", memory * u128::from(scrypt.parallelization), MOST_WORK)
        }
        _ => Err(KeyReadError::UnknownEncryption),
    }
}

/// Seals `content` with PBKDF2-HMAC-SHA256 and AES-256-CBC.
pub(super) fn seal(content: &[u8], passphrase: &Passphrase, random: &dyn Random) -> Result<Vec<u8>, KeyError> {
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    random.fill(&mut salt)?;
    random.fill(&mut iv)?;
    let parameters =
        Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv).map_err(|_| KeyError::Encode)?;
    let sealed = parameters.encrypt(passphrase.as_bytes(), content).map_err(|_| KeyError::Encode)?;
    EncryptedPrivateKeyInfoRef {
        encryption_algorithm: EncryptionScheme::Pbes2(parameters),
        encrypted_data: OctetStringRef::new(&sealed).map_err(|_| KeyError::Encode)?,
    }
    .to_der()
    .map_err(|_| KeyError::Encode)
}

fn within(parameter: &'static str, found: u128, limit: u128) -> Result<(), KeyReadError> {
    if found > limit {
        return Err(KeyReadError::CostlyEncryption { parameter, found, limit });
    }
    Ok(())
}

/// A tenth of a second for us, and for every guess of a thief. Fuzzing tries thousands.
const ITERATIONS: u32 = if cfg!(fuzzing) { 1_000 } else { 600_000 };
/// Some seconds.
const MOST_ITERATIONS: u128 = if cfg!(fuzzing) { 2_000 } else { 10_000_000 };
/// As much memory, where there is no parallelization, and some seconds.
const MOST_WORK: u128 = if cfg!(fuzzing) { 1 << 20 } else { 1 << 30 };

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::pkcs5::pbes2::{EncryptionScheme as Cipher, ScryptParams};

    fn sealed_with(cost_parameter: u64, block_size: u16, parallelization: u16) -> Vec<u8> {
        let kdf = ScryptParams {
            salt: [0_u8; 16].as_slice().try_into().unwrap(),
            cost_parameter,
            block_size,
            parallelization,
            key_length: None,
        };
        let parameters = Parameters { kdf: Kdf::Scrypt(kdf), encryption: Cipher::Aes256Cbc { iv: [0; 16] } };
        EncryptedPrivateKeyInfoRef {
            encryption_algorithm: EncryptionScheme::Pbes2(parameters),
            encrypted_data: OctetStringRef::new(&[0; 32]).unwrap(),
        }
        .to_der()
        .unwrap()
    }

    #[test]
    fn scrypt_is_granted_a_gibibyte_at_once_or_in_turns_and_not_a_byte_more() {
        for (cost, block, parallel) in [(1 << 20, 8, 1), (1 << 16, 8, 16)] {
            assert!(check(&sealed_with(cost, block, parallel)).is_ok());
        }
        for (cost, block, parallel) in
            [(1 << 20, 9, 1), (1 << 63, 8, 1), (1 << 20, 8, 2), (1 << 63, u16::MAX, u16::MAX)]
        {
            let error = check(&sealed_with(cost, block, parallel)).unwrap_err();
            assert!(matches!(error, KeyReadError::CostlyEncryption { .. }), "{error}");
        }
    }

    #[test]
    fn scrypt_without_sense_is_refused_and_ends_nothing() {
        let passphrase = Passphrase::new(b"sesame".to_vec()).unwrap();
        for (cost, block, parallel) in [(0, 8, 1), (1, 8, 1), (2, 0, 1), (2, 8, 0)] {
            assert!(check(&sealed_with(cost, block, parallel)).is_err());
        }
        // No power of two: seen only when the key is stretched.
        let error = open(&sealed_with(3, 8, 1), &passphrase).unwrap_err();
        assert!(matches!(error, KeyReadError::UnknownEncryption), "{error}");
    }
}
