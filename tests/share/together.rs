//! Two pages of one home at once, other commands beside them, and the files that a page leaves.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, process::Command};

use crate::support::{TestHome, shared::Shared};

#[test]
fn two_pages_have_ports_of_their_own_and_one_ledger_that_others_use_meanwhile() {
    let home = TestHome::with_ca::<&str>(&[]);
    // Neither names a port: each looks for its own.
    let start = || Shared::run(home.command().args(["share", "--bind", "127.0.0.1", "--json"]));
    let pages = [start(), start()];
    let ports: BTreeSet<u16> = pages.iter().flat_map(|page| [page.port, page.tls_port]).collect();
    assert_eq!(ports.len(), 4, "{ports:?}");
    for page in &pages {
        let (token, _) = page.visit(&[]);
        page.get(&format!("/visit/{token}"), &[]);
    }
    // A token of one is nothing at the other.
    let (token, _) = pages[0].visit(&[]);
    assert_eq!(pages[1].get(&format!("/visit/{token}"), &[]).status, 404);
    home.hubca(&["issue", "--dns", "hub.lan", "--json"]).succeeded();
    pages.iter().for_each(|page| assert!(page.event("visit")["device"]["id"].is_number()));
    assert_eq!(home.hubca(&["list", "--devices", "--json"]).succeeded().json().as_array().unwrap().len(), 2);
    pages.into_iter().for_each(|page| assert_eq!(page.stop().len(), 3, "opened, visited, closed"));
}

#[test]
fn a_picture_of_the_code_is_whole_and_for_everybody_whatever_the_umask() {
    for umask in ["000", "077", "777"] {
        let home = TestHome::with_ca::<&str>(&[]);
        let place = home.directory().join("pictures");
        fs::create_dir(&place).unwrap();
        for file in ["page.svg", "page.png"] {
            let hubca = home.command();
            let output = Command::new("sh")
                .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
                .arg(hubca.get_program())
                .args(hubca.get_args())
                .args(["share", "--bind", "127.0.0.1:0", "--until", "1s", "--quiet", "--qr", file])
                .current_dir(&place)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fs::metadata(place.join(file)).unwrap().permissions().mode() & 0o7777, 0o644, "{umask} {file}");
        }
        assert!(fs::read_to_string(place.join("page.svg")).unwrap().trim_end().ends_with("</svg>"));
        assert_eq!(fs::read_dir(&place).unwrap().count(), 2, "nothing else is left");
    }
}
