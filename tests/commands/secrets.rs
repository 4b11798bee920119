//! Secrets: where they must not be, and that nobody else could read them at any moment.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{TestHome, files_below, tools::skipped};

const CANARY: &str = "canary-zc7Qp1vX9w";

pub(crate) fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// The private number of a P-256 key: 32 bytes that stand nowhere but in the key's own file.
pub(crate) fn private_number(path: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(["pkey", "-outform", "DER", "-in"]).arg(path).output().unwrap();
    assert!(output.status.success());
    // RFC 5915: the OCTET STRING of 32 bytes after the version 1.
    let place = output.stdout.windows(5).position(|window| window == [2, 1, 1, 4, 32]).unwrap();
    output.stdout[place + 5..place + 37].to_vec()
}

#[test]
fn passphrases_and_private_keys_are_nowhere_but_where_they_belong() {
    let home = TestHome::empty();
    let secret = home.directory().join("secret");
    fs::write(&secret, format!("{CANARY}\n")).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let secret = secret.to_str().unwrap();
    let mut said = Vec::new();
    let mut run = |line: &[&str]| {
        let answer = home.hubca(line);
        said.push(format!("{}{}", answer.stdout, answer.stderr));
        answer
    };
    run(&["--root-passphrase-file", secret, "init"]).succeeded();
    let issuing = private_number(&home.file("issuing/1/ca.key.pem"));
    run(&["--passphrase-file", secret, "key", "protect", "issuing"]).succeeded();
    run(&["--passphrase-file", secret, "issue", "--dns", "hub.lan", "--json"]).succeeded();
    run(&["issue", "--dns", "hub.lan", "--json"]).failed_with(1);
    run(&["inspect", home.file("live/hub.lan/privkey.pem").to_str().unwrap()]).succeeded();
    run(&["inspect", home.file("issuing/1/ca.key.pem").to_str().unwrap(), "--json"]).succeeded();
    run(&["issue", "--batch", secret]).failed_with(1);
    run(&["export", "ios"]).succeeded();
    run(&["export", "ios", "--client", "hub.lan", "--password-file", secret]).succeeded();
    for text in &said {
        assert!(!text.contains(CANARY) && !text.contains("PRIVATE KEY"), "{text}");
    }
    let leaf_file = fs::canonicalize(home.file("live/hub.lan/privkey.pem")).unwrap();
    let leaf = private_number(&leaf_file);
    for path in files_below(home.directory()) {
        let content = fs::read(&path).unwrap();
        let name = path.display();
        assert!(path == Path::new(secret) || !contains(&content, CANARY.as_bytes()), "{name}");
        // In PEM the number is in base64; in the ledger and its log it would stand as it is.
        assert!(!contains(&content, &issuing) && !contains(&content, &leaf), "{name}");
        let is_key = path.ends_with("ca.key.pem") || path.ends_with("root.key.pem") || path == leaf_file;
        assert!(is_key || !contains(&content, b"PRIVATE KEY"), "{name}");
    }
}

/// Every command that makes files, and in which home: of its own, restored, or with a CA that moved in.
const MAKING: &str = "'home init --no-passphrase' 'home issue --dns hub.lan' 'home issue --dns hub.lan' \
    'home issue --dns nas.lan --out tls --combined nas.pem' 'home renew nas.lan --force' 'home revoke hub.lan' 'home crl' \
    'home backup hub.age --with-root-key --with-leaf-keys --backup-passphrase-file secret' \
    'home issue --dns late.lan --out late' 'home key protect issuing --passphrase-file secret' \
    'home key unprotect issuing --passphrase-file secret' 'home rotate issuing' \
    'again restore hub.age --backup-passphrase-file secret' 'again adopt late/fullchain.pem' \
    'moved import pem --root-cert old.pem --root-key old.key --source-passphrase-file secret --no-passphrase' \
    'moved issue --dns hub.lan'";

#[test]
fn nothing_in_a_home_is_made_wider_than_it_stays_whatever_the_umask() {
    let root = ["000", "077", "777"].map(|umask| (umask, None));
    for (umask, other) in root.into_iter().chain([("000", Some(65534)), ("077", Some(65534))]) {
        let home = TestHome::empty();
        let at = |name: &str| home.directory().join(name);
        let (log, mut program) = (at("log"), PathBuf::from(env!("CARGO_BIN_EXE_hubca")));
        let given = [at("secret"), at("old.key"), at("old.pem")];
        fs::write(&given[0], format!("{CANARY}\n")).unwrap();
        let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=Old -days 3650 \
                       -addext keyUsage=critical,keyCertSign,cRLSign -passout file:secret -keyout old.key -out old.pem";
        let made = Command::new("openssl").args(request.split_whitespace()).current_dir(home.directory()).output();
        assert!(made.unwrap().status.success());
        for path in &given {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let mut command = Command::new("bash");
        if let Some(other) = other {
            // Where somebody else can run it.
            let copy = at("hubca");
            fs::copy(std::mem::replace(&mut program, copy.clone()), &copy).unwrap();
            let theirs = [home.directory(), &program].into_iter().chain(given.iter().map(PathBuf::as_path));
            if theirs.into_iter().any(|path| chown(path, Some(other), Some(other)).is_err()) {
                skipped(&format!(
                    "modes of files by another user with umask {umask}: only root can become somebody else"
                ));
                continue;
            }
            command = Command::new("setpriv");
            command.args([&format!("--reuid={other}"), &format!("--regid={other}"), "--clear-groups", "bash"]);
        }
        let script = format!(
            "umask {umask}; for line in {MAKING}; do \
             strace -f -qq -A -o log -e trace=openat,mkdirat,mkdir,symlinkat \"$1\" --home \"$2/${{line%% *}}\" ${{line#* }} --yes \
             || exit 1; done"
        );
        let output = command
            .args(["-c", &script, "bash"])
            .arg(&program)
            .arg(home.directory())
            .current_dir(home.directory())
            .output()
            .unwrap();
        let _ = fs::remove_file(at("hubca"));
        assert!(output.status.success(), "umask {umask}: {}", String::from_utf8_lossy(&output.stderr));
        fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
        let mut made = 0;
        for line in fs::read_to_string(&log).unwrap().lines() {
            let wanted = if line.contains("O_CREAT") {
                "0600"
            } else if line.contains("mkdir") && !line.contains("EEXIST") {
                "0700"
            } else {
                continue;
            };
            // SQLite opens the file that was made for it with the mode it would make it with itself.
            // Names are no more than numbers to a strace that is not root's: hubca lets nobody look into its memory.
            let is_the_ledger = line.contains("ledger") || other.is_some();
            let is_there_already = is_the_ledger && line.contains("0644") && !line.contains("O_EXCL");
            assert!(line.contains(wanted) || is_there_already, "umask {umask}: {line}");
            made += 1;
        }
        assert!(made > 140, "only {made} were made");
        for path in files_below(home.directory()) {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600, "{}", path.display());
        }
        for directory in ["home", "tls", "late", "again", "moved"].map(at) {
            let mode = fs::metadata(&directory).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o700, "{}", directory.display());
        }
    }
}
