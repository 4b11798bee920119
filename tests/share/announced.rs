//! A name by multicast DNS, as another machine meets it: two network namespaces and a cable between them.

use std::{fs, path::Path, process::Command, time::Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{
    TestHome,
    shared::Shared,
    telling::PATIENCE,
    tools::{commands, present, skipped},
};

/// Another machine: a process that waits in a network of its own.
struct Neighbour(Pid);

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _gone = kill_process(self.0, Signal::KILL);
    }
}

impl Neighbour {
    /// What it hears when it asks for a name and then for the page.
    fn asks(&self, name: &str, port: u16) -> Vec<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/share/ask_by_multicast.py");
        let output = Command::new("nsenter")
            .args(["--target", &self.0.to_string(), "--user", "--preserve-credentials", "--net", "python3"])
            .arg(script)
            .args([name, &port.to_string()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Makes the two networks, leaves the number of the neighbour's process in a file, and becomes the command that follows.
/// The neighbour holds on to the first network, or the cable would go with the command.
const CABLE: &str = "
set -e
unshare --net sleep 120 >/dev/null 2>&1 9</proc/self/ns/net &
own=$(readlink /proc/self/ns/net)
until [ \"$(readlink /proc/$!/ns/net)\" != \"$own\" ]; do sleep 0.02; done
there() { nsenter --target $neighbour --net \"$@\"; }
neighbour=$!
ip link add here type veth peer name there netns $neighbour
ip address add 10.77.0.1/24 dev here
ip link set lo up
ip link set here up
there ip address add 10.77.0.2/24 dev there
there ip link set there up
ip route add 224.0.0.0/4 dev here
there ip route add 224.0.0.0/4 dev there
echo $neighbour > neighbour.new
mv neighbour.new neighbour
exec \"$@\"
";

#[test]
fn a_name_leads_another_machine_to_the_page_as_long_as_it_is_open() {
    if !present("a name by multicast DNS", &commands(&["unshare", "nsenter", "ip", "python3"])) {
        return;
    }
    let can = Command::new("unshare")
        .args(["--map-root-user", "--net", "ip", "link", "add", "here", "type", "veth"])
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        skipped("a name by multicast DNS: this machine lets nobody make networks");
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let hubca = home.command();
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c", CABLE, "sh"]).arg(hubca.get_program()).args(hubca.get_args());
    command.args(["share", "--announce", "hubca", "--json"]).current_dir(home.directory());
    let mut shared = Shared::run(&mut command);
    let neighbour: i32 = fs::read_to_string(home.directory().join("neighbour")).unwrap().trim().parse().unwrap();
    let neighbour = Neighbour(Pid::from_raw(neighbour).unwrap());
    let started = shared.event("started");
    assert_eq!(started["address"], format!("http://10.77.0.1:{}/", shared.port), "the only address there");
    assert_eq!(started["announced"], format!("http://hubca.local:{}/", shared.port));
    assert_eq!(neighbour.asks("hubca", shared.port), ["address 10.77.0.1", "hubca.local 200", "elsewhere.local 421"]);
    let asked = Instant::now();
    shared.signal(Signal::INT);
    assert_eq!(shared.ended(), Some(0));
    assert!(asked.elapsed() < PATIENCE);
    assert_eq!(neighbour.asks("hubca", shared.port), ["address None"]);
}
