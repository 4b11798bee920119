//! What a CA has to be told as time goes by: renewal, status, revocation, CRLs, another issuing CA and another root.

use crate::machine::Machine;

#[test]
fn a_certificate_is_renewed_and_how_is_changed() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    assert_eq!(machine.run(&["issue", "--dns", "nas.lan"]).code, 0);
    let out = machine.file("tls");
    machine.run(&["edit", "hub.lan", "--out", out.to_str().unwrap(), "--hook", "true"]).is("edit");
    machine.run(&["renew"]).is("renew-nothing");
    machine.run(&["renew", "--within", "500", "--dry-run"]).is("renew-dry-run");
    machine.run(&["renew", "hub.lan", "--force"]).is("renew");
    machine.run(&["show", "hub.lan"]).is("show-deployed");
    assert_eq!(machine.run(&["edit", "nas.lan", "--hook", "sh -c 'echo no such server; exit 7'"]).code, 0);
    machine.run(&["renew", "nas.lan", "hub.lan", "--force"]).is("renew-failed");
    let batch = machine.file("class.csv");
    std::fs::write(&batch, "label,ip,dns,days,profile\n,,hub.lan,,\n,,new.lan,,\n").unwrap();
    let told = machine.run(&["issue", "--batch", batch.to_str().unwrap()]);
    assert!(told.stderr.contains("1 of them has yet to be brought to where it is used"), "{}", told.stderr);
    machine.run(&["renew"]).is("renew-after-batch");
}

#[test]
fn what_needs_a_person_is_told() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    machine.run(&["status"]).is("status");
    assert_eq!(machine.run(&["edit", "hub.lan", "--verify", "hub.lan"]).code, 0);
    assert_eq!(machine.run(&["issue", "--dns", "nas.lan"]).code, 0);
    assert_eq!(machine.run(&["revoke", "nas.lan"]).code, 0);
    machine.run(&["status"]).is("status-due");
}

#[test]
fn a_certificate_is_revoked_and_the_lists_say_so() {
    let machine = Machine::with_ca();
    for name in ["hub.lan", "nas.lan"] {
        assert_eq!(machine.run(&["issue", "--dns", name]).code, 0);
    }
    machine.run(&["revoke", "nas.lan", "--reason", "keyCompromise"]).is("revoke");
    machine.run(&["revoke", "nas.lan"]).is("revoke-again");
    machine.run(&["revoke", "hub.lan", "--reason", "cessationOfOperation"]).is("revoke-gone");
    machine.run(&["list", "--revoked"]).is("list-revoked");
    machine.run(&["crl"]).is("crl");
    let out = machine.file("hub.crl.pem");
    machine.run(&["crl", "--issuer", "issuing", "--out", out.to_str().unwrap()]).is("crl-out");
}

#[test]
fn the_log_is_told_and_checked() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    machine.run(&["audit"]).is("audit");
    machine.run(&["audit", "--act", "edit"]).is("audit-nothing");
    machine.run(&["audit", "verify"]).is("audit-verify");
    machine.run(&["audit", "verify", "--head", &"0".repeat(64)]).is("audit-cut-off");
    let log = machine.file("log.jsonl");
    machine.run(&["audit", "export", log.to_str().unwrap()]).is("audit-export");
    machine.run(&["audit", "verify", "--log", log.to_str().unwrap()]).is("audit-verify-log");
}

#[test]
fn a_home_is_backed_up_and_restored() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    let (file, again) = (machine.file("hub.tar.age"), machine.file("again"));
    let (file, again) = (file.to_str().unwrap(), again.to_str().unwrap());
    let words = ["six random words"];
    machine.run(&["backup", file]).is("backup-nobody");
    machine.run_with(&["backup", file], &words).is("backup");
    machine.run_with(&["backup", file], &words).is("backup-there");
    machine.run_with(&["backup", "verify", file], &words).is("backup-verify");
    machine.run_with(&["backup", "verify", file], &["open barley"]).is("backup-wrong");
    machine.run_with(&["--home", again, "restore", file], &words).is("restore");
    machine.run_with(&["--home", again, "restore", file], &[]).is("restore-occupied");
    for name in ["nas.lan", "desk.lan"] {
        let out = machine.file(name);
        assert_eq!(machine.run(&["issue", "--dns", name, "--out", out.to_str().unwrap()]).code, 0);
    }
    std::fs::remove_file(machine.file("desk.lan/privkey.pem")).unwrap();
    let (nas, desk) = (machine.file("nas.lan/fullchain.pem"), machine.file("desk.lan/cert.pem"));
    let found = [nas.to_str().unwrap(), desk.to_str().unwrap()];
    let adopt = ["--home", again, "adopt"];
    machine.run(&["--home", again, "revoke", found[0]]).is("revoke-unknown");
    machine.run(&[&adopt[..], &found, &["--dry-run"]].concat()).is("adopt-dry-run");
    machine.run(&[&adopt[..], &found].concat()).is("adopt");
    machine.run(&[&adopt[..], &found[..1]].concat()).is("adopt-known");
    let root = machine.file("home/root/root.crt.pem");
    machine.run(&[&adopt[..], &[root.to_str().unwrap()]].concat()).is("adopt-refused");
    // A CA that was made since, once with its key and once without.
    assert_eq!(machine.run(&["rotate", "issuing"]).code, 0);
    assert_eq!(machine.run(&["issue", "--dns", "late.lan"]).code, 0);
    let (late, ca) = (machine.file("home/live/late.lan/cert.pem"), machine.file("home/issuing/2"));
    let (late, ca) = (late.to_str().unwrap(), ca.to_str().unwrap());
    machine.run(&[&adopt[..], &[late]].concat()).is("adopt-refused-unknown");
    machine.run(&[&adopt[..], &[ca, late, "--dry-run"]].concat()).is("adopt-ca-dry-run");
    let key = machine.file("home/issuing/2/ca.key.pem");
    std::fs::rename(&key, machine.file("found.key")).unwrap();
    machine.run(&[&adopt[..], &[ca, late]].concat()).is("adopt-ca-keyless");
    machine.run(&["--home", again, "revoke", "late.lan", "--yes"]).is("revoke-keyless");
    let key = machine.file("found.key");
    machine.run(&[&adopt[..], &[ca, "--key", key.to_str().unwrap()]].concat()).is("adopt-ca");
    assert_eq!(machine.run(&["rotate", "root", "begin", "--no-passphrase"]).code, 0);
    let root = machine.file("home/root/2/root.crt.pem");
    machine.run(&[&adopt[..], &[root.to_str().unwrap()]].concat()).is("adopt-refused-root");
    std::fs::write(file, "no backup").unwrap();
    machine.run_with(&["backup", "verify", file], &words).is("backup-unsound");
}

#[test]
fn one_ca_follows_another() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    machine.run(&["rotate", "issuing"]).is("rotate-issuing");
    machine.run(&["rotate", "root"]).is("rotate-root");
    machine.run(&["rotate", "root", "begin", "--no-passphrase"]).is("rotate-root-begin");
    machine.run(&["rotate", "root"]).is("rotate-root-begun");
    machine.run(&["rotate", "root", "cut-over"]).is("rotate-root-cut-over");
    machine.run(&["rotate", "root", "retire"]).is("rotate-root-not-yet");
    assert_eq!(machine.run(&["renew", "hub.lan", "--force"]).code, 0);
    machine.run(&["rotate", "root", "retire"]).is("rotate-root-retire");
}

/// A CA of `openssl ca`: its root, its key and its index, with a line in it that is none.
#[test]
fn an_old_ca_moves_in() {
    let machine = Machine::new();
    let old = machine.file("old");
    let line = ["--home", old.to_str().unwrap(), "init", "--no-passphrase", "--unconstrained", "--name", "Physics"];
    assert_eq!(machine.run(&line).code, 0);
    let ca = machine.file("ca");
    for (from, to) in [("root.crt.pem", "certs/ca.cert.pem"), ("root.key.pem", "private/ca.key.pem")] {
        std::fs::create_dir_all(ca.join(to).parent().unwrap()).unwrap();
        std::fs::copy(old.join("root").join(from), ca.join(to)).unwrap();
    }
    let index = "V\t271229201530Z\t\t1000\tunknown\t/CN=hub.lan\n\
                 R\t271229201530Z\t261101000000Z,keyCompromise\t1001\tunknown\t/CN=nas.lan\n\
                 V\t251229201530Z\t\t1002\tunknown\t/CN=old.lan\nnonsense\n";
    std::fs::write(ca.join("index.txt"), index).unwrap();
    let import = ["import", "openssl", ca.to_str().unwrap()];
    machine.run(&[&import[..], &["--dry-run"]].concat()).is("import-dry-run");
    machine.run(&import).is("import-nobody-said");
    machine.run_with(&import, &["n", "open sesame"]).is("import");
    machine.run(&import).is("import-there");
}

#[test]
fn a_root_that_no_book_stands_beside_moves_in() {
    let machine = Machine::new();
    let old = machine.file("old");
    let line = ["--home", old.to_str().unwrap(), "init", "--no-passphrase", "--unconstrained", "--name", "Physics"];
    assert_eq!(machine.run(&line).code, 0);
    let caroot = machine.file("mkcert");
    std::fs::create_dir(&caroot).unwrap();
    let import = ["import", "mkcert", caroot.to_str().unwrap(), "--no-passphrase"];
    machine.run(&import).is("import-mkcert-none");
    for (from, to) in [("root.crt.pem", "rootCA.pem"), ("root.key.pem", "rootCA-key.pem")] {
        std::fs::copy(old.join("root").join(from), caroot.join(to)).unwrap();
    }
    machine.run(&import).is("import-mkcert");
}
