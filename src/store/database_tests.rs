//! What the store promises: all or nothing, one writer at a time, and a clear word about every broken file.

use super::*;
use crate::store::{Migration, Value};
use std::fs;

const COUNTERS: Migration =
    Migration("CREATE TABLE counter (name TEXT NOT NULL UNIQUE, value BIGINT NOT NULL, note BLOB)");

fn store_in(directory: &Path) -> Store {
    let store = Store::create(&directory.join("ledger.db")).unwrap();
    store.migrate(&[COUNTERS]).unwrap();
    store
}

fn add(transaction: &Transaction<'_>, name: &str, value: i64) -> Result<usize, StoreError> {
    transaction.execute("INSERT INTO counter (value, name) VALUES ($2, $1)", &[name.into(), value.into()])
}

fn count(store: &Store) -> i64 {
    let counted =
        store.read(|transaction| transaction.query_row("SELECT count(*) FROM counter", &[], |row| row.integer(0)));
    counted.map_err(|error: StoreError| error).unwrap().unwrap()
}

#[test]
fn what_fails_leaves_no_row() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let result: Result<(), StoreError> = store.transaction(|transaction| {
        add(transaction, "one", 1)?;
        add(transaction, "one", 2)?;
        Ok(())
    });
    match result {
        Err(StoreError::Duplicate { columns }) => assert_eq!(columns, "counter.name"),
        other => panic!("{other:?}"),
    }
    assert_eq!(count(&store), 0);
}

#[test]
fn a_panic_rolls_back_and_the_store_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.transaction(|transaction| -> Result<(), StoreError> {
            add(transaction, "one", 1)?;
            panic!("in the middle");
        })
    }));
    assert!(caught.is_err());
    assert_eq!(count(&store), 0);
}

#[test]
fn rows_come_back_as_they_went_in() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let insert = "INSERT INTO counter (name, value, note) VALUES ($1, $2, $3) RETURNING name, value, note";
    let read: Result<_, StoreError> = store.transaction(|transaction| {
        let values = ["a'b".into(), i64::MIN.into(), Value::from([0_u8, 255])];
        transaction.query_row(insert, &values, |row| Ok((row.text("name")?, row.integer(1)?, row.blob("note")?)))
    });
    let expected = (String::from("a'b"), i64::MIN, vec![0, 255]);
    assert_eq!(read.unwrap().unwrap(), expected);
    let wrong: Result<_, StoreError> =
        store.read(|transaction| transaction.query("SELECT name, note FROM counter", &[], |row| row.integer("name")));
    let error = wrong.unwrap_err();
    assert_eq!(error.to_string(), "column `name` holds no integer");
}

#[test]
fn null_is_an_option_and_never_a_value() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    store.transaction(|transaction| add(transaction, "one", 1)).unwrap();
    let ask = |read: fn(&crate::store::Row<'_>) -> Result<Option<Vec<u8>>, StoreError>| {
        store.read(|transaction| transaction.query_row("SELECT note FROM counter", &[], read))
    };
    assert_eq!(ask(|row| row.optional_blob(0)).unwrap(), Some(None));
    assert!(ask(|row| row.blob(0).map(Some)).is_err());
}

#[test]
fn a_missing_value_is_told_and_not_taken_for_null() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let result = store.transaction(|transaction| {
        transaction.execute("INSERT INTO counter (name, value) VALUES ($1, $2)", &["x".into()])
    });
    assert!(matches!(result, Err(StoreError::WrongCount { placeholders: 2, values: 1, .. })));
}

#[test]
fn eight_threads_with_a_connection_each_lose_no_count() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    store.transaction(|transaction| add(transaction, "all", 0)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let own = Store::open(store.path()).unwrap();
                for _ in 0..25 {
                    own.transaction(raise).unwrap();
                    store.transaction(raise).unwrap();
                }
            });
        }
    });
    let value = store.read(|transaction| transaction.query_row("SELECT value FROM counter", &[], |row| row.integer(0)));
    assert_eq!(value.map_err(|error: StoreError| error).unwrap(), Some(400));
}

/// Reads and writes in two statements: only a transaction that is immediate keeps the others out between them.
fn raise(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let value = transaction.query_row("SELECT value FROM counter", &[], |row| row.integer(0))?.unwrap();
    transaction.execute("UPDATE counter SET value = $1", &[(value + 1).into()])?;
    Ok(())
}

#[test]
fn only_its_owner_can_read_the_store_and_its_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    drop(store);
    let names: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert!(names.len() >= 2, "the log stays when the store is closed");
    for entry in names {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    let again = Store::open(&directory.path().join("ledger.db")).unwrap();
    assert_eq!(again.schema_version().unwrap(), 1);
}

#[test]
fn a_store_is_made_once_and_opened_only_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let again = Store::create(store.path()).unwrap_err();
    assert!(matches!(again, StoreError::Exists { .. }));
    let missing = directory.path().join("none.db");
    assert!(matches!(Store::open(&missing), Err(StoreError::Missing { .. })));
    assert!(!missing.exists());
}

#[test]
fn a_file_of_something_else_is_no_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db");
    for content in [&b""[..], b"x", &[b'x'; 8192]] {
        fs::write(&path, content).unwrap();
        let result = Store::open(&path);
        assert!(matches!(result, Err(StoreError::NotADatabase { .. })), "{result:?}");
    }
    let result = Store::open(directory.path());
    assert!(matches!(result, Err(StoreError::NotADatabase { .. })));
}

#[test]
fn a_store_cut_short_or_overwritten_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let copy = directory.path().join("copy.db");
    store.copy_to(&copy).unwrap();
    let whole = fs::read(&copy).unwrap();
    Store::open(&copy).unwrap().verify().unwrap();
    fs::write(&copy, &whole[..whole.len() - 4096]).unwrap();
    let result = Store::open(&copy);
    assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{result:?}");
    let mut overwritten = whole;
    overwritten[100..4096].fill(0xa5);
    fs::write(&copy, overwritten).unwrap();
    let result = Store::open(&copy);
    assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{result:?}");
}

#[test]
fn a_copy_holds_the_rows_and_takes_nobodys_place() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    store.transaction(|transaction| add(transaction, "one", 1)).unwrap();
    let copy = directory.path().join("copy.db");
    store.copy_to(&copy).unwrap();
    assert_eq!(count(&Store::open(&copy).unwrap()), 1);
    assert!(matches!(store.copy_to(&copy), Err(StoreError::Exists { .. })));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let other = Migration("CREATE TABLE other (id BIGINT)");
    store.migrate(&[COUNTERS, other]).unwrap();
    store.migrate(&[COUNTERS, other]).unwrap();
    let result = store.migrate(&[COUNTERS]);
    assert!(matches!(result, Err(StoreError::Newer { found: 2, supported: 1, .. })));
}

#[test]
fn a_failed_migration_leaves_the_version_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let broken = Migration("CREATE TABLE other (id BIGINT); INSERT INTO nowhere VALUES (1)");
    assert!(store.migrate(&[COUNTERS, broken]).is_err());
    assert_eq!(store.schema_version().unwrap(), 1);
    store.migrate(&[COUNTERS, Migration("CREATE TABLE other (id BIGINT)")]).unwrap();
}

#[test]
fn a_store_that_takes_no_writes_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    store.connection().execute_batch("PRAGMA query_only = ON").unwrap();
    let result = store.transaction(|transaction| add(transaction, "one", 1));
    assert!(matches!(result, Err(StoreError::ReadOnly { .. })), "{result:?}");
    assert_eq!(count(&store), 0);
}

#[test]
fn a_read_only_directory_is_told_as_such() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("home");
    fs::create_dir(&home).unwrap();
    let copy = home.join("copy.db");
    store_in(directory.path()).copy_to(&copy).unwrap();
    fs::set_permissions(&home, Permissions::from_mode(0o500)).unwrap();
    // Root writes where it likes, so there is nothing to see for it.
    let shut = fs::write(home.join("probe"), b"").is_err();
    let result = Store::open(&copy);
    fs::set_permissions(&home, Permissions::from_mode(0o700)).unwrap();
    if shut {
        assert!(matches!(result, Err(StoreError::ReadOnly { .. })), "{result:?}");
    }
}

#[test]
fn a_full_disk_is_told_as_such() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    store.connection().execute_batch("PRAGMA max_page_count = 1").unwrap();
    let result = store.transaction(|transaction| {
        for number in 0..1000 {
            add(transaction, &format!("{number:0200}"), number)?;
        }
        Ok::<_, StoreError>(())
    });
    assert!(matches!(result, Err(StoreError::Full { .. })), "{result:?}");
    assert_eq!(count(&store), 0);
}
