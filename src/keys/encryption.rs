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
            let memory = u128::from(scrypt.cost_parameter) * u128::from(scrypt.block_size) * 128;
            within("scrypt memory in bytes", memory, MOST_MEMORY)?;
            within("scrypt parallelization", scrypt.parallelization.into(), MOST_PARALLEL)
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

/// A tenth of a second for us, and for every guess of a thief.
const ITERATIONS: u32 = 600_000;
const MOST_ITERATIONS: u128 = 10_000_000;
const MOST_MEMORY: u128 = 1 << 30;
const MOST_PARALLEL: u128 = 16;
