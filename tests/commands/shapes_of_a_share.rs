//! What `hubca share --json` tells, one document a line, and what it leaves for `hubca list --devices --json`.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{
    TestHome,
    changed_root::change_root,
    shared::{Shared, prove, request},
};

/// The words above the events.
pub(super) const WORDS: &str = "
## `hubca share --json`

One document a line, each written when it happens. `event` says what it is:

| event | is told |
| --- | --- |
| `started` | when the page is open: its `address` is that of the QR code, `probes` are the ports that prove trust, today's root first, and `left_out` are the earlier roots that nobody can be asked about; `announced` is an address too with `--announce`, `qr` a path with `--qr` |
| `visit` | when a device comes, the first time since then; `device.id` is its row in `list --devices`, or null with `--no-record`; whatever is not known of a device is null |
| `named` | when its owner gave it a name |
| `fetched` | when it fetched a file with the root in it, the first time |
| `trusted` | when it proved that it trusts a root, the first time; `root` is `current` or `earlier` |
| `not_recorded` | when the ledger did not take something down, once |
| `full` | when so many new devices came that further ones are served and neither told of nor written down |
| `stopped` | when it is over: `reason` is `time` or `stopped` |
";

const IPAD: &str = "User-Agent: Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X)";

/// One event of each kind, and the list of devices.
pub(super) fn told() -> (Vec<Value>, Value) {
    let home = TestHome::with_ca::<&str>(&[]);
    change_root(&home);
    std::fs::remove_file(home.file("issuing/1/ca.key.pem")).unwrap();
    let root = std::fs::read_to_string(home.file("root/2/root.crt.pem")).unwrap();
    let picture = home.directory().join("page.svg");
    let mut shared = Shared::start(&home, &["--qr", picture.to_str().unwrap()]);
    let visit = |step: &dyn Fn(&str)| {
        let (token, _) = shared.visit(&[IPAD]);
        shared.get(&format!("/visit/{token}"), &[IPAD]);
        step(&token);
    };
    visit(&|token| {
        shared.ask(&request("POST", &format!("/name/{token}"), &shared.host(), &[], "name=Anna"));
        shared.get(&format!("/test-hub.mobileconfig?visit={token}"), &[]);
        prove(&root, shared.tls_port, token).unwrap();
    });
    shared.event("trusted");
    let devices = home.hubca(&["list", "--devices", "--json"]).succeeded().json();
    // A ledger without that table takes nothing down about a root any more.
    let ledger = rusqlite::Connection::open(home.file("ledger.db")).unwrap();
    ledger.execute_batch("DROP TABLE device_roots").unwrap();
    visit(&|token| {
        shared.get(&format!("/test-hub.mobileconfig?visit={token}"), &[]);
    });
    shared.event("not_recorded");
    (0..250).for_each(|_| visit(&|_| {}));
    shared.event("full");
    shared.signal(Signal::INT);
    assert_eq!(shared.ended(), Some(0));
    let names = ["started", "visit", "named", "fetched", "trusted", "not_recorded", "full", "stopped"];
    (names.map(|name| shared.event(name)).to_vec(), devices)
}
