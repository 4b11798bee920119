//! nginx in front of a hub.

use crate::{machine::Person, support::tools::commands, walk::Walk};

#[test]
fn the_page_for_nginx_ends_with_a_renewal_that_nginx_shows() {
    let Some(walk) = Walk::of("nginx.md", Person::Root, &commands(&["nginx", "python3"])) else { return };
    walk.end();
}
