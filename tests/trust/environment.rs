//! The lines of `hubca trust env`, run by a shell before the programs that they are for.

use serde_json::Value;

use crate::{
    scene::{serve, trusting},
    support::{
        machine::{Machine, with_tools},
        tools::{commands, python},
    },
};

/// Programs that ask no store, each behind the lines for it.
fn visitors(machine: &Machine, answer: &Value) -> Vec<(&'static str, String)> {
    let requests =
        format!("{} -c 'import requests; requests.get(\"https://127.0.0.1:PORT/\", timeout=20)'", python().display());
    let visits: [(&str, &str); 5] = [
        ("node", "node -e 'fetch(\"https://127.0.0.1:PORT/\").catch(() => process.exit(1))'"),
        ("python-requests", &requests),
        (
            "python-ssl",
            "python3 -c 'import urllib.request; urllib.request.urlopen(\"https://127.0.0.1:PORT/\", timeout=20)'",
        ),
        // There is no repository: whoever gets to know that has trusted the server.
        ("git", "git ls-remote https://127.0.0.1:PORT/ 2>&1 | grep -q 'not found'"),
        ("curl", "curl -sS --max-time 20 https://127.0.0.1:PORT/"),
    ];
    let lines = |program: &str| -> String {
        let settings = answer["settings"].as_array().unwrap();
        let setting = settings.iter().find(|setting| setting["program"] == program).unwrap();
        assert!(!setting["warning"].as_str().unwrap().is_empty());
        setting["lines"].as_array().unwrap().iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
    };
    let home = format!("export HOME={}/elsewhere; mkdir -p $HOME\n", machine.directory().display());
    visits
        .map(|(program, visit)| {
            (program, format!("{home}{}{visit}", lines(program).replace("hub.lan:443", "127.0.0.1:PORT")))
        })
        .into()
}

#[test]
fn programs_that_ask_no_store_trust_a_server_behind_the_lines_for_them() {
    let tools = [commands(&["node", "git", "openssl", "python3", "update-ca-certificates"]), vec![python()]].concat();
    with_tools("the environment of programs", &tools, |machine| {
        let server = serve(machine);
        let ask = || machine.hubca(&["trust", "env", "--json"]).succeeded().json();
        let see = |answer: &Value, without: &str| {
            let visitors = visitors(machine, answer);
            let lines: Vec<_> =
                visitors.iter().map(|(program, line)| (*program, line.replace("export ", without))).collect();
            let lines: Vec<_> = lines.iter().map(|(program, line)| (*program, line.as_str())).collect();
            trusting(machine, &server, &lines)
        };
        let everybody = ["node", "python-requests", "python-ssl", "git", "curl"];
        // The root alone: public sites are lost to whoever replaces, and that is said.
        let alone = ask();
        assert_eq!(alone["bundle"], Value::Null);
        assert_eq!(see(&alone, "export "), everybody);
        // Variables that are not passed on do nothing, so it is they that do it; git has a file.
        assert_eq!(see(&alone, ": "), ["git"]);
        let replaced = |answer: &Value| {
            let settings = answer["settings"].as_array().unwrap().iter().filter(|setting| setting["replaces"] == true);
            settings.map(|setting| setting["lines"][0].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(replaced(&alone).iter().all(|line| line.ends_with("root.crt.pem")), "{alone}");
        machine.hubca(&["trust", "install", "--only", "system", "--yes"]).succeeded();
        let with_public = ask();
        assert_eq!(with_public["bundle"], "/etc/ssl/certs/ca-certificates.crt");
        assert_eq!(replaced(&with_public).len(), 3);
        assert!(replaced(&with_public).iter().all(|line| line.ends_with("=/etc/ssl/certs/ca-certificates.crt")));
        assert_eq!(see(&with_public, "export "), everybody);
    });
}

#[test]
fn only_a_file_with_the_root_alone_is_handed_out() {
    with_tools("files with more than a root", &commands(&["openssl"]), |machine| {
        let root = machine.root();
        let root = root.to_str().unwrap();
        machine.run(&format!(
            "cd $HOME
             openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out other.pem -subj /CN=other 2>/dev/null
             cat {root} other.pem >two.pem; cat {root} key.pem >both.pem; openssl x509 -in {root} -outform DER -out root.der
             cp {root} 'a
b.pem'; (echo '# of the hub'; cat {root}) >noted.pem"
        ));
        let digest = machine.run(&format!("openssl x509 -in {root} -outform DER | sha256sum | cut -d' ' -f1"));
        let env = |name: &str| {
            let file = machine.directory().join(name);
            machine.hubca(&["trust", "env", "--json", "--root", file.to_str().unwrap(), "--sha256", digest.trim()])
        };
        for (name, reason) in [
            ("two.pem", "holds more than the root"),
            ("both.pem", "a private key"),
            ("root.der", "is not in PEM"),
            ("a\nb.pem", "a sign in its name"),
        ] {
            let error = env(name).failed_with(1).error();
            assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
            assert!(!error["hints"].as_array().unwrap().is_empty(), "{error}");
        }
        assert_eq!(env("noted.pem").succeeded().json()["notes"], serde_json::json!([]));
    });
}

#[test]
fn the_lines_are_a_text_for_a_shell() {
    with_tools("the lines in a home with blanks", &[], |machine| {
        let told = machine.hubca(&["trust", "env"]).succeeded().stdout;
        assert!(told.contains("# note: this file lies in the home"), "{told}");
        let file = machine.directory().join("env.sh");
        std::fs::write(&file, told.replace("git config", "true")).unwrap();
        machine.run(&format!(
            "mkdir \"$HOME/a b\"; export HOME=\"$HOME/a b\"; . {}
             test \"$NODE_EXTRA_CA_CERTS\" = {}
             cmp \"$HOME/.config/containers/certs.d/hub.lan:443/ca.crt\" \"$NODE_EXTRA_CA_CERTS\"",
            file.display(),
            machine.root().display()
        ));
    });
}

#[test]
fn a_registry_of_images_has_its_root_where_docker_and_podman_look() {
    with_tools("the lines for Docker and Podman", &[], |machine| {
        let answer = machine.hubca(&["trust", "env", "--json"]).succeeded().json();
        for (program, place) in [("docker", "/etc/docker/certs.d"), ("podman", "$HOME/.config/containers/certs.d")] {
            // The quotes are for a HOME with blanks.
            let settings = answer["settings"].as_array().unwrap();
            let setting = settings.iter().find(|setting| setting["program"] == program).unwrap();
            setting["lines"].as_array().unwrap().iter().for_each(|line| drop(machine.run(line.as_str().unwrap())));
            machine.run(&format!("cmp {place}/hub.lan:443/ca.crt {}", machine.root().display()));
        }
    });
}
