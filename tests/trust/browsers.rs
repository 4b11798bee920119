//! Chromium and Firefox themselves, each with a database that was there before.

use std::{fs, path::Path};

use crate::{
    scene::{outcomes, pairs, serve, trusting},
    support::{
        machine::{Machine, on_a_machine, with_tools},
        tools::commands,
        visitor::chromium,
    },
};

const TOOLS: [&str; 3] = ["certutil", "openssl", "python3"];

/// Makes a database with a CA of somebody else's in it, and one that the browser has only met.
fn database(machine: &Machine, place: &str) {
    machine.run(&format!(
        "cd $HOME
         mkdir -p '{place}'
         [ -e '{place}/cert9.db' ] || certutil -N -d 'sql:{place}' --empty-password
         for name in theirs met; do
             openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out $name.pem \\
                 -subj /CN=$name -addext basicConstraints=critical,CA:TRUE
         done
         certutil -A -d 'sql:{place}' -t CT,C, -n 'theirs, with a name' -a -f /dev/null <theirs.pem
         certutil -A -d 'sql:{place}' -t ,, -n met -a -f /dev/null <met.pem"
    ));
}

/// What is in the databases of a person, with the trust of each.
fn listed(machine: &Machine) -> String {
    machine.run(
        "cd $HOME
         find . -name cert9.db | sort | while read database; do
             echo $database; certutil -L -d sql:$(dirname $database)
         done",
    )
}

/// Chromium, which prints the page that it sees.
fn chromium_visits(machine: &Machine) -> String {
    format!(
        "rm -rf /run/chromium; timeout 100 {} {} --headless --no-proxy-server --disable-features=LocalNetworkAccessChecks \
         --user-data-dir=/run/chromium --dump-dom https://127.0.0.1:PORT/ 2>/dev/null | grep -q 'Directory listing'",
        chromium().display(),
        include_str!("../support/chromium.flags").split_whitespace().collect::<Vec<_>>().join(" "),
    )
    .replace("$HOME", &machine.directory().to_string_lossy())
}

#[test]
fn chromium_trusts_a_server_after_install_and_not_after_remove() {
    let tools = [commands(&TOOLS), vec![chromium()]].concat();
    with_tools("Chromium's database", &tools, |machine| {
        database(machine, ".pki/nssdb");
        let server = serve(machine);
        let line = chromium_visits(machine);
        let visitors = [("chromium", &*line)];
        let before = listed(machine);
        assert!(before.contains("CT,C,"), "{before}");
        let trust = |verb: &str| machine.hubca(&["trust", verb, "--only", "chromium", "--yes", "--json"]);
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("chromium", "absent")]));
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("chromium", "done")]));
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("chromium", "already_so")]));
        assert_eq!(outcomes(&trust("check").succeeded().json()), pairs(&[("chromium", "trusted")]));
        assert_eq!(trusting(machine, &server, &visitors), ["chromium"]);
        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("chromium", "done")]));
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        assert_eq!(listed(machine), before);
    });
}

#[test]
fn a_chromium_that_was_never_started_trusts_it_at_its_first_start() {
    let tools = [commands(&TOOLS), vec![chromium()]].concat();
    with_tools("Chromium before its first start", &tools, |machine| {
        let server = serve(machine);
        let line = chromium_visits(machine);
        machine.hubca(&["trust", "install", "--only", "chromium", "--yes"]).succeeded();
        assert_eq!(trusting(machine, &server, &[("chromium", &line)]), ["chromium"]);
        assert_eq!(machine.run("stat -c %a $HOME/.pki/nssdb"), "700\n");
        machine.hubca(&["trust", "remove", "--only", "chromium", "--yes"]).succeeded();
        assert_eq!(trusting(machine, &server, &[("chromium", &line)]), [""; 0]);
    });
}

/// Firefox, whose request the server sees, or not.
const FIREFOX: &str = "name=/visit-$(date +%s%N)
    refusals() { grep -c UNKNOWN_CA /var/log/server || true; }
    before=$(refusals)
    timeout 120 firefox-esr --headless --screenshot /run/picture.png https://127.0.0.1:PORT$name >/dev/null 2>&1 &
    browser=$!
    while kill -0 $browser 2>/dev/null; do
        # Where it refuses it waits for somebody to say that it is all right.
        if [ $(refusals) -gt $before ]; then
            kill $browser
            wait $browser || true
            exit 1
        fi
        sleep 0.5
    done
    grep -q \"GET $name \" /var/log/server";

#[test]
fn every_profile_of_firefox_trusts_a_server_after_install_and_not_after_remove() {
    let tools = [&TOOLS[..], &["firefox-esr"]].concat();
    on_a_machine("Firefox's profiles", &tools, |machine| {
        let server = serve(machine);
        let visitors = [("firefox", FIREFOX)];
        // It makes its profile.
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        let profile = machine.run("cd $HOME; dirname .config/mozilla/firefox/*/cert9.db").trim().to_owned();
        // Were there a directory of old, Firefox would make another profile in it.
        let others = [
            "snap/firefox/common/.mozilla/firefox/snap.default",
            ".var/app/org.mozilla.firefox/.mozilla/firefox/flat.default",
        ];
        [&profile].into_iter().map(String::as_str).chain(others).for_each(|place| database(machine, place));
        let before = listed(machine);
        let each = |outcome| pairs(&[("firefox", outcome); 3]);
        let trust = |verb: &str| machine.hubca(&["trust", verb, "--only", "firefox", "--yes", "--json"]);
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), each("absent"));
        assert_eq!(outcomes(&trust("install").succeeded().json()), each("done"));
        assert_eq!(outcomes(&trust("check").succeeded().json()), each("trusted"));
        assert_eq!(trusting(machine, &server, &visitors), ["firefox"]);
        assert_eq!(outcomes(&trust("remove").succeeded().json()), each("done"));
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        assert_eq!(listed(machine), before);
    });
}

#[test]
fn the_policy_of_firefox_is_for_every_profile_and_what_it_left_in_one_is_removed() {
    let tools = [&TOOLS[..], &["firefox-esr"]].concat();
    on_a_machine("Firefox's policy", &tools, |machine| {
        let server = serve(machine);
        let visitors = [("firefox", FIREFOX)];
        let trust = |verb: &str, store: &str| machine.hubca(&["trust", verb, "--only", store, "--yes", "--json"]);
        trust("install", "firefox-policy").succeeded();
        let path = Path::new("/etc/firefox/policies/policies.json");
        assert!(fs::read_to_string(path).unwrap().contains("\"Install\""));
        assert_eq!(
            outcomes(&trust("check", "firefox-policy").succeeded().json()),
            pairs(&[("firefox-policy", "trusted")])
        );
        // The first start makes a profile, and takes the root.
        assert_eq!(trusting(machine, &server, &visitors), ["firefox"]);
        // Another root beside it leaves nothing of the policy of before.
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        trust("install", "firefox-policy").succeeded();
        assert_eq!(machine.run("ls -A /etc/firefox/policies | wc -l").trim(), "3");
        trust("remove", "firefox-policy").succeeded();
        assert_eq!(machine.run("find /etc/firefox 2>/dev/null || true"), "");
        trust("remove", "firefox").succeeded();
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        // Somebody else's policy is left.
        fs::create_dir_all("/etc/firefox/policies").unwrap();
        fs::write(path, "{\"policies\":{\"DisableTelemetry\":true}}").unwrap();
        let failed = trust("install", "firefox-policy").failed_with(1).json();
        assert!(failed["stores"][0]["error"]["message"].as_str().unwrap().contains("somebody else"), "{failed}");
        assert_eq!(machine.run("ls -A /etc/firefox/policies"), "policies.json\n");
    });
}
