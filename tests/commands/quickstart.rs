//! From nothing to a working server and iPad, and again.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command, thread};

use crate::support::TestHome;

#[test]
fn one_command_makes_all_and_the_next_one_keeps_it() {
    let home = TestHome::empty();
    let line = ["quickstart", "--ip", "192.168.0.1", "--dns", "hub.local", "--json"];
    let first = home.hubca(&line).succeeded();
    assert!(first.stderr.contains("key protect root"), "{first}");
    let made = first.json();
    assert_eq!(made["issue"]["names"][0]["ip"], "192.168.0.1");
    assert_eq!(made["issue"]["label"], "192.168.0.1");
    assert_eq!(made["export"]["target"], "ios");
    assert!(made["init"]["scope"]["critical"].as_bool().unwrap());
    for file in made["export"]["files"].as_array().unwrap() {
        let path = home.directory().join(file["path"].as_str().unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644, "{}", path.display());
        let text = fs::read(&path).unwrap();
        assert!(!text.windows(11).any(|window| window == b"PRIVATE KEY"), "{}", path.display());
    }
    let again = home.hubca(&line).succeeded().json();
    assert!(again["init"].is_null());
    assert_eq!(again["issue"]["serial"], made["issue"]["serial"]);
    assert_eq!(again["export"], made["export"]);
    // The same names in another order are the same names; other names under the label are not.
    let other = home.hubca(&["quickstart", "--ip", "192.168.0.1", "--json"]).failed_with(1);
    assert!(other.error()["hints"][0].as_str().unwrap().contains("--label"), "{other}");
}

#[test]
fn the_port_to_open_is_told_where_it_is_known() {
    let home = TestHome::empty();
    let opening = |names: &[&str]| {
        let told = home.hubca(&[&["quickstart"], names].concat()).succeeded().stdout;
        told.lines().last().unwrap().to_owned()
    };
    let hub = ["--ip", "192.168.0.1"];
    assert_eq!(opening(&hub), "3. open https://192.168.0.1 (and your server's port, such as :8888)");
    home.hubca(&["edit", "192.168.0.1", "--verify", "192.168.0.1:8888"]).succeeded();
    assert_eq!(opening(&hub), "3. open https://192.168.0.1:8888");
    home.hubca(&["edit", "192.168.0.1", "--verify", "192.168.0.1:443"]).succeeded();
    assert_eq!(opening(&hub), "3. open https://192.168.0.1");
    assert_eq!(opening(&["--ip", "fd00::1"]), "3. open https://[fd00::1] (and your server's port, such as :8888)");
}

#[test]
fn a_refused_name_leaves_no_home_and_no_files() {
    let home = TestHome::empty();
    let answer = home.hubca(&["quickstart", "--ip", "8.8.8.8", "--json"]).failed_with(1);
    assert!(answer.error().to_string().contains("--permit"), "{answer}");
    home.hubca(&["quickstart", "--json"]).failed_with(2);
    assert!(!home.path().exists());
    assert_eq!(fs::read_dir(home.directory()).unwrap().count(), 0);
}

#[test]
fn files_of_another_ca_are_not_written_over() {
    let home = TestHome::empty();
    let directory = home.directory().join("hubca-home-hub");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("home-hub.crt"), "somebody's").unwrap();
    home.hubca(&["quickstart", "--ip", "192.168.0.1", "--json"]).failed_with(1);
    assert!(!home.path().exists());
    assert_eq!(fs::read_to_string(directory.join("home-hub.crt")).unwrap(), "somebody's");
}

#[test]
fn files_under_other_names_are_no_hindrance() {
    let home = TestHome::empty();
    let directory = home.directory().join("hubca-home-hub");
    fs::create_dir(&directory).unwrap();
    // As the first versions wrote it.
    fs::write(directory.join("home-hub.pem"), "the root in PEM").unwrap();
    let made = home.hubca(&["quickstart", "--ip", "192.168.0.1", "--json"]).succeeded().json();
    let paths: Vec<_> = made["export"]["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    let expected = ["mobileconfig", "crt", "cer"].map(|ending| format!("hubca-home-hub/home-hub.{ending}"));
    assert_eq!(paths, expected.each_ref());
    assert_eq!(fs::read_to_string(directory.join("home-hub.pem")).unwrap(), "the root in PEM");
}

#[test]
fn a_reused_certificate_has_its_files_even_where_a_command_was_stopped_before_the_link() {
    let home = TestHome::empty();
    let line = ["quickstart", "--dns", "hub.lan", "--json"];
    let first = home.hubca(&line).succeeded().json();
    // As a command leaves it that was stopped between recording and linking.
    fs::remove_file(home.file("live/hub.lan")).unwrap();
    unpublish(&home);
    let again = home.hubca(&line).succeeded().json();
    assert_eq!(again["issue"]["serial"], first["issue"]["serial"]);
    assert!(PathBuf::from(again["issue"]["files"]["key"].as_str().unwrap()).exists());
    // Files that are lost for good are no certificate to keep.
    fs::remove_dir_all(home.file("archive/hub.lan/1")).unwrap();
    let another = home.hubca(&line).succeeded().json();
    assert_ne!(another["issue"]["serial"], first["issue"]["serial"]);
    assert!(PathBuf::from(another["issue"]["files"]["key"].as_str().unwrap()).exists());
}

#[test]
fn files_in_the_way_are_found_before_anything_is_issued() {
    let home = TestHome::empty();
    home.hubca(&["quickstart", "--dns", "hub.lan"]).succeeded();
    let before = home.hubca(&["list", "--all", "--json"]).succeeded().stdout;
    let profile = home.directory().join("hubca-home-hub/home-hub.mobileconfig");
    fs::write(&profile, "somebody's").unwrap();
    let error = home.hubca(&["quickstart", "--dns", "nas.lan", "--json"]).failed_with(1).error();
    assert_eq!(error["kind"], "exists");
    assert_eq!(error["hints"], serde_json::json!(["move it away, or run quickstart in another directory"]));
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().stdout, before);
    assert_eq!(fs::read_to_string(profile).unwrap(), "somebody's");
}

#[test]
fn two_cas_of_one_name_have_directories_of_their_own() {
    let home = TestHome::empty();
    home.hubca(&["quickstart", "--dns", "hub.lan"]).succeeded();
    let second = home.directory().join("second");
    let line = ["--home", second.to_str().unwrap(), "quickstart", "--dns", "hub.lan", "--json"];
    let run = || {
        let output =
            Command::new(env!("CARGO_BIN_EXE_hubca")).args(line).current_dir(home.directory()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let made = run();
    let root = made["export"]["root_sha256"].as_str().unwrap();
    let path = made["export"]["files"][0]["path"].as_str().unwrap();
    assert_eq!(path, format!("hubca-home-hub-{}/home-hub.mobileconfig", &root[..8]));
    assert_eq!(run()["export"], made["export"]);
}

#[test]
fn several_first_quickstarts_at_once_make_one_ca() {
    let home = TestHome::empty();
    thread::scope(|scope| {
        for number in 0..6 {
            let home = &home;
            scope.spawn(move || home.hubca(&["quickstart", "--dns", &format!("h{number}.lan")]).succeeded());
        }
    });
    let rows = home.hubca(&["list", "--all", "--json"]).succeeded().json();
    assert_eq!(rows.as_array().unwrap().len(), 6 + 2);
}

#[test]
fn the_answer_says_that_the_root_key_is_open_and_how_to_close_it() {
    let home = TestHome::empty();
    let told = home.hubca(&["quickstart", "--dns", "hub.lan"]).succeeded();
    let advice = format!("hubca --home {} key protect root", home.path().display());
    let words = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&advice) && words.contains("without a passphrase"), "{told}");
    let other = TestHome::empty();
    let made = other.hubca(&["quickstart", "--dns", "hub.lan", "--json"]).succeeded().json();
    assert_eq!(made["init"]["root_key_encrypted"], false);
}

/// Takes back that the newest generation of every label was published.
fn unpublish(home: &TestHome) {
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    let sql = "UPDATE lineages SET published = 0";
    let status = Command::new("python3").args(["-c", script]).arg(home.file("ledger.db")).arg(sql).status().unwrap();
    assert!(status.success());
}

#[test]
fn without_a_terminal_the_open_root_key_is_told_on_stderr() {
    let home = TestHome::empty();
    let answer = home.hubca(&["quickstart", "--ip", "192.168.0.1"]).succeeded();
    assert!(answer.stderr.contains("hubca --home") && answer.stderr.contains("key protect root"), "{answer}");
}
