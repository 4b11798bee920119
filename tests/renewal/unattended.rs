//! Nobody is there: the issuing key has a passphrase, and a file or a credential of systemd opens it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::support::TestHome;

#[test]
fn with_a_passphrase_on_the_issuing_key_a_file_or_a_credential_opens_it_and_without_nothing_changes() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let secret = |name: &str| {
        let path = home.directory().join(name);
        fs::write(&path, "correct horse battery staple\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let file = secret("passphrase");
    let file = file.to_str().unwrap();
    home.hubca(&["--passphrase-file", file, "key", "protect", "issuing"]).succeeded();
    // Nothing is due: the key is not asked for.
    home.hubca(&["renew"]).succeeded();
    let error = home.hubca(&["renew", "hub.lan", "--force", "--json"]).failed_with(1).error();
    assert_eq!(error["kind"], "passphrase");
    assert!(error["hints"].to_string().contains("--passphrase-file"), "{error}");
    assert_eq!(home.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["generation"], 1);
    home.hubca(&["--passphrase-file", file, "renew", "hub.lan", "--force"]).succeeded();
    let credential = secret("hubca-passphrase");
    let with_credential = home
        .command()
        .args(["renew", "hub.lan", "--force"])
        .env("CREDENTIALS_DIRECTORY", credential.parent().unwrap())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(with_credential.status.success(), "{with_credential:?}");
    assert_eq!(home.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["generation"], 3);
}
