//! NSS's `certutil -V`: the chain and its purpose, as Firefox's library sees them. It does not compare names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{Witness, commands, on_all_cores, words};
use crate::chain::{Case, Verdict};

pub(crate) struct Nss;

impl Witness for Nss {
    fn name(&self) -> &'static str {
        "nss"
    }

    fn needs(&self) -> Vec<PathBuf> {
        commands(&["certutil"])
    }

    fn compares_names(&self) -> bool {
        false
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        on_all_cores(cases, |case| {
            // A database for each leaf: NSS gives certificates with one subject one nickname.
            let database = tempfile::tempdir().unwrap();
            let run = |arguments: &[&OsStr]| certutil(database.path(), arguments);
            let made = run(&["-N".as_ref(), "--empty-password".as_ref()]);
            assert!(made.status.success(), "{}", words(&made));
            let files = [
                ("root", "C,,", &case.chain.root),
                ("issuing", ",,", &case.chain.issuing),
                ("leaf", ",,", &case.chain.leaf),
            ];
            let alone = database.path().join("alone.pem");
            let blocks = files.iter().flat_map(|(name, trust, file)| {
                let blocks = pem::parse_many(std::fs::read(file).unwrap()).unwrap();
                blocks.into_iter().enumerate().map(move |(number, block)| (*name, number, *trust, block))
            });
            // One at a time: certutil takes the first of a file.
            for (name, number, trust, block) in blocks {
                std::fs::write(&alone, pem::encode(&block)).unwrap();
                let nickname = if name == "leaf" { name.to_owned() } else { format!("{name} {number}") };
                let added = run(&[
                    "-A".as_ref(),
                    "-n".as_ref(),
                    nickname.as_ref(),
                    "-t".as_ref(),
                    trust.as_ref(),
                    "-a".as_ref(),
                    "-i".as_ref(),
                    alone.as_os_str(),
                ]);
                if !added.status.success() {
                    return Verdict::Refuses(format!("{nickname} cannot be imported: {}", words(&added)));
                }
            }
            let output = run(&["-V", "-n", "leaf", "-u", "V", "-e"].map(OsStr::new));
            let said = words(&output);
            if output.status.success() && said.contains("certificate is valid") {
                Verdict::Accepts
            } else {
                Verdict::Refuses(said)
            }
        })
    }
}

fn certutil(database: &Path, arguments: &[&OsStr]) -> Output {
    let mut place = std::ffi::OsString::from("sql:");
    place.push(database);
    Command::new("certutil").args(arguments).arg("-d").arg(place).output().unwrap()
}
