//! A CA of `openssl ca` as the common guides make one: a root with its books, and perhaps a CA below it with its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Such a CA in a directory.
pub(crate) struct OpensslCa {
    pub(crate) directory: PathBuf,
}

/// What a guide chooses.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The command that makes the root's key, of `openssl`, without `-out`.
    pub(crate) key: &'a str,
    /// The options that encrypt it, of `openssl pkey` or an older command; none where it is open.
    pub(crate) sealed: &'a str,
    /// The extensions of the root.
    pub(crate) root: &'a str,
}

/// As most guides have it.
pub(crate) const USUAL: Choice<'static> = Choice {
    key: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    sealed: "",
    root: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash",
};

/// The extensions of a CA below.
const BELOW: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n\
                     subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always";

/// The passphrase of every key that has one.
pub(crate) const PASSPHRASE: &str = "open sesame";

impl OpensslCa {
    /// A root with empty books below `parent`.
    pub(crate) fn root(parent: &Path, choice: Choice<'_>) -> Self {
        let ca = Self::empty(parent.join("ca"));
        let key = ca.path("private/ca.key.pem");
        openssl(&format!("{} -out {}", choice.key, key.display()));
        if !choice.sealed.is_empty() {
            let plain = parent.join("plain.key");
            std::fs::rename(&key, &plain).unwrap();
            openssl(&format!("{} -in {} -out {}", choice.sealed, plain.display(), key.display()));
            std::fs::remove_file(plain).unwrap();
        }
        close(&key);
        ca.write_config("ca", choice.root);
        ca.run(&format!(
            "req -x509 -new -key {} -days 3650 -sha256 -subj /O=Physics/CN=Physics_Root_CA -extensions v3_root -out {}",
            key.display(),
            ca.path("certs/ca.cert.pem").display()
        ));
        ca
    }

    fn empty(directory: PathBuf) -> Self {
        for name in ["certs", "crl", "newcerts", "private"] {
            std::fs::create_dir_all(directory.join(name)).unwrap();
        }
        std::fs::write(directory.join("index.txt"), "").unwrap();
        std::fs::write(directory.join("serial"), "1000\n").unwrap();
        std::fs::write(directory.join("crlnumber"), "1000\n").unwrap();
        Self { directory }
    }

    /// A CA below this root, in a directory of it.
    pub(crate) fn below(&self) -> Self {
        self.below_in("intermediate", "Physics_Intermediate_CA")
    }

    /// A CA of this name below this one, in that directory of it.
    pub(crate) fn below_in(&self, directory: &str, name: &str) -> Self {
        self.below_with(directory, name, BELOW)
    }

    /// The same with these extensions.
    pub(crate) fn below_with(&self, directory: &str, name: &str, extensions: &str) -> Self {
        let below = Self::empty(self.path(directory));
        let key = below.path("private/intermediate.key.pem");
        openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {}", key.display()));
        close(&key);
        below.write_config("intermediate", USUAL.root);
        let request = below.path("intermediate.csr.pem");
        below.run(&format!("req -new -key {} -subj /O=Physics/CN={name} -out {}", key.display(), request.display()));
        let certificate = below.path("certs/intermediate.cert.pem");
        let chosen = below.path("extensions.cnf");
        std::fs::write(&chosen, format!("[v3_below]\n{extensions}\n")).unwrap();
        self.run(&format!(
            "ca -batch -notext -days 1825 -extfile {} -extensions v3_below -in {} -out {}",
            chosen.display(),
            request.display(),
            certificate.display()
        ));
        std::fs::remove_file(chosen).unwrap();
        below
    }

    /// Issues a certificate for a server; its key lies in `private`, its certificate in `certs`. Gives its serial number.
    pub(crate) fn issue(&self, name: &str, days: &str) -> String {
        let (key, request) = (self.path(&format!("private/{name}.key.pem")), self.path(&format!("{name}.csr.pem")));
        self.run(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {} -subj /CN={name} \
             -addext subjectAltName=DNS:{name} -out {}",
            key.display(),
            request.display()
        ));
        let certificate = self.path(&format!("certs/{name}.cert.pem"));
        self.run(&format!(
            "ca -batch -notext {days} -extensions v3_server -in {} -out {}",
            request.display(),
            certificate.display()
        ));
        self.serial(&certificate)
    }

    pub(crate) fn serial(&self, certificate: &Path) -> String {
        let said = openssl(&format!("x509 -noout -serial -in {}", certificate.display()));
        said.trim().strip_prefix("serial=").unwrap().to_lowercase()
    }

    pub(crate) fn revoke(&self, name: &str, reason: &str) {
        self.run(&format!("ca -revoke {} {reason}", self.path(&format!("certs/{name}.cert.pem")).display()));
    }

    pub(crate) fn publish_crl(&self) {
        self.run(&format!("ca -gencrl -out {}", self.path("crl/ca.crl.pem").display()));
    }

    /// A command of openssl with its configuration.
    #[track_caller]
    pub(crate) fn run(&self, command: &str) -> String {
        let (verb, rest) = command.split_once(' ').unwrap();
        let passphrase = if verb == "x509" { "" } else { "-passin pass:open_sesame" };
        openssl(&format!("{verb} -config {} {} {rest}", self.path("openssl.cnf").display(), passphrase))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn write_config(&self, stem: &str, root: &str) {
        let directory = self.directory.display();
        let text = format!(
            "[ca]\ndefault_ca = CA_default\n[CA_default]\ndir = {directory}\ncertificate = $dir/certs/{stem}.cert.pem\n\
             private_key = $dir/private/{stem}.key.pem\ndatabase = $dir/index.txt\nnew_certs_dir = $dir/newcerts\n\
             serial = $dir/serial\ncrlnumber = $dir/crlnumber\ndefault_md = sha256\ndefault_days = 375\n\
             default_crl_days = 30\npolicy = policy_loose\ncopy_extensions = copy\nunique_subject = no\n\
             [policy_loose]\norganizationName = optional\ncommonName = supplied\n[req]\ndistinguished_name = name\n\
             string_mask = utf8only\n[name]\n[v3_root]\n{root}\n[v3_ca]\nbasicConstraints = critical,CA:TRUE,pathlen:0\n\
             keyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid:always\n\
             [v3_server]\nbasicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\n\
             extendedKeyUsage = serverAuth\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
        );
        std::fs::write(self.path("openssl.cnf"), text).unwrap();
    }
}

fn close(key: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o400)).unwrap();
}

/// A command of openssl; `_` stands for a blank in a name or a passphrase.
#[track_caller]
pub(crate) fn openssl(command: &str) -> String {
    let words = command.split_whitespace().map(|word| match word.split_once("pass:").or(word.split_once("CN=")) {
        Some(_) => word.replace('_', " "),
        None => word.to_owned(),
    });
    let output = Command::new("openssl").args(words).output().unwrap();
    assert!(output.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
