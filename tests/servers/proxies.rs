//! nginx, Apache, Caddy, haproxy and Traefik in front of another server.

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    echo,
    support::machine::{Machine, on_a_machine, with_tools},
    support::{
        server::Server,
        tools::{commands, python},
    },
    tls::{has_nothing_weak, no_visitor_renegotiates, renegotiation},
    visitor::WebSocket,
};

/// What a person sees who visits the server behind the proxy, by all its names.
pub(crate) fn is_visited(machine: &Machine) {
    for name in ["127.0.0.1", "[::1]", "hub.lan", "a.hub.lan"] {
        let visitor = if name == "[::1]" { "::1" } else { "127.0.0.1" };
        let seen = machine.get(&format!("https://{name}/{HARD}"), FORGED);
        assert_eq!((seen.status.as_str(), seen.http.as_str()), ("200", "2"), "{name}: {seen:?}");
        assert!(seen.body.starts_with(&format!("get /{} http/1.1\r\n", HARD.to_lowercase())), "{seen:?}");
        for header in [
            &format!("host: {name}"),
            &format!("x-forwarded-for: {visitor}"),
            &format!("x-forwarded-host: {name}"),
            &format!("x-real-ip: {visitor}"),
            &"x-forwarded-proto: https".to_owned(),
            &"x-forwarded-port: 443".to_owned(),
        ] {
            assert!(seen.body.contains(&format!("\r\n{header}\r\n")), "no `{header}`: {}", seen.body);
        }
        // What a visitor says of himself is not believed.
        for forged in ["203.0.113.7", "forged", "666"] {
            assert!(!seen.body.contains(forged), "{seen:?}");
        }
        let seen = machine.get(&format!("http://{name}/{HARD}"), "");
        assert!(["301", "308"].contains(&seen.status.as_str()), "{name}: {seen:?}");
        // Hexadecimal digits are of either size, RFC 3986 2.1.
        assert_eq!(seen.location.to_lowercase(), format!("https://{name}/{}", HARD.to_lowercase()));
    }
}

/// A name of a file, as it is asked for, with blanks and all that would end it.
const HARD: &str = "a%20b%3Fc%23d%25e%20.ipynb?f=%26%20g";

/// All that a visitor could say of where he comes from.
const FORGED: &str = "-H 'X-Forwarded-For: 203.0.113.7' -H 'X-Forwarded-Proto: forged' -H 'X-Forwarded-Host: forged.test' \
                      -H 'X-Forwarded-Server: forged.test' -H 'X-Forwarded-Port: 666' -H 'X-Real-IP: 203.0.113.7' \
                      -H 'X-Scheme: forged' -H 'Forwarded: for=203.0.113.7;host=forged.test;proto=forged'";

/// A notebook with pictures in it, and a kernel.
fn is_worked_with(machine: &Machine) -> WebSocket {
    machine.run("head -c 20000000 /dev/zero >large");
    let seen = machine.get("https://hub.lan/api/contents", "--data-binary @large");
    assert!(seen.body.ends_with("octets: 20000000\n"), "{seen:?}");
    let mut socket = WebSocket::open(machine, 443);
    assert!(socket.echoes());
    socket
}

/// `hubca check` has nothing to say of it, sees a WebSocket open, and where plain HTTP leads.
fn is_found_good(machine: &Machine) {
    for place in [&["127.0.0.1"][..], &["[::1]:443"], &["127.0.0.1:443", "--name", "a.hub.lan"]] {
        let line = [&["check"], place, &["--websocket", "/api/kernels", "--json"]].concat();
        let answer = machine.hubca(&line).succeeded();
        let found = answer.json();
        assert_eq!(found["findings"], serde_json::json!([]), "{answer}");
        let server = &found["server"];
        assert_eq!((&server["label"], &server["tls"]), (&"hub.lan".into(), &serde_json::json!(["1.2", "1.3"])));
        assert_eq!((&server["protocol"], &server["websocket"]["opens"]), (&"h2".into(), &true.into()), "{answer}");
        assert_eq!(server["plain_http"]["leads_to_https"], true, "{answer}");
    }
}

/// A renewal as it is remembered: the hook runs, the address is looked at, the new certificate is shown.
fn is_renewed(machine: &Machine, preset: &Value) {
    assert_eq!(machine.shown(443, ""), machine.serial());
    machine.remember(preset);
    for _ in 0..2 {
        let serial = machine.renew();
        assert_eq!(machine.shown(443, ""), serial);
    }
}

/// A proxy, and how it is put in place on Debian.
pub(crate) struct Proxy {
    pub(crate) target: &'static str,
    pub(crate) program: fn() -> PathBuf,
    /// What is said beside `hubca issue`, so that it may read the files.
    issue: &'static [&'static str],
    /// Puts what the preset wrote in place, and has the program look at it.
    place: &'static str,
    /// What systemd calls it, and runs.
    pub(crate) reload: (&'static str, &'static str),
    pub(crate) start: &'static str,
    kernels: Kernels,
}

/// What becomes of an open WebSocket when the proxy takes a new certificate.
#[derive(PartialEq)]
pub(crate) enum Kernels {
    GoOn,
    ConnectAgain,
}

pub(crate) const NGINX: Proxy = Proxy {
    target: "nginx",
    program: || "nginx".into(),
    issue: &[],
    place: "rm /etc/nginx/sites-enabled/default; cp nginx.conf /etc/nginx/conf.d/hub.lan.conf; nginx -t",
    reload: ("reload nginx", "exec nginx -s reload"),
    start: "nginx -g 'daemon off;'",
    kernels: Kernels::GoOn,
};

pub(crate) const APACHE: Proxy = Proxy {
    target: "apache",
    program: || "apache2".into(),
    issue: &[],
    place: "a2dissite 000-default; cp apache.conf /etc/apache2/sites-available/hub.lan.conf
            a2enmod ssl http2 headers rewrite proxy_http && a2ensite hub.lan; apachectl configtest",
    reload: ("reload apache2", "exec apachectl graceful"),
    start: "apachectl -D FOREGROUND",
    kernels: Kernels::GoOn,
};

pub(crate) const CADDY: Proxy = Proxy {
    target: "caddy",
    program: || "caddy".into(),
    issue: &["--group", "caddy"],
    place: "cp Caddyfile /etc/caddy/Caddyfile; caddy validate --config /etc/caddy/Caddyfile",
    reload: ("reload caddy", "exec caddy reload --config /etc/caddy/Caddyfile --force"),
    // As its unit has it: the user caddy may bind low ports, and nothing else.
    start: "setpriv --reuid caddy --regid caddy --init-groups --inh-caps +net_bind_service \
            --ambient-caps +net_bind_service env HOME=/run/caddy caddy run --environ --config /etc/caddy/Caddyfile",
    kernels: Kernels::ConnectAgain,
};

pub(crate) const HAPROXY: Proxy = Proxy {
    target: "haproxy",
    program: || "haproxy".into(),
    issue: &["--combined", "/etc/hubca/hub.lan/combined.pem"],
    place: "cat haproxy.cfg >>/etc/haproxy/haproxy.cfg; haproxy -c -f /etc/haproxy/haproxy.cfg",
    reload: ("reload haproxy", "kill -USR2 $(cat /run/haproxy.pid)"),
    start: "haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid",
    kernels: Kernels::GoOn,
};

const TRAEFIK: Proxy = Proxy {
    target: "traefik",
    program: || python().with_file_name("traefik"),
    issue: &[],
    place: "mkdir -p /etc/traefik/dynamic; cp traefik.yml /etc/traefik/traefik.yml; cp site.yml /etc/traefik/dynamic/hub.lan.yml",
    // It looks at its directory by itself.
    reload: ("reload traefik", "false"),
    start: "traefik",
    kernels: Kernels::GoOn,
};

impl Proxy {
    /// What systemd calls it.
    pub(crate) fn unit(&self) -> &'static str {
        self.reload.0.trim_start_matches("reload ")
    }

    fn on_a_machine(&self, what: &str, test: impl FnOnce(&Machine) + Send) {
        let tools = [vec![(self.program)()], commands(&["openssl", "sslscan", "setpriv"])].concat();
        with_tools(&format!("{} {what}", self.target), &tools, test);
    }

    /// Puts it in place with a preset, and gives both.
    fn start(&self, machine: &Machine, port: u16, options: &[&str]) -> (Value, Server) {
        let preset = machine.preset(self.target, options);
        let said = machine.run(self.place);
        assert!(!said.contains("[warn]") && !said.contains("WARNING"), "{said}");
        machine.systemctl(&[self.reload]);
        let program = (self.program)();
        let line = if program.is_absolute() { format!("'{}'", program.display()) } else { self.start.to_owned() };
        let server = machine.serve(port, &line);
        machine.run(&format!("timeout 20 sh -c 'until curl -sfk https://127.0.0.1:{port}/; do sleep 0.1; done'"));
        (preset, server)
    }

    fn serves_by_its_preset(&self) {
        self.on_a_machine("by its preset", |machine| {
            machine.issue(self.issue);
            echo::start(8888);
            let (preset, _server) = self.start(machine, 443, &[]);
            is_visited(machine);
            let mut socket = is_worked_with(machine);
            is_found_good(machine);
            has_nothing_weak(machine, 443, "");
            no_visitor_renegotiates(machine, 443);
            is_renewed(machine, &preset);
            assert!(self.kernels == Kernels::ConnectAgain || socket.echoes(), "a kernel goes on");
        });
    }

    /// With a key that could do without forward secrecy.
    fn serves_at_another_port(&self) {
        self.on_a_machine("at another port", |machine| {
            machine.issue(&[self.issue, &["--key", "rsa2048"]].concat());
            echo::start(9000);
            let (_preset, _server) = self.start(machine, 8443, &["--port", "8443", "--upstream", "9000"]);
            for name in ["127.0.0.1", "[::1]", "hub.lan"] {
                let seen = machine.get(&format!("https://{name}:8443/"), "");
                assert!(seen.body.contains(&format!("\r\nhost: {name}:8443\r\n")), "{seen:?}");
                let seen = machine.get(&format!("http://{name}/a?b=c"), "");
                assert_eq!(seen.location, format!("https://{name}:8443/a?b=c"));
            }
            has_nothing_weak(machine, 8443, "");
        });
    }
}

#[test]
fn nginx_serves_by_its_preset() {
    NGINX.serves_by_its_preset();
}

#[test]
fn nginx_serves_at_another_port() {
    NGINX.serves_at_another_port();
}

#[test]
fn apache_serves_by_its_preset() {
    APACHE.serves_by_its_preset();
}

#[test]
fn apache_serves_at_another_port() {
    APACHE.serves_at_another_port();
}

#[test]
fn caddy_serves_by_its_preset() {
    CADDY.serves_by_its_preset();
}

#[test]
fn caddy_serves_at_another_port() {
    CADDY.serves_at_another_port();
}

#[test]
fn haproxy_serves_by_its_preset() {
    HAPROXY.serves_by_its_preset();
}

#[test]
fn haproxy_serves_at_another_port() {
    HAPROXY.serves_at_another_port();
}

#[test]
fn traefik_serves_by_its_preset() {
    TRAEFIK.serves_by_its_preset();
}

#[test]
fn traefik_serves_at_another_port() {
    TRAEFIK.serves_at_another_port();
}

#[test]
fn it_would_be_seen_if_a_visitor_could_renegotiate() {
    on_a_machine("renegotiation", &["openssl"], |machine| {
        machine.issue(&[]);
        let _server = machine.serve(
            443,
            "sh -c 'sleep 60 | openssl s_server -accept 443 -client_renegotiation \
             -cert /etc/hubca/hub.lan/fullchain.pem -key /etc/hubca/hub.lan/privkey.pem'",
        );
        assert!(renegotiation(machine, 443).contains("verify return"));
    });
}
