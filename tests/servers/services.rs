//! PostgreSQL, Mosquitto, the registry of images, and programs in Node.js and Python that end TLS themselves.

use crate::{
    support::{
        machine::{Machine, on_a_machine},
        server::Server,
    },
    tls::{has_nothing_old, has_nothing_weak},
};

/// A cluster of PostgreSQL, as Debian has them. It is stopped as it wants to be: what it shares in memory would outlive it.
pub(crate) struct Cluster<'a> {
    machine: &'a Machine,
    version: String,
    server: Option<Server>,
}

impl<'a> Cluster<'a> {
    /// One that lets in whoever comes by TLS.
    pub(crate) fn made(machine: &'a Machine) -> Self {
        let version = machine.run("ls /usr/lib/postgresql | sort -n | tail -n 1").trim().to_owned();
        let cluster = Self { machine, version, server: None };
        machine.run(&format!("pg_createcluster {} hub --port 5432 --datadir /run/postgresql/hub", cluster.version));
        machine.run(&format!("echo 'hostssl all all 127.0.0.1/32 trust' >{}/pg_hba.conf", cluster.place()));
        cluster
    }

    pub(crate) fn starts(&mut self) {
        self.server = Some(self.machine.serve(5432, &format!("pg_ctlcluster --foreground {} hub start", self.version)));
        // It answers its port a moment before it lets anybody in.
        self.machine.run("until pg_isready -q -h 127.0.0.1; do sleep 0.1; done");
    }

    /// The directory of its configuration.
    pub(crate) fn place(&self) -> String {
        format!("/etc/postgresql/{}/hub", self.version)
    }

    /// Its unit.
    pub(crate) fn unit(&self) -> String {
        format!("postgresql@{}-hub", self.version)
    }

    /// What its unit does to reload it.
    pub(crate) fn reloads(&self) -> String {
        format!("exec pg_ctlcluster {} hub reload", self.version)
    }

    /// What it answers to whoever wants to be sure of its name.
    #[track_caller]
    pub(crate) fn asked(&self, question: &str) -> String {
        let place = "host=hub.lan hostaddr=127.0.0.1 user=postgres sslmode=verify-full";
        let line = format!("psql '{place} sslrootcert={}' -Atc \"{question}\"", self.machine.root().display());
        self.machine.run(&line).trim().to_owned()
    }

    /// Waits until it shows a certificate.
    #[track_caller]
    pub(crate) fn shows(&self, serial: &str) {
        let shown = "timeout 20 sh -c 'until openssl s_client -connect 127.0.0.1:5432 -starttls postgres </dev/null 2>&1 | \
                     openssl x509 -noout -serial | grep -qi ";
        self.machine.run(&format!("{shown}{serial}; do sleep 0.1; done'"));
        assert_eq!(self.machine.shown(5432, "-starttls postgres"), serial);
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        // By a signal: pg_ctlcluster reads the configuration first, and a test may have spoilt that.
        let line = "cd /run/postgresql/hub; kill -INT $(head -n 1 postmaster.pid)
                    timeout 20 sh -c 'while [ -e postmaster.pid ]; do sleep 0.1; done'";
        let _stopped = self.server.is_some().then(|| self.machine.shell(line).output());
    }
}

#[test]
fn postgresql_serves_by_its_preset() {
    let tools = ["psql", "pg_createcluster", "openssl", "sslscan"];
    on_a_machine("PostgreSQL by its preset", &tools, |machine| {
        machine.issue(&["--owner", "postgres"]);
        let preset = machine.preset("postgresql", &[]);
        let mut cluster = Cluster::made(machine);
        machine.run(&format!("cp {} {}/conf.d", machine.written("hubca.conf").display(), cluster.place()));
        machine.systemctl(&[("reload postgresql", &cluster.reloads())]);
        cluster.starts();
        let ask = |question: &str| cluster.asked(question);
        assert_eq!(ask("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"), "t|TLSv1.3");
        has_nothing_weak(machine, 5432, "--starttls-psql");
        machine.remember(&preset);
        let serial = machine.renew();
        // It was looked at.
        let shown = machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
        assert_eq!(shown["deployment"]["outcome"], "verified", "{shown}");
        cluster.shows(&serial);
        assert_eq!(ask("select 6 * 7"), "42");
        let checked = machine.hubca(&["check", "--all", "--json"]).succeeded().json();
        assert_eq!((&checked[0]["address"], &checked[0]["ok"]), (&"127.0.0.1:5432".into(), &true.into()));
        // By hand its port says who listens there.
        machine.hubca(&["check", "127.0.0.1:5432"]).succeeded();
        machine.hubca(&["inspect", "127.0.0.1:5432"]).succeeded();
        // Where it takes no TLS, that is said, and nothing is taken for a handshake.
        machine.run(&format!(
            "echo ssl = off >{}/conf.d/hubca.conf; {}",
            cluster.place(),
            cluster.reloads().trim_start_matches("exec ")
        ));
        machine.run(
            "timeout 20 sh -c 'while openssl s_client -connect 127.0.0.1:5432 -starttls postgres </dev/null 2>&1 | \
             grep -q BEGIN; do sleep 0.1; done'",
        );
        let status = machine.hubca(&["status", "--json"]).failed_with(3).json();
        assert!(status.to_string().contains("no TLS was switched on there"), "{status}");
    });
}

#[test]
fn mosquitto_serves_by_its_preset() {
    let tools = ["mosquitto", "mosquitto_pub", "mosquitto_sub", "openssl", "sslscan"];
    on_a_machine("Mosquitto by its preset", &tools, |machine| {
        machine.issue(&["--owner", "mosquitto"]);
        let preset = machine.preset("mosquitto", &[]);
        machine.run(
            "cp mosquitto.conf /etc/mosquitto/conf.d/hub.lan.conf
             echo allow_anonymous true >>/etc/mosquitto/conf.d/hub.lan.conf
             chown mosquitto /run/mosquitto /var/log/mosquitto",
        );
        machine.systemctl(&[("reload mosquitto", "kill -HUP $(cat /run/mosquitto/mosquitto.pid)")]);
        let _server = machine.serve(8883, "mosquitto -c /etc/mosquitto/mosquitto.conf");
        let there = format!("-h 127.0.0.1 -p 8883 --cafile '{}' -t hub", machine.root().display());
        machine.run(&format!("mosquitto_pub {there} -r -m hello"));
        assert_eq!(machine.run(&format!("mosquitto_sub {there} -C 1 -W 20")), "hello\n");
        has_nothing_weak(machine, 8883, "");
        // Who listens goes on while the certificate is another.
        let listener = machine.shell(&format!("mosquitto_sub {there} -C 2 -W 60 >heard")).spawn();
        machine.run("timeout 20 sh -c 'until grep -qs hello heard; do sleep 0.1; done'");
        machine.remember(&preset);
        for _ in 0..2 {
            let serial = machine.renew();
            assert_eq!(machine.shown(8883, ""), serial);
        }
        machine.run(&format!("mosquitto_pub {there} -m again"));
        assert!(listener.unwrap().wait().unwrap().success());
        assert_eq!(machine.run("cat heard"), "hello\nagain\n");
    });
}

#[test]
fn node_serves_by_its_preset() {
    on_a_machine("Node.js by its preset", &["node", "openssl", "sslscan"], |machine| {
        machine.issue(&[]);
        let preset = machine.preset("node", &[]);
        machine.systemctl(&[("kill --signal=HUP hub", "kill -HUP $(cat /run/hub.pid)")]);
        let _server = machine.serve(8443, "sh -c 'echo $$ >/run/hub.pid; exec node server.mjs'");
        assert_eq!(machine.get("https://hub.lan:8443/", "").body, "hello\n");
        has_nothing_old(machine, 8443, "");
        machine.remember(&preset);
        machine.hubca(&["edit", "hub.lan", "--hook", "systemctl kill --signal=HUP hub"]).succeeded();
        let serial = machine.renew();
        assert_eq!(machine.shown(8443, ""), serial);
        assert_eq!(machine.get("https://127.0.0.1:8443/", "").body, "hello\n");
    });
}

#[test]
fn uvicorn_serves_by_its_preset() {
    on_a_machine("uvicorn by its preset", &["uvicorn", "openssl", "sslscan"], |machine| {
        machine.issue(&[]);
        let preset = machine.preset("uvicorn", &[]);
        std::fs::write(machine.written("main.py"), ASGI).unwrap();
        machine.systemctl(&[("restart hub", "kill $(cat /run/hub.pid)")]);
        let _server = machine.serve(8443, &started_again_and_again("sh serve.sh"));
        assert_eq!(machine.get("https://hub.lan:8443/", "").body, "https");
        has_nothing_weak(machine, 8443, "");
        machine.remember(&preset);
        machine.hubca(&["edit", "hub.lan", "--hook", "systemctl restart hub"]).succeeded();
        let serial = machine.renew();
        assert_eq!(machine.shown(8443, ""), serial);
        assert_eq!(machine.get("https://127.0.0.1:8443/", "").body, "https");
    });
}

#[test]
fn the_registry_of_images_serves_by_its_preset() {
    on_a_machine("the registry of images by its preset", &["docker-registry", "openssl", "sslscan"], |machine| {
        machine.issue(&[]);
        let preset = machine.preset("docker-registry", &[]);
        machine.program("docker", "#!/bin/sh\n[ \"$*\" = 'restart registry' ] && kill $(cat /run/hub.pid)\n");
        // Its images lie in memory here.
        let line = "env REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/run/registry docker-registry serve config.yml";
        let _server = machine.serve(5000, &started_again_and_again(line));
        assert_eq!(machine.get("https://hub.lan:5000/v2/", "").body, "{}");
        machine.run("echo layer >layer");
        let begun = machine.get("https://hub.lan:5000/v2/hub/blobs/uploads/", "-X POST -D headers");
        assert_eq!(begun.status, "202");
        let place = machine.run("sed -n 's/\\r//; s/^[Ll]ocation: //p' headers").trim().to_owned();
        let digest = machine.run("sha256sum layer").split(' ').next().unwrap().to_owned();
        let put = machine.get(
            &format!("{place}&digest=sha256:{digest}"),
            "-X PUT -H 'Content-Type: application/octet-stream' --data-binary @layer",
        );
        assert_eq!(put.status, "201", "{put:?}");
        has_nothing_weak(machine, 5000, "");
        machine.remember(&preset);
        let serial = machine.renew();
        assert_eq!(machine.shown(5000, ""), serial);
        assert_eq!(machine.get(&format!("https://127.0.0.1:5000/v2/hub/blobs/sha256:{digest}"), "").body, "layer\n");
    });
}

/// Whoever ends it restarts it, as systemd and Docker do.
fn started_again_and_again(line: &str) -> String {
    format!("sh -c 'while :; do {line} & echo $! >/run/hub.pid; wait || :; done'")
}

/// Tells the scheme by which it is asked.
const ASGI: &str = "\
async def app(scope, receive, send):
    if scope['type'] == 'http':
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': scope['scheme'].encode()})
";
