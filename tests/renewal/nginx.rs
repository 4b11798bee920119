//! A real nginx: reloaded by the hook, looked at, and never with a key that does not match.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    server::serial_shown,
    support::{
        Answer, TestHome,
        server::{Server, free_port},
        tools::{commands, present},
    },
};

/// A home, an nginx that serves its copies, and the command that reloads it.
struct Stage {
    home: TestHome,
    server: Server,
    reload: String,
    root: PathBuf,
}

fn stage() -> Option<Stage> {
    if !present("renewal with nginx", &commands(&["nginx", "openssl"])) {
        return None;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let place = home.directory().join("nginx");
    fs::create_dir(&place).unwrap();
    let (port, tls) = (free_port(), home.directory().join("tls"));
    let configuration = place.join("nginx.conf");
    fs::write(&configuration, nginx(&place, &tls, port)).unwrap();
    let program = format!("nginx -p {0} -e {0}/error.log -c {1}", place.display(), configuration.display());
    let reload = format!("{program} -s reload");
    let verify = format!("127.0.0.1:{port}");
    home.hubca(&["issue", "--dns", "hub.lan", "--out", tls.to_str().unwrap(), "--hook", &reload, "--verify", &verify])
        .succeeded();
    let words: Vec<&str> = program.split(' ').collect();
    let server = Server::start(port, Command::new(words[0]).args(&words[1..]));
    let root = home.file("root/root.crt.pem");
    Some(Stage { home, server, reload, root })
}

fn nginx(place: &std::path::Path, tls: &std::path::Path, port: u16) -> String {
    let (place, tls) = (place.display(), tls.display());
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "daemon off;\n{user}\nworker_processes 1;\npid {place}/nginx.pid;\nerror_log {place}/error.log info;\n\
         events {{ worker_connections 64; }}\nhttp {{\n access_log off;\n\
         client_body_temp_path {place}/body;\n proxy_temp_path {place}/proxy;\n fastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi;\n scgi_temp_path {place}/scgi;\n\
         server {{\n  listen 127.0.0.1:{port} ssl;\n  ssl_certificate {tls}/fullchain.pem;\n\
         ssl_certificate_key {tls}/privkey.pem;\n  location / {{ return 200 hello; }}\n }}\n}}\n"
    )
}

impl Stage {
    fn shown(&self) -> String {
        serial_shown(self.server.port, &self.root).unwrap()
    }

    /// A renewal that saw the new certificate where it is to be verified.
    fn renewal(&self) -> Answer {
        self.home.hubca(&["renew", "hub.lan", "--force", "--json"])
    }
}

#[test]
fn nginx_is_reloaded_and_shows_each_new_certificate_and_never_a_key_that_does_not_match() {
    let Some(stage) = stage() else { return };
    let is_over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut looks = 0;
            while !is_over.load(Ordering::SeqCst) {
                // A server with another's key fails the handshake, and one without a chain to the root its verification.
                serial_shown(stage.server.port, &stage.root).unwrap();
                looks += 1;
            }
            looks
        });
        let renewed: Vec<_> = (0..20).map(|_| stage.renewal()).collect();
        is_over.store(true, Ordering::SeqCst);
        for renewed in renewed {
            assert_eq!(renewed.json()[0]["outcome"], "renewed", "{renewed}");
        }
        looking.join().unwrap()
    });
    assert!(looks > 20, "{looks} looks");
}

#[test]
fn a_server_that_keeps_the_old_certificate_ends_in_a_rollback_and_is_served_when_the_hook_is_mended() {
    let Some(stage) = stage() else { return };
    let before = stage.shown();
    stage.home.hubca(&["edit", "hub.lan", "--hook", "true"]).succeeded();
    let line = ["renew", "hub.lan", "--force", "--verify-limit", "1", "--json"];
    let answer = stage.home.hubca(&line).failed_with(1).json();
    assert_eq!(answer[0]["outcome"], "rolled_back");
    assert!(answer[0]["error"]["causes"][0].as_str().unwrap().contains(&before), "{answer}");
    assert_eq!(stage.shown(), before);
    let copied = fs::read(stage.home.directory().join("tls/cert.pem")).unwrap();
    assert_eq!(copied, fs::read(stage.home.file("live/hub.lan/cert.pem")).unwrap());
    // A reload that the server refuses: it serves what it had, and says nothing to whoever reloads it.
    let spoil = "sh -c 'echo rubbish > \"$RENEWED_LINEAGE/../../../tls/fullchain.pem\"; exec nginx -t'";
    stage.home.hubca(&["edit", "hub.lan", "--hook", spoil]).succeeded();
    let answer = stage.home.hubca(&["renew", "--verify-limit", "1", "--json"]).failed_with(1).json();
    assert_ne!(answer[0]["outcome"], "renewed");
    assert_eq!(stage.shown(), before);
    // The next daily call brings the certificate that is there, and makes no other.
    stage.home.hubca(&["edit", "hub.lan", "--hook", &stage.reload]).succeeded();
    let answer = stage.home.hubca(&["renew", "--json"]).succeeded().json();
    assert_eq!((&answer[0]["outcome"], &answer[0]["certificate"]), (&"deployed".into(), &serde_json::Value::Null));
    let shown = stage.home.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
    assert_eq!(shown["serial"], stage.shown());
    assert_eq!((&shown["generation"], &shown["deployment"]["outcome"]), (&2.into(), &"verified".into()));
    assert_eq!(stage.home.hubca(&["renew", "--json"]).succeeded().json(), serde_json::json!([]));
}
