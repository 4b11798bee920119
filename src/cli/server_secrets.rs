//! The secrets of a server, as a person is told of them.

use super::page::{Page, Tone};
use crate::home::ServerSecret;

/// Tells where one is and whose it should be.
pub(super) fn tell(secret: &ServerSecret, page: &mut Page) {
    page.command(&secret.path().display().to_string());
    let what = if secret.is_made() { "a new one, 0600" } else { "was there already, and stays as it is" };
    page.paragraph("      ", Tone::Plain, &format!("{}: {what}", secret.purpose()));
}

/// Tells what is to be done about one; where it is there it stays, and there is nothing to tell.
pub(super) fn tell_step(secret: &ServerSecret, page: &mut Page) {
    if secret.is_made() {
        page.marked(Tone::Strong, "step:", &format!("make {}, 0600", secret.purpose()));
        page.command(&secret.path().display().to_string());
    }
}
