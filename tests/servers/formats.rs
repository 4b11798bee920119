//! Presets of programs that cannot be had here: what their documentation asks for, read by readers of the format. And every text
//! of every preset is one of its language.

use std::fs;

use hubca::preset::{CertificateFiles, Language, Site, Target, preset};
use serde_json::json;

use crate::{
    hostile::newest,
    support::machine::{Machine, on_a_machine},
    support::tools::python,
};

#[test]
fn every_text_of_every_preset_is_one_of_its_language() {
    let python = python().to_string_lossy().into_owned();
    on_a_machine("texts in their languages", &["node", &python], |machine| {
        machine.issue(&[]);
        let files = CertificateFiles::in_directory("/srv/it's \"here\" #1; é").unwrap();
        let site = Site::new("hub.lan", &newest(), files).unwrap();
        let mut seen = 0;
        for document in Target::ALL.iter().flat_map(|target| preset(*target, &site).unwrap().documents) {
            let reader = match document.language {
                Language::Python => format!("'{python}' -c 'import ast; ast.parse(open(\"text.mjs\").read())'"),
                Language::Json => format!("'{python}' -m json.tool text.mjs"),
                Language::Yaml => format!("'{python}' -c 'import yaml; yaml.safe_load(open(\"text.mjs\"))'"),
                Language::Shell => "sh -n text.mjs".to_owned(),
                Language::Javascript => "node --check text.mjs".to_owned(),
                // These have only their own programs.
                _ => continue,
            };
            fs::write(machine.written("text.mjs"), &document.text).unwrap();
            machine.run(&reader);
            seen += 1;
        }
        assert!(seen >= 10, "{seen}");
    });
}

/// <https://www.home-assistant.io/integrations/http/>
#[test]
fn home_assistant_has_the_keys_of_its_integration_http() {
    let python = python().to_string_lossy().into_owned();
    on_a_machine("Home Assistant's YAML", &[&python], |machine| {
        machine.issue(&[]);
        machine.preset("home-assistant", &["--directory", "/ssl"]);
        let read = yaml(machine, &python, "http.yaml");
        let http = json!({"server_port": 8123, "ssl_certificate": "/ssl/fullchain.pem", "ssl_key": "/ssl/privkey.pem"});
        assert_eq!(read, json!({ "http": http }));
    });
}

/// `pvenode cert set <certificates> [<key>] [--force <boolean>] [--restart <boolean>]`, where a boolean alone is true.
#[test]
fn proxmox_is_told_the_files_by_the_hook_of_a_renewal() {
    on_a_machine("the hook for Proxmox", &["sh"], |machine| {
        let directory = "/etc/hubca/it's $HOME; \"a\" `id`";
        fs::create_dir_all(directory).unwrap();
        machine.issue(&[]);
        let preset = machine.preset("proxmox", &["--directory", directory]);
        machine.program("pvenode", "#!/bin/sh\nprintf '%s\\n' \"$@\" >/run/told\n");
        machine.remember(&preset);
        // No Proxmox shows a certificate here.
        machine.hubca(&["edit", "hub.lan", "--no-verify"]).succeeded();
        machine.renew();
        let told = fs::read_to_string("/run/told").unwrap();
        let words = ["cert", "set", &format!("{directory}/fullchain.pem"), &format!("{directory}/privkey.pem")];
        assert_eq!(told.lines().collect::<Vec<_>>(), [&words[..], &["--force", "--restart"]].concat());
        for file in ["fullchain.pem", "privkey.pem"] {
            assert!(fs::exists(format!("{directory}/{file}")).unwrap());
        }
    });
}

/// Machines with a page of their own are told in words: of files that are there.
#[test]
fn machines_with_a_page_of_their_own_are_told_of_files_that_are_there() {
    on_a_machine("words for Synology and UniFi", &["sh"], |machine| {
        machine.issue(&[]);
        let there: Vec<String> = fs::read_dir("/etc/hubca/hub.lan")
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        for target in ["synology", "unifi", "generic"] {
            let preset = machine.preset(target, &[]);
            assert_eq!(preset["files"], json!([]));
            let steps = preset["steps"].to_string();
            let named: Vec<&str> = steps
                .split([' ', '/', ',', ';', '"', ':'])
                .map(|word| word.trim_end_matches('.'))
                .filter(|word| word.ends_with(".pem"))
                .collect();
            assert!(named.len() >= 2, "{steps}");
            assert!(named.iter().all(|name| there.iter().any(|file| file == name)), "{named:?} of {there:?}");
        }
    });
}

fn yaml(machine: &Machine, python: &str, name: &str) -> serde_json::Value {
    let line = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    serde_json::from_str(&machine.run(&format!("'{python}' -c '{line}' '{name}'"))).unwrap()
}
