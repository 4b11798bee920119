#![no_main]
//! An `index.txt` of `openssl ca`: what is read of a line says the same when it is written again.

use hubca::import::IndexLine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Ok(Some(read)) = IndexLine::parse(line) else { continue };
        let _ = (read.names(), read.lost.as_ref().map(ToString::to_string));
        assert_eq!(IndexLine::parse(written(&read).as_bytes()), Ok(Some(IndexLine { lost: None, ..read.clone() })));
    }
});

/// The line as openssl writes it.
fn written(line: &IndexLine) -> String {
    let at = |moment: time::OffsetDateTime| {
        let (date, clock) = (moment.date(), moment.time());
        let month = u8::from(date.month());
        format!(
            "{:04}{month:02}{:02}{:02}{:02}{:02}Z",
            date.year(),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second()
        )
    };
    let (status, revocation) = match line.revocation {
        Some(revocation) => ("R", format!("{},{}", at(revocation.at), revocation.reason)),
        None => ("V", String::new()),
    };
    let subject: String = line.subject.bytes().map(|octet| format!("\\x{octet:02X}")).collect();
    format!("{status}\t{}\t{revocation}\t{}\tunknown\t{subject}\n", at(line.not_after), line.serial_number)
}
