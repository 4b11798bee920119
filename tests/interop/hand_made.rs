//! Certificates made with the openssl command: what a thief of the issuing key could sign, and known-bad chains that prove a witness
//! can say no.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::chain::{Chain, Name};
use crate::support::{TestHome, other_clock};

/// A root, an issuing CA and the issuing CA's key.
pub(crate) struct Authority {
    directory: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) issuing: PathBuf,
    issuing_key: PathBuf,
    leaf_key: PathBuf,
    leaf_public: PathBuf,
}

/// The scope of a hand-made CA, in openssl's spelling.
pub(crate) const PRIVATE_SCOPE: &str = "permitted;DNS:lan,permitted;DNS:home.arpa,permitted;IP:192.168.0.0/255.255.0.0,\
     permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:fd00::/ff00::";

impl Authority {
    /// A two-tier P-256 CA limited to `scope`, made in `directory`.
    pub(crate) fn made(directory: &Path, scope: &str) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        let file = |name: &str| directory.join(name);
        let (root_key, issuing_key) = (p256(&file("root.key")), p256(&file("issuing.key")));
        let (root, issuing) = (file("root.pem"), file("issuing.pem"));
        let of_ca = format!(
            "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nnameConstraints=critical,{scope}\n"
        );
        let settings = file("root.cnf");
        std::fs::write(
            &settings,
            format!("[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n{of_ca}"),
        )
        .unwrap();
        let unique = NUMBER.fetch_add(1, Ordering::Relaxed);
        openssl()
            .args(["req", "-new", "-x509", "-days", "3650", "-extensions", "ca", "-subj"])
            .arg(format!("/CN=Hand-made root {unique} {}", std::process::id()))
            .arg("-key")
            .arg(&root_key)
            .arg("-config")
            .arg(&settings)
            .arg("-out")
            .arg(&root)
            .run();
        let settings = file("issuing.cnf");
        std::fs::write(
            &settings,
            format!("basicConstraints=critical,CA:TRUE,pathlen:0\nauthorityKeyIdentifier=keyid\n{of_ca}"),
        )
        .unwrap();
        openssl()
            .args(["x509", "-new", "-days", "1800", "-subj"])
            .arg(format!("/CN=Hand-made issuing CA {unique} {}", std::process::id()))
            .arg("-force_pubkey")
            .arg(public(&issuing_key))
            .arg("-CA")
            .arg(&root)
            .arg("-CAkey")
            .arg(&root_key)
            .arg("-extfile")
            .arg(&settings)
            .arg("-out")
            .arg(&issuing)
            .run();
        Self::holding(directory, root, issuing, issuing_key)
    }

    /// The CA of a home, in the hands of someone who has its issuing key.
    pub(crate) fn stolen_from(home: &TestHome) -> Self {
        let directory = home.directory().join(format!("thief-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&directory).unwrap();
        let (root, issuing) = (home.file("root/root.crt.pem"), home.file("issuing/1/ca.crt.pem"));
        Self::holding(&directory, root, issuing, home.file("issuing/1/ca.key.pem"))
    }

    /// A CA whose files lie elsewhere; `issuing` may hold more of what a server sends.
    pub(crate) fn holding(directory: &Path, root: PathBuf, issuing: PathBuf, issuing_key: PathBuf) -> Self {
        let leaf_key = p256(&directory.join("leaf.key"));
        let leaf_public = public(&leaf_key);
        Self { directory: directory.to_owned(), root, issuing, issuing_key, leaf_key, leaf_public }
    }

    /// A server certificate for `names` as it should be, but for what the scope says of them.
    pub(crate) fn leaf(&self, names: &[Name]) -> Chain {
        self.leaf_with(names, Defect::None)
    }

    /// A server certificate for `names` with one defect.
    pub(crate) fn leaf_with(&self, names: &[Name], defect: Defect) -> Chain {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let leaf = self.directory.join(format!("leaf-{number}.pem"));
        let settings = self.directory.join(format!("leaf-{number}.cnf"));
        let purpose = if defect == Defect::ForClients { "clientAuth" } else { "serverAuth" };
        let mut extensions = format!(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={purpose}\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        );
        if defect != Defect::Nameless {
            let names: Vec<String> = names.iter().map(Name::openssl).collect();
            extensions.push_str(&format!("subjectAltName={}\n", names.join(",")));
        }
        std::fs::write(&settings, extensions).unwrap();
        let mut command = openssl();
        if defect == Defect::Expired {
            other_clock::set(&mut command, "@2020-01-01 00:00:00");
        }
        command
            .args(["x509", "-new", "-days", "300", "-subj", "/O=Hand-made", "-set_serial"])
            .arg(format!("0x7f{:08x}{number:016x}", std::process::id()))
            .arg("-force_pubkey")
            .arg(&self.leaf_public)
            .arg("-CA")
            .arg(&self.issuing)
            .arg("-CAkey")
            .arg(&self.issuing_key)
            .arg("-extfile")
            .arg(&settings)
            .arg("-out")
            .arg(&leaf)
            .run();
        if defect == Defect::Forged {
            forge(&leaf);
        }
        Chain { root: self.root.clone(), issuing: self.issuing.clone(), leaf, key: self.leaf_key.clone() }
    }
}

/// The one thing that is wrong with a leaf.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Defect {
    None,
    Expired,
    /// The extended key usage says client.
    ForClients,
    /// One bit of the signature is another.
    Forged,
    /// No subject alternative name.
    Nameless,
}

/// A certificate signing request for `names`, with a new key of `algorithm` beside it: the request and the key.
pub(crate) fn request(directory: &Path, algorithm: &str, names: &[Name]) -> (PathBuf, PathBuf) {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let key = directory.join(format!("request-{algorithm}.key"));
    if !key.exists() {
        let size = algorithm.strip_prefix("rsa").expect("only RSA keys are made by hand, because they take long");
        openssl()
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt"])
            .arg(format!("rsa_keygen_bits:{size}"))
            .arg("-out")
            .arg(&key)
            .run();
    }
    let request = directory.join(format!("request-{number}.pem"));
    let names: Vec<String> = names.iter().map(Name::openssl).collect();
    openssl()
        .args(["req", "-new", "-subj", "/O=Elsewhere", "-addext"])
        .arg(format!("subjectAltName={}", names.join(",")))
        .arg("-key")
        .arg(&key)
        .arg("-out")
        .arg(&request)
        .run();
    (request, key)
}

/// Changes the last bit of the signature, which is the last bit of the file.
fn forge(certificate: &Path) {
    let mut block = pem::parse(std::fs::read(certificate).unwrap()).unwrap().into_contents();
    *block.last_mut().unwrap() ^= 1;
    std::fs::write(certificate, pem::encode(&pem::Pem::new("CERTIFICATE", block))).unwrap();
}

fn p256(path: &Path) -> PathBuf {
    openssl().args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"]).arg(path).run();
    path.to_owned()
}

fn public(key: &Path) -> PathBuf {
    let path = key.with_extension("pub");
    openssl().args(["pkey", "-pubout", "-in"]).arg(key).arg("-out").arg(&path).run();
    path
}

fn openssl() -> Command {
    Command::new("openssl")
}

trait Run {
    fn run(&mut self);
}

impl Run for Command {
    #[track_caller]
    fn run(&mut self) {
        let output = self.output().unwrap_or_else(|error| panic!("{self:?}: {error}"));
        assert!(output.status.success(), "{self:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

static NUMBER: AtomicU64 = AtomicU64::new(1);
