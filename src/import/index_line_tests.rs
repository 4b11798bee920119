//! Lines that openssl writes, and lines that it does not.

use proptest::{collection::vec, prelude::*};
use time::macros::datetime;

use super::*;

fn line(text: &str) -> IndexLine {
    IndexLine::parse(text.as_bytes()).unwrap().unwrap()
}

fn error(text: &str) -> String {
    IndexLine::parse(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_valid_certificate_has_its_end_its_number_and_its_name() {
    let read = line("V\t271229201530Z\t\t1000\tunknown\t/C=DE/O=Home/CN=hub.lan\r\n");
    assert_eq!(read.not_after, datetime!(2027-12-29 20:15:30 UTC));
    assert_eq!(read.serial_number.to_string(), "1000");
    assert_eq!(read.subject, "/C=DE/O=Home/CN=hub.lan");
    assert_eq!(read.names(), [RecordedName::Dns("hub.lan".to_owned())]);
    assert_eq!((read.revocation, read.lost), (None, None));
}

#[test]
fn a_name_is_what_a_server_could_be_called() {
    let names = |subject: &str| line(&format!("E\t271229201530Z\t\t0A\tunknown\t{subject}")).names();
    assert_eq!(names("/CN=192.168.0.1"), [RecordedName::Ip("192.168.0.1".to_owned())]);
    assert_eq!(names("/CN=nas.lan/emailAddress=ann@example.org"), [RecordedName::Dns("nas.lan".to_owned())]);
    assert_eq!(names("/CN=*.hub.lan"), [RecordedName::Dns("*.hub.lan".to_owned())]);
    for nobody in ["/CN=Ann Smith", "/O=Home", "", "/CN=http://hub.lan/"] {
        assert!(names(nobody).is_empty(), "{nobody}");
    }
}

#[test]
fn every_reason_that_openssl_writes_is_kept_or_told() {
    let revoked = |more: &str| {
        let read = line(&format!("R\t271229201530Z\t261129201530Z{more}\t01\tunknown\t/CN=a"));
        let revocation = read.revocation.unwrap();
        assert_eq!(revocation.at, datetime!(2026-11-29 20:15:30 UTC));
        (revocation.reason, read.lost.map(|lost| lost.to_string()))
    };
    for reason in RevocationReason::ALL {
        assert_eq!(revoked(&format!(",{reason}")), (reason, None));
    }
    assert_eq!(revoked(""), (RevocationReason::Unspecified, None));
    assert_eq!(revoked(",CACompromise"), (RevocationReason::CaCompromise, None));
    let (reason, lost) = revoked(",keyTime,20260101000000Z");
    assert_eq!(reason, RevocationReason::KeyCompromise);
    assert!(lost.unwrap().contains("since 20260101000000Z"));
    assert_eq!(revoked(",CAkeyTime,20260101000000Z").0, RevocationReason::CaCompromise);
    for hold in [",certificateHold", ",holdInstruction,holdInstructionReject", ",removeFromCRL", ",lost"] {
        let (reason, lost) = revoked(hold);
        assert_eq!(reason, RevocationReason::Unspecified, "{hold}");
        assert!(lost.is_some(), "{hold}");
    }
}

#[test]
fn octets_in_a_subject_are_utf_8_or_latin_1() {
    let subject = |text: &str| line(&format!("V\t271229201530Z\t\t01\tunknown\t{text}")).subject;
    assert_eq!(subject("/CN=\\xC3\\xA9t\\xC3\\xA9"), "/CN=été");
    assert_eq!(subject("/CN=\\xE9t\\xE9"), "/CN=été");
    assert_eq!(subject("/CN=a\\\tb\\xg1\\x4"), "/CN=a\tb\\xg1\\x4");
}

#[test]
fn what_is_revoked_without_a_date_is_revoked() {
    for date in ["", "yesterday", ",keyCompromise"] {
        let line = line(&format!("R\t271229201530Z\t{date}\t01\tunknown\t/CN=a"));
        assert!(line.revocation.is_some(), "{date}");
        assert!(line.lost.unwrap().to_string().contains("is no time of a revocation: 01 is revoked"), "{date}");
    }
}

#[test]
fn what_is_no_line_says_why() {
    assert!(error("V\t271229201530Z\t01\tunknown\t/CN=a").contains("are 5"));
    assert!(error("V\t271229201530Z\t\t01\tunknown\t/CN=a\tb").contains("are 7"));
    assert!(error("X\t271229201530Z\t\t01\tunknown\t/CN=a").contains("`X`"));
    assert!(error("V\ttomorrow\t\t01\tunknown\t/CN=a").contains("`tomorrow`"));
    for serial in ["00", "-01", "0x10", "", &"ff".repeat(21)] {
        assert!(error(&format!("V\t271229201530Z\t\t{serial}\tunknown\t/CN=a")).contains("serial number"), "{serial}");
    }
    assert_eq!(IndexLine::parse(b"\r\n"), Ok(None));
    assert_eq!(IndexLine::parse(b"# 1\t2"), Ok(None));
}

/// A field as `TXT_DB_write` writes it.
fn escaped(field: &str) -> String {
    field.replace('\t', "\\\t")
}

/// A value as `X509_NAME_oneline` writes it.
fn oneline(value: &[u8]) -> String {
    let octet = |octet: &u8| {
        if (b' '..=b'~').contains(octet) { char::from(*octet).to_string() } else { format!("\\x{octet:02X}") }
    };
    value.iter().map(octet).collect()
}

proptest! {
    #[test]
    fn no_line_ends_the_program(bytes in vec(any::<u8>(), 0..200)) {
        let _ = IndexLine::parse(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = IndexLine::parse(format!("R\t271229201530Z\t{text}\t{text}\tunknown\t{text}").as_bytes());
        let _ = IndexLine::parse(format!("V\t271229201530Z\t\t01\tunknown\t{text}").as_bytes()).map(|line| line.map(|line| line.names()));
    }

    #[test]
    fn what_openssl_writes_is_read(
        status in prop::sample::select(vec!["V", "R", "E"]),
        serial in vec(any::<u8>(), 1..=20).prop_filter("positive", |octets| octets.iter().any(|octet| *octet != 0)),
        value in "[^\\x00/\\\\]{1,40}",
        latin in "[ -.0-\\[\\]-~¡-ÿ]{1,40}",
        is_t61: bool,
        file in "[a-z\t/.]{1,20}",
        end in prop::sample::select(vec!["\n", "\r\n", ""]),
        reason in prop::sample::select(vec!["", ",unspecified", ",keyCompromise", ",superseded", ",certificateHold", ",keyTime,20260101000000Z"]),
    ) {
        let digits: String = serial.iter().map(|octet| format!("{octet:02X}")).collect();
        let revocation = if status == "R" { format!("261129201530Z{reason}") } else { String::new() };
        // What most took a T61String for; octets that happen to be UTF-8 are taken for that.
        let octets: Vec<u8> = latin.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect();
        let (octets, value) = match String::from_utf8(octets) {
            _ if !is_t61 => (value.clone().into_bytes(), value),
            Ok(text) => (text.clone().into_bytes(), text),
            Err(error) => (error.into_bytes(), latin),
        };
        let subject = format!("/O=Home/CN={}", oneline(&octets));
        let text = [status, "20991229201530Z", &revocation, &digits, &escaped(&file), &escaped(&subject)].join("\t");
        let read = IndexLine::parse(format!("{text}{end}").as_bytes()).unwrap().unwrap();
        prop_assert_eq!(read.subject, format!("/O=Home/CN={value}"));
        prop_assert_eq!(read.serial_number.to_string(), digits.trim_start_matches("00").to_lowercase());
        prop_assert_eq!(read.revocation.is_some(), status == "R");
    }
}
