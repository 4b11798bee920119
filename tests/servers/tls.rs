//! What a stranger can agree on with a server: sslscan's findings, and what openssl is refused.

use crate::support::machine::Machine;

/// Nothing older than TLS 1.2, no cipher without forward secrecy or authenticated encryption, no compression, no renegotiation
/// without RFC 5746, nothing of Heartbleed.
#[track_caller]
pub(crate) fn has_nothing_weak(machine: &Machine, port: u16, options: &str) {
    let scan = has_nothing_old(machine, port, options);
    let ciphers = elements(&scan, "cipher");
    assert!(ciphers.len() >= 5, "{scan}");
    for line in ciphers {
        let cipher = attribute(line, "cipher");
        assert!(["strong", "acceptable"].contains(&attribute(line, "strength").as_str()), "{line}");
        assert!(cipher.starts_with("TLS_") || cipher.starts_with("ECDHE-"), "no forward secrecy: {line}");
        assert!(["GCM", "POLY1305"].iter().any(|mode| cipher.contains(mode)), "no authenticated encryption: {line}");
    }
}

/// The same but for the ciphers.
#[track_caller]
pub(crate) fn has_nothing_old(machine: &Machine, port: u16, options: &str) -> String {
    let scan = machine.run(&format!("sslscan --xml=- --no-colour {options} 127.0.0.1:{port}"));
    let versions: Vec<String> = elements(&scan, "protocol")
        .iter()
        .filter(|line| attribute(line, "enabled") == "1")
        .map(|line| attribute(line, "type") + &attribute(line, "version"))
        .collect();
    assert_eq!(versions, ["tls1.2", "tls1.3"], "{scan}");
    for line in elements(&scan, "compression") {
        assert_eq!(attribute(line, "supported"), "0", "{scan}");
    }
    for line in elements(&scan, "heartbleed") {
        assert_eq!(attribute(line, "vulnerable"), "0", "{scan}");
    }
    for line in elements(&scan, "renegotiation") {
        let (supported, secure) = (attribute(line, "supported"), attribute(line, "secure"));
        assert!(supported == "0" || secure == "1", "{scan}");
    }
    scan
}

/// A visitor who wants to begin anew within a connection is refused, RFC 9325 3.5.
#[track_caller]
pub(crate) fn no_visitor_renegotiates(machine: &Machine, port: u16) {
    let said = renegotiation(machine, port);
    assert!(!said.contains("verify return"), "{said}");
}

/// What openssl says after it asked to begin anew: `R` on a line of its own has it do so.
pub(crate) fn renegotiation(machine: &Machine, port: u16) -> String {
    let line = format!("(printf 'R\n'; sleep 1) | openssl s_client -connect 127.0.0.1:{port} -tls1_2 2>&1 | cat");
    let said = machine.run(&line);
    said.split_once("RENEGOTIATING").unwrap().1.to_owned()
}

/// The elements of that name: sslscan writes each on a line of its own.
fn elements<'a>(scan: &'a str, name: &str) -> Vec<&'a str> {
    scan.lines().map(str::trim).filter(|line| line.starts_with(&format!("<{name} "))).collect()
}

fn attribute(line: &str, name: &str) -> String {
    line.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}
