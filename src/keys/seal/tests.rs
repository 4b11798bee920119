//! Seals from inside, and one by age itself.

use std::io::{Read, Write};

use super::*;
use crate::{keys::Passphrase, system::SystemRandom};

fn word(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes().to_vec()).unwrap()
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let mut sealing = Sealing::begin(Vec::new(), &word("open sesame"), &SystemRandom).unwrap();
    sealing.write_all(content).unwrap();
    sealing.finish().unwrap()
}

fn opened(sealed: &[u8], passphrase: &str) -> Result<Vec<u8>, String> {
    let mut opening = Opening::begin(sealed, &word(passphrase)).map_err(|error| format!("{error:?}"))?;
    let mut content = Vec::new();
    opening.read_to_end(&mut content).map_err(|error| format!("{:?}", error.kind()))?;
    Ok(content)
}

#[test]
fn what_is_sealed_comes_out_whatever_its_length() {
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let content: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
        let file = sealed(&content);
        assert_eq!(opened(&file, "open sesame").as_ref(), Ok(&content), "{length}");
        assert_eq!(opened(&file, "open barley"), Err("Passphrase".to_owned()));
    }
}

#[test]
fn a_file_of_age_is_opened() {
    // Made by age 1.1.1 with the passphrase `open sesame`.
    let file = include_bytes!("../../../tests/fixtures/keys/by-age.age");
    assert_eq!(opened(file, "open sesame").unwrap(), b"made by age\n");
}

#[test]
fn every_byte_that_was_changed_and_every_cut_is_seen() {
    let content = vec![7; 70_000];
    let file = sealed(&content);
    let header = file.iter().position(|octet| *octet == 0).unwrap_or(200).max(200);
    for place in (0..header).chain((header..file.len()).step_by(997)).chain([file.len() - 1]) {
        let mut changed = file.clone();
        changed[place] ^= 1;
        assert!(opened(&changed, "open sesame").is_err(), "byte {place}");
    }
    let second = file.len() - (70_000 - 65_536) - 16;
    for length in [0, 10, 21, 22, 60, 100, 150, 199, 1000, second - 1, second, second + 1, second + 15, file.len() - 1]
    {
        let cut = opened(&file[..length], "open sesame");
        assert!(cut.as_ref().is_err_and(|error| error.contains("UnexpectedEof")), "{length}: {cut:?}");
    }
    assert!(opened(&[&file[..], b"x"].concat(), "open sesame").is_err());
    assert_eq!(opened(b"no such file, but a line\n", "open sesame"), Err("NotSealed".to_owned()));
}

#[test]
fn who_goes_on_writing_to_a_full_disk_is_refused_again_and_nothing_breaks() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if bytes.len() > 1000 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sealing = Sealing::begin(Full, &word("open sesame"), &SystemRandom).unwrap();
    let content = vec![7; 70_000];
    for _ in 0..3 {
        assert!(sealing.write_all(&content).is_err());
    }
    assert!(sealing.finish().is_err());
}

#[test]
fn work_that_nobody_would_wait_for_is_refused_before_it_is_begun() {
    let file = String::from_utf8_lossy(&sealed(b"")).into_owned();
    let costly = file.replacen(" 10\n", " 30\n", 1);
    let costly = format!("{}\n--- {}\n", costly.lines().take(3).collect::<Vec<_>>().join("\n"), "A".repeat(43));
    assert_eq!(opened(costly.as_bytes(), "open sesame"), Err("TooMuchWork { required: 30 }".to_owned()));
}
