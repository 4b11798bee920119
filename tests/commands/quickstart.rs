//! From nothing to a working server and iPad, and again.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::support::TestHome;

#[test]
fn one_command_makes_all_and_the_next_one_keeps_it() {
    let home = TestHome::empty();
    let line = ["quickstart", "--ip", "192.168.0.1", "--dns", "hub.local", "--json"];
    let first = home.hubca(&line).succeeded();
    assert!(first.stderr.contains("hubca key protect root"), "{first}");
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
    fs::write(directory.join("home-hub.pem"), "somebody's").unwrap();
    home.hubca(&["quickstart", "--ip", "192.168.0.1", "--json"]).failed_with(1);
    assert!(!home.path().exists());
    assert_eq!(fs::read_to_string(directory.join("home-hub.pem")).unwrap(), "somebody's");
}
