//! What a server shows to openssl.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// The serial number that openssl is shown and finds good below a root, in lower-case hexadecimal digits.
pub(crate) fn serial_shown(port: u16, root: &Path) -> Result<String, String> {
    let at = format!("127.0.0.1:{port}");
    let seen = Command::new("openssl")
        .args(["s_client", "-connect", &at, "-servername", "hub.lan", "-verify_return_error", "-CAfile"])
        .arg(root)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if !seen.status.success() {
        return Err(String::from_utf8_lossy(&seen.stderr).into_owned());
    }
    let mut told = Command::new("openssl")
        .args(["x509", "-noout", "-serial"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(told.stdin.as_mut().unwrap(), &seen.stdout).unwrap();
    let told = String::from_utf8(told.wait_with_output().unwrap().stdout).unwrap();
    Ok(told.trim().trim_start_matches("serial=").to_lowercase())
}
