//! Servers as Debian ships them, which are told of a certificate by `hubca export preset --install` and of nothing else, and left as
//! they were by `--remove`.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::{
    echo,
    proxies::{APACHE, CADDY, HAPROXY, NGINX, Proxy, is_visited},
    support::{
        Answer,
        machine::{Machine, on_a_machine},
        server::Server,
        tools::commands,
    },
};

impl Machine {
    /// A certificate that nobody has brought anywhere.
    fn issue_here(&self, label: &str, names: &[&str]) {
        self.hubca(&[&["issue", "--label", label], names].concat()).succeeded();
    }

    /// `--install` or `--remove`, as nobody is asked.
    fn place(&self, what: &str, target: &str, label: &str, options: &[&str]) -> Answer {
        self.hubca(&[&["export", "preset", target, label, what, "--yes"], options].concat())
    }

    /// All that there is below a directory: names, modes, owners, where links lead, and what is in each file.
    fn tree(&self, directory: &str) -> String {
        let line = format!(
            "cd {directory}; find . -printf '%p %M %u %g %l\\n' | sort; find . -type f | sort | xargs sha256sum"
        );
        self.run(&line)
    }
}

const NAMES: [&str; 8] = ["--ip", "127.0.0.1", "--ip", "::1", "--dns", "hub.lan", "--dns", "*.hub.lan"];

/// Where a server of Debian has its configuration.
struct Shipped {
    proxy: &'static Proxy,
    configuration: &'static str,
    /// What `systemctl reload-or-restart` runs, where it runs already.
    reload: &'static str,
    /// A line that it does not take, and the file for it.
    broken: (&'static str, &'static str),
}

const SHIPPED_NGINX: Shipped = Shipped {
    proxy: &NGINX,
    configuration: "/etc/nginx",
    reload: "nginx -s reload",
    broken: ("/etc/nginx/conf.d/theirs.conf", "no_such_word;"),
};

const SHIPPED_APACHE: Shipped = Shipped {
    proxy: &APACHE,
    configuration: "/etc/apache2",
    reload: "apachectl graceful",
    broken: ("/etc/apache2/sites-enabled/theirs.conf", "NoSuchWord on"),
};

const SHIPPED_CADDY: Shipped = Shipped {
    proxy: &CADDY,
    configuration: "/etc/caddy",
    reload: "caddy reload --config /etc/caddy/Caddyfile --force",
    broken: ("/etc/caddy/Caddyfile", "http://theirs.lan {\n\tno_such_word\n}"),
};

const SHIPPED_HAPROXY: Shipped = Shipped {
    proxy: &HAPROXY,
    configuration: "/etc/haproxy",
    // Without any place to listen it does not run: it is started.
    reload: "haproxy -W -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid",
    broken: ("/etc/haproxy/haproxy.cfg", "no_such_word"),
};

impl Shipped {
    fn on_a_machine(&self, what: &str, test: impl FnOnce(&Machine) + Send) {
        let name = format!("{} as Debian ships it, {what}", self.proxy.target);
        crate::support::machine::with_tools(
            &name,
            &[vec![(self.proxy.program)()], commands(&["openssl"])].concat(),
            test,
        );
    }

    /// It runs as Debian starts it, and systemd reloads it.
    fn runs(&self, machine: &Machine) -> Option<Server> {
        let (reload, unit) = self.proxy.reload;
        let program = self.proxy.unit();
        machine.systemctl(&[(reload, unit), (&format!("reload-or-restart {program}"), self.reload)]);
        (self.proxy.target != "haproxy").then(|| machine.serve(80, self.proxy.start))
    }

    fn is_told_and_left_as_it_was(&self) {
        self.on_a_machine("told of a certificate and left as it was", |machine| {
            echo::start(8888);
            // A machine whose own name is another: Apache takes its default site for one of that name.
            machine.run("[ ! -d /etc/apache2 ] || echo ServerName else.invalid >/etc/apache2/conf-enabled/name.conf");
            let before = machine.tree(self.configuration);
            let _server = self.runs(machine);
            machine.issue_here("hub.lan", &NAMES);
            let target = self.proxy.target;
            machine.place("--install", target, "hub.lan", &[]).succeeded();
            awaits(machine, 443);
            // The processes of before may take a few visitors more.
            machine.run(
                "timeout 20 sh -c 'until curl -s -o /dev/null -w %{http_code} http://127.0.0.1/ | grep -q 30; do sleep 0.1; done'; sleep 0.5",
            );
            is_visited(machine);
            assert_eq!(machine.shown(443, ""), machine.serial());
            let serial = machine.renew();
            assert_eq!(machine.shown(443, ""), serial);
            if target != "haproxy" {
                self.takes_another_label(machine);
            }
            machine.place("--remove", target, "hub.lan", &[]).succeeded();
            assert!(!Path::new("/etc/hubca/hub.lan").exists(), "no copy of the key is left");
            let again = machine.place("--remove", target, "hub.lan", &[]).succeeded().stdout;
            assert!(again.contains("nothing to take away"), "{again}");
            // Modules stay loaded: whoever came to use them since needs them.
            let without_modules =
                |tree: &str| tree.lines().filter(|line| !line.contains("mods-enabled")).collect::<Vec<_>>().join("\n");
            assert_eq!(without_modules(&machine.tree(self.configuration)), without_modules(&before));
        });
    }

    /// Each name has its own certificate.
    fn takes_another_label(&self, machine: &Machine) {
        // Apache shows the first by the alphabet to whoever says no name.
        let second = if self.proxy.target == "apache" { "nas.lan" } else { "app.lan" };
        machine.issue_here(second, &["--dns", second]);
        machine.place("--install", self.proxy.target, second, &[]).succeeded();
        let root = machine.root();
        for name in ["hub.lan", second] {
            machine.run(&format!(
                "timeout 20 sh -c 'until curl -sf --cacert {} --connect-to ::127.0.0.1: https://{name}/; do sleep 0.1; done'",
                root.display()
            ));
            assert_eq!(machine.get(&format!("https://{name}/"), "").http, "2");
        }
        assert_eq!(
            machine.shown(443, ""),
            machine.serial(),
            "who comes by the address is shown the certificate that has it"
        );
        machine.place("--remove", self.proxy.target, second, &[]).succeeded();
    }

    /// What the server does not take is not left there, nor what was done for it.
    fn is_left_as_it_was_by_what_fails(&self) {
        self.on_a_machine("which does not take it", |machine| {
            let (file, line) = self.broken;
            machine.systemctl(&[]);
            machine.issue_here("hub.lan", &NAMES);
            machine.run(&format!("printf '\\n%b\\n' '{line}' >>{file}"));
            let before = machine.tree(self.configuration);
            let refused = machine.place("--install", self.proxy.target, "hub.lan", &[]).failed_with(1).stderr;
            assert!(refused.contains("as they were before") && refused.contains("/etc/hubca/hub.lan"), "{refused}");
            assert_eq!(machine.tree(self.configuration), before);
            let shown = machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
            assert!(shown["intent"]["hook"].is_null() && shown["intent"]["server"].is_null(), "{shown}");
        });
    }
}

fn awaits(machine: &Machine, port: u16) {
    machine.run(&format!("timeout 20 sh -c 'until curl -sfk https://127.0.0.1:{port}/; do sleep 0.1; done'"));
}

#[test]
fn nginx_is_told_and_left_as_it_was() {
    SHIPPED_NGINX.is_told_and_left_as_it_was();
}

#[test]
fn nginx_that_does_not_take_it_is_left_as_it_was() {
    SHIPPED_NGINX.is_left_as_it_was_by_what_fails();
}

#[test]
fn apache_is_told_and_left_as_it_was() {
    SHIPPED_APACHE.is_told_and_left_as_it_was();
}

#[test]
fn apache_that_does_not_take_it_is_left_as_it_was() {
    SHIPPED_APACHE.is_left_as_it_was_by_what_fails();
}

#[test]
fn caddy_is_told_and_left_as_it_was() {
    SHIPPED_CADDY.is_told_and_left_as_it_was();
}

#[test]
fn caddy_that_does_not_take_it_is_left_as_it_was() {
    SHIPPED_CADDY.is_left_as_it_was_by_what_fails();
}

#[test]
fn haproxy_is_told_and_left_as_it_was() {
    SHIPPED_HAPROXY.is_told_and_left_as_it_was();
}

#[test]
fn haproxy_that_does_not_take_it_is_left_as_it_was() {
    SHIPPED_HAPROXY.is_left_as_it_was_by_what_fails();
}

/// What is not ours is not taken away, be it that it has our name.
#[test]
fn a_site_of_somebody_is_left_by_a_removal() {
    on_a_machine("Apache with somebody's own site", &["apache2", "openssl"], |machine| {
        machine.systemctl(&[]);
        machine.issue_here("hub.lan", &NAMES);
        let file = "/etc/apache2/sites-available/hub.lan.conf";
        fs::write(file, "<VirtualHost *:80>\n</VirtualHost>\n").unwrap();
        machine.run("a2ensite -q hub.lan");
        let before = machine.tree("/etc/apache2");
        let told = machine.place("--remove", "apache", "hub.lan", &[]).succeeded().stdout;
        assert!(told.contains("nothing to take away") && told.contains("somebody's own"), "{told}");
        // Who followed the steps has renewals, which do not end by themselves.
        machine.hubca(&["edit", "hub.lan", "--for", "apache"]).succeeded();
        let refused = machine.place("--remove", "apache", "hub.lan", &[]).failed_with(1).stderr;
        assert!(refused.contains("was not written by --install") && refused.contains("--no-for"), "{refused}");
        assert_eq!(machine.tree("/etc/apache2"), before);
        fs::remove_file(file).unwrap();
        let told = machine.place("--remove", "apache", "hub.lan", &[]).succeeded().stdout;
        assert!(told.contains("renewals go on"), "{told}");
        assert_eq!(machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["intent"]["server"], "apache");
    });
}

/// A server that is broken or gone keeps nobody from taking its lines away.
#[test]
fn a_server_that_takes_nothing_any_more_is_left_all_the_same() {
    on_a_machine("nginx, broken and gone", &["nginx", "openssl"], |machine| {
        let intent = || machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["intent"].clone();
        machine.issue_here("hub.lan", &NAMES);
        let before = machine.tree("/etc/nginx");
        for is_gone in [false, true] {
            machine.systemctl(&[("reload-or-restart nginx", "true")]);
            machine.place("--install", "nginx", "hub.lan", &["--upstream", "9000"]).succeeded();
            // It was said once.
            machine.place("--install", "nginx", "hub.lan", &[]).succeeded();
            let text = fs::read_to_string("/etc/nginx/conf.d/hub.lan.conf").unwrap();
            assert!(text.contains("proxy_pass http://127.0.0.1:9000;"), "{text}");
            assert!(text.lines().next().unwrap().contains("nginx hub.lan --upstream 9000 --install"), "{text}");
            if is_gone {
                let mut words = machine.words(&["export", "preset", "nginx", "hub.lan", "--remove", "--yes"]);
                words
                    .iter_mut()
                    .filter(|word| word.starts_with("PATH="))
                    .for_each(|word| "PATH=/nowhere".clone_into(word));
                let told = Command::new(&words[0]).args(&words[1..]).output().unwrap();
                let said = String::from_utf8(told.stderr).unwrap();
                assert!(told.status.success() && said.contains("so nobody was told"), "{said}");
                assert!(!Path::new("/etc/hubca/hub.lan").exists());
            } else {
                machine.systemctl(&[]);
                let told = machine.place("--remove", "nginx", "hub.lan", &[]).failed_with(1).stderr;
                assert!(told.contains("no such unit") && told.contains("its configuration is taken away"), "{told}");
                assert!(told.contains("rm /etc/hubca/hub.lan/privkey.pem"), "{told}");
                let again = machine.place("--remove", "nginx", "hub.lan", &[]).succeeded().stdout;
                assert!(
                    again.contains("nothing to take away") && again.contains("rm /etc/hubca/hub.lan/privkey"),
                    "{again}"
                );
            }
            assert_eq!(machine.tree("/etc/nginx"), before);
            assert_eq!((&intent()["server"], &intent()["hook"]), (&Value::Null, &Value::Null));
        }
    });
}

/// What somebody said of the server goes with it, and is told.
#[test]
fn a_hook_of_somebodys_own_is_told_of_when_it_goes() {
    on_a_machine("nginx with somebody's own hook", &["nginx", "openssl"], |machine| {
        machine.systemctl(&[("reload-or-restart nginx", "true")]);
        machine.issue_here("hub.lan", &NAMES);
        let directory = machine.written("tls").to_string_lossy().into_owned();
        machine.place("--install", "nginx", "hub.lan", &["--directory", &directory]).succeeded();
        machine.hubca(&["edit", "hub.lan", "--hook", "mine"]).succeeded();
        let told = machine.place("--remove", "nginx", "hub.lan", &["--dry-run", "--json"]).succeeded().json();
        assert_eq!(told["forgotten"], serde_json::json!(["run `mine`"]));
        let told = machine.place("--remove", "nginx", "hub.lan", &[]).succeeded().stdout;
        // In a directory of somebody's own the copies stay, and it is said how they go.
        assert!(told.contains(&format!("rm {directory}/privkey.pem")) && told.contains("run `mine`"), "{told}");
        assert!(fs::exists(format!("{directory}/privkey.pem")).unwrap());
    });
}

#[test]
fn haproxy_shows_one_certificate_and_says_whose() {
    on_a_machine("haproxy with a second label", &["haproxy", "openssl"], |machine| {
        machine.systemctl(&[("reload-or-restart haproxy", "true")]);
        machine.issue_here("hub.lan", &NAMES);
        machine.issue_here("nas.lan", &["--dns", "nas.lan"]);
        machine.place("--install", "haproxy", "hub.lan", &[]).succeeded();
        let before = machine.tree("/etc/haproxy");
        let refused =
            machine.place("--install", "haproxy", "nas.lan", &["--port", "8443", "--json"]).failed_with(1).stderr;
        assert!(refused.contains("`hub.lan`"), "{refused}");
        assert!(refused.contains("export preset haproxy hub.lan --remove"), "{refused}");
        assert_eq!(machine.tree("/etc/haproxy"), before);
        assert!(!Path::new("/etc/hubca/nas.lan").exists());
        machine.place("--install", "haproxy", "hub.lan", &[]).succeeded();
        machine.place("--remove", "haproxy", "hub.lan", &[]).succeeded();
        machine.place("--install", "haproxy", "nas.lan", &[]).succeeded();
    });
}

#[test]
fn two_labels_of_apache_listen_at_two_ports() {
    on_a_machine("Apache with two labels at another port", &["apache2", "openssl"], |machine| {
        machine.systemctl(&[("reload-or-restart apache2", "true")]);
        machine.issue_here("hub.lan", &NAMES);
        machine.issue_here("nas.lan", &["--dns", "nas.lan"]);
        machine.place("--install", "apache", "hub.lan", &["--port", "8443"]).succeeded();
        let refused = machine.place("--install", "apache", "nas.lan", &["--port", "8443"]).failed_with(1).stderr;
        assert!(refused.contains("hub.lan.conf` has the line `Listen 8443`"), "{refused}");
        machine.place("--install", "apache", "nas.lan", &["--port", "9443"]).succeeded();
    });
}

/// Without the program nothing is copied, and nothing is remembered.
#[test]
fn a_server_that_is_not_here_is_missed_at_once() {
    on_a_machine("a server that is not here", &["openssl"], |machine| {
        machine.issue_here("hub.lan", &NAMES);
        let mut words = machine.words(&["export", "preset", "haproxy", "hub.lan", "--install", "--yes"]);
        words.iter_mut().filter(|word| word.starts_with("PATH=")).for_each(|word| "PATH=/nowhere".clone_into(word));
        let refused = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains("there is no program `haproxy`"), "{said}");
        assert!(!Path::new("/etc/hubca/hub.lan/combined.pem").exists());
        let shown = machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
        assert!(shown["intent"]["combined"].is_null(), "{shown}");
    });
}

/// What `systemctl restart mosquitto` does: who does not stay is not started.
const RESTART_MOSQUITTO: &str = "
    if [ -s /run/mosquitto/mosquitto.pid ]; then
        pid=$(cat /run/mosquitto/mosquitto.pid)
        kill $pid 2>/dev/null || true
        while kill -0 $pid 2>/dev/null; do sleep 0.1; done
    fi
    setsid mosquitto -c /etc/mosquitto/mosquitto.conf </dev/null >/var/log/mosquitto.said 2>&1 &
    sleep 1
    kill -0 $!";

fn with_mosquitto(what: &str, test: impl FnOnce(&Machine) + Send) {
    let tools = ["mosquitto", "mosquitto_pub", "mosquitto_sub", "mosquitto_passwd", "openssl"];
    on_a_machine(&format!("Mosquitto as Debian ships it, {what}"), &tools, |machine| {
        machine.run("chown mosquitto /run/mosquitto /var/log/mosquitto");
        let reload = "kill -HUP $(cat /run/mosquitto/mosquitto.pid)";
        machine.systemctl(&[("restart mosquitto", RESTART_MOSQUITTO), ("reload mosquitto", reload)]);
        machine.run("systemctl restart mosquitto");
        assert!(is_let_in(machine, "-h 127.0.0.1"));
        machine.issue_here("hub.lan", &NAMES);
        test(machine);
    });
}

fn is_let_in(machine: &Machine, options: &str) -> bool {
    machine.shell(&format!("timeout 10 mosquitto_pub {options} -t hub -m hello")).output().unwrap().status.success()
}

fn over_tls(machine: &Machine) -> String {
    format!("-h 127.0.0.1 -p 8883 --cafile '{}'", machine.root().display())
}

#[test]
fn programs_of_the_machine_are_let_in_by_mosquitto_as_before() {
    with_mosquitto("which goes on as before", |machine| {
        let before = machine.tree("/etc/mosquitto");
        machine.place("--install", "mosquitto", "hub.lan", &[]).succeeded();
        assert!(is_let_in(machine, "-h 127.0.0.1") && is_let_in(machine, "-h ::1"));
        let tls = over_tls(machine);
        assert!(!is_let_in(machine, &tls), "nobody was let in over TLS yet");
        // As the steps have it.
        machine.run(
            "mosquitto_passwd -b -c /etc/mosquitto/passwd ann secret; chown mosquitto /etc/mosquitto/passwd
             echo password_file /etc/mosquitto/passwd >>/etc/mosquitto/conf.d/hub.lan.conf
             systemctl restart mosquitto",
        );
        assert!(is_let_in(machine, &format!("{tls} -u ann -P secret")) && !is_let_in(machine, &tls));
        assert!(is_let_in(machine, "-h 127.0.0.1"), "it goes on");
        // What was said there stays, also when our lines are written again.
        machine.place("--install", "mosquitto", "hub.lan", &[]).succeeded();
        assert!(is_let_in(machine, &format!("{tls} -u ann -P secret")) && !is_let_in(machine, &tls));
        let serial = machine.renew();
        assert_eq!(machine.shown(8883, ""), serial);
        let refused = {
            machine.issue_here("nas.lan", &["--dns", "nas.lan"]);
            machine.place("--install", "mosquitto", "nas.lan", &[]).failed_with(1).stderr
        };
        assert!(refused.contains("hub.lan.conf` has the line `listener 8883`"), "{refused}");
        machine.run("rm /etc/mosquitto/passwd");
        machine.place("--remove", "mosquitto", "hub.lan", &[]).succeeded();
        // The line that somebody added is theirs, and kept.
        machine.run(
            "grep -q password_file /etc/mosquitto/conf.d/.hub.lan.conf.edited; rm /etc/mosquitto/conf.d/.*.edited",
        );
        assert_eq!(machine.tree("/etc/mosquitto"), before);
        assert!(is_let_in(machine, "-h 127.0.0.1"));
    });
}

#[test]
fn what_somebody_said_of_mosquitto_stays() {
    with_mosquitto("with somebody's own words", |machine| {
        machine.run(
            "mosquitto_passwd -b -c /etc/mosquitto/passwd ann secret; chown mosquitto /etc/mosquitto/passwd
             echo password_file /etc/mosquitto/passwd >/etc/mosquitto/conf.d/default.conf",
        );
        machine.place("--install", "mosquitto", "hub.lan", &[]).succeeded();
        for options in ["-h 127.0.0.1", "-h ::1", &over_tls(machine)] {
            assert!(is_let_in(machine, &format!("{options} -u ann -P secret")), "{options}");
            assert!(!is_let_in(machine, options), "{options}");
        }
        machine
            .run("printf 'listener 1883\\npassword_file /etc/mosquitto/passwd\\n' >/etc/mosquitto/conf.d/default.conf");
        machine.place("--install", "mosquitto", "hub.lan", &[]).succeeded();
        for options in ["-h 192.168.0.1", &over_tls(machine)] {
            assert!(is_let_in(machine, &format!("{options} -u ann -P secret")), "{options}");
        }
    });
}

#[test]
fn mosquitto_runs_again_where_it_could_not_listen() {
    with_mosquitto("which cannot listen", |machine| {
        echo::start(8883);
        let before = machine.tree("/etc/mosquitto");
        let refused = machine.place("--install", "mosquitto", "hub.lan", &[]).failed_with(1).stderr;
        assert!(refused.contains("as they were before"), "{refused}");
        assert_eq!(machine.tree("/etc/mosquitto"), before);
        assert!(is_let_in(machine, "-h 127.0.0.1"), "it runs again");
    });
}

/// A hub that does not start leaves no secrets behind.
#[test]
fn a_hub_that_does_not_start_is_left_without_secrets() {
    on_a_machine("a hub that does not start", &["openssl"], |machine| {
        machine.run(
            "rm -rf /etc/jupyterhub; mkdir /etc/jupyterhub; echo c = get_config >/etc/jupyterhub/jupyterhub_config.py",
        );
        machine.systemctl(&[("restart jupyterhub", "echo once >>/run/told; exit 1")]);
        machine.issue_here("hub.lan", &NAMES);
        let before = machine.tree("/etc/jupyterhub");
        machine.place("--install", "jupyterhub", "hub.lan", &[]).failed_with(1);
        assert_eq!(machine.tree("/etc/jupyterhub"), before);
        assert_eq!(fs::read_to_string("/run/told").unwrap(), "once\nonce\n", "it is told of what was there before");
    });
}

/// Jupyter belongs to a person, and root is told how that person gets it.
#[test]
fn root_does_not_configure_jupyter_for_itself() {
    on_a_machine("root and Jupyter", &["openssl"], |machine| {
        machine.issue_here("hub.lan", &NAMES);
        let refused = machine.place("--install", "jupyter", "hub.lan", &[]).failed_with(1).stderr;
        assert!(refused.contains("--for jupyter --owner ann"), "{refused}");
        assert!(!machine.directory().join(".jupyter").exists());
    });
}
