//! Making keys: P-256 and RSA from the random bytes of our own door, P-384 by aws-lc from its own.

use std::convert::Infallible;

use aws_lc_rs::digest::{SHA512, digest};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair};
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::pkcs8_v1::{Pkcs8, from_p256};
use crate::system::{Random, RandomError};
use crate::x509::public_key::KeyAlgorithm;

/// A new key of this kind.
pub(super) fn generate(algorithm: KeyAlgorithm, random: &dyn Random) -> Result<Pkcs8, KeyError> {
    let failed = || KeyError::Generate { algorithm };
    match algorithm {
        KeyAlgorithm::P256 => p256_key(algorithm, random),
        KeyAlgorithm::P384 => {
            let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).map_err(|_| failed())?;
            let document = key.to_pkcs8v1().map_err(|_| failed())?;
            Ok(Zeroizing::new(document.as_ref().to_vec()))
        }
        KeyAlgorithm::Rsa(size) => {
            let mut source = DoorRng::new(random);
            let bits = usize::try_from(size.bits()).map_err(|_| failed())?;
            // The crate's own exponent is 65537.
            let key = rsa::RsaPrivateKey::new(&mut source, bits);
            source.finish()?;
            let document = key.map_err(|_| failed())?.to_pkcs8_der();
            Ok(document.map_err(|_| failed())?.to_bytes())
        }
    }
}

fn p256_key(algorithm: KeyAlgorithm, random: &dyn Random) -> Result<Pkcs8, KeyError> {
    let mut scalar = Zeroizing::new([0_u8; 32]);
    // One draw in 2^32 is above the order of the curve.
    for _ in 0..DRAWS {
        random.fill(scalar.as_mut_slice())?;
        if let Ok(key) = p256::SecretKey::from_slice(scalar.as_slice()) {
            return from_p256(&key).ok_or(KeyError::Generate { algorithm });
        }
    }
    Err(KeyError::Generate { algorithm })
}

/// Our random door in the shape that the search for primes wants, which knows no failure.
struct DoorRng<'a> {
    random: &'a dyn Random,
    failure: Option<RandomError>,
    counter: u64,
}

impl<'a> DoorRng<'a> {
    fn new(random: &'a dyn Random) -> Self {
        Self { random, failure: None, counter: 0 }
    }

    fn finish(self) -> Result<(), RandomError> {
        self.failure.map_or(Ok(()), Err)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        if self.failure.is_none() {
            match self.random.fill(bytes) {
                Ok(()) => return,
                Err(error) => self.failure = Some(error),
            }
        }
        // The search must end for the failure to be told; the key it finds is thrown away.
        for chunk in bytes.chunks_mut(64) {
            self.counter = self.counter.wrapping_add(1);
            let block = digest(&SHA512, &self.counter.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
                *to = *from;
            }
        }
    }
}

impl TryRng for DoorRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for DoorRng<'_> {}

const DRAWS: u32 = 16;
