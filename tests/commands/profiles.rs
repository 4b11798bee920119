//! Profiles of an operator's own: what they may, what they may not, and that a bad one hides no other.

use std::fs;

use crate::support::TestHome;

fn write(home: &TestHome, name: &str, text: &str) {
    fs::create_dir_all(home.file("profiles")).unwrap();
    fs::write(home.file(&format!("profiles/{name}")), text).unwrap();
}

const PRINTER: &str = "description = \"a printer\"\nkind = \"server\"\ndays = 730\nmost_days = 825\n\
    key_usage = [\"digitalSignature\"]\nextended_key_usage = [\"serverAuth\"]\n";

#[test]
fn a_profile_of_ones_own_decides_the_life_of_its_certificates() {
    let home = TestHome::with_ca::<&str>(&[]);
    write(&home, "printer.toml", PRINTER);
    let issued = home.hubca(&["issue", "--dns", "printer.lan", "--profile", "printer", "--json"]).succeeded().json();
    let days = |key: &str| -> i64 {
        let text = issued[key].as_str().unwrap();
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap().unix_timestamp()
    };
    assert_eq!(days("not_after") - days("not_before") + 1, 730 * 86_400);
}

#[test]
fn a_bad_profile_is_named_and_hides_no_other() {
    let home = TestHome::with_ca::<&str>(&[]);
    write(&home, "printer.toml", PRINTER);
    write(&home, "broken.toml", "days = ");
    write(&home, "My_Own.toml", PRINTER);
    write(&home, "server.toml", "days = 1");
    let listed = home.hubca(&["profile", "list"]).succeeded();
    assert!(listed.stdout.contains("printer") && listed.stdout.matches("server ").count() == 1, "{listed}");
    assert!(listed.stderr.contains("broken.toml") && listed.stderr.contains("My_Own.toml"), "{listed}");
    home.hubca(&["issue", "--dns", "hub.lan", "--profile", "broken"]).failed_with(1);
}

#[test]
fn a_profile_cannot_make_a_ca_nor_name_what_is_no_purpose() {
    let home = TestHome::with_ca::<&str>(&[]);
    let bad = [
        PRINTER.replace("\"server\"", "\"issuing\""),
        PRINTER.replace("digitalSignature", "keyCertSign"),
        PRINTER.replace("serverAuth", "9.99.4294967295"),
        PRINTER.replace("serverAuth", "1.40.1"),
        PRINTER.replace("[\"serverAuth\"]", "[\"serverAuth\", \"serverAuth\"]"),
        PRINTER.replace("825", "826"),
    ];
    for (number, text) in bad.iter().enumerate() {
        let name = format!("bad{number}");
        write(&home, &format!("{name}.toml"), text);
        let answer = home.hubca(&["issue", "--dns", "hub.lan", "--profile", &name, "--json"]).failed_with(1);
        assert!(answer.error()["message"].as_str().unwrap().contains(&name), "{answer}");
    }
}
