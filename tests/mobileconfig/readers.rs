//! Readers by others: Python's plistlib and libplist's `plistutil` read every key and value as we wrote it.

use std::{fs, path::Path, process::Command};

use crate::{
    support::tools::{commands, present},
    workshop::{EVERYTHING, Workshop},
};

/// Prints a plist as JSON, with data in hexadecimal digits.
const READER: &str = "
import json, plistlib, sys
with open(sys.argv[1], 'rb') as file:
    profile = plistlib.load(file)
print(json.dumps(profile, sort_keys=True, default=lambda data: data.hex()))
";

fn read_by_python(path: &Path) -> String {
    let output = Command::new("python3").args(["-c", READER]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn profiles(workshop: &Workshop) -> Vec<std::path::PathBuf> {
    let lines: [(&str, &[&str]); 3] = [("ios", &[]), ("macos", &["--consent"]), ("ios", &EVERYTHING)];
    let kept = |(index, (target, line)): (usize, (&str, &[&str]))| {
        let path = workshop.home.directory().join(format!("{index}.mobileconfig"));
        fs::copy(workshop.export_file(target, line), &path).unwrap();
        path
    };
    lines.into_iter().enumerate().map(kept).collect()
}

#[test]
fn plistlib_reads_every_value() {
    if !present("plistlib", &commands(&["python3"])) {
        return;
    }
    let workshop = Workshop::new("A & B <script>");
    for path in profiles(&workshop) {
        let read: serde_json::Value = serde_json::from_str(&read_by_python(&path)).unwrap();
        assert_eq!(read["PayloadDisplayName"], "A & B <script>");
        assert_eq!(read["PayloadVersion"], 1);
        let root: String = workshop.root().as_der().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(read["PayloadContent"][0]["PayloadContent"], root);
    }
}

#[test]
fn plistutil_makes_the_same_of_it_as_plistlib() {
    if !present("plistutil", &commands(&["plistutil", "python3"])) {
        return;
    }
    let workshop = Workshop::new("A & B <script>");
    for path in profiles(&workshop) {
        // Through the binary form and back: what libplist did not read would be missing.
        let (binary, xml) = (path.with_extension("binary"), path.with_extension("xml"));
        for (form, from, to) in [("bin", &path, &binary), ("xml", &binary, &xml)] {
            let output =
                Command::new("plistutil").args(["-f", form, "-i"]).arg(from).arg("-o").arg(to).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(read_by_python(&xml), read_by_python(&path));
    }
}
