//! The shape of every JSON answer: `docs/reference/json.md` is what the commands answer today, with types for values.

use std::sync::Arc;

use hubca::{
    authority::Doors,
    home::{Home, Layout, NextIssuing, Unused},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource},
    system::{Clock, FixedClock, SystemClock, SystemRandom},
    x509::{
        Certificate, KeyAlgorithm,
        ocsp::{CertId, IdHash, Nonce, OcspRequest},
        pem,
    },
};
use serde_json::{Map, Value, json};
use snapbox::{Assert, Data};

use crate::{
    shapes_of_a_responder, shapes_of_a_share,
    support::{TestHome, responder::AtWork, shared::Shared},
};

/// Commands and what their answer is called on the page, in the order of the page.
fn answers(home: &TestHome) -> Vec<(String, Value)> {
    let request = request(home);
    let fullchain = home.file("live/192.168.0.1/fullchain.pem");
    let out = home.directory().join("out");
    std::fs::create_dir(&out).unwrap();
    let batch = home.directory().join("class.csv");
    std::fs::write(&batch, "label,ip,dns,days,profile\ndesk,192.168.0.7,,,\n").unwrap();
    let crl = home.file("crl/issuing-1.crl");
    let signed = out.join("signed.mobileconfig");
    let key = home.file("live/192.168.0.1/privkey.pem");
    let sign = [
        &["export", "ios", "--sign-cert", fullchain.to_str().unwrap(), "--sign-key", key.to_str().unwrap()][..],
        &["--web-clip", "https://hub.local", "--out", signed.to_str().unwrap()],
    ]
    .concat();
    let commands: Vec<(&str, Vec<String>)> = vec![
        ("init --no-passphrase", words(&["init", "--no-passphrase"])),
        ("issue --ip 192.168.0.1 --dns hub.local", words(&["issue", "--ip", "192.168.0.1", "--dns", "hub.local"])),
        ("issue --batch class.csv", words(&["issue", "--batch", batch.to_str().unwrap()])),
        ("sign printer.csr", words(&["sign", request.to_str().unwrap()])),
        ("list", words(&["list"])),
        ("edit 192.168.0.1 --hook COMMAND", words(&["edit", "192.168.0.1", "--hook", "true"])),
        ("renew 192.168.0.1 --force", words(&["renew", "192.168.0.1", "--force"])),
        ("status", words(&["status", "--offline"])),
        (
            "renew --install-timer --with systemd --print",
            words(&["renew", "--install-timer", "--with", "systemd", "--print"]),
        ),
        ("show 192.168.0.1", words(&["show", "192.168.0.1"])),
        ("inspect fullchain.pem", words(&["inspect", fullchain.to_str().unwrap()])),
        ("inspect printer.csr", words(&["inspect", request.to_str().unwrap()])),
        ("check fullchain.pem", words(&["check", fullchain.to_str().unwrap()])),
        ("export TARGET", words(&sign)),
        ("issue --for dev --out DIR", {
            let mut line = words(&["issue", "--for", "dev", "--out"]);
            line.push(out.join("shop").to_str().unwrap().to_owned());
            line
        }),
        ("export preset nginx 192.168.0.1", {
            let mut line = words(&["export", "preset", "nginx", "192.168.0.1", "--out"]);
            line.push(out.join("nginx.conf").to_str().unwrap().to_owned());
            line
        }),
        (
            "export preset nginx desk --install --dry-run",
            words(&["export", "preset", "nginx", "desk", "--install", "--dry-run"]),
        ),
        ("export preset jupyterhub-behind-proxy 192.168.0.1", {
            let mut line = words(&["export", "preset", "jupyterhub-behind-proxy", "192.168.0.1", "--out"]);
            line.push(out.join("jupyterhub_config.py").to_str().unwrap().to_owned());
            line
        }),
        ("inspect signed.mobileconfig", words(&["inspect", signed.to_str().unwrap()])),
        ("profile list", words(&["profile", "list"])),
        ("profile show server", words(&["profile", "show", "server"])),
        ("key unprotect root", words(&["key", "unprotect", "root"])),
        ("revoke desk --reason superseded", words(&["revoke", "desk", "--reason", "superseded"])),
        ("crl", words(&["crl"])),
        ("audit --last 1", words(&["audit", "--last", "1"])),
        ("audit verify", words(&["audit", "verify"])),
        ("audit export log.jsonl", words(&["audit", "export", out.join("log.jsonl").to_str().unwrap()])),
        ("inspect issuing-1.crl", words(&["inspect", crl.to_str().unwrap()])),
        ("quickstart --dns nas.lan", words(&["quickstart", "--dns", "nas.lan"])),
        ("rotate issuing", words(&["rotate", "issuing"])),
        ("rotate root", words(&["rotate", "root"])),
        ("rotate root begin", words(&["rotate", "root", "begin", "--no-passphrase"])),
    ];
    let mut answers: Vec<(String, Value)> = commands
        .into_iter()
        .map(|(told, mut line)| {
            line.push("--json".to_owned());
            (told.to_owned(), home.hubca(&line).succeeded().json())
        })
        .collect();
    answers.extend(messages(home));
    answers.extend(servers());
    answers.push(("audit accept-clock --today 2026-11-21".to_owned(), accepted_clock()));
    answers.push(("import openssl DIR".to_owned(), moved_in()));
    answers.extend(backups(home));
    let exported = shape(&answers.iter().find(|(told, _)| told == "export TARGET").unwrap().1);
    for line in exports(home) {
        assert_eq!(shape(&home.hubca(&line).succeeded().json()), exported, "{line:?}");
    }
    let line = |verb| ["trust", verb, "--only", "system", "--json"];
    answers.push(("trust check".to_owned(), home.hubca(&line("check")).failed_with(3).json()));
    answers.push(("trust env".to_owned(), home.hubca(&["trust", "env", "--json"]).succeeded().json()));
    answers.push(("trust remove".to_owned(), home.hubca(&line("remove")).succeeded().json()));
    // What was to be said of those below the old root is said.
    for step in [["rotate", "root", "cut-over", "--now"], ["rotate", "root", "retire", "--force"]] {
        let answer = home.hubca(&[&step[..], &["--json"]].concat()).succeeded().json();
        answers.push((step.join(" "), answer));
    }
    let refused = home.hubca(&["issue", "--ip", "8.8.8.8", "--json"]).failed_with(1);
    answers.push(("issue --ip 8.8.8.8".to_owned(), serde_json::from_str(&refused.stderr).unwrap()));
    assert_eq!(shape(&beside_the_answer(home)), shape(&answers.last().unwrap().1));
    answers
}

/// What is told of a CRL that cannot be made anew: a document as of every failure.
fn beside_the_answer(home: &TestHome) -> Value {
    for ordinal in 1..=3 {
        std::fs::remove_file(home.file(&format!("issuing/{ordinal}/ca.key.pem"))).unwrap();
    }
    home.hubca(&["revoke", "nas.lan", "--reason", "cessationOfOperation"]);
    let failed = home.hubca(&["renew", "--json"]).failed_with(1);
    assert_eq!(failed.stdout.trim(), "[]");
    serde_json::from_str(failed.stderr.trim_end()).unwrap()
}

/// A CA of `openssl ca` with a key beside its certificate, and a line in its books that is none.
fn moved_in() -> Value {
    let home = TestHome::empty();
    let place = home.directory().join("ca");
    for name in ["certs", "private"] {
        std::fs::create_dir_all(place.join(name)).unwrap();
    }
    std::fs::write(place.join("index.txt"), "nonsense\n").unwrap();
    let openssl = |words: &str| {
        let words = words.split(' ').map(|word| word.replace("DIR", place.to_str().unwrap()));
        assert!(std::process::Command::new("openssl").args(words).output().unwrap().status.success());
    };
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 99 -subj /CN=Old -keyout DIR/private/ca.key.pem -out DIR/certs/ca.cert.pem",
    );
    openssl("req -new -newkey rsa:2048 -nodes -subj /CN=hub.lan -keyout DIR/private/hub.key -out DIR/hub.csr");
    openssl(
        "x509 -req -in DIR/hub.csr -days 90 -CA DIR/certs/ca.cert.pem -CAkey DIR/private/ca.key.pem -set_serial 77 -out DIR/certs/hub.crt",
    );
    home.hubca(&["import", "openssl", place.to_str().unwrap(), "--no-passphrase", "--json"]).succeeded().json()
}

/// A backup, a look at it, the home that it becomes, and what that home adopts.
fn backups(home: &TestHome) -> Vec<(String, Value)> {
    let (secret, file) = (home.directory().join("secret"), home.directory().join("hub.tar.age"));
    std::fs::write(&secret, "six random words\n").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (secret, file) = (secret.to_str().unwrap(), file.to_str().unwrap());
    let answer = |words: &[&str]| {
        home.hubca(&[words, &["--backup-passphrase-file", secret, "--json"]].concat()).succeeded().json()
    };
    let made = answer(&["backup", file]);
    let verified = answer(&["backup", "verify", file]);
    let elsewhere = TestHome::empty();
    let line = ["restore", file, "--backup-passphrase-file", secret, "--json"];
    let restored = elsewhere.hubca(&line).succeeded().json();
    let found = home.directory().join("late");
    home.hubca(&["rotate", "issuing", "--force"]).succeeded();
    home.hubca(&["issue", "--dns", "late.lan", "--out", found.to_str().unwrap()]).succeeded();
    let junk = found.join("junk.pem");
    std::fs::write(&junk, "no certificate").unwrap();
    let line = ["adopt", found.to_str().unwrap(), junk.to_str().unwrap(), "--json"];
    let adopted = elsewhere.hubca(&line).failed_with(1).json();
    let told = ["backup hub.tar.age", "backup verify hub.tar.age", "restore hub.tar.age", "adopt FILE…"];
    told.map(str::to_owned).into_iter().zip([made, verified, restored, adopted]).collect()
}

/// A clock that was ahead while lists and a CA were made, and is right again.
fn accepted_clock() -> Value {
    let home = TestHome::with_ca::<&str>(&[]);
    let ahead = Arc::new(FixedClock::at(SystemClock.now() + time::Duration::days(60)));
    let doors = Doors { clock: ahead, random: Arc::new(SystemRandom) };
    let mut open = Home::open(Layout::new(home.path()), doors).unwrap();
    for ca in [open.root().unwrap(), open.issuing().unwrap()] {
        open.publish_crl(ca, &Nobody).unwrap();
    }
    let next = NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::Take };
    open.rotate_issuing(next, &Nobody).unwrap();
    let today = SystemClock.now().date().to_string();
    home.hubca(&["audit", "accept-clock", "--today", &today, "--json"]).succeeded().json()
}

/// The keys of the test have no passphrase.
struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

/// What is asked and answered by OCSP, once one of two certificates is revoked.
fn messages(home: &TestHome) -> [(String, Value); 2] {
    let certificate = |path: &str| {
        let text = std::fs::read(home.file(path)).unwrap();
        Certificate::from_der(&pem::parse(&text).unwrap().swap_remove(0).contents).unwrap()
    };
    let issuing = certificate("issuing/1/ca.crt.pem");
    let serials = ["192.168.0.1", "desk"].map(|label| home.hubca(&["show", label, "--json"]).succeeded().json());
    let id = |shown: Value| {
        CertId::new(IdHash::Sha256, &issuing, &shown["serial"].as_str().unwrap().parse().unwrap()).unwrap()
    };
    let request = OcspRequest::new(serials.map(id).to_vec(), Some(Nonce::new(b"a word for it").unwrap()));
    let request = request.to_der().unwrap();
    let (_, answer) = AtWork::start(home, &[]).post(&request);
    [("request.der", request), ("answer.der", answer)].map(|(name, der)| {
        let path = home.directory().join(name);
        std::fs::write(&path, der).unwrap();
        let told = home.hubca(&["inspect", path.to_str().unwrap(), "--json"]).succeeded().json();
        (format!("inspect {name}"), told)
    })
}

/// What is said of a server, and of all: it is the page for devices that shows a certificate here.
fn servers() -> [(String, Value); 2] {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let address = format!("127.0.0.1:{}", shared.tls_port);
    let one = home.hubca(&["check", &address, "--json"]).succeeded().json();
    home.hubca(&["issue", "--dns", "hub.local", "--verify", &address]).succeeded();
    let all = home.hubca(&["check", "--all", "--json"]).failed_with(3).json();
    [("check 192.168.0.1:8443".to_owned(), one), ("check --all".to_owned(), all)]
}

/// Every other target, and every option that brings more into a file.
fn exports(home: &TestHome) -> Vec<Vec<String>> {
    let password = home.directory().join("password");
    std::fs::write(&password, "correct horse battery staple\n").unwrap();
    std::fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let password = password.to_str().unwrap();
    let lines = [
        "ios --client 192.168.0.1 --consent",
        "macos",
        "android",
        "windows",
        "linux",
        "firefox",
        "java",
        "pem",
        "der",
        "chain",
        "p12 192.168.0.1",
        "zip",
        "zip 192.168.0.1 --with-key",
        "mail --to anna@example.org",
    ];
    let secret = ["--client", "p12", "--with-key"];
    let line = |told: &str| {
        let mut line = words(&["export"]);
        line.extend(told.split(' ').map(str::to_owned));
        if told.split(' ').any(|word| secret.contains(&word)) {
            line.extend(words(&["--password-file", password]));
        }
        line.extend(words(&["--json", "--force"]));
        line
    };
    lines.into_iter().map(line).collect()
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

fn request(home: &TestHome) -> std::path::PathBuf {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["printer.lan".to_owned()]).unwrap();
    let path = home.directory().join("printer.csr");
    let der = parameters.serialize_request(&key).unwrap();
    std::fs::write(&path, pem::encode("CERTIFICATE REQUEST", der.der())).unwrap();
    path
}

/// The same document with the name of its type in place of each value, and one element for each list.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!(null),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(text) if is_time(text) => json!("time"),
        Value::String(_) => json!("text"),
        Value::Array(items) => {
            let mut shapes: Vec<Value> = Vec::new();
            for item in items.iter().map(shape) {
                if !shapes.contains(&item) {
                    shapes.push(item);
                }
            }
            Value::Array(shapes)
        }
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect::<Map<_, _>>())
        }
    }
}

fn is_time(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T'
}

fn section(line: &str, answer: &Value) -> String {
    format!("\n## `hubca {line} --json`\n{}", block(answer))
}

fn told_of(events: &[Value]) -> String {
    let section = |event: &Value| format!("\n### `{}`\n{}", event["event"].as_str().unwrap(), block(event));
    events.iter().map(section).collect()
}

fn block(answer: &Value) -> String {
    format!("\n```json\n{}\n```\n", serde_json::to_string_pretty(&shape(answer)).unwrap())
}

#[test]
fn every_json_answer_has_the_shape_on_the_page() {
    let home = TestHome::empty();
    let mut page = String::from(
        "# JSON\n\n\
         With `--json` standard output holds exactly one document, but for `hubca share`, `hubca ocsp serve` and `hubca crl serve`, which write one a line. A failure is\n\
         one document on standard error; what fails beside the answer, a CRL or a chain on its way, is a document each, one a line. Keys are added, never\n\
         renamed. Times are RFC 3339 in UTC; serials and fingerprints are lower-case hexadecimal. Below, the name of a type stands for each value, and a list shows each shape once.\n",
    );
    for (line, answer) in answers(&home) {
        page.push_str(&section(&line, &answer));
    }
    let (events, devices) = shapes_of_a_share::told();
    page.push_str(&section("list --devices", &devices));
    page.push_str(shapes_of_a_share::WORDS);
    page.push_str(&told_of(&events));
    page.push_str(shapes_of_a_responder::WORDS);
    page.push_str(&told_of(&shapes_of_a_responder::told()));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/json.md");
    Assert::new().action_env("SNAPSHOTS").eq(page, Data::read_from(&path, None).raw());
}
