//! The status in words and in JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;
use unicode_width::UnicodeWidthStr;

use crate::{
    cli::{
        context::Glyphs,
        findings,
        invocation::Invocation,
        moment::Moment,
        page::{Page, Tone},
        report::Report,
    },
    home::{Finding, Lifespan, Severity, Survey},
};

/// What needs a person.
#[derive(Debug, Serialize)]
pub(super) struct StatusReport {
    ok: bool,
    findings: Vec<ToldFinding>,
    /// How many findings there are of each kind that there is; the list above has the first of each.
    counts: BTreeMap<&'static str, u64>,
    authorities: Vec<ToldLife>,
    /// Those with the nearest ends.
    certificates: Vec<ToldLife>,
    /// How many labels are renewed.
    labels: u64,
    next_due: Option<NextDue>,
    last_deployment: Option<Moment>,
    audit: ToldHead,
    /// How many labels have servers that were not looked at, because there are so many.
    not_looked_at: u64,
    at: Moment,
    #[serde(skip)]
    glyphs: Glyphs,
}

#[derive(Debug, Serialize)]
struct ToldFinding {
    kind: &'static str,
    severity: &'static str,
    subject: String,
    due: Option<Moment>,
    message: String,
    hint: String,
}

#[derive(Debug, Serialize)]
struct ToldLife {
    what: &'static str,
    subject: String,
    number: String,
    from: Moment,
    due: Moment,
    until: Moment,
    left_percent: f64,
}

/// The end of the audit log.
#[derive(Debug, Serialize)]
struct ToldHead {
    entries: i64,
    head: String,
}

#[derive(Debug, Serialize)]
struct NextDue {
    what: &'static str,
    subject: String,
    due: Moment,
}

impl StatusReport {
    pub(super) fn new(survey: Survey, invocation: &Invocation, glyphs: Glyphs) -> Self {
        let now = survey.at;
        let counts = survey.numbers.iter().filter(|(_, number)| **number > 0);
        let next_due = survey.next_due().map(|life| NextDue {
            what: life.what,
            subject: life.subject.clone(),
            due: life.due.into(),
        });
        let (certificates, authorities) = survey.lives.iter().partition::<Vec<_>, _>(|life| life.what == "certificate");
        let told = |lives: Vec<&Lifespan>| lives.into_iter().map(|life| ToldLife::of(life, now)).collect();
        Self {
            ok: survey.is_ok(),
            counts: counts.map(|(kind, number)| (kind.as_str(), *number)).collect(),
            authorities: told(authorities),
            certificates: told(certificates),
            labels: survey.lineages,
            next_due,
            last_deployment: survey.last_deployment.map(Moment::from),
            audit: ToldHead { entries: survey.audit.entries, head: survey.audit.hash },
            not_looked_at: survey.not_looked_at,
            at: now.into(),
            findings: survey.findings.into_iter().map(|finding| ToldFinding::of(finding, invocation)).collect(),
            glyphs,
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.ok
    }

    fn tell_lives(&self, page: &mut Page) {
        let shown = self.authorities.iter().chain(self.certificates.iter().take(MOST_BARS));
        let width = shown.clone().map(|life| life.name().width()).max().unwrap_or_default().min(WIDEST_NAME);
        for life in shown {
            let name = life.name();
            let gap = " ".repeat(width.saturating_sub(name.width()));
            let (tone, now) = (life.tone(self.at), self.at.instant());
            page.paragraph(
                &format!("  {name}{gap}  "),
                tone,
                &format!("{} {}", bar(life, self.glyphs), life.until.told(now)),
            );
        }
        let more = self.labels.saturating_sub(self.certificates.len().min(MOST_BARS) as u64);
        if more > 0 {
            page.line(&format!("  and {more} more labels, which end later"));
        }
    }
}

impl ToldFinding {
    fn of(finding: Finding, invocation: &Invocation) -> Self {
        let hint = invocation.spelled(&findings::way_out(&finding));
        Self {
            kind: finding.kind.as_str(),
            severity: finding.severity().as_str(),
            subject: finding.subject,
            due: finding.due.map(Moment::from),
            message: finding.message,
            hint,
        }
    }

    fn tone(&self) -> Tone {
        match self.severity {
            word if word == Severity::Error.as_str() => Tone::Bad,
            word if word == Severity::Warning.as_str() => Tone::Caution,
            _ => Tone::Strong,
        }
    }
}

impl ToldLife {
    fn of(life: &Lifespan, now: OffsetDateTime) -> Self {
        Self {
            what: life.what,
            subject: life.subject.clone(),
            number: life.number.clone(),
            from: life.from.into(),
            due: life.due.into(),
            until: life.until.into(),
            left_percent: f64::from(life.left(now)) / 10.0,
        }
    }

    fn name(&self) -> String {
        match self.what {
            "crl" => format!("CRL of {}", self.subject),
            _ => self.subject.clone(),
        }
    }

    fn tone(&self, now: Moment) -> Tone {
        if self.until < now {
            Tone::Bad
        } else if self.due <= now {
            Tone::Caution
        } else {
            Tone::Good
        }
    }
}

/// What is left of a life, a block for each tenth.
fn bar(life: &ToldLife, glyphs: Glyphs) -> String {
    // What lives still has at least one.
    let left = (life.left_percent / 10.0).ceil();
    let (full, empty) = match glyphs {
        Glyphs::Unicode => ('█', '░'),
        Glyphs::Ascii => ('#', '-'),
    };
    (0..TENTHS).map(|tenth| if f64::from(tenth) < left { full } else { empty }).collect()
}

impl Report for StatusReport {
    fn tell(&self, page: &mut Page) {
        self.tell_lives(page);
        page.blank();
        for finding in &self.findings {
            page.marked(finding.tone(), &format!("{}:", finding.severity), &finding.message);
            if let Some(due) = finding.due {
                page.field("when", &due.told(self.at.instant()));
            }
            page.field("do", &finding.hint);
        }
        let told = |kind: &str| self.findings.iter().filter(|finding| finding.kind == kind).count() as u64;
        for (kind, number) in self.counts.iter().filter(|(kind, number)| told(kind) < **number) {
            page.line(&format!("and {} more of the kind `{kind}`", number - told(kind)));
        }
        if self.not_looked_at > 0 {
            page.line(&format!("the servers of {} more labels were not looked at", self.not_looked_at));
        }
        if self.ok {
            let next = self.next_due.as_ref().map(|next| format!("; next, {} on {}", next.told(), next.due.date()));
            page.paragraph("", Tone::Good, &format!("nothing is due{}", next.unwrap_or_default()));
        }
        page.blank();
        page.line(&format!("the audit log has {} entries; the hash of the newest is", self.audit.entries));
        page.command(&self.audit.head);
    }
}

impl NextDue {
    fn told(&self) -> String {
        match self.what {
            "crl" => format!("the CRL of `{}`", self.subject),
            _ => format!("`{}`", self.subject),
        }
    }
}

/// How many certificates have a bar.
const MOST_BARS: usize = 10;
const WIDEST_NAME: usize = 30;
const TENTHS: u32 = 10;
