//! The policy of Firefox among what administrators write there. That Firefox follows it is shown beside its profiles.

use std::fs;

use serde_json::{Value, json};

use crate::{
    scene::{outcomes, pairs},
    support::{
        Answer,
        machine::{Machine, on_a_machine},
    },
};

const POLICIES: &str = "/etc/firefox/policies/policies.json";

fn trust(machine: &Machine, words: &[&str]) -> Answer {
    machine.hubca(&[&["trust"], words, &["--only", "firefox-policy", "--yes", "--json"]].concat())
}

/// A machine with something that is called Firefox, and no policy.
fn with_firefox(what: &str, test: impl FnOnce(&Machine) + Send) {
    on_a_machine(what, &[], |machine| {
        machine.program("firefox", "#!/bin/sh\n");
        machine.run("rm -rf /etc/firefox");
        test(machine);
    });
}

fn policy() -> Value {
    serde_json::from_str(&fs::read_to_string(POLICIES).unwrap()).unwrap()
}

#[track_caller]
fn refused(answer: Answer, message: &str, hint: &str) {
    let answer = answer.failed_with(1).json();
    let error = &answer["stores"][0]["error"];
    let says = |told: &Value, words: &str| told.as_str().unwrap().contains(words);
    assert!(says(&error["message"], message) && says(&error["hints"][0], hint), "{error}");
}

#[test]
fn a_policy_that_firefox_would_read_no_more_is_told_and_nothing_is_written() {
    with_firefox("a policy that would be hidden", |machine| {
        machine.run(
            "cd $HOME/programs; mkdir distribution
             echo '{\"policies\":{\"BlockAboutConfig\":true}}' >distribution/policies.json",
        );
        refused(
            trust(machine, &["install"]),
            "distribution/policies.json` is a policy that Firefox reads no more",
            "add the root to that policy",
        );
        assert_eq!(machine.run("find /etc/firefox -type f 2>/dev/null || true"), "");
    });
}

#[test]
fn what_an_administrator_wrote_stays_theirs() {
    with_firefox("an administrator's policy", |machine| {
        machine.run(&format!("mkdir -p -m 0755 /etc/firefox/policies; umask 027; echo '{{ \"policies\": {{ \"Certificates\": {{ \"Install\": [ \"corp.crt\" ] }} }} }}' >{POLICIES}"));
        let look = || machine.run("cd /etc/firefox/policies; ls -A; stat -c %a *; cat *");
        let before = look();
        refused(
            trust(machine, &["install"]),
            "somebody else's: no line is added",
            "add \"/etc/firefox/policies/hubca-",
        );
        trust(machine, &["remove"]).succeeded();
        assert_eq!(look(), before);
        // Where they name the root as they were told, it is put there.
        let shown = trust(machine, &["install"]).failed_with(1).json();
        let hint = shown["stores"][0]["error"]["hints"][0].as_str().unwrap();
        let file = hint.split('"').nth(1).unwrap();
        machine.run(&format!("sed -i 's#\"corp.crt\"#\"corp.crt\", \"{file}\"#' {POLICIES}"));
        assert_eq!(outcomes(&trust(machine, &["install"]).succeeded().json()), pairs(&[("firefox-policy", "done")]));
        assert_eq!(outcomes(&trust(machine, &["check"]).succeeded().json()), pairs(&[("firefox-policy", "trusted")]));
        refused(trust(machine, &["remove"]), "no line is taken out", "take \"/etc/firefox/policies/hubca-");
        machine.run(&format!("sed -i 's#, \"{file}\"##' {POLICIES}"));
        assert_eq!(outcomes(&trust(machine, &["remove"]).succeeded().json()), pairs(&[("firefox-policy", "done")]));
        assert_eq!(look(), before);
    });
}

#[test]
fn a_policy_of_ours_to_which_something_was_added_is_asked_and_left() {
    with_firefox("a policy with more in it", |machine| {
        trust(machine, &["install"]).succeeded();
        let mut more = policy();
        more["policies"]["DisableTelemetry"] = json!(true);
        fs::write(POLICIES, more.to_string()).unwrap();
        assert_eq!(outcomes(&trust(machine, &["check"]).succeeded().json()), pairs(&[("firefox-policy", "trusted")]));
        refused(
            trust(machine, &["remove"]),
            "names the root: no line is taken out",
            "take \"/etc/firefox/policies/hubca-",
        );
        assert_eq!(policy(), more);
    });
}

#[test]
fn another_root_comes_and_goes_by_one_write_and_the_last_takes_its_room_with_it() {
    with_firefox("the policy with two roots", |machine| {
        trust(machine, &["install"]).succeeded();
        let one = policy();
        machine.run("sed -i '1i # of the hub, ann' /etc/firefox/policies/hubca-*.pem");
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        let touching = |words: &[&str]| {
            let shown = trust(machine, words).succeeded().json();
            let stores = shown["stores"].as_array().unwrap().iter();
            let steps = stores.flat_map(|store| store["steps"].as_array().unwrap().clone());
            steps.filter(|step| step["path"] == POLICIES).map(|step| step["content"].clone()).collect::<Vec<_>>()
        };
        let written = touching(&["install", "--dry-run"]);
        assert_eq!(written.len(), 1);
        assert!(written[0].as_str().unwrap().matches("/hubca-").count() == 2, "{written:?}");
        trust(machine, &["install"]).succeeded();
        assert_eq!(machine.run("ls -A /etc/firefox/policies | wc -l").trim(), "3");
        assert_ne!(policy(), one);
        trust(machine, &["remove"]).succeeded();
        assert_eq!(machine.run("find /etc/firefox 2>/dev/null || true"), "");
    });
}
