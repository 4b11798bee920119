//! nginx, Apache, Caddy, haproxy and Traefik in front of another server.

use serde_json::Value;

use crate::{
    echo,
    machine::{Machine, on_a_machine, with_tools},
    support::tools::{commands, python},
    tls::{has_nothing_weak, no_visitor_renegotiates, renegotiation},
    visitor::WebSocket,
};

/// What a person sees who visits the server behind the proxy, by all its names.
fn is_visited(machine: &Machine) {
    for name in ["127.0.0.1", "[::1]", "hub.lan", "a.hub.lan"] {
        let visitor = if name == "[::1]" { "::1" } else { "127.0.0.1" };
        let seen = machine
            .get(&format!("https://{name}/a?b=c"), "-H 'X-Forwarded-For: 203.0.113.7' -H 'X-Forwarded-Proto: http'");
        assert_eq!((seen.status.as_str(), seen.http.as_str()), ("200", "2"), "{name}: {seen:?}");
        assert!(seen.body.starts_with("get /a?b=c http/1.1\r\n"), "{seen:?}");
        for header in
            [&format!("host: {name}"), &format!("x-forwarded-for: {visitor}"), &"x-forwarded-proto: https".to_owned()]
        {
            assert!(seen.body.contains(&format!("\r\n{header}\r\n")), "no `{header}`: {}", seen.body);
        }
        // What a visitor says of himself is not believed.
        assert!(!seen.body.contains("203.0.113.7"), "{seen:?}");
        let seen = machine.get(&format!("http://{name}/a?b=c"), "");
        assert!(["301", "308"].contains(&seen.status.as_str()), "{name}: {seen:?}");
        assert_eq!(seen.location, format!("https://{name}/a?b=c"));
    }
}

/// A notebook with pictures in it, and a kernel.
fn is_worked_with(machine: &Machine) -> WebSocket {
    machine.run("head -c 20000000 /dev/zero >large");
    let seen = machine.get("https://hub.lan/api/contents", "--data-binary @large");
    assert!(seen.body.ends_with("octets: 20000000\n"), "{seen:?}");
    let mut socket = WebSocket::open(machine, 443);
    assert!(socket.echoes());
    socket
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

#[test]
fn nginx_serves_by_its_preset() {
    on_a_machine("nginx by its preset", &["nginx", "sslscan", "openssl"], |machine| {
        machine.issue(&[]);
        echo::start(8888);
        let preset = machine.preset("nginx", &[]);
        machine.run("rm /etc/nginx/sites-enabled/default; cp nginx.conf /etc/nginx/conf.d/hub.lan.conf");
        let said = machine.run("nginx -t");
        assert!(!said.contains("[warn]"), "{said}");
        machine.systemctl(&[("reload nginx", "exec nginx -s reload")]);
        let _server = machine.serve(443, "nginx -g 'daemon off;'");
        is_visited(machine);
        let mut socket = is_worked_with(machine);
        has_nothing_weak(machine, 443, "");
        no_visitor_renegotiates(machine, 443);
        is_renewed(machine, &preset);
        assert!(socket.echoes(), "a kernel goes on");
    });
}

#[test]
fn apache_serves_by_its_preset() {
    on_a_machine("Apache by its preset", &["apache2", "a2ensite", "sslscan", "openssl"], |machine| {
        machine.issue(&[]);
        echo::start(8888);
        let preset = machine.preset("apache", &[]);
        machine.run("a2dissite 000-default; cp apache.conf /etc/apache2/sites-available/hub.lan.conf");
        machine.run(last_words(&preset["steps"][1]));
        machine.systemctl(&[("reload apache2", "exec apachectl graceful")]);
        machine.run("apachectl configtest");
        let _server = machine.serve(443, "apachectl -D FOREGROUND");
        is_visited(machine);
        let mut socket = is_worked_with(machine);
        has_nothing_weak(machine, 443, "");
        no_visitor_renegotiates(machine, 443);
        is_renewed(machine, &preset);
        assert!(socket.echoes(), "a kernel goes on");
    });
}

#[test]
fn caddy_serves_by_its_preset() {
    on_a_machine("Caddy by its preset", &["caddy", "sslscan", "openssl", "setpriv"], |machine| {
        machine.issue(&["--group", "caddy"]);
        echo::start(8888);
        let preset = machine.preset("caddy", &[]);
        machine.run("cp Caddyfile /etc/caddy/Caddyfile");
        machine.systemctl(&[("reload caddy", "exec caddy reload --config /etc/caddy/Caddyfile --force")]);
        machine.run("caddy validate --config /etc/caddy/Caddyfile");
        // As its unit has it: the user caddy may bind low ports, and nothing else.
        let _server = machine.serve(
            443,
            "setpriv --reuid caddy --regid caddy --init-groups --inh-caps +net_bind_service --ambient-caps \
             +net_bind_service env HOME=/run/caddy caddy run --environ --config /etc/caddy/Caddyfile",
        );
        is_visited(machine);
        is_worked_with(machine);
        has_nothing_weak(machine, 443, "");
        no_visitor_renegotiates(machine, 443);
        is_renewed(machine, &preset);
    });
}

#[test]
fn haproxy_serves_by_its_preset() {
    on_a_machine("haproxy by its preset", &["haproxy", "sslscan", "openssl"], |machine| {
        machine.issue(&["--combined", "/etc/hubca/hub.lan/combined.pem"]);
        echo::start(8888);
        let preset = machine.preset("haproxy", &[]);
        machine.run("cat haproxy.cfg >>/etc/haproxy/haproxy.cfg");
        machine.systemctl(&[("reload haproxy", "kill -USR2 $(cat /run/haproxy.pid)")]);
        let said = machine.run("haproxy -c -f /etc/haproxy/haproxy.cfg");
        assert!(!said.contains("WARNING"), "{said}");
        let _server = machine.serve(443, "haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid");
        is_visited(machine);
        let mut socket = is_worked_with(machine);
        has_nothing_weak(machine, 443, "");
        no_visitor_renegotiates(machine, 443);
        is_renewed(machine, &preset);
        assert!(socket.echoes(), "a kernel goes on");
    });
}

#[test]
fn traefik_serves_by_its_preset() {
    let traefik = python().with_file_name("traefik");
    let tools = [vec![traefik.clone()], commands(&["openssl", "sslscan"])].concat();
    with_tools("Traefik by its preset", &tools, |machine| {
        machine.issue(&[]);
        echo::start(8888);
        let preset = machine.preset("traefik", &[]);
        machine.run(
            "mkdir -p /etc/traefik/dynamic
             cp traefik.yml /etc/traefik/traefik.yml
             cp site.yml /etc/traefik/dynamic/hub.lan.yml",
        );
        let _server = machine.serve(443, &format!("'{}'", traefik.display()));
        machine.run("timeout 20 sh -c 'until curl -sfk https://127.0.0.1/; do sleep 0.1; done'");
        is_visited(machine);
        let mut socket = is_worked_with(machine);
        has_nothing_weak(machine, 443, "");
        no_visitor_renegotiates(machine, 443);
        is_renewed(machine, &preset);
        assert!(socket.echoes(), "a kernel goes on");
    });
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

/// The command at the end of a step.
fn last_words(step: &Value) -> &str {
    step.as_str().unwrap().rsplit_once(": ").unwrap().1
}
