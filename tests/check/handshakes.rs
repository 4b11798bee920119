//! Servers that speak something else than TLS, an old TLS, or nothing: each is told, in time.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use rustix::net::{Shutdown, shutdown};

use crate::{
    home::Home,
    leaf::{Leaf, RSA2048},
    server::{listen, openssl},
    support::{
        server::free_port,
        tools::{commands, present},
    },
};

/// The longest that a look may take on a busy machine: it asks at most three times as long as `--timeout` says.
const IN_TIME: u64 = 20;

fn listened(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}

fn until_they_leave(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

#[test]
fn whoever_speaks_no_tls_is_told_by_what_they_do() {
    let home = Home::new();
    type Manner = Box<dyn Fn(TcpStream) + Send + Sync>;
    let manners: Vec<(&str, Manner)> = vec![
        ("timed out", Box::new(|mut stream| until_they_leave(&mut stream))),
        (
            "timed out",
            // The head of a ServerHello, and nothing more.
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(&[22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 1, 2, 3]);
                until_they_leave(&mut stream);
            }),
        ),
        (
            "timed out",
            Box::new(|mut stream| {
                listened(&mut stream);
                // A record of the greatest length, an octet at a time.
                for octet in [22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xf0].into_iter().chain(std::iter::repeat(0)) {
                    if stream.write_all(&[octet]).is_err() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
            }),
        ),
        ("it closes the connection", Box::new(drop)),
        (
            "it closes the connection",
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = shutdown(&stream, Shutdown::Both);
            }),
        ),
        (
            "no TLS",
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(b"\x7f\x00\xffSSH-2.0-rubbish\r\n");
                until_they_leave(&mut stream);
            }),
        ),
        (
            "no TLS",
            Box::new(|mut stream| {
                let rubbish = [0xa5; 65_536];
                while stream.write_all(&rubbish).is_ok() {}
            }),
        ),
        (
            "the alert handshake_failure",
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]);
            }),
        ),
        (
            "the alert unrecognized_name",
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 112]);
            }),
        ),
        (
            "the alert number 254",
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 254]);
            }),
        ),
        (
            "it is an SSH server",
            Box::new(|mut stream| {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_10.0\r\n");
                until_they_leave(&mut stream);
            }),
        ),
        (
            "it breaks the rules of TLS",
            // A record that belongs at the end of a handshake.
            Box::new(|mut stream| {
                listened(&mut stream);
                let _ = stream.write_all(&[23, 3, 3, 0, 3, 1, 2, 3]);
                until_they_leave(&mut stream);
            }),
        ),
        ("HTTP there, without TLS", says_http("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
        ("HTTP there, without TLS", says_http("HTTP/1.1 301 Moved Permanently\r\nLocation: https://hub.lan/\r\n\r\n")),
        (
            "HTTP there, without TLS",
            // It waits for the end of a line, which a ClientHello need not have.
            Box::new(|mut stream| {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).unwrap_or_default();
                if buffer[..read].starts_with(b"GET ") {
                    let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello");
                } else {
                    until_they_leave(&mut stream);
                }
            }),
        ),
    ];
    std::thread::scope(|scope| {
        for (words, manner) in manners {
            let home = &home;
            scope.spawn(move || {
                // Whoever answers does so at once, if the machine is not busy.
                let seconds = if words == "timed out" { "1" } else { "4" };
                let found = home.check(listen(manner), &["--timeout", seconds]).breaks(&["tls-speaks"]);
                let found = found.says(words).within(IN_TIME);
                assert_eq!(found.json["platforms"]["chrome"], "refused");
                assert_eq!(found.json["certificates"], serde_json::json!([]));
            });
        }
    });
}

fn says_http(answer: &'static str) -> Box<dyn Fn(TcpStream) + Send + Sync> {
    Box::new(move |mut stream| {
        listened(&mut stream);
        let _ = stream.write_all(answer.as_bytes());
    })
}

#[test]
fn old_versions_of_tls_are_seen_alone_and_beside_newer_ones() {
    if !present("old versions of TLS", &commands(&["openssl", "faketime"])) {
        return;
    }
    let home = Home::new();
    let made = home.leaf(&Leaf::good());
    let issuing = home.home.file("issuing/1/ca.crt.pem");
    let at = |options: &[&str]| openssl(&made, &issuing, &[&["-cipher", "ALL:@SECLEVEL=0"], options].concat());
    for (options, versions, rules) in [
        (&["-tls1"][..], &["1.0"][..], &["tls-version"][..]),
        (&["-tls1_1"], &["1.1"], &["tls-version"]),
        (&["-no_tls1_2", "-no_tls1_3"], &["1.0", "1.1"], &["tls-version"]),
        (&["-no_tls1_3"], &["1.0", "1.1", "1.2"], &["tls-old"]),
        (&[], &["1.0", "1.1", "1.2", "1.3"], &["tls-old"]),
        (&["-tls1_2"], &["1.2"], &[]),
        (&["-tls1_3"], &["1.3"], &[]),
    ] {
        let server = at(options);
        let found = home.check(server.port, &[]).breaks(rules);
        assert_eq!(found.json["server"]["tls"], serde_json::json!(versions), "{}", found.answer);
    }
}

#[test]
fn a_server_without_forward_secrecy_is_told_so() {
    if !present("old ciphers", &commands(&["openssl", "faketime"])) {
        return;
    }
    let home = Home::new();
    let made = home.leaf(&Leaf { key: RSA2048, ..Leaf::good() });
    let server = openssl(&made, &home.home.file("issuing/1/ca.crt.pem"), &["-tls1_2", "-cipher", "AES128-SHA"]);
    home.check(server.port, &[]).breaks(&["tls-speaks"]).says("no cipher with forward secrecy");
}

#[test]
fn where_nobody_is_there_is_no_answer_and_a_file_may_have_been_meant() {
    let home = Home::new();
    let found = home.check(free_port(), &[]);
    assert_eq!((found.answer.code, &found.json["kind"]), (Some(1), &"network".into()), "{}", found.answer);
    let failed = home.home.hubca(&["check", "fullchain.invalid"]).failed_with(1);
    assert!(failed.stderr.contains("there is no host `fullchain.invalid`"), "{failed}");
    assert!(failed.stderr.contains("there is no file `fullchain.invalid` either"), "{failed}");
    std::fs::write(home.home.directory().join("hub.lan:443"), "rubbish").unwrap();
    let failed = home.home.hubca(&["check", "hub.lan:443"]).failed_with(1);
    assert!(failed.stderr.contains("cannot check `hub.lan:443`"), "{failed}");
    home.home.hubca(&["check", "hub.lan:443", "--name", "hub.lan"]).failed_with(2);
    home.home.hubca(&["check"]).failed_with(2);
}

#[test]
fn random_bytes_make_nobody_stumble() {
    let home = Home::new();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let rubbish: Vec<Vec<u8>> = (0..24).map(|length| (0..length * 3).flat_map(|_| next()).collect()).collect();
    std::thread::scope(|scope| {
        for (place, bytes) in rubbish.into_iter().enumerate() {
            let home = &home;
            scope.spawn(move || {
                // As it is, and as what a record of a handshake holds.
                let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
                let said = if place % 2 == 0 { bytes } else { [&[22, 3, 3][..], &length, &bytes].concat() };
                let port = listen(move |mut stream| {
                    listened(&mut stream);
                    let _ = stream.write_all(&said);
                });
                home.check(port, &["--timeout", "4"]).breaks(&["tls-speaks"]).within(IN_TIME);
            });
        }
    });
}
