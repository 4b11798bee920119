//! The tools that judge, each behind the same question: does a client that trusts this root accept this chain for this name?

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use crate::chain::{Case, Verdict};
pub(crate) use crate::support::tools::{commands, present, python};

mod chromium;
mod cryptography;
mod gnutls;
mod java;
mod nss;
mod openssl;
mod pkilint;
mod webpki;

pub(crate) use chromium::Chromium;
pub(crate) use cryptography::Cryptography;
pub(crate) use gnutls::GnuTls;
pub(crate) use java::Java;
pub(crate) use nss::Nss;
pub(crate) use openssl::OpenSsl;
pub(crate) use pkilint::Pkilint;
pub(crate) use webpki::WebPki;

/// A tool by others.
pub(crate) trait Witness: Sync {
    /// What the reports call it.
    fn name(&self) -> &'static str;

    /// The commands it cannot do without.
    fn needs(&self) -> Vec<PathBuf>;

    /// One verdict for each case, in order.
    fn judge(&self, cases: &[Case]) -> Vec<Verdict>;

    /// Whether it looks at the name, or only at the chain.
    fn compares_names(&self) -> bool {
        true
    }
}

/// The witnesses of the matrix.
pub(crate) fn everyday() -> Vec<Box<dyn Witness>> {
    vec![
        Box::new(OpenSsl),
        Box::new(GnuTls),
        Box::new(Nss),
        Box::new(Java),
        Box::new(WebPki),
        Box::new(Cryptography),
        Box::new(Pkilint),
    ]
}

/// Those that decide whether a connection comes about: everyone but the linter, and Chromium besides.
pub(crate) fn verifiers() -> Vec<Box<dyn Witness>> {
    vec![
        Box::new(OpenSsl),
        Box::new(GnuTls),
        Box::new(Nss),
        Box::new(Java),
        Box::new(WebPki),
        Box::new(Cryptography),
        Box::new(Chromium),
    ]
}

/// A program in `judges/`.
pub(crate) fn judge_program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/judges").join(name)
}

/// Runs a judge on the lines of its cases and reads a verdict a line.
fn ask(command: &mut Command, program: &str, lines: &[String], options: &[&OsStr]) -> Vec<Verdict> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    file.flush().unwrap();
    let output = command.arg(judge_program(program)).arg(file.path()).args(options).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{program} could not judge: {}", String::from_utf8_lossy(&output.stderr));
    let verdicts: Vec<Verdict> = said
        .lines()
        .map(|line| match line.split_once('\t') {
            None if line == "accepts" => Verdict::Accepts,
            Some(("refuses", reason)) => Verdict::Refuses(reason.to_owned()),
            _ => panic!("{program} said {line:?}"),
        })
        .collect();
    assert_eq!(verdicts.len(), lines.len(), "{program} must answer every case");
    verdicts
}

/// One verdict for each case, with a thread for each core.
fn on_all_cores(cases: &[Case], judge: impl Fn(&Case) -> Verdict + Sync) -> Vec<Verdict> {
    let queue = Mutex::new(cases.iter().enumerate());
    let verdicts = Mutex::new(vec![None; cases.len()]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((number, case)) = queue.lock().unwrap().next() else {
                        break;
                    };
                    let verdict = judge(case);
                    verdicts.lock().unwrap()[number] = Some(verdict);
                }
            });
        }
    });
    verdicts.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

/// All that a command wrote, on one line.
fn words(output: &Output) -> String {
    let text = format!("{} {}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
