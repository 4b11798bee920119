//! A notebook: its file, and a person who runs cells in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{
    machine::{Machine, with_tools},
    tools::{commands, node_programs, python},
    visitor::{Seen, Visitor, chromium},
};

/// Where every test is reached.
pub(crate) const ADDRESS: &str = "192.168.0.1";

/// Runs `test` on a machine with a browser and these programs, each of which lies where `tests/run` puts it. The machine has a
/// certificate for its address, as a server wants it.
pub(crate) fn with_programs(what: &str, server: &str, programs: &[&str], test: impl FnOnce(&Machine) + Send) {
    let programs: Vec<PathBuf> = programs.iter().map(|program| installed(program)).collect();
    let tools = [programs.clone(), vec![python(), chromium()], commands(&["certutil", "openssl", "pkill"])].concat();
    with_tools(what, &tools, |machine| {
        for program in &programs {
            let name = program.file_name().unwrap().to_str().unwrap();
            let path: Vec<_> = programs.iter().map(|it| it.parent().unwrap().to_str().unwrap()).collect();
            let script = format!("#!/bin/sh\nPATH={}:$PATH exec {} \"$@\"\n", path.join(":"), program.display());
            machine.program(name, &script);
        }
        machine.hubca(&["issue", "--ip", ADDRESS, "--label", "hub.lan", "--for", server]).succeeded();
        test(machine);
    });
}

/// A program of the environments for Python and Node.js.
fn installed(program: &str) -> PathBuf {
    let directory = python().parent().unwrap().to_owned();
    if program == "configurable-http-proxy" { node_programs().join(program) } else { directory.join(program) }
}

/// Puts an empty notebook there.
pub(crate) fn write(directory: &Path) {
    let cell = json!({ "cell_type": "code", "execution_count": null, "id": "first", "metadata": {}, "outputs": [], "source": [] });
    let kernel = json!({ "display_name": "Python 3", "language": "python", "name": "python3" });
    let notebook = json!({ "cells": [cell], "metadata": { "kernelspec": kernel }, "nbformat": 4, "nbformat_minor": 5 });
    fs::create_dir_all(directory).unwrap();
    fs::write(directory.join("hub.ipynb"), notebook.to_string()).unwrap();
}

/// Somebody whose browser trusts the root of the machine.
pub(crate) fn trusting(machine: &Machine) -> Visitor {
    Visitor::with("linux").trusting(&[&machine.root()])
}

impl Visitor {
    /// The same, who asks for six times seven, and notes the answer in the kernel.
    pub(crate) fn then_asks(self) -> Self {
        self.then(json!({ "cell": "answer = 6*7; answer", "shows": "42" }))
    }

    /// The same, while the certificate is renewed.
    pub(crate) fn while_renewed(self, machine: &Machine) -> Self {
        self.then(json!({ "run": machine.words(&["renew", "hub.lan", "--force", "--json"]) }))
    }

    /// The same, whose kernel still has the answer.
    pub(crate) fn then_asks_again(self, more: u32) -> Self {
        self.then(json!({ "cell": format!("answer + {more}"), "shows": (42 + more).to_string() }))
    }
}

impl Machine {
    /// The serial number of the certificate that is shown, as openssl reads it.
    pub(crate) fn serial_shown(&self, port: u16) -> String {
        let line =
            format!("openssl s_client -connect {ADDRESS}:{port} </dev/null 2>/dev/null | openssl x509 -noout -serial");
        let shown = self.run(&line);
        shown.trim().trim_start_matches("serial=").to_lowercase()
    }
}

/// The answer of a renewal in mid-visit: that certificate is the one that is shown now.
pub(crate) fn is_shown(machine: &Machine, seen: &Seen, act: usize, port: u16) {
    let answer: Value = serde_json::from_str(seen.text(act)).unwrap();
    assert_eq!(answer[0]["outcome"], "renewed", "{answer}");
    assert_eq!(answer[0]["certificate"]["serial"], machine.serial_shown(port));
}

/// The kernel was spoken with over WSS, and over nothing else.
pub(crate) fn came_over_wss(seen: &Seen, start: &str) {
    let sockets: Vec<_> = seen.requests.iter().filter(|url| url.starts_with("ws")).collect();
    let is_kernel = |url: &&&String| url.starts_with(start) && url.contains("/channels?");
    assert!(sockets.iter().any(|url| is_kernel(&url)), "{sockets:?}");
    assert!(sockets.iter().all(|url| url.starts_with("wss://")), "{sockets:?}");
}
