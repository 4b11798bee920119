//! The stores of Fedora, Arch Linux, openSUSE and Alpine: their directories, with stand-ins for their programs, which do what those do to
//! the one bundle that is looked at here. The systems themselves were not at hand.

use crate::{
    scene::{contents, outcomes, pairs, serve, trusting},
    support::machine::{Machine, on_a_machine},
};

/// A system that is not Debian.
struct Layout {
    name: &'static str,
    anchors: &'static str,
    bundle: &'static str,
    program: &'static str,
    /// What the program is called with.
    installing: &'static str,
    removing: &'static str,
    ending: &'static str,
    /// Which files among the anchors its program reads: p11-kit reads all, hidden or not.
    read: &'static str,
}

const LAYOUTS: [Layout; 4] = [
    Layout {
        name: "Fedora",
        anchors: "/etc/pki/ca-trust/source/anchors",
        bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        program: "update-ca-trust",
        installing: "extract",
        removing: "extract",
        ending: "pem",
        read: "*",
    },
    Layout {
        name: "Arch Linux",
        anchors: "/etc/ca-certificates/trust-source/anchors",
        bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        program: "trust",
        installing: "extract-compat",
        removing: "extract-compat",
        ending: "crt",
        read: "*",
    },
    Layout {
        name: "openSUSE",
        anchors: "/etc/pki/trust/anchors",
        bundle: "/var/lib/ca-certificates/ca-bundle.pem",
        program: "update-ca-certificates",
        installing: "",
        removing: "",
        ending: "pem",
        read: "*",
    },
    Layout {
        name: "Alpine",
        anchors: "/usr/local/share/ca-certificates",
        bundle: "/etc/ssl/certs/ca-certificates.crt",
        program: "update-ca-certificates",
        installing: "",
        removing: "--fresh",
        ending: "crt",
        read: "*.crt",
    },
];

impl Layout {
    /// Makes the machine one of its kind.
    fn furnish(&self, machine: &Machine) {
        let (anchors, bundle) = (self.anchors, self.bundle);
        machine.run(&format!(
            "cp /etc/ssl/certs/ca-certificates.crt /run/public-roots
             mount -t tmpfs tmpfs /usr/local/share
             mkdir -p /mnt/upper/var/lib /mnt/work/var/lib
             mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/mnt/upper/var/lib,workdir=/mnt/work/var/lib /var/lib
             mkdir -p {anchors} $(dirname {bundle})
             cp /run/public-roots {bundle}"
        ));
        machine.program(
            self.program,
            &format!(
                "#!/bin/sh
echo \"$*\" >>/run/called
cat /run/public-roots $(find {anchors} -type f -name '{}' | sort) >{bundle}.new
mv {bundle}.new {bundle}
",
                self.read
            ),
        );
    }
}

#[test]
fn other_systems_trust_a_server_after_install_and_not_after_remove() {
    for layout in LAYOUTS {
        let what = format!("the trust store of {}, with a stand-in for {}", layout.name, layout.program);
        on_a_machine(&what, &["openssl"], |machine| {
            layout.furnish(machine);
            let server = serve(machine);
            let visitor = format!("curl -sS --max-time 20 --cacert {} https://127.0.0.1:PORT/", layout.bundle);
            let visitors = [("curl", &*visitor)];
            let places = format!("{} {}", layout.anchors, layout.bundle);
            let before = contents(machine, &places);
            assert_eq!(trusting(machine, &server, &visitors), [""; 0], "{}", layout.name);
            let trust = |verb: &str| {
                let line = ["trust", verb, "--only", "system", "--yes", "--json"];
                machine.hubca(&line).succeeded().json()
            };
            let installed = trust("install");
            assert_eq!(installed["stores"][0]["place"], layout.anchors);
            assert_eq!(outcomes(&installed), pairs(&[("system", "done")]), "{}", layout.name);
            assert_eq!(trusting(machine, &server, &visitors), ["curl"], "{}", layout.name);
            assert_eq!(outcomes(&trust("check")), pairs(&[("system", "trusted")]), "{}", layout.name);
            assert_eq!(outcomes(&trust("remove")), pairs(&[("system", "done")]), "{}", layout.name);
            assert_eq!(trusting(machine, &server, &visitors), [""; 0], "{}", layout.name);
            assert_eq!(contents(machine, &places), before, "{}", layout.name);
            // What somebody writes into our file makes it no other root, and no copy of it goes on being trusted.
            trust("install");
            machine.run(&format!(
                "sed -i '1i # of the hub, ann' {}/hubca-*.{}; {}",
                layout.anchors, layout.ending, layout.program
            ));
            assert_eq!(outcomes(&trust("remove")), pairs(&[("system", "done")]), "{}", layout.name);
            assert_eq!(contents(machine, &places), before, "{}", layout.name);
            machine.run("sed -i 3,5d /run/called");
            let called = machine.run("cat /run/called");
            assert_eq!(called, format!("{}\n{}\n", layout.installing, layout.removing), "{}", layout.name);
        });
    }
}
