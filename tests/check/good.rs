//! Servers that people run, as they should be: there is nothing to say of them.
//!
//! Proxies by their presets are looked at where they are put in place, in `tests/servers`.

use crate::support::{
    TestHome,
    server::{Server, free_port},
    tools::{present, python},
};

#[test]
fn there_is_nothing_to_say_of_a_jupyter_server() {
    let program = python().with_file_name("jupyter-server");
    if !present("Jupyter Server, looked at", &[program, python()]) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let port = free_port();
    home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"]).succeeded();
    let server = Server::jupyter(&home, "hub.lan", port, &["--IdentityProvider.token="]);
    let line = ["check", &format!("127.0.0.1:{}", server.port), "--websocket", "/api/events/subscribe", "--json"];
    let answer = home.hubca(&line).succeeded();
    let found = answer.json();
    assert_eq!(found["findings"], serde_json::json!([]), "{answer}");
    assert_eq!(found["server"]["websocket"]["opens"], true, "{answer}");
    assert_eq!(found["server"]["label"], "hub.lan", "{answer}");
}
