//! The status as a calendar: RFC 5545. An event keeps its identity when its date moves, so that a renewed certificate is
//! one entry and not two.

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    home::{Lifespan, Survey},
    x509::{certificate::sha256, hexadecimal},
};

/// The calendar of a CA, which is told from others by the fingerprint of its root.
pub(super) fn calendar(survey: &Survey, ca: &str, fingerprint: &str) -> String {
    let mut calendar = Calendar(String::new());
    calendar.line("BEGIN:VCALENDAR");
    calendar.line("VERSION:2.0");
    calendar.line("PRODID:-//hubca//hubca status//EN");
    calendar.line("METHOD:PUBLISH");
    calendar.text("X-WR-CALNAME", &format!("{ca}: what ends"));
    for life in &survey.lives {
        for event in events(life, ca) {
            calendar.event(&event, life, fingerprint, survey.at);
        }
    }
    calendar.line("END:VCALENDAR");
    calendar.0
}

struct Event {
    name: &'static str,
    at: OffsetDateTime,
    summary: String,
    description: String,
}

/// What a person has to do, and when something stops working. A CRL of an issuing CA is made every week by a timer, and no
/// calendar is kept for that.
fn events(life: &Lifespan, ca: &str) -> Vec<Event> {
    let event =
        |name, at, summary: String, description: &str| Event { name, at, summary, description: description.to_owned() };
    let subject = &life.subject;
    let end = |description| event("end", life.until, format!("{ca}: {subject} ends"), description);
    match life.what {
        "root" => vec![
            event(
                "due",
                life.due,
                format!("{ca}: a new root is wanted"),
                "hubca rotate root; devices need time to follow",
            ),
            end("hubca rotate root"),
        ],
        "issuing" => vec![
            event("due", life.due, format!("{ca}: a new issuing CA is wanted"), "hubca rotate issuing"),
            end("hubca rotate issuing"),
        ],
        "crl" if subject.starts_with("root") => vec![
            event("due", life.due, format!("{ca}: the CRL of {subject} is wanted anew"), CRL_OF_A_ROOT),
            event("end", life.until, format!("{ca}: the CRL of {subject} ends"), CRL_OF_A_ROOT),
        ],
        "certificate" => vec![end("hubca renew makes another in time, if a timer runs it; this date moves then")],
        _ => Vec::new(),
    }
}

const CRL_OF_A_ROOT: &str = "with the root key: hubca crl --issuer root";

struct Calendar(String);

impl Calendar {
    fn event(&mut self, event: &Event, life: &Lifespan, fingerprint: &str, now: OffsetDateTime) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}", identity(event, life, fingerprint)));
        self.line(&format!("DTSTAMP:{}", date_time(now)));
        self.line(&format!("DTSTART:{}", date_time(event.at)));
        self.text("SUMMARY", &event.summary);
        self.text("DESCRIPTION", &event.description);
        self.line("TRANSP:TRANSPARENT");
        self.line("BEGIN:VALARM");
        self.line("ACTION:DISPLAY");
        self.text("DESCRIPTION", &event.summary);
        self.line("TRIGGER:-P14D");
        self.line("END:VALARM");
        self.line("END:VEVENT");
    }

    /// A value that others chose: RFC 5545 3.3.11.
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::new();
        for character in value.chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                '\n' => escaped.push_str("\\n"),
                character if character.is_control() => {}
                character => escaped.push(character),
            }
        }
        self.line(&format!("{name}:{escaped}"));
    }

    /// RFC 5545 3.1: no line is longer than 75 octets; a longer one goes on after a line feed and a space.
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > LONGEST_LINE {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(character);
            octets += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

fn identity(event: &Event, life: &Lifespan, fingerprint: &str) -> String {
    let hash = sha256(format!("{fingerprint}\n{}\n{}\n{}", life.what, life.subject, event.name).as_bytes());
    let digits = hexadecimal(hash.get(..16).unwrap_or_default());
    format!("{digits}@hubca")
}

fn date_time(at: OffsetDateTime) -> String {
    at.format(DATE_TIME).unwrap_or_default()
}

const DATE_TIME: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const LONGEST_LINE: usize = 75;
