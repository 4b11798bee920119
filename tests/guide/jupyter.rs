//! From nothing to a running kernel. A browser with a notebook of its own does the same elsewhere; here the page is what is tried.

use std::path::Path;

use crate::{
    machine::Person,
    support::tools::{commands, python},
    walk::Walk,
};

#[test]
fn the_page_for_jupyter_on_an_ipad_leads_from_nothing_to_a_kernel_that_answers() {
    let programs = [vec![python().with_file_name("jupyter-lab")], commands(&["script", "curl"])].concat();
    let Some(mut walk) = Walk::of("jupyter-on-ipad.md", Person::Ann, &programs) else { return };
    let passphrase = "correct horse battery staple";
    walk.until_asked("hubca quickstart", &[("(empty: none): ", passphrase), ("the same again: ", passphrase)]);
    walk.until_asked("jupyter lab password", &[("Enter password: ", PASSWORD), ("Verify password: ", PASSWORD)]);
    walk.until("jupyter lab");
    assert_eq!(kernel(&mut walk, ROOT), "42\n");
    // Nobody else's roots vouch for it.
    let refused = kernel(&mut walk, "");
    assert!(refused.contains("CERTIFICATE_VERIFY_FAILED"), "{refused}");
    walk.until("hubca share");
    // The iPad is handed the profile of the root under which the server stands.
    let page = "http://192.168.0.1:4822";
    let profile = walk.machine.run(&format!("curl --silent --fail {page}/home-hub.mobileconfig"));
    assert_eq!(profile.said, walk.machine.run("cat hubca-home-hub/home-hub.mobileconfig").said);
    assert_eq!(walk.machine.run("hubca inspect hubca-home-hub/home-hub.mobileconfig").code, 0);
    let told = walk.machine.run(&format!("curl --silent --fail '{page}/?device=ios'")).said;
    assert!(told.contains("Certificate Trust Settings"), "{told}");
    walk.until("hubca renew");
    // The same server, not restarted, and the certificate that was made just now.
    assert_eq!(kernel(&mut walk, ROOT), "42\n");
    // What the page advises for another name, with the server still running.
    walk.until("hubca list");
    let advised = "hubca issue --ip 192.168.0.1 --dns hub.local --label 192.168.0.1 --force";
    assert!(walk.shows(advised));
    let answer = walk.machine.run(advised);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(kernel(&mut walk, ROOT), "42\n");
    walk.end();
}

/// What a kernel of the server on the page answers to whoever trusts the root in a file, or no file.
fn kernel(walk: &mut Walk, root: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/kernel.py");
    let python = python();
    let line = format!("{} {} https://192.168.0.1:8888 {PASSWORD} {root}", python.display(), script.display());
    walk.machine.run(&line).said
}

const PASSWORD: &str = "forty-two";

const ROOT: &str = "$HOME/.local/share/hubca/root/root.crt.pem";
