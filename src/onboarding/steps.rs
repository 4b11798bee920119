//! The steps for one device: all of them under one another, and one at a time where the script runs.

use super::{pictures, view::View};
use crate::export::{
    Html,
    guide::{Arrival, Blank, Platform, Step},
};

pub(super) fn write(view: &View<'_>, html: &mut Html, platform: Platform) {
    let steps: Vec<_> = view.telling.guide.platform(platform).steps(Arrival::Page).collect();
    let total = steps.len().to_string();
    view.section(html, "steps", "page.device", |html| {
        let attributes = [("max", &*total), ("value", "1"), ("hidden", ""), ("aria-labelledby", "steps-heading")];
        html.element("progress", &attributes, |_| {});
        html.element("ol", &[("class", "steps")], |html| {
            for (number, step) in (1..).zip(&steps) {
                self::step(view, html, platform, number, step, &total);
            }
        });
        html.element("div", &[("class", "walk"), ("hidden", "")], |html| {
            html.element("button", &[("type", "button"), ("class", "plain"), ("data-walk", "back")], |html| {
                view.telling.words(html, "page.back");
            });
            html.element("button", &[("type", "button"), ("data-walk", "next")], |html| {
                view.telling.words(html, "page.next");
            });
        });
    });
}

fn step(view: &View<'_>, html: &mut Html, platform: Platform, number: usize, step: &Step, total: &str) {
    let number_text = number.to_string();
    let (id, heading) = (format!("step-{number}"), format!("step-{number}-heading"));
    html.element("li", &[("id", &id), ("class", "step")], |html| {
        html.element("p", &[("class", "count")], |html| {
            let telling = view.telling.with(Blank::Number, &number_text);
            telling.with(Blank::Total, total).words(html, "page.progress");
        });
        html.words("h3", &[("id", &heading), ("tabindex", "-1")], step.title());
        html.element("p", &[], |html| view.telling.phrase(html, step.text()));
        if number == 1 {
            let file = view.offered.downloads.file_name_for(platform);
            let link = format!("/{file}?visit={}", view.visit.token());
            let key = match platform {
                Platform::Ios | Platform::Macos => "page.profile",
                _ => "page.certificate",
            };
            html.element("p", &[], |html| {
                html.element("a", &[("class", "button"), ("href", &link)], |html| {
                    view.telling.words(html, key);
                });
            });
        }
        if !step.pictures().is_empty() {
            html.element("div", &[("class", "pictures")], |html| {
                step.pictures().iter().for_each(|picture| pictures::inline(html, picture, &view.telling));
            });
        }
    });
}
