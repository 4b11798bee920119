//! A CA of `openssl ca`, as its configuration or the common guides lay it out: a directory with `index.txt`, and often a directory
//! of the same kind in it for a CA below.

use std::path::{Path, PathBuf};

use super::{
    descent::Descent,
    error::ImportError,
    openssl_config::{ConfigError, OpensslConfig},
    places::{CaPlaces, Places, Tool, first_of},
};
use crate::{
    system::{
        FileError,
        files::{
            directory::{Entry, entry_at, paths_in},
            read_bounded,
        },
    },
    x509::{Certificate, pem},
};

/// Finds the files of a CA in a directory; `config` is its configuration, if one is named.
///
/// # Errors
/// No certificate of a CA is there, or several, no index, a configuration that does not say where its things lie, or a file that cannot be read.
pub fn places(directory: &Path, config: Option<&Path>) -> Result<Places, ImportError> {
    let named = config.map(|path| named_by(path, directory)).transpose()?;
    let demo = directory.join("demoCA");
    // What `CA.pl` makes beside it.
    let home = if named.is_none() && !is_ca_directory(directory) && is_ca_directory(&demo) { &demo } else { directory };
    let elsewhere = named.iter().flat_map(|named| named.outside(directory)).collect();
    let own = ca_in(home, named)?;
    // Without its book it would forget what it revoked.
    if own.index.is_none() {
        return Err(ImportError::NoIndex { directory: home.to_owned() });
    }
    let mut cas = vec![own];
    // What it leaves out, or cannot list, is named with what does not move in.
    let mut descent = Descent::from(home, &[]);
    while let Some(place) = descent.next() {
        for below in paths_in(&place).unwrap_or_default() {
            // A directory with a file for each certificate may be very long.
            let is_long = cas.iter().any(|ca| ca.new_certificates.as_ref() == Some(&below));
            if is_long || entry_at(&below)? != Some(Entry::Directory) {
                continue;
            }
            let is_known = cas.iter().any(|ca| ca.certificate.starts_with(&below));
            if !is_known && is_ca_directory(&below) {
                match ca_in(&below, None) {
                    Ok(ca) => cas.push(ca),
                    // Its index is named with what does not move in.
                    Err(ImportError::NoCertificate { .. } | ImportError::SeveralCertificates { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            descent.add(below);
        }
    }
    Ok(Places { elsewhere, ..Places::of(Tool::Openssl, Some(directory), cas) })
}

/// What a configuration says of where things lie.
#[derive(Default)]
struct Named {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    index: Option<PathBuf>,
    new_certificates: Option<PathBuf>,
    crl_number: Option<PathBuf>,
    /// Where its certificates and CRLs lie as well.
    others: Vec<PathBuf>,
}

fn named_by(config: &Path, directory: &Path) -> Result<Named, ImportError> {
    let flaw = |source| ImportError::Config { path: config.to_owned(), source };
    let beside = config.parent().unwrap_or(directory);
    let mut included = |place: &str| included(beside, directory, Path::new(place));
    let parsed = OpensslConfig::parse(&text_of(config)?, &mut included).map_err(|error| match error {
        ReadError::Config(source) => flaw(source),
        ReadError::File(error) => error.into(),
    })?;
    let ca = parsed.default_ca().map_err(flaw)?;
    let path = |name: &str| {
        let value = ca.place(name).map_err(flaw)?;
        Ok::<_, ImportError>(value.map(|value| found(directory, Path::new(value))))
    };
    Ok(Named {
        certificate: path("certificate")?,
        key: path("private_key")?,
        index: Some(found(directory, Path::new(ca.database().map_err(flaw)?))),
        new_certificates: path("new_certs_dir")?,
        crl_number: path("crlnumber")?,
        others: [path("certs")?, path("crl_dir")?, path("crl")?].into_iter().flatten().collect(),
    })
}

impl Named {
    /// What is not in the directory of the CA, and there.
    fn outside(&self, directory: &Path) -> Vec<PathBuf> {
        let all = self.new_certificates.iter().chain(&self.others);
        let mut outside: Vec<PathBuf> =
            all.filter(|path| !path.starts_with(directory) && path.exists()).cloned().collect();
        outside.sort();
        // One may lie in another.
        outside.dedup_by(|path, before| path.starts_with(before));
        outside
    }
}

/// The texts that stand for `.include`: of a file, or of each configuration in a directory.
fn included(beside: &Path, directory: &Path, place: &Path) -> Result<Vec<String>, ReadError> {
    let candidates = [beside.join(place), found(directory, place)];
    let [first, _] = &candidates;
    let path = candidates.iter().find(|path| path.exists()).unwrap_or(first);
    if !path.is_dir() {
        return Ok(vec![text_of(path)?]);
    }
    let is_config = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "cnf" || ending == "conf");
    let configs = paths_in(path)?.into_iter().filter(is_config);
    Ok(configs.map(|path| text_of(&path)).collect::<Result<_, _>>()?)
}

fn text_of(config: &Path) -> Result<String, FileError> {
    Ok(String::from_utf8_lossy(&read_bounded(config, MOST_BYTES)?).into_owned())
}

/// Why a configuration is not read.
enum ReadError {
    Config(ConfigError),
    File(FileError),
}

impl From<ConfigError> for ReadError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<FileError> for ReadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// Where a path of a configuration leads: openssl takes one from where it is called, and a directory that was moved has another
/// name than its configuration says.
fn found(directory: &Path, path: &Path) -> PathBuf {
    let from_here = directory.join(path);
    let parts: Vec<_> = path.components().collect();
    let moved = (1..parts.len()).map(|first| directory.join(parts.iter().skip(first).collect::<PathBuf>()));
    let is_there = |candidate: &PathBuf| candidate.exists();
    Some(from_here.clone()).filter(is_there).or_else(|| moved.into_iter().find(is_there)).unwrap_or(from_here)
}

fn is_ca_directory(directory: &Path) -> bool {
    directory.join(INDEX).is_file()
}

fn ca_in(directory: &Path, named: Option<Named>) -> Result<CaPlaces, ImportError> {
    let named = named.unwrap_or_default();
    let beside = |name: &str| Some(directory.join(name)).filter(|path| path.exists());
    let certificate = match named.certificate {
        Some(path) => path,
        None => certificate_in(directory)?,
    };
    Ok(CaPlaces {
        key: named.key.filter(|path| path.exists()).or_else(|| key_in(directory, &certificate)),
        certificate,
        index: named.index.or_else(|| first_of(directory, &INDEXES)),
        new_certificates: named.new_certificates.or_else(|| beside("newcerts")),
        crl_number: named
            .crl_number
            .filter(|path| path.exists())
            .or_else(|| first_of(directory, &["crlnumber", "db/crlnumber"])),
    })
}

/// The certificate under one of the names that guides give it, or the only one of a CA that there is.
fn certificate_in(directory: &Path) -> Result<PathBuf, ImportError> {
    if let Some(path) = first_of(directory, &CERTIFICATES) {
        return Ok(path);
    }
    let mut of_cas: Vec<(PathBuf, Certificate)> = Vec::new();
    for place in [directory.join("certs"), directory.to_owned()] {
        for path in paths_in(&place).unwrap_or_default() {
            if let Some(certificate) = ca_certificate(&path)
                && of_cas.iter().all(|(_, known)| *known != certificate)
            {
                of_cas.push((path, certificate));
            }
        }
    }
    let names = || of_cas.iter().map(|(path, _)| path.display().to_string()).collect();
    match of_cas.as_slice() {
        [(only, _)] => Ok(only.clone()),
        [] => Err(ImportError::no_certificate(Tool::Openssl, directory, &CERTIFICATES)),
        _ => Err(ImportError::SeveralCertificates { directory: directory.to_owned(), names: names() }),
    }
}

/// The certificate in a file that holds one and no other, if it is a CA's.
fn ca_certificate(path: &Path) -> Option<Certificate> {
    let bytes = read_bounded(path, MOST_BYTES).ok()?;
    let blocks = pem::parse(&bytes).ok()?;
    let [block] = blocks.as_slice() else { return None };
    let certificate = Certificate::from_der(&block.contents).ok()?;
    (block.label == pem::CERTIFICATE && certificate.tbs().is_ca()).then_some(certificate)
}

/// The key under one of the names that guides give it, under that of its certificate, or the only one in `private`.
fn key_in(directory: &Path, certificate: &Path) -> Option<PathBuf> {
    let private = directory.join("private");
    let stem = certificate.file_name()?.to_str()?.replace(".cert", "").replace("cacert", "cakey");
    let stem = stem.rsplit_once('.').map_or(stem.as_str(), |(stem, _)| stem).to_owned();
    let alike = [format!("{stem}.key.pem"), format!("{stem}.key"), format!("{stem}.pem"), format!("{stem}-key.pem")];
    let beside = certificate.parent().unwrap_or(directory);
    let candidates =
        [&private, directory, beside].into_iter().flat_map(|place| alike.iter().map(|name| place.join(name)));
    let is_key = |path: &PathBuf| {
        path != certificate
            && read_bounded(path, MOST_BYTES)
                .is_ok_and(|text| text.windows(KEY_MARK.len()).any(|part| part == KEY_MARK))
    };
    let known = || first_of(directory, &KEYS).filter(is_key);
    let only = || {
        let keys: Vec<PathBuf> = paths_in(&private).ok()?.into_iter().filter(is_key).collect();
        <[PathBuf; 1]>::try_from(keys).ok().map(|[only]| only)
    };
    candidates.into_iter().find(is_key).or_else(known).or_else(only)
}

/// What stands in the first line of every key in PEM.
const KEY_MARK: &[u8] = b"PRIVATE KEY-----";

/// The names that guides give to the certificate of a CA.
const CERTIFICATES: [&str; 13] = [
    "certs/ca.cert.pem",
    "cacert.pem",
    "certs/intermediate.cert.pem",
    "certs/ca.crt",
    "certs/ca.pem",
    "certs/cacert.pem",
    "ca.crt",
    "ca.cert.pem",
    "ca.pem",
    "rootCA.crt",
    "rootCA.pem",
    "certs/rootCA.crt",
    "root-ca.crt",
];
/// And to its index.
const INDEXES: [&str; 3] = [INDEX, "db/index", "db/index.txt"];
const INDEX: &str = "index.txt";
/// And to its key.
const KEYS: [&str; 9] = [
    "private/ca.key.pem",
    "private/cakey.pem",
    "private/intermediate.key.pem",
    "private/ca.key",
    "ca.key",
    "ca.key.pem",
    "rootCA.key",
    "private/rootCA.key",
    "private/root-ca.key",
];
/// Room for a configuration, or a certificate with all its text.
const MOST_BYTES: usize = 1024 * 1024;
