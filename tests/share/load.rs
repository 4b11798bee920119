//! A crowd: a load generator for ten seconds, without an error and in little memory.

use std::process::Command;

use crate::support::{
    TestHome,
    shared::Shared,
    tools::{commands, present},
};

#[test]
fn sixty_four_connections_for_ten_seconds_cost_no_error_and_little_memory() {
    if !present("wrk", &commands(&["wrk"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let url = format!("http://127.0.0.1:{}/", shared.port);
    let output = Command::new("wrk").args(["-t2", "-c64", "-d10s", &url]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("requests in"), "{said}");
    assert!(!said.contains("Socket errors") && !said.contains("Non-2xx"), "{said}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", shared.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kibibytes < 64 * 1024, "{kibibytes} KiB at most");
    assert_eq!(shared.get("/", &[]).status, 200);
    // Visitors that never came back are nobody.
    assert_eq!(shared.lines().len(), 1, "{:?}", shared.lines());
    shared.stop();
    assert_eq!(home.hubca(&["list", "--devices", "--json"]).succeeded().json(), serde_json::json!([]));
}
