//! Drawings of what a step looks like: a page of settings or a question, in our own look and no maker's.
//!
//! A drawing is SVG that takes its colours from classes: on the page from the style sheet, in a file from a style of
//! its own. Both know light and dark.

use super::lettering::{self, Weight};
use crate::export::{
    Html, Telling,
    guide::{Action, Arrival, Blank, Guide, Language, Phrase, Picture, Platform, Row, Substitutions, Trailing},
};

/// The colours of a drawing, for the style sheet of the page.
pub(super) const STYLE: &str = include_str!("assets/picture.css");

/// The drawing as part of a page.
pub(super) fn inline(html: &mut Html, picture: &Picture, telling: &Telling<'_>) {
    draw(html, picture, telling, Place::Page);
}

/// A drawing as a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureFile {
    /// `ios-2-1.svg`: the platform, the step and the picture of it.
    pub name: String,
    /// SVG.
    pub svg: String,
}

/// All pictures of the steps for one platform, as files, for a CA of that name.
pub fn files(platform: Platform, language: Language, ca: &str, root: &str) -> Vec<PictureFile> {
    let guide = Guide::in_language(language);
    let substitutions = Substitutions::new().with(Blank::Name, ca).with(Blank::Root, root);
    let telling = Telling { guide, substitutions };
    let mut files = Vec::new();
    for (step_number, step) in (1..).zip(guide.platform(platform).steps(Arrival::Page)) {
        for (number, picture) in (1..).zip(step.pictures()) {
            let mut html = Html::new();
            draw(&mut html, picture, &telling, Place::File);
            html.literal("\n");
            files.push(PictureFile { name: format!("{platform}-{step_number}-{number}.svg"), svg: html.into_string() });
        }
    }
    files
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Page,
    File,
}

fn draw(html: &mut Html, picture: &Picture, telling: &Telling<'_>, place: Place) {
    let mut drawing = Drawing { svg: Html::new(), y: MARGIN, telling };
    let title = match picture {
        Picture::List { title, back, action, heading, rows } => {
            drawing.list(title, back.as_ref(), action.as_ref(), heading.as_ref(), rows)
        }
        Picture::Question { text, buttons } => drawing.question(text, buttons),
    };
    let (width, height) = (WIDTH.to_string(), (drawing.y + MARGIN).to_string());
    let view_box = format!("0 0 {width} {height}");
    let mut attributes = vec![("class", "picture"), ("viewBox", &*view_box), ("role", "img")];
    if place == Place::File {
        attributes.extend([("xmlns", "http://www.w3.org/2000/svg"), ("width", &*width), ("height", &*height)]);
    }
    html.element("svg", &attributes, |svg| {
        svg.words("title", &[], &title);
        if place == Place::File {
            svg.element("style", &[], |svg| {
                svg.literal(STYLE);
            });
        }
        rectangle(svg, "desk", (0, 0, WIDTH, drawing.y + MARGIN), 18);
        svg.append(&drawing.svg);
    });
}

struct Drawing<'a> {
    svg: Html,
    /// How far down it is drawn.
    y: i32,
    telling: &'a Telling<'a>,
}

impl Drawing<'_> {
    fn words(&self, phrase: &Phrase) -> String {
        phrase.plain(&self.telling.substitutions)
    }

    /// A page of settings. Returns what it shows, in words.
    fn list(
        &mut self,
        title: &Phrase,
        back: Option<&Phrase>,
        action: Option<&Action>,
        heading: Option<&Phrase>,
        rows: &[Row],
    ) -> String {
        let title = self.words(title);
        let mut touched = None;
        if back.is_some() || action.is_some() {
            let baseline = self.y + 22;
            if let Some(back) = back {
                let (left, middle) = (MARGIN + 4, self.y + 16);
                stroke(&mut self.svg, "link-line", &format!("M{} {}l-6 7 6 7", left + 7, middle - 7));
                let label = self.words(back);
                text(&mut self.svg, "link", (left + 14, baseline), &label);
            }
            if let Some(action) = action {
                let label = self.words(&action.label);
                let width = lettering::width(&label, Weight::Bold);
                let left = WIDTH - MARGIN - 12 - width;
                if action.here {
                    rectangle(&mut self.svg, "here", (left - 10, self.y, width + 20, 32), 16);
                    touched = Some(label.clone());
                }
                text(&mut self.svg, "link strong", (left, baseline), &label);
            }
            self.y += 40;
        }
        let room = WIDTH - 2 * MARGIN - 8;
        // One long word, as German has them, is set smaller rather than cut.
        let is_wide = title.split_whitespace().any(|word| lettering::width(word, Weight::Title) > room);
        let (class, weight) = if is_wide { ("title small", Weight::Bold) } else { ("title", Weight::Title) };
        for line in lettering::wrap(&title, room, 3, weight) {
            text(&mut self.svg, class, (MARGIN + 4, self.y + 22), &line);
            self.y += 26;
        }
        self.y += 10;
        if let Some(heading) = heading {
            for line in lettering::wrap(&self.words(heading), room, 3, Weight::Small) {
                text(&mut self.svg, "heading", (MARGIN + 4, self.y + 14), &line);
                self.y += 18;
            }
            self.y += 6;
        }
        let drawn: Vec<_> = rows.iter().map(|row| self.prepared(row)).collect();
        let height: i32 = drawn.iter().map(Prepared::height).sum();
        rectangle(&mut self.svg, "card", (MARGIN, self.y, WIDTH - 2 * MARGIN, height), 12);
        for (index, row) in drawn.iter().enumerate() {
            if index > 0 {
                stroke(&mut self.svg, "rule", &format!("M{} {}H{}", MARGIN + 14, self.y, WIDTH - MARGIN));
            }
            self.row(row);
            if row.here {
                touched = Some(row.whole.clone());
            }
        }
        match touched {
            Some(touched) => format!("{title}: {touched}"),
            None => title,
        }
    }

    fn prepared(&self, row: &Row) -> Prepared {
        let (whole, detail) = (self.words(&row.label), row.detail.as_ref().map(|detail| self.words(detail)));
        let mut room = WIDTH - 2 * MARGIN - 28;
        room -= match row.trailing {
            Trailing::Nothing => 0,
            Trailing::Arrow => 20,
            Trailing::SwitchOn | Trailing::SwitchOff => 62,
            Trailing::Tick => 34,
        };
        // A detail that leaves no room beside it stands on a line of its own.
        let beside = detail.as_ref().is_none_or(|detail| {
            lettering::width(&whole, Weight::Normal) + lettering::width(detail, Weight::Normal) + 14 <= room
        });
        let lines = lettering::wrap(&whole, room, 3, Weight::Normal);
        Prepared { whole, lines, detail, beside, trailing: row.trailing, here: row.here }
    }

    fn row(&mut self, row: &Prepared) {
        let (top, height) = (self.y, row.height());
        if row.here {
            rectangle(&mut self.svg, "here", (MARGIN + 3, top + 3, WIDTH - 2 * MARGIN - 6, height - 6), 10);
        }
        for (index, line) in (0..).zip(&row.lines) {
            text(&mut self.svg, "label", (MARGIN + 14, top + 28 + index * LINE), line);
        }
        let (right, middle) = (WIDTH - MARGIN - 14, top + height / 2);
        if let Some(detail) = &row.detail {
            let below = i32::try_from(row.lines.len()).unwrap_or(1) * LINE;
            let position = if row.beside {
                (right - lettering::width(detail, Weight::Normal), top + 28)
            } else {
                (MARGIN + 14, top + 28 + below)
            };
            text(&mut self.svg, "detail", position, detail);
        }
        match row.trailing {
            Trailing::Nothing => {}
            Trailing::Arrow => stroke(&mut self.svg, "arrow", &format!("M{} {}l6 6-6 6", right - 6, middle - 6)),
            Trailing::SwitchOn | Trailing::SwitchOff => {
                let on = row.trailing == Trailing::SwitchOn;
                rectangle(&mut self.svg, if on { "on" } else { "off" }, (right - 48, middle - 14, 48, 28), 14);
                circle(&mut self.svg, "knob", (if on { right - 14 } else { right - 34 }, middle), 12);
            }
            Trailing::Tick => {
                rectangle(&mut self.svg, "on", (right - 20, middle - 10, 20, 20), 5);
                stroke(&mut self.svg, "tick", &format!("M{} {}l4 5 7-9", right - 16, middle));
            }
        }
        self.y += height;
    }

    /// A question. Returns what it shows, in words.
    fn question(&mut self, question: &Phrase, buttons: &[Action]) -> String {
        let question = self.words(question);
        let (left, width) = (MARGIN + 20, WIDTH - 2 * MARGIN - 40);
        let lines = lettering::wrap(&question, width - 40, 6, Weight::Normal);
        let labels: Vec<_> = buttons.iter().map(|button| self.words(&button.label)).collect();
        let count = i32::try_from(buttons.len()).unwrap_or(1).max(1);
        let fits = |label: &String| lettering::width(label, Weight::Bold) <= width / count - 24;
        // Beside one another where all of them have room, else under one another.
        let (share, down) = if labels.iter().all(fits) { (width / count, 0) } else { (width, BUTTON) };
        let text_height = i32::try_from(lines.len()).unwrap_or(1) * LINE + 40;
        let height = text_height + if down == 0 { BUTTON } else { BUTTON * count };
        rectangle(&mut self.svg, "card", (left, self.y, width, height), 16);
        for (index, line) in (0..).zip(&lines) {
            let middle = left + width / 2;
            text(&mut self.svg, "label middle", (middle, self.y + 34 + index * LINE), line);
        }
        let first = self.y + text_height;
        let mut touched = None;
        for (index, (button, label)) in (0..).zip(buttons.iter().zip(&labels)) {
            let (from, top) = if down == 0 { (left + index * share, first) } else { (left, first + index * down) };
            if index == 0 || down > 0 {
                stroke(&mut self.svg, "rule", &format!("M{left} {top}H{}", left + width));
            } else {
                stroke(&mut self.svg, "rule", &format!("M{from} {top}V{}", top + BUTTON));
            }
            if button.here {
                rectangle(&mut self.svg, "here", (from + 5, top + 5, share - 10, BUTTON - 10), 11);
                touched = Some(label.clone());
            }
            let class = if button.here { "link strong middle" } else { "link middle" };
            text(&mut self.svg, class, (from + share / 2, top + 29), label);
        }
        self.y += height;
        match touched {
            Some(touched) => format!("{question} {touched}"),
            None => question,
        }
    }
}

/// A row, measured.
struct Prepared {
    whole: String,
    lines: Vec<String>,
    detail: Option<String>,
    beside: bool,
    trailing: Trailing,
    here: bool,
}

impl Prepared {
    fn height(&self) -> i32 {
        let lines = self.lines.len() + usize::from(!self.beside);
        26 + i32::try_from(lines).unwrap_or(1) * LINE
    }
}

fn rectangle(svg: &mut Html, class: &'static str, (x, y, width, height): (i32, i32, i32, i32), radius: i32) {
    let (x, y, width, height) = (x.to_string(), y.to_string(), width.to_string(), height.to_string());
    let radius = radius.to_string();
    svg.void(
        "rect",
        &[("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", &radius)],
    );
}

fn circle(svg: &mut Html, class: &'static str, (x, y): (i32, i32), radius: i32) {
    let (x, y, radius) = (x.to_string(), y.to_string(), radius.to_string());
    svg.void("circle", &[("class", class), ("cx", &x), ("cy", &y), ("r", &radius)]);
}

fn stroke(svg: &mut Html, class: &'static str, path: &str) {
    svg.void("path", &[("class", class), ("d", path)]);
}

fn text(svg: &mut Html, class: &'static str, (x, y): (i32, i32), words: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    svg.words("text", &[("class", class), ("x", &x), ("y", &y)], words);
}

const WIDTH: i32 = 340;
const MARGIN: i32 = 14;
const LINE: i32 = 20;
const BUTTON: i32 = 46;
