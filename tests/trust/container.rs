//! A container: `docker` and `podman` are stand-ins, which run the same words in the files of one. No engine was at hand.

use std::fs;

use crate::{
    scene::{outcomes, pairs},
    support::machine::{Machine, on_a_machine},
};

/// The files of a container with BusyBox, as Alpine has them; its program for the store is a stand-in.
const CONTAINER: &str = "
mkdir -p /run/web/bin /run/web/dev /run/web/proc /run/web/tmp /run/web/root /run/web/etc/ssl/certs
mkdir -p /run/web/usr/local/share/ca-certificates /run/web/usr/sbin /run/web/usr/bin /run/web/sbin
cp $(command -v busybox) /run/web/bin/busybox
chroot /run/web /bin/busybox --install -s
mount --rbind /dev /run/web/dev
mount -t proc proc /run/web/proc
echo 'PRETTY_NAME=\"Alpine Linux v3.20\"' >/run/web/etc/os-release
cp /etc/ssl/certs/ca-certificates.crt /run/web/etc/ssl/public
cp /run/web/etc/ssl/public /run/web/etc/ssl/certs/ca-certificates.crt
";

const UPDATE: &str = "#!/bin/sh
cat /etc/ssl/public $(find /usr/local/share/ca-certificates -name '*.crt' | sort) >/etc/ssl/certs/new
mv /etc/ssl/certs/new /etc/ssl/certs/ca-certificates.crt
";

/// Alpine's BusyBox has it, Debian's has not: `install -m MODE FROM TO`.
const INSTALL: &str = "#!/bin/sh
cat \"$3\" >\"$4\"
chmod \"$2\" \"$4\"
";

/// What Docker's own program says and does, as far as this goes.
const DOCKER: &str = "#!/bin/sh
echo \"$*\" >>/run/called
case \"$1 $2 $3 $4 $5\" in
'exec --interactive --user 0 web')
    shift 5
    exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot /run/web \"$@\" ;;
'exec --interactive --user 0 stopped') echo 'Error response from daemon: container 3f2a is not running' >&2; exit 1 ;;
'exec --interactive --user 0 scratch')
    echo 'OCI runtime exec failed: exec failed: unable to start container process: exec: \"/bin/sh\": stat /bin/sh: no such file or directory: unknown'
    exit 127 ;;
'exec --interactive --user 0 '*) echo \"Error response from daemon: No such container: $5\" >&2; exit 1 ;;
*) echo \"unknown: $*\" >&2; exit 125 ;;
esac
";

fn listed(machine: &Machine) -> String {
    machine.run("find /run/web -xdev ! -type d ! -path '/run/web/proc/*' -exec sha256sum {} + | sort; find /run/web -xdev -type d | sort")
}

#[test]
fn a_container_trusts_the_root_after_install_and_is_as_it_was_after_remove() {
    for engine in ["docker", "podman"] {
        on_a_machine(&format!("a container, with a stand-in for {engine}"), &["busybox", "chroot"], |machine| {
            machine.run(CONTAINER);
            fs::write("/run/web/usr/sbin/update-ca-certificates", UPDATE).unwrap();
            fs::write("/run/web/usr/bin/install", INSTALL).unwrap();
            machine.run("chmod 755 /run/web/usr/sbin/update-ca-certificates /run/web/usr/bin/install");
            machine.program(engine, DOCKER);
            let before = listed(machine);
            let on = format!("{engine}:web");
            let trust =
                |verb: &str, more: &[&str]| machine.hubca(&[&["trust", verb, "--on", &on, "--json"], more].concat());
            let of = |outcome| pairs(&[("system", outcome)]);
            assert_eq!(outcomes(&trust("check", &[]).failed_with(3).json()), of("absent"));
            let installed = trust("install", &["--yes"]).succeeded().json();
            assert_eq!((outcomes(&installed), &installed["machine"]), (of("done"), &"Alpine Linux v3.20".into()));
            assert_eq!(outcomes(&trust("check", &[]).succeeded().json()), of("trusted"));
            let bundle = fs::read_to_string("/run/web/etc/ssl/certs/ca-certificates.crt").unwrap();
            assert!(bundle.contains(machine.root_pem().trim_end()));
            assert_eq!(outcomes(&trust("install", &["--yes"]).succeeded().json()), of("already_so"));
            assert_eq!(outcomes(&trust("remove", &["--yes"]).succeeded().json()), of("done"));
            assert_eq!(listed(machine), before);
            let called = fs::read_to_string("/run/called").unwrap();
            assert_eq!(called, "exec --interactive --user 0 web /bin/sh\n".repeat(5));
        });
    }
}

#[test]
fn a_container_that_is_not_reached_is_told_with_the_reason() {
    on_a_machine("containers that are not reached, with a stand-in for docker", &[], |machine| {
        machine.program("docker", DOCKER);
        for (container, why) in [
            ("none", "there is no such container"),
            ("stopped", "the container does not run"),
            ("scratch", "there is no shell `/bin/sh` for us"),
        ] {
            let on = format!("docker:{container}");
            let error = machine.hubca(&["trust", "check", "--on", &on, "--json"]).failed_with(1).error();
            assert_eq!(error["message"], format!("cannot reach `{on}`: {why}"), "{error}");
            assert!(!error["hints"][0].as_str().unwrap().is_empty());
        }
    });
}
