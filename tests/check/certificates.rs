//! Certificates and chains that are not as they should be, each served to whoever comes.

use std::fs;

use hubca::x509::pem;

use crate::{
    home::Home,
    leaf::{Leaf, RSA1024},
    server::{openssl, serve, serve_known},
    support::tools::{commands, present},
};

fn home() -> Option<Home> {
    present("servers that misbehave", &commands(&["openssl", "faketime"])).then(Home::new)
}

#[test]
fn each_wrong_chain_is_told_by_what_is_wrong_with_it() {
    let Some(home) = home() else { return };
    let (issuing, root) = (&home.issuing[..], &home.root[..]);
    let good = home.leaf(&Leaf::good());
    let leaf = &good.certificate[..];
    let stranger = Leaf::good().made_by_itself(&home.home).certificate;
    home.check(serve(&[leaf, issuing], &good.key), &[]).breaks(&[]);
    home.check(serve(&[leaf], &good.key), &[])
        .breaks(&["chain-missing"])
        .says("does not send `O=Test Hub, CN=Test Hub Issuing CA");
    home.check(serve(&[leaf, root, issuing], &good.key), &[]).breaks(&["chain-root-sent", "chain-send"]);
    home.check(serve(&[leaf, issuing, root], &good.key), &[]).breaks(&["chain-root-sent"]);
    home.check(serve(&[leaf, issuing, &stranger], &good.key), &[]).breaks(&["chain-stranger"]);
    home.check(serve(&[leaf, &stranger, issuing], &good.key), &[]).breaks(&["chain-send", "chain-stranger"]);
    let long: Vec<&[u8]> = [leaf, issuing].into_iter().chain(std::iter::repeat_n(&stranger[..], 70)).collect();
    let found = home.check(serve(&long, &good.key), &[]).breaks(&["chain-read", "chain-stranger"]);
    found.says("8 certificates more than are looked at").within(30);
    // Past the 64 KiB that one message of a handshake may have here.
    let large =
        Leaf { extensions: format!("nsComment={}\n", "x".repeat(2000)), ..Leaf::good() }.made_by_itself(&home.home);
    let huge: Vec<&[u8]> = [leaf, issuing].into_iter().chain(std::iter::repeat_n(&large.certificate[..], 40)).collect();
    home.check(serve(&huge, &good.key), &[]).breaks(&["tls-speaks"]).says("64 KiB").within(30);
}

#[test]
fn each_wrong_certificate_is_told_by_what_is_wrong_with_it() {
    let Some(home) = home() else { return };
    let good = Leaf::good;
    let wrong: Vec<(Leaf, &[&str])> = vec![
        (Leaf { days: (-300, -2), ..good() }, &["expired", "leaf-inside"]),
        (Leaf { days: (2, 300), ..good() }, &["clock"]),
        (Leaf { names: "DNS:127.0.0.1,DNS:hub.lan".to_owned(), ..good() }, &["san-ip", "tls-name"]),
        (Leaf { names: String::new(), ..good() }, &["cn-san", "nc-cn", "san-some", "tls-name"]),
        (Leaf { days: (-1, 826), ..good() }, &["leaf-days", "leaf-days-397"]),
        (Leaf { digest: "-sha1", ..good() }, &["chain-root", "sig-alg"]),
        (Leaf { names: "DNS:hub.lan,IP:192.168.0.1".to_owned(), ..good() }, &["tls-name"]),
        (Leaf { names: "DNS:hub.lan,IP:127.0.0.1,IP:8.8.8.8".to_owned(), ..good() }, &["nc-fit", "nc-fit-root"]),
    ];
    for (leaf, rules) in wrong {
        let made = home.leaf(&leaf);
        home.check(serve(&[&made.certificate, &home.issuing], &made.key), &[]).breaks(rules);
    }
}

#[test]
fn a_key_that_our_own_tls_does_not_take_is_told_as_weak_and_not_as_another() {
    let Some(home) = home() else { return };
    let made = home.leaf(&Leaf { key: RSA1024, ..Leaf::good() });
    // Nothing but RSA 1024 is wrong with it: the versions are those of today.
    let weak = ["-no_tls1", "-no_tls1_1", "-cipher", "ALL@SECLEVEL=0", "-ciphersuites", "TLS_AES_128_GCM_SHA256"];
    let server = openssl(&made, &home.home.file("issuing/1/ca.crt.pem"), &weak);
    home.check(server.port, &[]).breaks(&["key-alg"]);
}

#[test]
fn whoever_leads_to_another_root_is_told_so_where_this_one_was_meant() {
    let Some(home) = home() else { return };
    let other = Home::new();
    let foreign = other.leaf(&Leaf::good());
    let port = serve(&[&foreign.certificate, &other.issuing], &foreign.key);
    home.check(port, &[]).breaks(&["chain-anchor", "chain-root"]).says("is no CA of this home");
    // By the other root it is good, whether it is that of a home or of a file.
    other.check(port, &[]).breaks(&[]);
    let file = other.home.file("root/root.crt.pem");
    let by_file = home.check(port, &["--root", file.to_str().unwrap()]).breaks(&[]);
    assert_eq!(by_file.json["server"]["anchored"], true);
    let alone = Leaf::good().made_by_itself(&home.home);
    let found = home.check(serve(&[&alone.certificate], &alone.key), &[]);
    assert!(found.rules().contains(&"chain-anchor"), "{}", found.answer);
    found.says("which is no root of this home");
    // A name that is not for this CA to vouch for may be anybody's.
    let public = other.leaf(&Leaf { names: "DNS:hub.example.com".to_owned(), ..Leaf::good() });
    let port = serve(&[&public.certificate, &other.issuing], &public.key);
    let found = home.check(port, &["--name", "hub.example.com"]);
    assert!(!found.rules().contains(&"chain-anchor"), "{}", found.answer);
    assert_eq!(found.json["server"]["anchored"], false);
}

#[test]
fn a_key_of_another_certificate_is_found_out() {
    let Some(home) = home() else { return };
    let (one, other) = (home.leaf(&Leaf::good()), home.leaf(&Leaf::good()));
    home.check(serve(&[&one.certificate, &home.issuing], &other.key), &[]).breaks(&["tls-key"]);
}

#[test]
fn what_is_no_certificate_is_told_so() {
    let Some(home) = home() else { return };
    let made = home.leaf(&Leaf::good());
    let found = home.check(serve(&[b"rubbish", &home.issuing], &made.key), &[]);
    assert!(found.rules().contains(&"chain-read"), "{}", found.answer);
    home.check(serve(&[&made.certificate, b"rubbish", &home.issuing], &made.key), &[]).breaks(&["chain-read"]);
    let found = home.check(serve(&[b"rubbish"], &made.key), &[]).breaks(&["chain-read"]);
    assert_eq!(found.json["platforms"]["ios"], "refused");
    // The others are told all the same.
    let port = serve(&[&made.certificate, b"rubbish", &home.issuing], &made.key);
    let told = home.home.hubca(&["inspect", &format!("127.0.0.1:{port}"), "--json"]).failed_with(1).json();
    let kinds: Vec<&str> = told["objects"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["certificate", "unreadable", "certificate"]);
    let told = home.home.hubca(&["inspect", &format!("127.0.0.1:{port}")]).failed_with(1);
    assert!(told.stdout.contains("certificate 2 of 3"), "{told}");
}

#[test]
fn a_server_that_lets_nobody_in_without_a_certificate_is_judged_all_the_same() {
    let Some(home) = home() else { return };
    let made = home.leaf(&Leaf::good());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(home.root.clone().into()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(std::sync::Arc::new(roots), provider);
    let port = serve_known(&[&made.certificate, &home.issuing], &made.key, clients.build().unwrap());
    let found = home.check(port, &[]).breaks(&[]);
    assert_eq!(found.json["server"]["tls"], serde_json::json!(["1.2", "1.3"]));
}

#[test]
fn a_server_is_judged_by_the_name_that_it_is_asked_for() {
    let Some(home) = home() else { return };
    let made = home.leaf(&Leaf { names: "DNS:*.hub.lan".to_owned(), subject: "/O=Test", ..Leaf::good() });
    let port = serve(&[&made.certificate, &home.issuing], &made.key);
    home.check(port, &[]).breaks(&["tls-name"]).says("`127.0.0.1` was asked for, and its certificate is for *.hub.lan");
    home.check(port, &["--name", "a.hub.lan"]).breaks(&[]);
    home.check(port, &["--name", "a.b.hub.lan"]).breaks(&["tls-name"]);
    for wrong in ["*.hub.lan", "a b", ""] {
        assert_eq!(home.check(port, &["--name", wrong]).answer.code.unwrap_or_default(), 2, "{wrong}");
    }
}

#[test]
fn a_server_is_inspected_as_it_sends_its_certificates() {
    let Some(home) = home() else { return };
    let made = home.leaf(&Leaf::good());
    let port = serve(&[&made.certificate, &home.issuing, &home.root], &made.key);
    let address = format!("127.0.0.1:{port}");
    let told = home.home.hubca(&["inspect", &address, "--json"]).succeeded().json();
    let roles: Vec<&str> = told["objects"].as_array().unwrap().iter().map(|it| it["role"].as_str().unwrap()).collect();
    assert_eq!((told["source"].as_str().unwrap(), &roles[..]), (address.as_str(), &["end_entity", "ca", "root"][..]));
    // The same words as of a file.
    let file = home.home.directory().join("chain.pem");
    let chain = [&made.certificate, &home.issuing, &home.root].map(|der| pem::encode(pem::CERTIFICATE, der));
    fs::write(&file, chain.concat()).unwrap();
    let of_file = home.home.hubca(&["inspect", file.to_str().unwrap()]).succeeded().stdout;
    assert_eq!(home.home.hubca(&["inspect", &address]).succeeded().stdout, of_file);
}
