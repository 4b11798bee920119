//! p11-kit itself, with a place for anchors that Debian's package does not have. What a system brings to make bundles for p11-kit is a
//! stand-in where one is needed.

use crate::{
    scene::{contents, outcomes, pairs},
    support::machine::{Machine, on_a_machine},
};

/// Has p11-kit keep its anchors in a place.
fn furnish(machine: &Machine, place: &str) {
    machine.run(&format!(
        "mkdir -p {place} /etc/pkcs11/modules
         module=p11-kit-trust.module
         grep -v ^x-init-reserved /usr/share/p11-kit/modules/$module >/etc/pkcs11/modules/$module
         echo \"x-init-reserved: paths='{place}'\" >>/etc/pkcs11/modules/$module"
    ));
}

#[test]
fn p11_kit_is_told_where_no_directory_is_known() {
    on_a_machine("the trust store of p11-kit", &["trust"], |machine| {
        furnish(machine, "/run/anchors");
        // It calls this after every change, wherever a system has it.
        machine.run(
            "mount -t tmpfs tmpfs /usr/local/share
             mkdir -p /mnt/upper/p11-kit /mnt/work/p11-kit
             mount -t overlay overlay -o lowerdir=/usr/libexec/p11-kit,upperdir=/mnt/upper/p11-kit,workdir=/mnt/work/p11-kit \
                 /usr/libexec/p11-kit
             printf '#!/bin/sh\\n' >/usr/libexec/p11-kit/trust-extract-compat
             chmod +x /usr/libexec/p11-kit/trust-extract-compat",
        );
        let trust = |verb: &str| machine.hubca(&["trust", verb, "--only", "system", "--yes", "--json"]);
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "absent")]));
        let installed = trust("install").succeeded().json();
        assert_eq!(installed["stores"][0]["place"], "p11-kit");
        assert_eq!(outcomes(&installed), pairs(&[("system", "done")]));
        assert!(machine.run("trust list").contains("trust: anchor"));
        assert_eq!(outcomes(&trust("check").succeeded().json()), pairs(&[("system", "trusted")]));
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("system", "already_so")]));
        // Somebody blocks it: p11-kit then tells it twice, and the block counts.
        machine.run(&format!(
            "mkdir /run/anchors/blocklist; cp {} /run/anchors/blocklist/x.pem",
            machine.root().display()
        ));
        assert!(machine.run("trust list").contains("trust: distrusted"));
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "idle")]));
        let failed = trust("install").failed_with(1).json();
        assert!(failed["stores"][0]["error"]["message"].as_str().unwrap().contains("blocklist"), "{failed}");
        // Only what was put there goes: the block is somebody's, and is told.
        let removed = trust("remove").succeeded().json();
        assert_eq!(
            (outcomes(&removed), &removed["stores"][0]["blocked"]),
            (pairs(&[("system", "done")]), &true.into())
        );
        assert_eq!(machine.run("find /run/anchors -type f"), "/run/anchors/blocklist/x.pem\n");
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "blocked")]));
        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("system", "already_so")]));
        let failed = trust("install").failed_with(1).json();
        assert!(failed["stores"][0]["error"]["message"].as_str().unwrap().contains("blocklist"), "{failed}");
        machine.run("rm -r /run/anchors/blocklist");
        trust("install").succeeded();
        // An anchor that nobody can take away is told, blocked or not.
        machine.run(&format!(
            "mkdir /run/anchors/anchors; cp '{}' /run/anchors/anchors/theirs.pem",
            machine.root().display()
        ));
        trust("remove").failed_with(1);
        machine.run(&format!(
            "mkdir /run/anchors/blocklist; cp '{}' /run/anchors/blocklist/x.pem",
            machine.root().display()
        ));
        let failed = trust("remove").failed_with(1).json();
        assert!(failed["stores"][0]["error"]["message"].as_str().unwrap().contains("lies there still"), "{failed}");
        machine.run("rm -r /run/anchors/blocklist /run/anchors/anchors");
        assert_eq!(outcomes(&trust("check").failed_with(3).json()), pairs(&[("system", "absent")]));
        // The file that it read is gone.
        assert_eq!(machine.run("trust list; find /run -maxdepth 1 -name 'hubca-*'; find /run/anchors -type f"), "");
    });
}

#[test]
fn what_is_written_into_an_anchor_leaves_no_copy_that_is_trusted() {
    on_a_machine("Fedora's directories with p11-kit", &["trust"], |machine| {
        let (anchors, bundle) =
            ("/etc/pki/ca-trust/source/anchors", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
        furnish(machine, "/etc/pki/ca-trust/source");
        machine.run(&format!("mkdir -p {anchors} $(dirname {bundle}); cp /etc/ssl/certs/ISRG_Root_X1.pem {anchors}/"));
        machine.program(
            "update-ca-trust",
            &format!(
                "#!/bin/sh
exec trust extract --overwrite --format=pem-bundle --filter=ca-anchors --purpose=server-auth {bundle}
"
            ),
        );
        machine.run("update-ca-trust");
        let before = contents(machine, &format!("{anchors} {bundle}"));
        let trust = |verb: &str| machine.hubca(&["trust", verb, "--only", "system", "--yes", "--json"]);
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("system", "done")]));
        machine.run(&format!("sed -i '1i # of the hub, ann' {anchors}/hubca-*.pem; update-ca-trust"));
        assert_eq!(outcomes(&trust("check").succeeded().json()), pairs(&[("system", "trusted")]));
        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("system", "done")]));
        assert_eq!(contents(machine, &format!("{anchors} {bundle}")), before);
        // A file of that name with somebody's certificates in it is left, and told.
        trust("install").succeeded();
        machine.run(&format!("cat {anchors}/ISRG_Root_X1.pem >>$(echo {anchors}/hubca-*.pem); update-ca-trust"));
        let held = contents(machine, anchors);
        let failed = trust("remove").failed_with(1).json();
        assert!(failed["stores"][0]["error"]["message"].as_str().unwrap().contains("other certificates"), "{failed}");
        assert_eq!(contents(machine, anchors), held);
    });
}
