#![no_main]
//! An exported audit log: whatever is read of it has a head, and only one that is whole has no flaw.

use hubca::authority::ExportedLog;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(log) = ExportedLog::read(bytes, None) else { return };
    assert!(log.head.entries >= 0 && log.head.hash.len() == 64);
    let noted = ExportedLog::read(bytes, Some(&"0".repeat(64))).unwrap();
    assert!(!noted.flaws.is_empty(), "no entry has that hash");
});
