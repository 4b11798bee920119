//! A home that is not opened is not backed up, and it is said how it is saved.

use std::fs;

use crate::scene::Scene;
use crate::support::Answer;

/// A word of what is said, and what was done to the home.
type Case = (&'static str, fn(&Scene));

#[test]
fn a_home_that_is_damaged_is_saved_as_it_is_and_that_is_said() {
    let cases: [Case; 5] = [
        ("is damaged", |scene| {
            let ledger = fs::OpenOptions::new().write(true).open(scene.home.file("ledger.db")).unwrap();
            for beside in ["ledger.db-wal", "ledger.db-shm"] {
                let _ = fs::remove_file(scene.home.file(beside));
            }
            ledger.set_len(6000).unwrap();
        }),
        ("no SQLite database", |scene| fs::write(scene.home.file("ledger.db"), "x").unwrap()),
        ("is lost", |scene| fs::remove_file(scene.home.file("ledger.db")).unwrap()),
        ("ca.crt.pem", |scene| {
            let other = Scene::new();
            fs::copy(other.home.file("issuing/1/ca.crt.pem"), scene.home.file("issuing/1/ca.crt.pem")).unwrap();
        }),
        ("audit.head", |scene| {
            let ledger = rusqlite::Connection::open(scene.home.file("ledger.db")).unwrap();
            let text = "DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)";
            assert_eq!(ledger.execute(text, []).unwrap(), 1);
        }),
    ];
    for (word, damage) in cases {
        let scene = Scene::new();
        // Whatever is in the write-ahead log is in the ledger.
        let ledger = rusqlite::Connection::open(scene.home.file("ledger.db")).unwrap();
        ledger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(ledger);
        damage(&scene);
        let refused = backed_up(&scene);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(word), "{word}: {refused}");
        for hint in ["cp -a", "--home DIR restore FILE", "--home DIR adopt COPY/archive"] {
            assert!(said.contains(hint), "{word}: {refused}");
        }
        for never in ["init", "make one"] {
            assert!(!said.contains(never), "{word}: {refused}");
        }
        assert!(!scene.file("b.tar.age").exists());
    }
}

#[test]
fn a_home_of_a_newer_hubca_is_not_called_damaged() {
    let scene = Scene::new();
    let ledger = rusqlite::Connection::open(scene.home.file("ledger.db")).unwrap();
    assert_eq!(ledger.execute("UPDATE schema_version SET version = 9999", []).unwrap(), 1);
    drop(ledger);
    let refused = backed_up(&scene);
    assert!(refused.stderr.contains("newer hubca") && !refused.stderr.contains("cp -a"), "{refused}");
}

fn backed_up(scene: &Scene) -> Answer {
    scene.run(&["backup", scene.file("b.tar.age").to_str().unwrap()]).failed_with(1)
}
