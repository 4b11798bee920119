//! A home with two servers, and its certificates as files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use hubca::{
    authority::Doors,
    home::{Home, Layout},
    system::{SystemClock, SystemRandom},
    x509::RevocationReason,
};

use crate::support::TestHome;

/// A home with two servers, and its certificates as files.
pub(crate) struct Scene {
    pub(crate) home: TestHome,
    pub(crate) root: PathBuf,
    pub(crate) issuing: PathBuf,
    pub(crate) good: PathBuf,
    pub(crate) other: PathBuf,
}

impl Scene {
    pub(crate) fn set(options: &[&str]) -> Self {
        let home = TestHome::with_ca(options);
        for name in ["hub.lan", "nas.lan"] {
            home.hubca(&["issue", "--dns", name, "--json"]).succeeded();
        }
        let root = home.directory().join("root.pem");
        home.hubca(&["export", "pem", "--out", root.to_str().unwrap(), "--json"]).succeeded();
        let live = |name: &str, file: &str| home.file(&format!("live/{name}/{file}"));
        let (issuing, good, other) =
            (live("hub.lan", "chain.pem"), live("hub.lan", "cert.pem"), live("nas.lan", "cert.pem"));
        Self { issuing, good, other, root, home }
    }

    /// Revokes the newest certificate of a label, in this process and not in the responder's.
    pub(crate) fn revoke(&self, label: &str, reason: RevocationReason) {
        let doors = Doors { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
        let home = Home::open(Layout::new(self.home.path()), doors).unwrap();
        let record = home.authority().by_label(label, 1).unwrap().pop().unwrap();
        home.authority().revoke(&record, reason).unwrap();
    }

    /// A request in DER, by openssl.
    pub(crate) fn request(&self, certificates: &[&Path], options: &[&str]) -> Vec<u8> {
        let path = self.home.directory().join("request.der");
        let mut command = Command::new("openssl");
        command.arg("ocsp").args(options).arg("-issuer").arg(&self.issuing);
        for certificate in certificates {
            command.arg("-cert").arg(certificate);
        }
        let output = command.arg("-reqout").arg(&path).output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
        fs::read(path).unwrap()
    }
}

/// What a tool said.
pub(crate) fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
