//! A real Jupyter Server, which reads its files anew for each connection: it needs no hook.

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
    if !present("renewal with Jupyter Server", &[vec![program], commands(&["openssl"])].concat()) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let port = free_port();
    home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1", "--verify", &format!("127.0.0.1:{port}")])
        .succeeded();
    let server = Server::jupyter(&home, "hub.lan", port, &[]);
    let root = home.file("root/root.crt.pem");
    let before = serial_shown(server.port, &root).unwrap();
    for _ in 0..3 {
        let answer = home.hubca(&["renew", "hub.lan", "--force", "--json"]).succeeded().json();
        let shown = serial_shown(server.port, &root).unwrap();
        assert_eq!(answer[0]["certificate"]["serial"], shown);
        assert_ne!(shown, before);
    }
}
