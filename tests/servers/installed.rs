//! Servers whose place is found on the machine: `hubca export preset --install` puts a configuration there, and `--remove` takes it away.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use serde_json::{Value, json};

use crate::{
    echo,
    services::Cluster,
    support::{
        Answer,
        machine::{Machine, on_a_machine, with_tools},
        tools::{commands, python},
    },
};

/// A certificate that nobody has brought anywhere.
fn issue(machine: &Machine) {
    machine.hubca(&["issue", "--ip", "127.0.0.1", "--dns", "hub.lan", "--label", "hub.lan"]).succeeded();
}

fn preset(machine: &Machine, target: &str, options: &[&str]) -> Answer {
    machine.hubca(&[&["export", "preset", target, "hub.lan", "--json"], options].concat())
}

fn intent(machine: &Machine) -> Value {
    machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["intent"].clone()
}

#[test]
fn postgresql_is_set_up_and_left_as_it_was() {
    on_a_machine("PostgreSQL, set up by itself", &["psql", "pg_createcluster", "openssl"], |machine| {
        issue(machine);
        let mut cluster = Cluster::made(machine);
        let other = Path::new(&cluster.place()).with_file_name("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("postgresql.conf"), "").unwrap();
        let (reload, reloads) = (format!("reload-or-restart {}", cluster.unit()), cluster.reloads());
        machine.systemctl(&[(&reload, &reloads), ("reload postgresql", &reloads)]);
        cluster.starts();
        let several = preset(machine, "postgresql", &["--install"]).failed_with(1).stderr;
        assert!(several.contains(&cluster.place()) && several.contains(other.to_str().unwrap()), "{several}");
        fs::remove_dir_all(other).unwrap();

        let (place, ours) = (cluster.place(), format!("{}/conf.d/hub.lan.conf", cluster.place()));
        let here = |what| preset(machine, "postgresql", &[what, "--place", &place]);
        here("--install").succeeded();
        let serial = machine.serial();
        cluster.shows(&serial);
        assert_eq!(cluster.asked("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"), "t|TLSv1.3");
        let (key, config) = (fs::metadata("/etc/hubca/hub.lan/privkey.pem").unwrap(), fs::metadata(&place).unwrap());
        assert_eq!((key.mode() & 0o7777, key.uid()), (0o600, config.uid()));
        let serial = machine.renew();
        cluster.shows(&serial);

        here("--remove").succeeded();
        assert!(!Path::new(&ours).exists());
        assert_eq!(intent(machine)["hook"], json!(null));
        // What it does not take is not left there, and no renewal would tell it.
        fs::write(format!("{place}/conf.d/theirs.conf"), "no_such_setting = on\n").unwrap();
        let refused = here("--install").failed_with(1).stderr;
        assert!(refused.contains("no_such_setting") && !Path::new(&ours).exists(), "{refused}");
        assert_eq!((&intent(machine)["server"], &intent(machine)["hook"]), (&json!(null), &json!(null)));
    });
}

#[test]
fn traefik_is_set_up_in_the_directory_that_it_names() {
    let traefik = python().with_file_name("traefik");
    let tools = [vec![traefik.clone()], commands(&["openssl"])].concat();
    with_tools("Traefik, set up by itself", &tools, |machine| {
        issue(machine);
        echo::start(8888);
        let refused = preset(machine, "traefik", &["--install"]).failed_with(1).stderr;
        assert!(refused.contains("/etc/traefik/traefik.yml"), "{refused}");
        machine.preset("traefik", &[]);
        let config = fs::read_to_string(machine.written("traefik.yml")).unwrap();
        fs::create_dir_all("/etc/traefik/own sites").unwrap();
        fs::write("/etc/traefik/traefik.yml", config.replace("/etc/traefik/dynamic", "/etc/traefik/own sites"))
            .unwrap();
        let _server = machine.serve(443, &format!("'{}'", traefik.display()));
        preset(machine, "traefik", &["--install"]).succeeded();
        let shown = "timeout 20 sh -c 'until curl -sf --cacert";
        machine.run(&format!("{shown} {} https://127.0.0.1/; do sleep 0.1; done'", machine.root().display()));
        let serial = machine.renew();
        assert_eq!(machine.shown(443, ""), serial);
        preset(machine, "traefik", &["--remove"]).succeeded();
        assert_eq!(fs::read_dir("/etc/traefik/own sites").unwrap().count(), 0);
    });
}

#[test]
fn home_assistant_gets_a_block_and_a_key_that_its_user_can_read() {
    let python = python().to_string_lossy().into_owned();
    on_a_machine("Home Assistant, set up by itself", &[&python], |machine| {
        issue(machine);
        // The container has every file of this machine where it is.
        machine.program(
            "docker",
            "#!/bin/sh\ncase \"$1 $2\" in 'restart homeassistant') touch /run/restarted ;; 'exec homeassistant') shift 2; exec \"$@\" ;; \
             *) exit 1 ;; esac\n",
        );
        let place = machine.written("");
        let config = machine.written("configuration.yaml");
        fs::write(&config, "default_config:\n").unwrap();
        fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
        machine.run(&format!("chown -R 4321:4321 '{}'", place.display()));
        let here = |what| preset(machine, "home-assistant", &[what, "--place", place.to_str().unwrap()]);
        here("--install").succeeded();
        assert!(Path::new("/run/restarted").exists());
        let line = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        let read: Value =
            serde_json::from_str(&machine.run(&format!("'{python}' -c '{line}' configuration.yaml"))).unwrap();
        assert_eq!(read["http"]["ssl_key"], "/etc/hubca/hub.lan/privkey.pem");
        assert_eq!(read["default_config"], json!(null));
        for file in [config.as_path(), Path::new("/etc/hubca/hub.lan/privkey.pem")] {
            assert_eq!(fs::metadata(file).unwrap().uid(), 4321, "{}", file.display());
        }
        assert_eq!((&intent(machine)["owner"], &intent(machine)["mode"]), (&json!("4321"), &json!("0600")));
        here("--install").succeeded();
        here("--remove").succeeded();
        assert_eq!(fs::read_to_string(&config).unwrap(), "default_config:\n");
        assert_eq!((&intent(machine)["server"], &intent(machine)["owner"]), (&json!(null), &json!(null)));
        fs::write(&config, "http:\n  server_port: 8124\n").unwrap();
        let refused = here("--install").failed_with(1).stderr;
        assert!(refused.contains("has a block `http` already"), "{refused}");
        assert_eq!(fs::read_to_string(&config).unwrap(), "http:\n  server_port: 8124\n");
    });
}
