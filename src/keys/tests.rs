//! Keys as others see them: openssl reads what we write, and we read what openssl writes.

use super::*;
use crate::system::files::access;
use crate::system::{Random, RandomError, SystemRandom};
use crate::x509::public_key::{KeyAlgorithm, RsaSize, SignatureAlgorithm, SoundKey};
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

const MADE: [KeyAlgorithm; 3] = [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::Rsa(RsaSize::Bits2048)];

struct Known(&'static str);

impl PassphraseSource for Known {
    fn passphrase(&self, _: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Ok(secret(self.0))
    }
}

struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, for_what: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: for_what.clone() })
    }
}

fn secret(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes().to_vec()).unwrap()
}

fn none() -> Result<Passphrase, PassphraseError> {
    panic!("a passphrase was asked for where none is of use")
}

fn openssl(arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that makes something may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {said}");
    output.stdout
}

fn key(algorithm: KeyAlgorithm) -> PrivateKey {
    PrivateKey::generate(algorithm, &SystemRandom).unwrap()
}

#[test]
fn openssl_reads_every_key_we_make_and_finds_the_same_public_key() {
    for algorithm in MADE {
        let key = key(algorithm);
        assert_eq!(key.public_key().check_strength(), Ok(SoundKey::from(algorithm)));
        let plain = key.to_pem().unwrap();
        openssl("pkey -check -noout", plain.as_bytes());
        let public = openssl("pkey -pubout -outform DER", plain.as_bytes());
        assert_eq!(public, key.public_key().der());
        // Version 1, and for a curve the public key inside, as openssl writes it itself.
        assert_eq!(openssl("pkcs8 -topk8 -nocrypt -outform DER", plain.as_bytes()), key.pkcs8_der());
        let sealed = key.to_encrypted_pem(&secret("sesame"), &SystemRandom).unwrap();
        let public = openssl("pkey -passin pass:sesame -pubout -outform DER", sealed.as_bytes());
        assert_eq!(public, key.public_key().der());
    }
}

#[test]
fn a_key_comes_back_from_what_it_was_written_as() {
    for algorithm in MADE {
        let key = key(algorithm);
        let plain = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes(), none).unwrap();
        assert_eq!(plain.pkcs8_der(), key.pkcs8_der());
        let text = key.to_encrypted_pem(&secret("sesame"), &SystemRandom).unwrap();
        let opened = PrivateKey::from_pem(text.as_bytes(), || Ok(secret("sesame"))).unwrap();
        assert_eq!(opened.pkcs8_der(), key.pkcs8_der());
        let shut = PrivateKey::from_pem(text.as_bytes(), || Ok(secret("Sesame")));
        assert!(matches!(shut, Err(KeyReadError::WrongPassphrase)));
    }
}

#[test]
fn a_key_is_that_of_its_own_public_key_and_of_no_other() {
    for algorithm in [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::Rsa(RsaSize::Bits2048)] {
        let (own, other) = (key(algorithm), key(algorithm));
        let written = own.to_pem().unwrap();
        assert!(PrivateKey::is_of(written.as_bytes(), own.public_key()));
        assert!(!PrivateKey::is_of(written.as_bytes(), other.public_key()));
        let locked = own.to_encrypted_pem(&secret("correct horse"), &SystemRandom).unwrap();
        assert!(!PrivateKey::is_of(locked.as_bytes(), own.public_key()));
    }
    let own = key(KeyAlgorithm::P256);
    let sec1 = openssl("ec", own.to_pem().unwrap().as_bytes());
    assert!(sec1.starts_with(b"-----BEGIN EC PRIVATE KEY-----") && PrivateKey::is_of(&sec1, own.public_key()));
    for garbage in ["", "-----BEGIN X-----\nAAAA\n-----END X-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n"] {
        assert!(!PrivateKey::is_of(garbage.as_bytes(), own.public_key()));
    }
}

#[test]
fn a_signature_is_verified_with_the_public_key_and_by_openssl() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    for algorithm in MADE {
        let key = key(algorithm);
        let pem = key.to_pem().unwrap();
        fs::write(at("public.pem"), openssl("pkey -pubout", pem.as_bytes())).unwrap();
        let signing = key.to_signing_key().unwrap();
        assert_eq!(signing.signature_algorithm(), SignatureAlgorithm::as_signed_by(algorithm));
        let signature = signing.sign(b"message").unwrap();
        let public = signing.public_key();
        let used = signing.signature_algorithm();
        public.verify(used, b"message", &signature).unwrap();
        assert!(public.verify(used, b"massage", &signature).is_err());
        fs::write(at("signature"), &signature).unwrap();
        let hash = if algorithm == KeyAlgorithm::P384 { "sha384" } else { "sha256" };
        let command =
            format!("dgst -{hash} -verify {} -signature {}", at("public.pem").display(), at("signature").display());
        openssl(&command, b"message");
    }
}

#[test]
fn every_form_that_openssl_writes_is_read() {
    let made = [
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", ""),
        ("ecparam -name prime256v1 -genkey", "EC PARAMETERS"),
        ("ecparam -name secp384r1 -genkey -noout", "EC PRIVATE KEY"),
        ("genrsa -traditional 2048", "RSA PRIVATE KEY"),
        ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072", ""),
    ];
    for (command, label) in made {
        let text = openssl(command, b"");
        assert!(String::from_utf8_lossy(&text).contains(label), "{command}");
        let key = PrivateKey::from_pem(&text, none).unwrap();
        let public = openssl("pkey -pubout -outform DER", &text);
        assert_eq!(key.public_key().der(), public, "{command}");
    }
}

#[test]
fn every_modern_encryption_of_openssl_is_opened() {
    let plain = key(KeyAlgorithm::P256);
    let text = plain.to_pem().unwrap();
    for options in [
        "-v2 aes-256-cbc",
        "-v2 aes-128-cbc -v2prf hmacWithSHA512",
        "-v2 aes-256-cbc -v2prf hmacWithSHA1",
        "-v2 des3",
        "-scrypt",
    ] {
        let command = format!("pkcs8 -topk8 -passout pass:sesame {options}");
        let sealed = openssl(&command, text.as_bytes());
        let key = PrivateKey::from_pem(&sealed, || Ok(secret("sesame")));
        assert_eq!(key.unwrap().pkcs8_der(), plain.pkcs8_der(), "{options}");
    }
}

#[test]
fn what_openssl_encrypted_before_pkcs8_is_opened() {
    let keys = [("ec", key(KeyAlgorithm::P256)), ("rsa -traditional", key(KeyAlgorithm::Rsa(RsaSize::Bits2048)))];
    for (command, plain) in keys {
        let text = plain.to_pem().unwrap();
        for cipher in ["-des3", "-aes128", "-aes192", "-aes256"] {
            let sealed = openssl(&format!("{command} {cipher} -passout pass:sesame"), text.as_bytes());
            assert!(String::from_utf8_lossy(&sealed).contains("Proc-Type: 4,ENCRYPTED"), "{command} {cipher}");
            assert!(PrivateKey::is_encrypted(&sealed).unwrap());
            let opened = PrivateKey::from_pem(&sealed, || Ok(secret("sesame"))).unwrap();
            assert_eq!(opened.public_key(), plain.public_key(), "{command} {cipher}");
            for wrong in 0..20 {
                let error = PrivateKey::from_pem(&sealed, || Ok(secret(&format!("{wrong}")))).unwrap_err();
                assert!(matches!(error, KeyReadError::WrongPassphrase), "{command} {cipher}: {error}");
            }
        }
    }
}

#[test]
fn an_old_encryption_is_refused_with_the_way_out_and_without_asking() {
    let pem = key(KeyAlgorithm::P256).to_pem().unwrap();
    for command in ["ec -camellia128 -passout pass:sesame", "pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:sesame"] {
        let error = PrivateKey::from_pem(&openssl(command, pem.as_bytes()), none).unwrap_err();
        assert!(matches!(error, KeyReadError::LegacyEncryption { .. }), "{command}");
        assert!(error.to_string().contains("openssl pkcs8 -topk8"));
    }
}

#[test]
fn a_costly_encryption_is_refused_without_asking() {
    let pem = key(KeyAlgorithm::P256).to_pem().unwrap();
    let command = "pkcs8 -topk8 -v2 aes-256-cbc -iter 10000001 -passout pass:sesame";
    let error = PrivateKey::from_pem(&openssl(command, pem.as_bytes()), none).unwrap_err();
    assert!(matches!(error, KeyReadError::CostlyEncryption { found: 10_000_001, .. }));
}

#[test]
fn keys_we_do_not_use_are_named() {
    for (command, kind) in [
        ("genpkey -algorithm ED25519", "Ed25519"),
        ("ecparam -name secp521r1 -genkey -noout", "P-521"),
        ("ecparam -name secp256k1 -genkey -noout", "1.3.132.0.10"),
    ] {
        let error = PrivateKey::from_pem(&openssl(command, b""), none).unwrap_err();
        assert!(error.to_string().starts_with(kind), "{error}");
    }
    let short = PrivateKey::from_pem(&openssl("genrsa 1024", b""), none);
    assert!(matches!(short, Err(KeyReadError::Rejected { .. })));
}

#[test]
fn text_without_a_key_says_what_it_has() {
    let error = PrivateKey::from_pem(b"hello", none).unwrap_err();
    assert_eq!(error.to_string(), "there is no private key in it");
    let text = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = PrivateKey::from_pem(text, none).unwrap_err();
    assert_eq!(error.to_string(), "there is no private key in it, only `CERTIFICATE`");
    let text = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(matches!(PrivateKey::from_pem(text, none), Err(KeyReadError::Malformed { .. })));
}

#[test]
fn nothing_shows_a_private_key() {
    let key = key(KeyAlgorithm::P256);
    let shown = format!("{key:?}");
    assert!(shown.starts_with("PrivateKey(of SubjectPublicKeyInfo(P-256, "), "{shown}");
    let signing = format!("{:?}", key.to_signing_key().unwrap());
    assert!(signing.starts_with("SigningKey(SubjectPublicKeyInfo(P-256, "), "{signing}");
}

struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError { reason: String::from("dry") })
    }
}

#[test]
fn without_randomness_there_is_no_key() {
    for algorithm in [KeyAlgorithm::P256, KeyAlgorithm::Rsa(RsaSize::Bits2048)] {
        let result = PrivateKey::generate(algorithm, &Dry);
        assert!(matches!(result, Err(KeyError::Random(_))));
    }
}

#[test]
fn a_key_file_changes_its_protection_and_stays_private() {
    let directory = tempfile::tempdir().unwrap();
    let file = KeyFile::new(directory.path().join("root.key.pem"), KeyPurpose::Root);
    let key = key(KeyAlgorithm::P256);
    file.write_new(&key, Protection::FileMode, &SystemRandom).unwrap();
    assert!(!file.is_encrypted().unwrap());
    assert!(access(file.path()).unwrap().is_private_to_us());
    let again = file.write_new(&key, Protection::FileMode, &SystemRandom);
    assert!(matches!(again, Err(KeyError::File(_))));

    file.protect(key.public_key(), &Nobody, &secret("sesame"), &SystemRandom).unwrap();
    assert!(file.is_encrypted().unwrap());
    assert!(access(file.path()).unwrap().is_private_to_us());
    assert_eq!(file.read(&Known("sesame")).unwrap().pkcs8_der(), key.pkcs8_der());
    let wrong = file.read(&Known("wrong")).unwrap_err();
    assert!(matches!(wrong, KeyError::WrongPassphrase { path } if path == file.path()));
    let unasked = file.read(&Nobody).unwrap_err().to_string();
    assert_eq!(unasked, "the root key is encrypted and no passphrase was given");

    assert!(file.unprotect(key.public_key(), &Known("wrong"), &SystemRandom).is_err());
    assert!(file.is_encrypted().unwrap());
    file.unprotect(key.public_key(), &Known("sesame"), &SystemRandom).unwrap();
    assert!(!file.is_encrypted().unwrap());
    let other = self::key(KeyAlgorithm::P256);
    let refused = file.protect(other.public_key(), &Nobody, &secret("sesame"), &SystemRandom);
    assert!(matches!(refused, Err(KeyError::OtherKey { .. })));
    fs::set_permissions(file.path(), Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(file.read(&Nobody), Err(KeyError::File(_))));
}

#[test]
fn only_aws_lc_uses_private_keys() {
    // The decrypting, signing and agreeing of `rsa` and `p256`, by the names of their modules, types and traits.
    let forbidden = [
        "rsa::pkcs1v15",
        "rsa::pss",
        "rsa::oaep",
        "rsa::signature",
        "rsa::hazmat",
        "Pkcs1v15Sign",
        "Pkcs1v15Encrypt",
        "Oaep",
        ".decrypt_blinded(",
        ".sign_with_rng(",
        "p256::ecdsa",
        "p256::ecdh",
        "diffie_hellman",
    ];
    let mut checked = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("keys/tests.rs") {
                let text = Zeroizing::new(fs::read_to_string(&path).unwrap());
                for word in forbidden {
                    assert!(!text.contains(word), "{word} in {}", path.display());
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 20);
}
