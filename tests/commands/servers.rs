//! `--for SERVER`: what a preset wants is remembered, unless something else is said; and certificates for `dev` are thrown away.

use std::{
    fs,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    process::Command,
};

use serde_json::{Value, json};

use crate::support::{Answer, TestHome, tools::skipped};

#[test]
fn what_a_server_wants_is_remembered_and_what_is_said_goes_first() {
    let home = TestHome::with_ca::<&str>(&[]);
    let out = home.directory().join("tls");
    let out = out.to_str().unwrap();
    let answer =
        home.hubca(&["issue", "--dns", "hub.lan", "--for", "nginx", "--out", out, "--json"]).succeeded().json();
    assert_eq!(answer["preset"]["server"], "nginx");
    assert_eq!(answer["preset"]["documents"], json!(["nginx.conf"]));
    let remembered = |label: &str| home.hubca(&["show", label, "--json"]).succeeded().json()["intent"].clone();
    let intent = remembered("hub.lan");
    assert_eq!(intent["server"], "nginx");
    assert_eq!(intent["out"], out);
    assert_eq!(intent["hook"], "systemctl reload nginx");
    assert_eq!(intent["verify"], json!(["hub.lan:443"]));
    // Its configuration names the files where they are copied to, at the port that was said.
    let told = home.hubca(&["export", "preset", "nginx", "hub.lan", "--out", "-"]).succeeded().stdout;
    assert!(told.contains(&format!("\"{out}/fullchain.pem\"")), "{told}");

    let line = ["edit", "hub.lan", "--for", "haproxy", "--combined", "/srv/hub.pem", "--group", "0"];
    home.hubca(&[&line[..], &["--hook", "true", "--verify", "hub.lan:8443"]].concat()).succeeded();
    let intent = remembered("hub.lan");
    assert_eq!(intent["server"], "haproxy");
    assert_eq!((&intent["out"], &intent["combined"]), (&json!(null), &json!("/srv/hub.pem")));
    assert_eq!((&intent["hook"], &intent["verify"]), (&json!("true"), &json!(["hub.lan:8443"])));
    let told = home.hubca(&["export", "preset", "haproxy", "hub.lan", "--out", "-"]).succeeded().stdout;
    assert!(told.contains("/srv/hub.pem") && told.contains(":8443"), "{told}");

    home.hubca(&["edit", "hub.lan", "--no-for"]).succeeded();
    let intent = remembered("hub.lan");
    assert_eq!((&intent["server"], &intent["combined"]), (&json!(null), &json!("/srv/hub.pem")));
}

#[test]
fn a_server_is_told_before_renewals_tell_it() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let (out, written) = (home.directory().join("tls"), home.directory().join("hub.conf"));
    let line = ["export", "preset", "nginx", "hub.lan", "--directory", out.to_str().unwrap()];
    let preset = |more: &[&str]| {
        home.hubca(&[&line[..], &["--out", written.to_str().unwrap(), "--force"], more].concat()).succeeded()
    };
    let at_home = format!(" --home {}", home.path().display());
    let told = preset(&[]).stdout.replace(&at_home, "");
    let bring = format!("hubca edit hub.lan --out {}", out.display());
    let order = [
        &bring,
        "hubca renew hub.lan --force\n\n",
        "1. Put nginx.conf",
        "nginx -t",
        "reload nginx",
        "edit hub.lan --for nginx",
    ];
    let places: Vec<_> = order.iter().map(|part| told.find(part).unwrap_or_else(|| panic!("{part}: {told}"))).collect();
    assert!(places.is_sorted(), "{places:?}: {told}");

    // As it is said: the files come, and nobody is told of them.
    let answer = preset(&["--json"]).json();
    let run = |words: &Value| {
        let words: Vec<_> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        home.hubca(&words[1..]).succeeded();
    };
    run(&answer["bring"]);
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    assert!(out.join("fullchain.pem").exists());
    let intent = || home.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["intent"].clone();
    assert_eq!((&intent()["hook"], &intent()["verify"]), (&json!(null), &json!([])));
    run(&answer["remember"]);
    assert_eq!(intent()["hook"], "systemctl reload nginx");
    // What is so already is not said again.
    let answer = preset(&["--json"]).json();
    assert_eq!(answer["bring"], json!([]));
    let told = preset(&[]).stdout.replace(&at_home, "");
    assert!(!told.contains("edit hub.lan") && told.contains("hubca renew hub.lan --force"), "{told}");
}

#[test]
fn a_server_that_is_new_to_a_label_waits_for_its_configuration() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let out = home.directory().join("tls");
    let line = ["issue", "--dns", "hub.lan", "--for", "nginx", "--out", out.to_str().unwrap(), "--hook", "false"];
    let told = home.hubca(&line).succeeded().stdout;
    assert!(told.contains("once the server runs"), "{told}");
    assert!(out.join("fullchain.pem").exists());
    // From then on it is told.
    home.hubca(&[&line[..], &["--force"]].concat()).failed_with(1);
}

#[test]
fn several_hubs_are_listed_by_what_they_are_for() {
    let home = TestHome::with_ca::<&str>(&[]);
    for (label, server) in [("physics", "jupyterhub"), ("chemistry", "jupyterhub"), ("desk", "jupyter")] {
        let (name, out) = (format!("{label}.lan"), home.directory().join(label));
        let line = ["issue", "--dns", &name, "--label", label, "--for", server, "--out", out.to_str().unwrap()];
        home.hubca(&line).succeeded();
    }
    let listed = home.hubca(&["list", "--for", "jupyterhub", "--json"]).succeeded().json();
    let labels: Vec<_> = listed.as_array().unwrap().iter().map(|entry| entry["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["chemistry", "physics"]);
    let all = home.hubca(&["list", "--json"]).succeeded().json();
    let servers: Vec<_> = all.as_array().unwrap().iter().map(|entry| &entry["server"]).collect();
    assert_eq!(servers, ["jupyter", "jupyterhub", "jupyterhub"]);
    let heading = |home: &TestHome| home.hubca(&["list"]).succeeded().stdout.lines().next().unwrap().to_owned();
    assert!(heading(&home).contains(" for "), "{}", heading(&home));
    let plain = TestHome::with_ca::<&str>(&[]);
    plain.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    assert!(!heading(&plain).contains(" for "), "{}", heading(&plain));
    assert_eq!(plain.hubca(&["list", "--json"]).succeeded().json()[0]["server"], json!(null));
    let unknown = home.hubca(&["list", "--for", "iis", "--json"]).failed_with(2);
    assert!(unknown.stderr.contains("iis") && unknown.stderr.contains("jupyterhub-behind-proxy"), "{}", unknown.stderr);
}

#[test]
fn what_is_for_dev_is_thrown_away() {
    let home = TestHome::with_ca::<&str>(&[]);
    let out = home.directory().join("shop");
    let out_word = out.to_str().unwrap();
    let answer = home.hubca(&["issue", "--for", "dev", "--out", out_word, "--json"]).succeeded().json();
    assert_eq!(answer["names"], json!([{"dns": "localhost"}, {"ip": "127.0.0.1"}, {"ip": "::1"}]));
    assert_eq!(answer["label"], json!(null));
    for name in ["privkey.pem", "cert.pem", "chain.pem", "fullchain.pem"] {
        let mode = fs::metadata(out.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    let key = fs::read(out.join("privkey.pem")).unwrap();
    // Nothing of it is kept, so nothing is renewed.
    assert!(
        !home.file("live").join("dev").exists()
            && home.hubca(&["renew", "--within", "400", "--json"]).succeeded().json() == json!([])
    );
    let again = home.hubca(&["issue", "--for", "dev", "--out", out_word, "--json"]).failed_with(1);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(fs::read(out.join("privkey.pem")).unwrap(), key);
    let line = ["issue", "--for", "dev", "--out", out_word, "--dns", "shop.test", "--days", "7", "--force", "--json"];
    let answer = home.hubca(&line).succeeded().json();
    assert_eq!(answer["names"], json!([{"dns": "shop.test"}]));
    assert_ne!(fs::read(out.join("privkey.pem")).unwrap(), key);
    let hooked = home.hubca(&["issue", "--for", "dev", "--out", out_word, "--hook", "true", "--json"]).failed_with(2);
    assert!(hooked.stderr.contains("thrown away"), "{}", hooked.stderr);
    let listed = home.hubca(&["list", "--json"]).succeeded().json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

/// Two at once in one directory: one of them is there, with the key that is its own.
#[test]
fn two_throw_aways_do_not_mix() {
    let home = TestHome::with_ca::<&str>(&[]);
    for round in 0..4 {
        let out = home.directory().join(format!("shop{round}"));
        let begin = || home.command().args(["issue", "--for", "dev", "--out", out.to_str().unwrap()]).output().unwrap();
        let codes: Vec<_> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..3).map(|_| scope.spawn(begin)).collect();
            all.into_iter().map(|one| one.join().unwrap().status.code().unwrap()).collect()
        });
        assert_eq!((codes.iter().filter(|code| **code == 0).count(), codes.iter().sum::<i32>()), (1, 2), "{codes:?}");
        let public = |line: &[&str]| {
            let made = Command::new("openssl").args(line).current_dir(&out).output().unwrap();
            assert!(made.status.success(), "{line:?}");
            made.stdout
        };
        let of_key = public(&["pkey", "-in", "privkey.pem", "-pubout"]);
        assert_eq!(of_key, public(&["x509", "-in", "fullchain.pem", "-noout", "-pubkey"]));
    }
}

#[test]
fn what_cannot_be_is_refused_in_plain_words() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let refused = |more: &[&str], code| {
        home.hubca(&[&["export", "preset", "nginx", "hub.lan"][..], more].concat()).failed_with(code).stderr
    };
    let told = refused(&["--port", "8888"], 2);
    assert!(told.contains("in front of itself") && told.contains("--upstream PORT"), "{told}");
    assert!(refused(&["--port", "9000", "--upstream", "9000"], 2).contains("in front of itself"));
    assert!(refused(&["--directory", "/"], 2).contains("`/` is no directory for a server's files"));
    assert!(!home.directory().join("nginx.conf").exists());
    // A name that neither JSON nor the ledger can hold.
    let strange = std::ffi::OsStr::from_bytes(b"h\xff");
    let line = ["export", "preset", "jupyter", "hub.lan", "--install", "--json"];
    let answer = Answer::of(home.command().args(line).env("JUPYTER_CONFIG_DIR", strange)).failed_with(2);
    assert!(answer.error()["message"].as_str().unwrap().contains("is no directory for a server's files"), "{answer}");
    let mut elsewhere = Command::new(env!("CARGO_BIN_EXE_hubca"));
    let answer = Answer::of(elsewhere.args(["init", "--json", "--no-passphrase"]).env("HUBCA_HOME", strange));
    assert!(answer.failed_with(2).error()["message"].as_str().unwrap().contains("no home can be there"));
    // The directory where one is.
    let written = home.hubca(&["export", "preset", "nginx", "hub.lan", "--out", ".", "--json"]).succeeded().json();
    assert_eq!(written["files"][0]["path"], "./nginx.conf");
    assert!(home.directory().join("nginx.conf").exists());
}

/// What is typed stands on a line of its own, whole, and finds the home.
#[test]
fn what_is_typed_can_be_copied() {
    let home = TestHome::with_ca::<&str>(&[]);
    let told = home.hubca(&["issue", "--dns", "hub.lan", "--for", "generic", "--out", "tls"]).succeeded().stdout;
    let key = home.directory().join("tls/privkey.pem");
    assert!(told.contains(&format!("\n    {}\n", key.display())), "{told}");
    let behind = format!("    hubca --home {} export preset jupyter-behind-proxy hub.lan\n", home.path().display());
    let line = ["export", "preset", "nginx", "hub.lan", "--directory", "/srv/tls"];
    let told = home.hubca(&line).succeeded().stdout;
    let install = format!(
        "    hubca --home {} export preset nginx hub.lan --directory /srv/tls --install\n",
        home.path().display()
    );
    assert!(told.contains(&behind) && told.contains(&install), "{told}");
    assert!(told.contains("copied to /srv/tls: of the user of this CA, mode\n0600"), "{told}");
    let answer = home.hubca(&[&line[..], &["--force", "--json"]].concat()).succeeded().json();
    let (steps, commands) = (answer["steps"].as_array().unwrap(), answer["commands"].as_array().unwrap());
    assert_eq!((steps.len(), commands[1].as_str()), (commands.len(), Some("nginx -t")));
    assert!(steps[1].as_str().unwrap().ends_with(": nginx -t"));
    assert_eq!(
        answer["copies"],
        json!({"out": "/srv/tls", "combined": null, "owner": null, "group": null, "mode": "0600"})
    );
    assert_eq!(answer["install"], "hubca export preset nginx hub.lan --directory /srv/tls --install");
}

/// Jupyter's configuration is where its own variable says.
#[test]
fn jupyter_is_configured_where_it_looks() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--ip", "192.168.0.7", "--label", "desk"]).succeeded();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        assert!(Command::new("chown").args(["-R", "4321:4321"]).arg(home.directory()).status().unwrap().success());
    }
    let place = home.directory().join("own jupyter");
    let command = |words: &[&str]| {
        let mut command = home.command();
        command.args(words).env("JUPYTER_CONFIG_DIR", &place);
        if is_root {
            command.uid(4321).gid(4321);
        }
        command
    };
    if command(&["--version"]).output().is_err() {
        return skipped("Jupyter's own directory: only root can run the program where it lies");
    }
    let line = ["export", "preset", "jupyter-behind-proxy", "desk", "--json", "--install"];
    let hubca = || Answer::of(&mut command(&line));
    hubca().succeeded();
    assert!(fs::read_to_string(place.join("jupyter_server_config.py")).unwrap().contains("trust_xheaders"));
    fs::write(place.join("jupyter_server_config.json"), r#"{"ServerApp": {"ip": "*"}}"#).unwrap();
    assert!(hubca().failed_with(1).stderr.contains("says `ip` already"));
}

#[test]
fn a_preset_comes_into_a_configuration_that_is_there_and_goes_again() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--ip", "192.168.0.7", "--label", "desk"]).succeeded();
    let place = home.directory().join("home-assistant");
    let config = place.join("configuration.yaml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    // A container that has every file of this machine.
    let docker = home.directory().join("docker");
    fs::write(&docker, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", home.directory().display(), std::env::var("PATH").unwrap());
    let theirs = "default_config:\n";
    fs::write(&config, theirs).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
    let out = home.directory().join("tls");
    let line = ["export", "preset", "home-assistant", "desk", "--directory", out.to_str().unwrap()];
    let beside = ["--place", place.to_str().unwrap(), "--json"];
    let hubca = |more: &[&str]| Answer::of(home.command().args([&line[..], more, &beside].concat()).env("PATH", &path));
    let shown = hubca(&["--install", "--dry-run"]).succeeded().json();
    assert_eq!(shown["done"], false);
    assert_eq!(fs::read_to_string(&config).unwrap(), theirs);
    assert!(!out.exists());

    assert_eq!(hubca(&["--install"]).succeeded().json()["done"], true);
    let written = fs::read_to_string(&config).unwrap();
    assert!(
        written.starts_with(theirs) && written.contains(&format!("\"{}/fullchain.pem\"", out.display())),
        "{written}"
    );
    assert_eq!(fs::metadata(&config).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(fs::metadata(out.join("privkey.pem")).unwrap().permissions().mode() & 0o7777, 0o600);
    let intent = home.hubca(&["show", "desk", "--json"]).succeeded().json()["intent"].clone();
    assert_eq!((&intent["server"], &intent["out"]), (&json!("home-assistant"), &json!(out.to_str().unwrap())));
    hubca(&["--install"]).succeeded();
    assert_eq!(fs::read_to_string(&config).unwrap(), written);

    hubca(&["--remove"]).succeeded();
    assert_eq!(fs::read_to_string(&config).unwrap(), theirs);
    let intent = home.hubca(&["show", "desk", "--json"]).succeeded().json()["intent"].clone();
    assert_eq!((&intent["server"], &intent["out"]), (&json!(null), &json!(null)));
    hubca(&["--remove"]).succeeded();
    // Where it does not get there, renewals do as they did before.
    fs::write(&config, "# Written by hubca: home-assistant desk\n").unwrap();
    assert!(hubca(&["--install"]).failed_with(1).stderr.contains("take them out by hand"));
    let intent = home.hubca(&["show", "desk", "--json"]).succeeded().json()["intent"].clone();
    assert_eq!((&intent["server"], &intent["out"], &intent["verify"]), (&json!(null), &json!(null), &json!([])));
    let by_hand = home.hubca(&["export", "preset", "unifi", "desk", "--install", "--json"]).failed_with(1);
    assert!(by_hand.stderr.contains("export preset unifi desk"), "{}", by_hand.stderr);
}

#[test]
fn the_secrets_of_a_hub_are_made_once_and_shown_to_nobody() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--ip", "192.168.0.7", "--label", "desk"]).succeeded();
    let out = home.directory().join("hub");
    let hubca = |more: &[&str]| {
        let line = ["export", "preset", "jupyterhub", "desk", "--out", out.to_str().unwrap(), "--force"];
        home.hubca(&[&line[..], more].concat())
    };
    let paths = ["jupyterhub_cookie_secret", "jupyterhub_proxy_token"].map(|name| out.join(name));
    let read = || paths.clone().map(|path| fs::read_to_string(path).unwrap());
    let answer = hubca(&["--json"]).succeeded();
    let made =
        |answer: &Value| answer["secrets"].as_array().unwrap().iter().map(|it| it["made"].clone()).collect::<Vec<_>>();
    assert_eq!(made(&answer.json()), [true, true]);
    let secrets = read();
    assert_ne!(secrets[0], secrets[1]);
    for (path, secret) in paths.iter().zip(&secrets) {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(secret.len() == 65 && secret.trim_end().bytes().all(|digit| digit.is_ascii_hexdigit()), "{secret}");
        for text in [&answer.stdout, &answer.stderr, &fs::read_to_string(out.join("jupyterhub_config.py")).unwrap()] {
            assert!(!text.contains(secret.trim_end()));
        }
    }
    // A good one stays, even where all is to be written over, and what is missing is made.
    assert_eq!(made(&hubca(&["--json"]).succeeded().json()), [false, false]);
    fs::remove_file(&paths[1]).unwrap();
    assert_eq!(made(&hubca(&["--json"]).succeeded().json()), [false, true]);
    assert_eq!(read()[0], secrets[0]);
    assert_ne!(read()[1], secrets[1]);

    let refused = || hubca(&["--json"]).failed_with(1).error().to_string();
    fs::set_permissions(&paths[0], fs::Permissions::from_mode(0o604)).unwrap();
    assert!(refused().contains("chmod 600"), "{}", refused());
    fs::write(&paths[0], "their own words").unwrap();
    assert!(refused().contains("something else than a secret"), "{}", refused());
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "their own words");
    fs::remove_file(&paths[0]).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", &paths[0]).unwrap();
    assert!(refused().contains("something else than a secret"), "{}", refused());

    // One document alone may go to stdout, and nothing secret with it.
    let alone = home.hubca(&["export", "preset", "jupyterhub-behind-proxy", "desk", "--out", "-"]).succeeded();
    assert!(
        alone.stdout.contains("c.JupyterHub.bind_url") && alone.stderr.contains("no secret goes to stdout"),
        "{alone}"
    );
    assert!(!home.directory().join("jupyterhub_cookie_secret").exists());
}

/// Root's renewals get everywhere. Those of somebody else do not, and it is said what `sudo` would be for.
#[test]
fn who_is_not_root_is_told_what_roots_rights_are_for() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        assert!(Command::new("chown").args(["-R", "4321:4321"]).arg(home.directory()).status().unwrap().success());
    }
    let hubca = |words: &[&str]| {
        let mut command = home.command();
        command.args(words);
        if is_root {
            command.uid(4321).gid(4321);
        }
        command
    };
    if hubca(&["--version"]).output().is_err() {
        return skipped("rights of somebody who is not root: only root can run the program where it lies");
    }
    let answer = |words: &[&str]| Answer::of(&mut hubca(words));
    let wanted = format!("sudo chown -R 0:0 {}", home.path().display());
    let hints = |answer: &Answer| {
        let hints = answer.error()["hints"].to_string();
        assert!(hints.contains("to keep the CA yours") && hints.contains(&wanted), "{answer}");
    };
    hints(&answer(&["edit", "hub.lan", "--for", "nginx", "--json"]).failed_with(1));
    let out = home.directory().join("tls");
    let line = ["export", "preset", "nginx", "hub.lan", "--directory", out.to_str().unwrap(), "--install", "--json"];
    hints(&answer(&line).failed_with(1));
    let intent = answer(&["show", "hub.lan", "--json"]).succeeded().json()["intent"].clone();
    assert_eq!((&intent["server"], &intent["out"]), (&json!(null), &json!(null)));
    let noted = answer(&["edit", "hub.lan", "--out", "/etc/hubca-of-nobody"]).succeeded().stderr;
    assert!(noted.contains("will not get there") && noted.contains("sudo chown"), "{noted}");
    let noted = answer(&["edit", "hub.lan", "--out", out.to_str().unwrap()]).succeeded().stderr;
    assert!(!noted.contains("sudo"), "{noted}");
}

#[test]
fn what_is_brought_elsewhere_or_has_no_key_here_or_lies_in_the_way_is_not_taken_for_a_server() {
    let home = TestHome::with_ca::<&str>(&[]);
    let refused = |line: &[&str]| {
        let answer = home.hubca(&[line, &["--json"]].concat()).failed_with(1).error();
        format!("{} {}", answer["message"].as_str().unwrap(), answer["hints"])
    };
    home.hubca(&["issue", "--dns", "hub.lan", "--hook", "systemctl restart mine"]).succeeded();
    let install = |label: &'static str| ["export", "preset", "nginx", label, "--install", "--dry-run"];
    let error = refused(&install("hub.lan"));
    assert!(error.contains("where somebody said") && error.contains("--no-hook"), "{error}");
    let mine = home.directory().join("tls");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("privkey.pem"), "my own").unwrap();
    let (directory, edit) = (mine.to_str().unwrap(), ["edit", "hub.lan", "--out", mine.to_str().unwrap()]);
    home.hubca(&["issue", "--dns", "web.lan"]).succeeded();
    for line in [&edit[..], &[&install("web.lan")[..], &["--directory", directory]].concat()] {
        let error = refused(line);
        assert!(error.contains("tls/privkey.pem") && error.contains("move it away"), "{error}");
    }
    assert_eq!(fs::read_to_string(mine.join("privkey.pem")).unwrap(), "my own");
    home.hubca(&["edit", "web.lan", "--for", "mosquitto", "--out", home.directory().join("mq").to_str().unwrap()])
        .succeeded();
    let error = refused(&install("web.lan"));
    assert!(error.contains("brought to mosquitto") && error.contains("preset mosquitto web.lan --remove"), "{error}");
    let request = home.directory().join("request.pem");
    let made = Command::new("openssl")
        .args([
            "req",
            "-new",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=key.lan",
            "-addext",
            "subjectAltName=DNS:key.lan",
        ])
        .args(["-keyout", "/dev/null", "-out", request.to_str().unwrap()])
        .output();
    assert!(made.unwrap().status.success());
    home.hubca(&["sign", request.to_str().unwrap(), "--label", "key.lan"]).succeeded();
    assert!(refused(&install("key.lan")).contains("is not kept here"));
}

#[test]
fn what_is_said_beside_a_server_counts_and_dev_is_remembered_nowhere() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let out = home.directory().join("tls");
    let line =
        ["edit", "hub.lan", "--for", "nginx", "--no-hook", "--no-verify", "--out", out.to_str().unwrap(), "--json"];
    let after = &home.hubca(&line).succeeded().json()["after"];
    assert_eq!((&after["server"], &after["hook"]), (&"nginx".into(), &Value::Null));
    assert_eq!(after["verify"], serde_json::json!([]));
    for line in [&["edit", "hub.lan", "--for", "dev"][..], &["issue", "--for", "dev", "--follow-ip"]] {
        assert!(home.hubca(line).failed_with(2).stderr.contains("thrown away"), "{line:?}");
    }
}
