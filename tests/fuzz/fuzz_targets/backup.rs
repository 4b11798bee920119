#![no_main]
//! A backup. As it is; and as an archive that somebody with its passphrase has sealed. What is wrong with it is told, nothing of it
//! stays beside its place, what is restored has verified, and what verifies can be restored.

use std::{fs, io::Write as _};

use hubca::{
    home::{Home, Layout, Tolerance, are_bearable, look_at_backup},
    keys::{Passphrase, Sealing},
    system::SystemRandom,
};
use hubca_fuzz::{Hub, archive, doors, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let passphrase = Passphrase::new(b"sesame".to_vec()).unwrap();
    let sealed = if bytes.starts_with(b"age") { bytes.to_vec() } else { sealed(&archive(bytes), &passphrase) };
    with_hub(|hub| restore(hub, &sealed, &passphrase));
});

fn sealed(archive: &[u8], passphrase: &Passphrase) -> Vec<u8> {
    let mut sealing = Sealing::begin(Vec::new(), passphrase, &SystemRandom).unwrap();
    sealing.write_all(archive).unwrap();
    sealing.finish().unwrap()
}

fn restore(hub: &Hub, sealed: &[u8], passphrase: &Passphrase) {
    let (file, place) = (hub.path("backup.tar.age"), hub.path("restored"));
    fs::write(&file, sealed).unwrap();
    let looked_at = look_at_backup(&file, passphrase, &doors(), &mut |_| ()).map(|looked_at| looked_at.examined.flaws);
    let is_sound = looked_at.as_ref().is_ok_and(Vec::is_empty);
    for tolerance in [Tolerance::Nothing, Tolerance::Flaws] {
        fs::create_dir(&place).unwrap();
        let layout = Layout::new(place.join("home"));
        let restored = Home::restore(&layout, &file, passphrase, tolerance, &doors(), &mut |_| ()).map(|_| ());
        match &looked_at {
            Ok(flaws) if tolerance == Tolerance::Flaws && are_bearable(flaws) => {}
            _ => assert_eq!(is_sound, restored.is_ok(), "{restored:?}"),
        }
        let left: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, if restored.is_ok() { vec!["home"] } else { Vec::new() });
        fs::remove_dir_all(&place).unwrap();
    }
}
