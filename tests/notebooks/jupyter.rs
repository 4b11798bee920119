//! Jupyter Server, by each of the three ways in which the preset configures it.

use std::fs;

use serde_json::{Value, json};

use crate::{
    hub::services,
    notebook::{ADDRESS, came_over_wss, is_shown, trusting, with_programs, write},
    support::{machine::Machine, visitor::Visitor},
};

const PORT: u16 = 8888;
const NOTEBOOK: &str = "https://192.168.0.1:8888/doc/tree/hub.ipynb";

/// What is no matter of certificates: a root of a test may be root, and the token is known.
const BESIDE: &str = "--allow-root --IdentityProvider.token=let-me-in";

/// Jupyter with the configuration under its usual name, or with none.
fn with_configuration(way: &str, test: impl FnOnce(&Machine, &Value) + Send) {
    with_programs(&format!("Jupyter Server {way}"), "jupyter", &["jupyter", "jupyter-lab"], |machine| {
        let preset = machine.preset("jupyter", &[]);
        let settings = machine.directory().join(".jupyter");
        fs::create_dir_all(&settings).unwrap();
        if way.starts_with("jupyter_server_config") {
            fs::copy(machine.written(way), settings.join(way)).unwrap();
        }
        write(&machine.written(""));
        test(machine, &preset);
    });
}

/// Whoever trusts the root runs a cell, while the certificate is renewed; who does not is warned.
fn a_cell_runs(machine: &Machine, line: &str) {
    let _server = machine.serve(PORT, &format!("{line} {BESIDE}"));
    let seen = trusting(machine)
        .then(json!({ "fill": "#password_input", "with": "let-me-in" }))
        .then(json!({ "click": "#login_submit" }))
        .then_asks()
        .while_renewed(machine)
        .then_asks_again(1)
        .visits(NOTEBOOK);
    came_over_wss(&seen, &format!("wss://{ADDRESS}:{PORT}/api/kernels/"));
    is_shown(machine, &seen, 3, PORT);
    // The page did not have to connect again.
    let channels = seen.requests.iter().filter(|url| url.contains("/channels?")).count();
    assert_eq!(channels, 1, "{:?}", seen.requests);
    assert_eq!(Visitor::with("linux").warned_of(NOTEBOOK), "ERR_CERT_AUTHORITY_INVALID");
}

#[test]
fn jupyter_server_runs_a_cell_over_wss_as_python_tells_it() {
    with_configuration("jupyter_server_config.py", |machine, _| a_cell_runs(machine, "jupyter lab"));
}

#[test]
fn jupyter_server_runs_a_cell_over_wss_as_json_tells_it() {
    with_configuration("jupyter_server_config.json", |machine, _| a_cell_runs(machine, "jupyter lab"));
}

#[test]
fn jupyter_server_answers_as_one_line_tells_it() {
    with_configuration("in one line", |machine, preset| {
        let steps: Vec<&str> = preset["steps"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let (_, line) = steps.last().unwrap().split_once(": ").unwrap();
        assert!(line.starts_with("jupyter lab --no-browser "), "{line}");
        let _server = machine.serve(PORT, &format!("{line} {BESIDE}"));
        let root = machine.root();
        let asked = format!("curl -sS --cacert {} https://{ADDRESS}:{PORT}/api", root.display());
        assert!(machine.run(&asked).contains("\"version\""));
    });
}

#[test]
fn jupyter_server_runs_a_cell_over_wss_behind_nginx() {
    with_programs("Jupyter Server behind nginx", "nginx", &["jupyter", "jupyter-lab"], |machine| {
        services(machine, &[]);
        machine.hubca(&["export", "preset", "nginx", "hub.lan", "--install", "--json"]).succeeded();
        let root = machine.root();
        let asked = |line: &str| {
            let there = format!("--cacert {} https://{ADDRESS}/api", root.display());
            machine.run(&format!("curl -sS -o /dev/null -w '%{{http_code}}' {line} {there}"))
        };
        write(&machine.written(""));
        {
            // Which has not been told.
            let _server = machine.serve(PORT, &format!("jupyter lab --no-browser {BESIDE}"));
            assert_eq!(asked(""), "403");
        }
        let settings = machine.directory().join(".jupyter");
        fs::create_dir_all(&settings).unwrap();
        machine.preset("jupyter-behind-proxy", &[]);
        for way in ["jupyter_server_config.json", "jupyter_server_config.py"] {
            fs::copy(machine.written(way), settings.join(way)).unwrap();
            let _server = machine.serve(PORT, &format!("jupyter lab {BESIDE}"));
            assert_eq!(asked("--retry 10 --retry-all-errors"), "200", "{way}");
            if way.ends_with("json") {
                fs::remove_file(settings.join(way)).unwrap();
                continue;
            }
            let seen = trusting(machine)
                .then(json!({ "fill": "#password_input", "with": "let-me-in" }))
                .then(json!({ "click": "#login_submit" }))
                .then_asks()
                .while_renewed(machine)
                .then_asks_again(1)
                .visits(&NOTEBOOK.replace(":8888", ""));
            came_over_wss(&seen, &format!("wss://{ADDRESS}/api/kernels/"));
            is_shown(machine, &seen, 3, 443);
            let past = machine.shell(&format!("curl -sS --max-time 5 http://{ADDRESS}:{PORT}/api")).output().unwrap();
            assert!(!past.status.success(), "nobody reaches it past nginx");
        }
    });
}
