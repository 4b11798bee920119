//! nginx with `ssl_crl`, as docs/revocation.md has it: it lets a client in until its certificate is revoked.

use std::{fs, path::Path, process::Command};

use crate::support::{
    TestHome,
    server::{Server, free_port},
    tools::{commands, present},
};

#[test]
fn nginx_lets_a_client_in_until_its_certificate_is_on_the_list() {
    if !present("client certificates", &commands(&["nginx", "curl"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    home.hubca(&["issue", "--dns", "tablet.lan", "--profile", "client"]).succeeded();
    home.hubca(&["issue", "--dns", "phone.lan", "--profile", "client"]).succeeded();
    let place = home.directory().join("nginx");
    fs::create_dir(&place).unwrap();
    fs::copy(home.file("root/root.crt.pem"), place.join("root.crt.pem")).unwrap();
    write_lists(&home, &place);
    let port = free_port();
    let configuration = place.join("nginx.conf");
    fs::write(&configuration, nginx(&home, &place, port)).unwrap();
    let program = || {
        let mut program = Command::new("nginx");
        program.arg("-p").arg(&place).arg("-e").arg(place.join("error.log")).arg("-c").arg(&configuration);
        program
    };
    let _server = Server::start(port, &mut program());
    let asks = |label: &str| asks(&home, port, label);
    assert_eq!([asks("tablet.lan"), asks("phone.lan")], ["hello", "hello"]);
    // A server's certificate is none of a client.
    assert!(asks("hub.lan").contains("The SSL certificate error"));

    home.hubca(&["revoke", "tablet.lan", "--reason", "keyCompromise"]).succeeded();
    write_lists(&home, &place);
    assert!(program().args(["-s", "reload"]).status().unwrap().success());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !asks("tablet.lan").contains("The SSL certificate error") {
        assert!(std::time::Instant::now() < deadline, "nginx does not refuse what is revoked");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(asks("phone.lan"), "hello");
}

/// Both lists in one file, with the commands of the page.
fn write_lists(home: &TestHome, place: &Path) {
    let lists = ["issuing", "root"].map(|issuer| {
        let path = place.join(format!("{issuer}.crl.pem"));
        home.hubca(&["crl", "--issuer", issuer, "--out", path.to_str().unwrap()]).succeeded();
        fs::read(path).unwrap()
    });
    fs::write(place.join("hub.crl.pem"), lists.concat()).unwrap();
}

fn nginx(home: &TestHome, place: &Path, port: u16) -> String {
    let live = home.file("live/hub.lan");
    let (place, live) = (place.display(), live.display());
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "daemon off;\n{user}\nworker_processes 1;\npid {place}/nginx.pid;\nerror_log {place}/error.log info;\n\
         events {{ worker_connections 64; }}\nhttp {{\n access_log off;\n\
         client_body_temp_path {place}/body;\n proxy_temp_path {place}/proxy;\n fastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi;\n scgi_temp_path {place}/scgi;\n\
         server {{\n  listen 127.0.0.1:{port} ssl;\n  ssl_certificate {live}/fullchain.pem;\n\
         ssl_certificate_key {live}/privkey.pem;\n  ssl_client_certificate {place}/root.crt.pem;\n\
         ssl_verify_client on;\n  ssl_verify_depth 2;\n  ssl_crl {place}/hub.crl.pem;\n\
         location / {{ return 200 hello; }}\n }}\n}}\n"
    )
}

/// What nginx answers to a client that shows the certificate of a label.
fn asks(home: &TestHome, port: u16, label: &str) -> String {
    let live = home.file(&format!("live/{label}"));
    let answer = Command::new("curl")
        .args(["--silent", "--max-time", "20", "--resolve", &format!("hub.lan:{port}:127.0.0.1"), "--cacert"])
        .arg(home.file("root/root.crt.pem"))
        .arg("--cert")
        .arg(live.join("fullchain.pem"))
        .arg("--key")
        .arg(live.join("privkey.pem"))
        .arg(format!("https://hub.lan:{port}/"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&answer.stdout).into_owned()
}
