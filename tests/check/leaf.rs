//! Certificates that hubca would not issue, signed with its issuing key by openssl.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use hubca::x509::pem;

use crate::support::{TestHome, other_clock};

/// What stands in a certificate; as it is, it is a good one for 127.0.0.1 and hub.lan.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) subject: &'static str,
    /// The subjectAltName in openssl's spelling; empty for none.
    pub(crate) names: String,
    /// More extensions.
    pub(crate) extensions: String,
    /// Its begin and its end in days from today.
    pub(crate) days: (i64, i64),
    pub(crate) digest: &'static str,
    /// The key in the words of `openssl genpkey`.
    pub(crate) key: &'static [&'static str],
}

/// A certificate and its key, in DER, and as files.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) certificate_file: PathBuf,
    pub(crate) key_file: PathBuf,
}

const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub(crate) const RSA2048: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub(crate) const RSA1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];

impl Leaf {
    pub(crate) fn good() -> Self {
        Self {
            subject: "/CN=hub.lan",
            names: "DNS:hub.lan,IP:127.0.0.1".to_owned(),
            extensions: String::new(),
            days: (-1, 300),
            digest: "-sha256",
            key: P256,
        }
    }

    /// Signed by the issuing CA of a home.
    pub(crate) fn made_by(&self, home: &TestHome) -> Made {
        self.made(
            home.directory(),
            &["-CA", &path(home, "issuing/1/ca.crt.pem"), "-CAkey", &path(home, "issuing/1/ca.key.pem")],
        )
    }

    /// Signed by itself.
    pub(crate) fn made_by_itself(&self, home: &TestHome) -> Made {
        self.made(home.directory(), &[])
    }

    fn made(&self, directory: &Path, issuer: &[&str]) -> Made {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = |ending: &str| directory.join(format!("leaf-{number}.{ending}"));
        let (key_file, certificate_file, settings) = (file("key"), file("pem"), file("cnf"));
        run(Command::new("openssl").arg("genpkey").args(self.key).arg("-out").arg(&key_file));
        let mut extensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
                              extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
            .to_owned();
        if self.key != P256 {
            extensions = extensions.replace("digitalSignature", "digitalSignature,keyEncipherment");
        }
        if !self.names.is_empty() {
            extensions.push_str(&format!("subjectAltName={}\n", self.names));
        }
        fs::write(&settings, extensions + &self.extensions).unwrap();
        // Its begin is the time at which it is made.
        let mut command = Command::new("openssl");
        other_clock::set(&mut command, &day(self.days.0));
        command.args(["x509", "-new", "-subj", self.subject, self.digest, "-set_serial"]);
        command.arg(format!("0x7f00112233445566{number:016x}")).arg("-extfile").arg(&settings);
        command.args(["-days", &(self.days.1 - self.days.0).to_string()]);
        if issuer.is_empty() {
            command.arg("-key").arg(&key_file);
        } else {
            let public = file("pub");
            run(Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(&key_file).arg("-out").arg(&public));
            command.arg("-force_pubkey").arg(public).args(issuer);
        }
        run(command.arg("-out").arg(&certificate_file));
        Made { certificate: der(&certificate_file), key: der(&key_file), certificate_file, key_file }
    }
}

/// The first certificate of a file, in DER.
pub(crate) fn der(file: &Path) -> Vec<u8> {
    pem::parse(&fs::read(file).unwrap()).unwrap().swap_remove(0).contents
}

fn path(home: &TestHome, name: &str) -> String {
    home.file(name).to_str().unwrap().to_owned()
}

/// So many days from now, as [`other_clock::set`] reads it.
fn day(days: i64) -> String {
    let at = time::OffsetDateTime::now_utc() + time::Duration::days(days);
    let (hour, minute, second) = at.time().as_hms();
    format!("@{} {hour:02}:{minute:02}:{second:02}", at.date())
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.env("TZ", "UTC").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

static NUMBER: AtomicU32 = AtomicU32::new(1);
