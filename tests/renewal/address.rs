//! The machine gets another address: in a network of its own, with a server that is looked at by its address.

use std::{fs, process::Command};

use serde_json::Value;

use crate::support::{
    TestHome,
    tools::{commands, present, skipped},
};

/// Makes the network, and asks at each step what a person would; the answers lie in files. The command is `"$@"`.
const STORY: &str = r#"
set -e
trap '[ ! -f pid ] || kill "$(cat pid)"' EXIT
has() { ip address flush dev lan0; for address; do ip address add "$address" dev lan0; done; }
ip link set lo up
ip link add lan0 type veth peer name cable
ip link set lan0 up
ip link set cable up
has 192.168.0.5/24
cat > serve <<'END'
[ ! -f pid ] || kill "$(cat pid)"
openssl s_server -www -accept 8443 -cert "$HUBCA_FULLCHAIN" -key "$HUBCA_KEY" </dev/null >/dev/null 2>&1 &
echo $! > pid
END
"$@" issue --ip 192.168.0.7 --label nas
"$@" issue --dns told.lan --ip 192.168.0.5
"$@" issue --dns hub.lan --ip 192.168.0.5 --ip 192.168.0.8 --follow-ip --hook "sh -c 'cd $PWD && . ./serve'" --verify 192.168.0.5:8443 --for nginx --out "$PWD/copies"
"$@" renew hub.lan --force --json > forced
"$@" renew --json > unchanged
"$@" status --offline --json > quiet || true
has
"$@" status --offline --json > unplugged || true
has 192.168.0.77/24
"$@" status --offline --json > moved || true
"$@" show told.lan --json > shown
"$@" renew --dry-run --json > planned
"$@" renew --json > renewed
"$@" renew --json > again
"$@" show hub.lan --json > followed
"$@" status --offline --json > after || true
"$@" edit told.lan --no-follow-ip
"$@" status --offline --json > left || true
has 10.0.0.3/24 10.0.1.3/24
"$@" renew --json > unclear || echo $? > unclear.code
has 10.0.0.3/24
ip link add lan1 type veth peer name cable1
ip link set lan1 up
ip link set cable1 up
ip address add 10.0.1.3/24 dev lan1
ip route replace default via 10.0.1.1
"$@" renew --json > by_route
"#;

#[test]
fn a_machine_that_gets_another_address_is_noticed_and_its_certificate_follows() {
    let what = "a machine that gets another address";
    if !present(what, &commands(&["unshare", "ip", "openssl"])) {
        return;
    }
    let can = Command::new("unshare")
        .args(["--map-root-user", "--net", "ip", "link", "add", "lan0", "type", "veth"])
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        skipped(&format!("{what}: this machine lets nobody make networks"));
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let hubca = home.command();
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", STORY, "sh"])
        .arg(hubca.get_program())
        .args(hubca.get_args())
        .current_dir(home.directory())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let answer = |name: &str| -> Value {
        let text = fs::read(home.directory().join(name)).unwrap();
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}; {said}"))
    };
    let noticed = |name: &str| -> Vec<String> {
        let findings = answer(name)["findings"].as_array().unwrap().clone();
        let changed = findings.into_iter().filter(|finding| finding["kind"] == "address_changed");
        changed.map(|finding| finding["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(answer("forced")[0]["outcome"], "renewed");
    let unfolded = said.replace("\n  ", " ");
    assert!(unfolded.contains("export preset nginx hub.lan --install"), "{said}");
    assert_eq!(answer("unchanged"), Value::Array(Vec::new()));
    assert!(noticed("quiet").is_empty() && noticed("unplugged").is_empty());
    assert_eq!(noticed("moved"), ["hub.lan", "told.lan"]);
    let to = |address: &str| serde_json::json!([{ "from": "192.168.0.5", "to": [address] }]);
    assert_eq!(answer("shown")["address_changes"], to("192.168.0.77"));
    assert_eq!(answer("planned")[0]["reason"], "address_changed");
    assert_eq!(answer("planned")[0]["follows"], to("192.168.0.77"));
    let renewed = answer("renewed");
    assert_eq!(renewed.as_array().unwrap().len(), 1, "{renewed}");
    assert_eq!((&renewed[0]["label"], &renewed[0]["outcome"]), (&"hub.lan".into(), &"renewed".into()), "{renewed}");
    assert_eq!(renewed[0]["follows"], to("192.168.0.77"));
    assert_eq!(answer("again"), Value::Array(Vec::new()));
    let followed = answer("followed");
    let names = serde_json::json!([{ "dns": "hub.lan" }, { "ip": "192.168.0.77" }, { "ip": "192.168.0.8" }]);
    assert_eq!(followed["names"], names);
    assert_eq!(followed["intent"]["verify"], serde_json::json!(["192.168.0.77:8443"]));
    assert_eq!(followed["deployment"]["outcome"], "verified");
    assert_eq!(noticed("after"), ["told.lan"]);
    assert!(noticed("left").is_empty());
    assert_eq!(fs::read_to_string(home.directory().join("unclear.code")).unwrap().trim(), "1");
    assert_eq!(answer("unclear")[0]["reason"], "address_unclear");
    let hints = answer("unclear")[0]["error"]["hints"].to_string();
    assert!(hints.contains("edit hub.lan --no-follow-ip"), "{hints}");
    let by_route = answer("by_route");
    assert_eq!(by_route[0]["certificate"]["names"][1], serde_json::json!({ "ip": "10.0.1.3" }), "{by_route}");
}
