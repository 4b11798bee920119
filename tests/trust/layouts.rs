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
    },
    Layout {
        name: "Arch Linux",
        anchors: "/etc/ca-certificates/trust-source/anchors",
        bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        program: "trust",
        installing: "extract-compat",
        removing: "extract-compat",
        ending: "crt",
    },
    Layout {
        name: "openSUSE",
        anchors: "/etc/pki/trust/anchors",
        bundle: "/var/lib/ca-certificates/ca-bundle.pem",
        program: "update-ca-certificates",
        installing: "",
        removing: "",
        ending: "pem",
    },
    Layout {
        name: "Alpine",
        anchors: "/usr/local/share/ca-certificates",
        bundle: "/etc/ssl/certs/ca-certificates.crt",
        program: "update-ca-certificates",
        installing: "",
        removing: "--fresh",
        ending: "crt",
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
cat /run/public-roots $(find {anchors} -name '*.{}' | sort) >{bundle}.new
mv {bundle}.new {bundle}
",
                self.ending
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
            let called = machine.run("cat /run/called");
            assert_eq!(called, format!("{}\n{}\n", layout.installing, layout.removing), "{}", layout.name);
        });
    }
}

/// `trust` of p11-kit with a place for anchors: Debian's has none. It knows the four calls that are made of it.
const P11_KIT: &str = r#"#!/bin/sh
echo "$*" >>/run/called
anchors=/run/p11-kit-anchors
mkdir -p $anchors
case "$1 $2" in
'anchor --store') cp "$3" $anchors/ ;;
'anchor --remove') rm "$anchors/$(basename "$3")" ;;
'dump --filter')
    for anchor in $anchors/*; do
        [ -e "$anchor" ] || exit 1
        echo '[p11-kit-object-v1]'
        echo 'trusted: true'
        cat "$anchor"
    done
    ;;
*) exit 2 ;;
esac
"#;

#[test]
fn p11_kit_is_told_where_no_directory_is_known() {
    on_a_machine("the trust store of p11-kit, with a stand-in for trust", &[], |machine| {
        machine.run("mount -t tmpfs tmpfs /usr/local/share");
        machine.program("trust", P11_KIT);
        let trust = |verb: &str| machine.hubca(&["trust", verb, "--only", "system", "--yes", "--json"]);
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "absent")]));
        let installed = trust("install").succeeded().json();
        assert_eq!(installed["stores"][0]["place"], "p11-kit");
        assert_eq!(outcomes(&installed), pairs(&[("system", "done")]));
        assert_eq!(outcomes(&trust("check").succeeded().json()), pairs(&[("system", "trusted")]));
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("system", "already_so")]));
        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("system", "done")]));
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "absent")]));
        // The file that it read is gone.
        assert_eq!(machine.run("find /run -maxdepth 1 -name 'hubca-*'"), "");
        let called = machine.run("cat /run/called");
        assert!(called.contains("dump --filter pkcs11:id=%") && called.contains(";type=cert\n"), "{called}");
    });
}
