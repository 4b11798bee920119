//! What was revoked, what is not the newest any more, and those who should tell of it.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, Mutex},
};

use hubca::x509::{
    Certificate,
    ocsp::{CertId, IdHash, OcspRequest},
};
use serde_json::{Value, json};

use crate::{
    home::Home,
    leaf::{Leaf, Made, der},
    server::{listen, serve},
    support::{
        TestHome,
        responder::AtWork,
        server::free_port,
        tools::{commands, present},
    },
};

/// A certificate of a label as it is under `live/` now, served from now on.
fn serve_live(home: &Home, label: &str) -> u16 {
    let live = home.home.file(&format!("live/{label}"));
    serve(&[&der(&live.join("cert.pem")), &home.issuing], &der(&live.join("privkey.pem")))
}

#[test]
fn the_ledger_knows_the_newest_of_a_label_and_what_was_revoked() {
    let home = Home::new();
    let issue = ["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"];
    home.home.hubca(&issue).succeeded();
    let port = serve_live(&home, "hub.lan");
    let found = home.check(port, &[]).breaks(&[]);
    let server = &found.json["server"];
    assert_eq!((&server["label"], &server["generation"]), (&"hub.lan".into(), &1.into()));
    assert!(server["days_left"].as_i64().unwrap() > 300, "{server}");
    home.home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    let found = home.check(port, &[]).breaks(&["newest"]).says("certificate 1 of `hub.lan`, and under live/ is 2");
    assert_eq!(found.answer.code, Some(0));
    home.check(serve_live(&home, "hub.lan"), &[]).breaks(&[]);
    let serial = server["revocation"][0]["by"].clone();
    assert_eq!(serial, "the ledger of this home");
    home.home.hubca(&["revoke", "hub.lan", "--all", "--reason", "keyCompromise"]).succeeded();
    let found = home.check(port, &[]).says("(keyCompromise), says the ledger of this home");
    assert!(found.rules().contains(&"revoked") && found.answer.code == Some(3), "{}", found.answer);
    // Browsers do not ask a private CA; the ledger does not know when the machine of a home is not this one.
    let found = home.check(port, &["--on", "chrome"]);
    assert_eq!((&found.json["platforms"]["chrome"], found.answer.code), (&"accepted_with_remarks".into(), Some(0)));
}

#[test]
fn a_home_that_cannot_be_opened_lets_nothing_pass_for_good() {
    let home = Home::new();
    home.home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"]).succeeded();
    let port = serve_live(&home, "hub.lan");
    home.home.hubca(&["revoke", "hub.lan"]).succeeded();
    let root = home.home.directory().join("root.pem");
    fs::copy(home.home.file("root/root.crt.pem"), &root).unwrap();
    fs::set_permissions(home.home.file(""), fs::Permissions::from_mode(0o755)).unwrap();
    let found = home.check(port, &[]);
    assert_eq!(found.answer.code, Some(1), "{}", found.answer);
    assert!(found.answer.stderr.contains("--root FILE"), "{}", found.answer);
    // Who names a root is answered, and told what is not known.
    let address = format!("127.0.0.1:{port}");
    let answer = home.home.hubca(&["check", &address, "--root", root.to_str().unwrap()]).succeeded();
    assert!(answer.stderr.contains("what was revoked there"), "{answer}");
    let elsewhere = home.home.directory().join("mistyped");
    let answer = home.home.hubca(&["check", &address, "--home", elsewhere.to_str().unwrap()]).failed_with(1);
    assert!(answer.stderr.contains("mistyped"), "{answer}");
}

#[test]
fn whoever_a_certificate_names_is_asked_and_believed_where_the_issuer_signed() {
    let home = Home::new();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let settings = format!("crl_url = \"{url}/{{issuer}}.crl\"\nocsp_url = \"{url}/\"\n");
    fs::write(home.home.file("hubca.toml"), settings).unwrap();
    home.home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"]).succeeded();
    let served = serve_live(&home, "hub.lan");
    // Somebody else's machine, which has the root and no ledger.
    let root = home.home.file("root/root.crt.pem");
    let (elsewhere, address) = (TestHome::empty(), format!("127.0.0.1:{served}"));
    let line = ["check", &address, "--root", root.to_str().unwrap(), "--json"];
    let answer = elsewhere.hubca(&line).succeeded().json();
    let rules =
        |answer: &Value| answer["findings"].as_array().unwrap().iter().map(|it| it["rule"].clone()).collect::<Vec<_>>();
    assert_eq!(rules(&answer), ["revocation-told", "revocation-told"], "{answer}");
    let start = || AtWork::at(port, &home.home, &["--with-crl"]);
    let at_work = start();
    let answer = elsewhere.hubca(&line).succeeded().json();
    assert_eq!(rules(&answer), [""; 0], "{answer}");
    let told: Vec<&Value> = answer["server"]["revocation"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(told, ["good", "good"], "{answer}");
    home.home.hubca(&["revoke", "hub.lan", "--reason", "superseded"]).succeeded();
    drop(at_work);
    let _at_work = start();
    let answer = elsewhere.hubca(&line).failed_with(3).json();
    assert_eq!(rules(&answer), ["revoked", "revoked", "revoked", "revoked"], "{answer}");
    let said = answer["findings"].as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap());
    let said: Vec<&str> = said.filter(|words| words.contains("(superseded)")).collect();
    assert!(
        said.iter().any(|it| it.contains("the CRL http")) && said.iter().any(|it| it.contains("the OCSP responder"))
    );
}

/// A certificate that names a place for its CRL, where `answer` is what everybody gets.
fn naming(home: &Home, answer: Vec<u8>) -> Made {
    let port = listen(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&answer);
    });
    let extensions = format!("crlDistributionPoints=URI:http://127.0.0.1:{port}/a.crl\n");
    home.leaf(&Leaf { extensions, ..Leaf::good() })
}

fn http(body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body].concat()
}

#[test]
fn an_answer_that_does_not_count_is_told_and_changes_nothing() {
    if !present("CRLs of others", &commands(&["openssl", "faketime"])) {
        return;
    }
    let (home, other) = (Home::new(), Home::new());
    let own = fs::read(home.home.file("crl/issuing-1.crl")).unwrap();
    let foreign = fs::read(other.home.file("crl/issuing-1.crl")).unwrap();
    let mut forged = own.clone();
    *forged.last_mut().unwrap() ^= 1;
    let root = fs::read(home.home.file("crl/root-1.crl")).unwrap();
    let endless = http(&vec![0x30; 33 * 1024 * 1024]);
    for (answer, words) in [
        (http(&foreign), "the list is not signed by the issuer"),
        (http(&forged), "the list is not signed by the issuer"),
        (http(&root), "the list is not signed by the issuer"),
        (http(b"rubbish"), "what it gives is no CRL"),
        (http(b""), "what it gives is no CRL"),
        (endless, "without end"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec(), "the status 404"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec(), "the status 302"),
        (b"rubbish".to_vec(), "is not HTTP"),
        (vec![], "closes the connection"),
    ] {
        let made = naming(&home, answer);
        let found = home.check(serve(&[&made.certificate, &home.issuing], &made.key), &[]);
        let found = found.breaks(&["revocation-told"]).says(words).within(30);
        assert_eq!(found.answer.code, Some(0));
    }
    let made = naming(&home, http(&own));
    let found = home.check(serve(&[&made.certificate, &home.issuing], &made.key), &[]).breaks(&[]);
    assert_eq!(found.json["server"]["revocation"][0]["status"], "good");
    // A list of a week ago is out of date a month from now.
    let at = (time::OffsetDateTime::now_utc() + time::Duration::days(30)).date().to_string();
    let port = serve(&[&made.certificate, &home.issuing], &made.key);
    home.check(port, &["--at", &at]).breaks(&[]);
}

/// A CRL of the issuing CA with so many certificates on it.
fn long_list(home: &Home, number: u32) -> Vec<u8> {
    let directory = home.home.directory();
    let line = |number: u32| {
        let serial = 1_u128 << 124 | u128::from(number);
        format!("R\t301231000000Z\t260101000000Z\t{serial:032X}\tunknown\t/CN=hub\n")
    };
    fs::write(directory.join("index.txt"), (1..=number).map(line).collect::<String>()).unwrap();
    fs::write(directory.join("index.txt.attr"), "unique_subject = no\n").unwrap();
    let configuration = "[ca]\ndefault_ca = a\n[a]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 7\n\
                         crl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid\n";
    fs::write(directory.join("ca.cnf"), configuration).unwrap();
    let made = std::process::Command::new("openssl")
        .args(["ca", "-gencrl", "-config", "ca.cnf", "-out", "long.pem"])
        .arg("-cert")
        .arg(home.home.file("issuing/1/ca.crt.pem"))
        .arg("-keyfile")
        .arg(home.home.file("issuing/1/ca.key.pem"))
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    der(&directory.join("long.pem"))
}

#[test]
fn a_list_of_a_large_ca_is_read() {
    if !present("a long CRL", &commands(&["openssl", "faketime"])) {
        return;
    }
    let home = Home::new();
    let list = long_list(&home, 40_000);
    assert!(list.len() > 1024 * 1024);
    let made = naming(&home, http(&list));
    let found = home.check(serve(&[&made.certificate, &home.issuing], &made.key), &[]).breaks(&[]);
    assert_eq!(found.json["server"]["revocation"][0]["status"], "good");
}

#[test]
fn a_forged_ocsp_answer_says_nothing() {
    let home = Home::new();
    let answer = Arc::new(Mutex::new(Vec::new()));
    let given = answer.clone();
    let port = listen(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&http(&given.lock().unwrap()));
    });
    fs::write(home.home.file("hubca.toml"), format!("ocsp_url = \"http://127.0.0.1:{port}/\"\n")).unwrap();
    home.home.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"]).succeeded();
    let served = serve_live(&home, "hub.lan");
    let certificate = Certificate::from_der(&der(&home.home.file("live/hub.lan/cert.pem"))).unwrap();
    let serial = certificate.tbs().serial_number().unwrap();
    let id = CertId::new(IdHash::Sha1, &Certificate::from_der(&home.issuing).unwrap(), &serial).unwrap();
    let at_work = AtWork::start(&home.home, &[]);
    let (_, recorded) = at_work.post(&OcspRequest::new(vec![id], None).to_der().unwrap());
    // Somebody else's machine, which has no ledger to ask.
    let (elsewhere, root) = (TestHome::empty(), home.home.file("root/root.crt.pem"));
    let address = format!("127.0.0.1:{served}");
    let check = || elsewhere.hubca(&["check", &address, "--root", root.to_str().unwrap(), "--json"]).json();

    *answer.lock().unwrap() = recorded.clone();
    assert_eq!(check()["server"]["revocation"][0]["status"], "good");
    // The last digit of a time that it tells, and of what its responder's certificate ends with: all is well-formed still.
    let time = recorded.windows(2).position(|pair| pair[0].is_ascii_digit() && pair[1] == b'Z').unwrap();
    for place in [time, recorded.len() - 1] {
        let mut forged = recorded.clone();
        forged[place] ^= 1;
        *answer.lock().unwrap() = forged;
        let told = check();
        assert_eq!(told["server"]["revocation"][0]["status"], "unknown", "{told}");
        let message = told["findings"][0]["message"].as_str().unwrap();
        assert!(message.contains("signed by nobody who may answer for the issuer"), "{told}");
    }
}

#[test]
fn an_ocsp_answer_counts_for_the_certificate_that_was_asked_about_alone() {
    if !present("OCSP of others", &commands(&["openssl", "faketime"])) {
        return;
    }
    let home = Home::new();
    home.home.hubca(&["issue", "--dns", "nas.lan"]).succeeded();
    let shown = home.home.hubca(&["show", "nas.lan", "--json"]).succeeded().json();
    let issuing = Certificate::from_der(&home.issuing).unwrap();
    let id = CertId::new(IdHash::Sha1, &issuing, &shown["serial"].as_str().unwrap().parse().unwrap()).unwrap();
    let at_work = AtWork::start(&home.home, &[]);
    let (status, recorded) = at_work.post(&OcspRequest::new(vec![id], None).to_der().unwrap());
    assert_eq!(status, 200);
    let replaying = listen(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&http(&recorded));
    });
    let other = Home::new();
    let foreign = AtWork::start(&other.home, &[]);
    for (port, words) in [
        (replaying, "its answer is about another certificate"),
        // Its ledger never had the number, and another CA's responder does not speak for this one.
        (at_work.port, "it does not know the certificate"),
        (foreign.port, "it says unauthorized"),
    ] {
        let extensions = format!("authorityInfoAccess=OCSP;URI:http://127.0.0.1:{port}/\n");
        let made = home.leaf(&Leaf { extensions, ..Leaf::good() });
        let found = home.check(serve(&[&made.certificate, &home.issuing], &made.key), &[]);
        let message = &found.json["findings"][0]["message"];
        assert!(message.as_str().is_some_and(|said| said.contains(words)), "{words}: {}", found.answer);
        found.breaks(&["revocation-told"]);
    }
}

#[test]
fn whom_strangers_name_is_not_called_on() {
    if !present("strangers", &commands(&["openssl", "faketime"])) {
        return;
    }
    let (home, other) = (Home::new(), Home::new());
    let (sender, receiver) = std::sync::mpsc::channel();
    let sender = Mutex::new(sender);
    let port = listen(move |_| sender.lock().unwrap().send(()).unwrap());
    let extensions = format!("crlDistributionPoints=URI:http://127.0.0.1:{port}/switch-off\n");
    let made = other.leaf(&Leaf { extensions, ..Leaf::good() });
    let served = serve(&[&made.certificate, &other.issuing], &made.key);
    assert_eq!(home.check(served, &[]).json["server"]["revocation"], json!([]));
    assert!(receiver.try_recv().is_err());
    assert_eq!(other.check(served, &[]).json["server"]["revocation"][0]["status"], "unknown");
    assert!(receiver.try_recv().is_ok());
}
