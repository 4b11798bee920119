//! Javas: the keystore that Debian's Javas share, and one of a Java's own.

use std::path::Path;

use hubca::plan::shell_line;
use serde_json::Value;

use crate::{
    scene::{outcomes, pairs, serve, trusting},
    support::machine::{Machine, on_a_machine},
};

const TOOLS: [&str; 5] = ["java", "javac", "keytool", "openssl", "python3"];
const SHARED: &str = "/etc/ssl/certs/java/cacerts";

/// A Java that is told of a keystore: one in PKCS#12 opens with its password only.
const OWN_STORE: &str =
    "-Djavax.net.ssl.trustStore=/run/own/lib/security/cacerts -Djavax.net.ssl.trustStorePassword=changeit";

/// What is in a keystore, without when it came there.
fn listed(machine: &Machine, file: &str) -> String {
    let line = format!(
        "keytool -list -keystore {file} -storepass changeit | sed 's/, [A-Z][a-z]* [0-9]*, [0-9]*,/,/' | \
         paste -sd' ' | sed 's/, Certificate/\\n/g; s/ \\(debian:\\|hubca\\)/\\n\\1/g' | sort"
    );
    machine.run(&line)
}

/// A Java that visits, with its own keystore or another.
fn visitor(machine: &Machine, java: &str, option: &str) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust/Visit.java");
    machine.run(&format!("[ -e /run/Visit.class ] || javac -d /run --release 17 '{}'", program.display()));
    format!("{java} {option} -cp /run Visit https://127.0.0.1:PORT/")
}

/// `hubca` where `JAVA_HOME` is this.
fn with_java_home(machine: &Machine, home: &str, line: &[&str]) -> Value {
    let words = shell_line(&machine.words(line)[2..]);
    let said = machine.shell(&format!("env -i JAVA_HOME={home} {words}")).output().unwrap();
    serde_json::from_slice(&said.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&said.stderr)))
}

#[test]
fn java_trusts_a_server_through_the_system_or_by_itself_and_not_after_remove() {
    on_a_machine("Java's keystore", &TOOLS, |machine| {
        machine.run("update-ca-certificates --fresh");
        let server = serve(machine);
        let line = visitor(machine, "java", "");
        let visitors = [("java", &*line)];
        let before = listed(machine, SHARED);
        assert!(before.contains("SHA-256"), "{before}");
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        let both = ["--only", "system", "--only", "java"];
        for stores in [&both[2..], &both[..]] {
            let trust = |verb: &str| machine.hubca(&[&["trust", verb, "--yes", "--json"], stores].concat());
            let java = |answer: &Value, outcome: &str| {
                assert!(outcomes(answer).ends_with(&pairs(&[("java", outcome)])), "{answer}");
            };
            java(&trust("check").failed_with(3).json(), "absent");
            trust("install").succeeded();
            assert_eq!(trusting(machine, &server, &visitors), ["java"], "{stores:?}");
            java(&trust("check").succeeded().json(), "trusted");
            java(&trust("install").succeeded().json(), "already_so");
            java(&trust("remove").succeeded().json(), "done");
            assert_eq!(trusting(machine, &server, &visitors), [""; 0], "{stores:?}");
            assert_eq!(listed(machine, SHARED), before, "{stores:?}");
        }
    });
}

#[test]
fn a_java_of_ones_own_has_a_keystore_of_its_own_and_a_broken_one_stops_nobody() {
    on_a_machine("a Java of one's own", &TOOLS, |machine| {
        machine.run(&format!(
            "mkdir -p /run/own/bin /run/own/lib/security
             ln -s $(command -v keytool) /run/own/bin/keytool
             keytool -importkeystore -noprompt -srckeystore {SHARED} -srcstorepass changeit -deststoretype PKCS12 \\
                 -destkeystore /run/own/lib/security/cacerts -deststorepass changeit"
        ));
        let server = serve(machine);
        let line = visitor(machine, "java", OWN_STORE);
        let visitors = [("java", &*line)];
        let file = "/run/own/lib/security/cacerts";
        let before = listed(machine, file);
        let trust =
            |verb: &str| with_java_home(machine, "/run/own", &["trust", verb, "--only", "java", "--yes", "--json"]);
        let twice = |outcome| pairs(&[("java", outcome), ("java", outcome)]);
        let installed = trust("install");
        assert_eq!(installed["stores"][0]["place"], file);
        assert_eq!(outcomes(&installed), twice("done"));
        assert_eq!(trusting(machine, &server, &visitors), ["java"]);
        assert_eq!(outcomes(&trust("check")), twice("trusted"));
        assert_eq!(outcomes(&trust("install")), twice("already_so"));
        assert_eq!(outcomes(&trust("remove")), twice("done"));
        assert_eq!(trusting(machine, &server, &visitors), [""; 0]);
        assert_eq!(listed(machine, file), before);
        for broken in ["/nowhere", "/run"] {
            let line = ["trust", "install", "--only", "java", "--yes", "--json"];
            let told = with_java_home(machine, broken, &line);
            let failed = told["stores"].as_array().unwrap().iter().find(|store| store["place"] == broken).unwrap();
            assert_eq!(failed["error"]["message"], "there is no Java in it, and JAVA_HOME names it", "{told}");
            assert_eq!(
                told["stores"].as_array().unwrap().iter().filter(|store| store["outcome"] == "failed").count(),
                1
            );
        }
    });
}

/// A Java of somebody's own below a directory, with an empty keystore of this password.
fn own_java(machine: &Machine, place: &str, password: &str) -> String {
    let file = format!("{place}/lib/security/cacerts");
    machine.run(&format!(
        "mkdir -p {place}/bin {place}/lib/security
         ln -s $(command -v keytool) {place}/bin/keytool
         openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out /run/other.pem -subj /CN=other
         keytool -importcert -noprompt -alias other -file /run/other.pem -storetype PKCS12 -keystore {file} -storepass {password}"
    ));
    file
}

#[test]
fn under_another_name_in_a_keystore_with_a_password_the_root_is_found_and_taken_out() {
    on_a_machine("another name in a keystore", &TOOLS, |machine| {
        let file = own_java(machine, "/run/own", "changeit");
        let names = || {
            machine
                .run(&format!("keytool -list -keystore {file} -storepass changeit | grep -c trustedCert"))
                .trim()
                .to_owned()
        };
        machine.run(&format!(
            "keytool -importcert -noprompt -alias 'the irs' -file '{}' -keystore {file} -storepass changeit",
            machine.root().display()
        ));
        let trust = |verb: &str| {
            let told = with_java_home(machine, "/run/own", &["trust", verb, "--only", "java", "--yes", "--json"]);
            outcomes(&told)[0].1.clone()
        };
        assert_eq!((trust("check"), trust("install"), names()), ("trusted".into(), "already_so".into(), "2".into()));
        assert_eq!((trust("remove"), names()), ("done".into(), "1".into()));
        assert_eq!(trust("check"), "absent");
    });
}

#[test]
fn a_keystore_with_another_password_is_told_with_what_to_type() {
    on_a_machine("a shut keystore", &TOOLS, |machine| {
        let file = own_java(machine, "/run/own", "secret12");
        let told = with_java_home(machine, "/run/own", &["trust", "install", "--only", "java", "--yes", "--json"]);
        let error = &told["stores"][0]["error"];
        assert_eq!(
            (error["kind"].as_str(), error["message"].as_str()),
            (Some("passphrase"), Some(&*format!("`{file}` does not open with `changeit`")))
        );
        let hint = error["hints"][0].as_str().unwrap();
        assert!(hint.contains("keytool -importcert") && hint.ends_with(&file), "{hint}");
    });
}

#[test]
fn a_key_with_the_root_in_its_chain_is_nothing_that_is_trusted() {
    on_a_machine("a key in a keystore", &TOOLS, |machine| {
        machine.issue(&[]);
        let file = own_java(machine, "/run/own", "changeit");
        // Whatever is in a keystore of JKS can be read in the file.
        machine.run(&format!(
            "cat /etc/hubca/hub.lan/fullchain.pem '{}' >/run/chain.pem
             openssl pkcs12 -export -inkey /etc/hubca/hub.lan/privkey.pem -in /run/chain.pem -out /run/key.p12 -passout pass:changeit -name hub
             rm {file}
             keytool -importkeystore -noprompt -srckeystore /run/key.p12 -srcstorepass changeit -deststoretype JKS \\
                 -destkeystore {file} -deststorepass changeit",
            machine.root().display()
        ));
        let trust = |verb: &str| {
            let told = with_java_home(machine, "/run/own", &["trust", verb, "--only", "java", "--yes", "--json"]);
            assert_eq!(told["stores"][0]["place"], file);
            outcomes(&told)[0].1.clone()
        };
        let before = machine.run(&format!("sha256sum {file}"));
        assert_eq!((trust("check"), trust("remove")), ("absent".into(), "already_so".into()));
        assert_eq!(machine.run(&format!("sha256sum {file}")), before);
        assert_eq!((trust("install"), trust("check")), ("done".into(), "trusted".into()));
        assert_eq!((trust("remove"), trust("check")), ("done".into(), "absent".into()));
        assert!(
            machine.run(&format!("keytool -list -keystore {file} -storepass changeit")).contains("PrivateKeyEntry")
        );
    });
}

#[test]
fn a_name_in_letters_that_the_surroundings_do_not_have_is_found_and_taken_out() {
    on_a_machine("a name with an umlaut in a keystore", &TOOLS, |machine| {
        let file = own_java(machine, "/run/own", "changeit");
        machine.run(&format!(
            "keytool -importcert -noprompt -alias 'münchen' -file '{}' -keystore {file} -storepass changeit",
            machine.root().display()
        ));
        let words = machine.words(&["trust", "remove", "--only", "java", "--yes", "--json"]);
        let words: Vec<String> = words.into_iter().skip(2).filter(|word| !word.starts_with("LANG=")).collect();
        let words = shell_line(&words);
        machine.run(&format!("env -i LANG=C JAVA_HOME=/run/own {words}"));
        let left = machine.run(&format!("keytool -list -keystore {file} -storepass changeit | grep -c trustedCert"));
        assert_eq!(left, "1\n");
    });
}

#[test]
fn what_no_java_reads_is_told_as_that() {
    on_a_machine("no keystore", &TOOLS, |machine| {
        let file = own_java(machine, "/run/own", "changeit");
        for content in ["", "rubbish"] {
            machine.run(&format!("printf '{content}' >{file}"));
            let told = with_java_home(machine, "/run/own", &["trust", "install", "--only", "java", "--yes", "--json"]);
            let error = told["stores"][0]["error"].to_string();
            assert!(
                error.contains(&format!("keytool cannot read `{file}`")) && error.contains("install that anew"),
                "{error}"
            );
            assert!(!error.contains("browser"), "{error}");
        }
    });
}
