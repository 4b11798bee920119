//! Devices that trust a root, as openssl, GnuTLS and NSS are: what they say of a certificate, and of a CRL.

use std::path::Path;
use std::process::Command;

use hubca::x509::pem;

use crate::support::TestHome;
use crate::support::tools::{commands, present};

/// Sees that every device which trusts `root` accepts the certificate of a label and its name.
#[track_caller]
pub(crate) fn accept(root: &Path, home: &TestHome, label: &str) {
    let live = home.file("live").join(label);
    let (cert, chain) = (live.join("cert.pem"), live.join("chain.pem"));
    let untrusted = if std::fs::metadata(&chain).unwrap().len() == 0 { &cert } else { &chain };
    // Strictly, where the root itself is right: that it is not is nothing that what is issued below it could mend.
    let extensions = "basicConstraints,keyUsage";
    let text = ran(Command::new("openssl").args(["x509", "-noout", "-ext", extensions, "-in"]).arg(root));
    let strict = (text.contains("critical") && text.contains("Key Usage")).then_some("-x509_strict");
    ran(Command::new("openssl")
        .arg("verify")
        .args(strict)
        .args(["-purpose", "sslserver", "-verify_hostname", label, "-CAfile"])
        .arg(root)
        .arg("-untrusted")
        .arg(untrusted)
        .arg(&cert));
    if present("the root that moved in, as GnuTLS sees it", &commands(&["certtool"])) {
        ran(Command::new("certtool")
            .arg("--verify")
            .arg("--load-ca-certificate")
            .arg(root)
            .args(["--verify-hostname", label, "--verify-purpose", "1.3.6.1.5.5.7.3.1", "--infile"])
            .arg(live.join("fullchain.pem")));
    }
    if present("the root that moved in, as NSS sees it", &commands(&["certutil"])) {
        let database = tempfile::tempdir().unwrap();
        let place = format!("sql:{}", database.path().display());
        let certutil = |words: &[&str], file: Option<&Path>| {
            let mut command = Command::new("certutil");
            command.args(["-d", &place]).args(words);
            file.into_iter().for_each(|file| {
                command.arg("-i").arg(file);
            });
            ran(&mut command);
        };
        certutil(&["-N", "--empty-password"], None);
        certutil(&["-A", "-n", "root", "-t", "C,,"], Some(root));
        // It takes the first certificate of a file.
        for (number, above) in pem::parse(&std::fs::read(&chain).unwrap()).unwrap().iter().enumerate() {
            let file = database.path().join("above.pem");
            std::fs::write(&file, pem::encode(&above.label, &above.contents)).unwrap();
            certutil(&["-A", "-n", &format!("above {number}"), "-t", ",,"], Some(&file));
        }
        certutil(&["-A", "-n", "leaf", "-t", ",,"], Some(&cert));
        certutil(&["-V", "-u", "V", "-e", "-n", "leaf"], None);
    }
}

/// The serial numbers in a CRL of the home that is signed by `ca`, as openssl reads it, with their reasons.
#[track_caller]
pub(crate) fn revoked(home: &TestHome, ca: &Path, list: &str) -> Vec<(String, String)> {
    let path = home.file("crl").join(list);
    ran(Command::new("openssl").args(["crl", "-noout", "-verify", "-CAfile"]).arg(ca).arg("-in").arg(&path));
    let text = ran(Command::new("openssl").args(["crl", "-noout", "-text", "-in"]).arg(&path));
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(serial) = line.strip_prefix("Serial Number: ") {
            entries.push((serial.to_lowercase(), String::new()));
        } else if line == "X509v3 CRL Reason Code:" {
            entries.last_mut().unwrap().1 = lines.next().unwrap().to_owned();
        }
    }
    entries.sort();
    entries
}

#[track_caller]
fn ran(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let told = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(output.status.success(), "{command:?}: {told}");
    told
}
