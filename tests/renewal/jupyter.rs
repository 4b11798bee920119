//! A real Jupyter Server, which reads its files anew for each connection: it needs no hook.

use std::process::Command;

use crate::{
    server::serial_shown,
    support::{
        TestHome,
        server::{Server, free_port},
        tools::{commands, present, python},
    },
};

#[test]
fn jupyter_server_shows_the_new_certificate_without_a_restart() {
    let program = python().with_file_name("jupyter-server");
    if !present("renewal with Jupyter Server", &[vec![program.clone()], commands(&["openssl"])].concat()) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let port = free_port();
    home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1", "--verify", &format!("127.0.0.1:{port}")])
        .succeeded();
    let live = home.file("live/hub.lan");
    let mut command = Command::new(program);
    command
        .args(["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"])
        .arg(format!("--ServerApp.port={port}"))
        .arg(format!("--ServerApp.certfile={}", live.join("fullchain.pem").display()))
        .arg(format!("--ServerApp.keyfile={}", live.join("privkey.pem").display()))
        .current_dir(home.directory())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.directory());
    let server = Server::start(port, &mut command);
    let root = home.file("root/root.crt.pem");
    let before = serial_shown(server.port, &root).unwrap();
    for _ in 0..3 {
        let answer = home.hubca(&["renew", "hub.lan", "--force", "--json"]).succeeded().json();
        let shown = serial_shown(server.port, &root).unwrap();
        assert_eq!(answer[0]["certificate"]["serial"], shown);
        assert_ne!(shown, before);
    }
}
