//! Every refusal has a key with that one defect; `tests/fixtures/keys/make.py` makes them.

use super::*;
use der::Decode;

fn fixture(name: &str) -> SubjectPublicKeyInfo {
    let path = format!("{}/tests/fixtures/keys/{name}.der", env!("CARGO_MANIFEST_DIR"));
    SubjectPublicKeyInfo::from_der(&std::fs::read(path).unwrap()).unwrap()
}

fn refusal(name: &str) -> WeakKey {
    fixture(name).check_strength().unwrap_err()
}

#[test]
fn sound_keys_are_told_by_their_kind() {
    assert_eq!(fixture("p256-sound").check_strength(), Ok(SoundKey::P256));
    assert_eq!(fixture("p384-sound").check_strength(), Ok(SoundKey::P384));
    let rsa = fixture("rsa-sound").check_strength();
    assert_eq!(rsa, Ok(SoundKey::Rsa { bits: 2048 }));
}

#[test]
fn each_weak_rsa_key_is_refused_for_its_own_defect() {
    assert_eq!(refusal("rsa-1024-bits"), WeakKey::ModulusLength { bits: 1024 });
    assert_eq!(refusal("rsa-9216-bits"), WeakKey::ModulusLength { bits: 9216 });
    assert_eq!(refusal("rsa-exponent-3"), WeakKey::Exponent { exponent: Some(3) });
    assert_eq!(refusal("rsa-exponent-of-72-bits"), WeakKey::Exponent { exponent: None });
    assert_eq!(refusal("rsa-even"), WeakKey::SmallFactor { factor: 2 });
    assert_eq!(refusal("rsa-divisible-by-751"), WeakKey::SmallFactor { factor: 751 });
    assert_eq!(refusal("rsa-roca"), WeakKey::Roca);
    for name in ["rsa-square", "rsa-close-primes"] {
        assert!(matches!(refusal(name), WeakKey::ClosePrimes { .. }), "{name}");
    }
    assert!(matches!(refusal("rsa-without-content"), WeakKey::Kind { .. }));
}

#[test]
fn each_weak_point_is_refused_for_its_own_defect() {
    for name in ["p256-off-curve", "p384-off-curve", "p384-with-p256-point"] {
        assert!(matches!(refusal(name), WeakKey::NotOnCurve { .. }), "{name}");
    }
    for (name, byte) in [("p256-infinity", 0), ("p256-compressed", 3)] {
        assert!(matches!(refusal(name), WeakKey::PointForm { first, .. } if first == byte));
    }
    for name in ["secp256k1", "ed25519", "ed448"] {
        assert!(matches!(refusal(name), WeakKey::Kind { .. }), "{name}");
    }
    let message = refusal("ed25519").to_string();
    assert_eq!(message, "Ed25519 keys are not certified; P-256, P-384 and RSA are");
}

#[test]
fn a_key_is_kept_byte_for_byte_and_nothing_may_follow_it() {
    let key = fixture("p256-sound");
    let mut longer = key.der().to_vec();
    longer.push(0);
    assert!(SubjectPublicKeyInfo::from_der(&longer).is_err());
    assert!(SubjectPublicKeyInfo::from_der(b"").is_err());
    assert_eq!(key.key_bits().len(), 65);
    assert_eq!(key.kind(), PublicKeyKind::Ec(NamedCurve::P256));
    assert_eq!(SubjectPublicKeyInfo::from_der(key.der()).unwrap(), key);
}

#[test]
fn the_identifier_is_sha1_of_the_key_bits() {
    // openssl dgst -sha1 over the 65 bytes of the generator of P-256.
    let identifier = fixture("p256-sound").key_identifier();
    assert_eq!(hex(identifier), "b467a3999eb5efa671de0032f08a9c9e5efda0e1");
}

#[test]
fn a_token_of_nss_knows_a_point_by_its_sha1_and_rsa_by_that_of_the_modulus() {
    assert_eq!(hex(fixture("p256-sound").token_identifier()), "b467a3999eb5efa671de0032f08a9c9e5efda0e1");
    // openssl rsa -modulus, and openssl dgst -sha1 over its 256 bytes.
    assert_eq!(hex(fixture("rsa-sound").token_identifier()), "4664497e420753eea7ea69d9f674d53c049fc1a7");
}

fn hex(octets: [u8; 20]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[test]
fn an_algorithm_is_found_by_its_identifier_and_a_foreign_one_is_named() {
    for algorithm in SignatureAlgorithm::ALL {
        assert_eq!(SignatureAlgorithm::from_oid(algorithm.oid()), Ok(algorithm));
        let identifier = pkcs8::spki::AlgorithmIdentifierRef::from_der(algorithm.identifier_der());
        assert_eq!(identifier.unwrap().oid.to_string(), algorithm.oid());
    }
    let pss = SignatureAlgorithm::from_oid("1.2.840.113549.1.1.10").unwrap_err();
    let expected = "RSASSA-PSS (1.2.840.113549.1.1.10) is no signature algorithm that is verified here";
    assert_eq!(pss.to_string(), expected);
    let unknown = SignatureAlgorithm::from_oid("1.2.3").unwrap_err();
    assert_eq!((unknown.oid.as_str(), unknown.name), ("1.2.3", None));
}

#[test]
fn a_signature_of_another_algorithm_is_a_mismatch() {
    let key = fixture("p256-sound");
    let result = key.verify(SignatureAlgorithm::RsaPkcs1Sha256, b"m", b"s");
    assert!(matches!(result, Err(VerifyError::Mismatch { .. })));
    let result = key.verify(SignatureAlgorithm::EcdsaWithSha384, b"m", b"s");
    assert!(matches!(result, Err(VerifyError::Forged { .. })));
    let result = fixture("rsa-1024-bits").verify(SignatureAlgorithm::RsaPkcs1Sha256, b"m", b"s");
    assert!(matches!(result, Err(VerifyError::Mismatch { .. })));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "openssl makes the signatures, and a test runs it by hand")]
fn every_pair_of_curve_and_digest_that_openssl_signs_with_is_verified() {
    let directory = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let output = std::process::Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "openssl {arguments}");
        output.stdout
    };
    std::fs::write(directory.path().join("message"), b"message").unwrap();
    use SignatureAlgorithm as Algorithm;
    let ecdsa = [
        ("sha256", Algorithm::EcdsaWithSha256),
        ("sha384", Algorithm::EcdsaWithSha384),
        ("sha512", Algorithm::EcdsaWithSha512),
    ];
    let rsa = [
        ("sha256", Algorithm::RsaPkcs1Sha256),
        ("sha384", Algorithm::RsaPkcs1Sha384),
        ("sha512", Algorithm::RsaPkcs1Sha512),
    ];
    for (make, algorithms) in [
        ("EC -pkeyopt ec_paramgen_curve:P-256", ecdsa),
        ("EC -pkeyopt ec_paramgen_curve:P-384", ecdsa),
        ("EC -pkeyopt ec_paramgen_curve:P-521", ecdsa),
        ("RSA -pkeyopt rsa_keygen_bits:2048", rsa),
    ] {
        openssl(&format!("genpkey -out key -algorithm {make}"));
        let public = openssl("pkey -in key -pubout -outform DER");
        let key = SubjectPublicKeyInfo::from_der(&public).unwrap();
        for (digest, algorithm) in algorithms {
            let signature = openssl(&format!("dgst -{digest} -sign key message"));
            assert_eq!(key.verify(algorithm, b"message", &signature), Ok(()));
            let forged = key.verify(algorithm, b"massage", &signature);
            assert!(matches!(forged, Err(VerifyError::Forged { .. })));
        }
    }
}
