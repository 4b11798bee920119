//! Every server of a home, the worst first.

use crate::{
    home::Home,
    leaf::der,
    server::serve,
    support::{TestHome, server::free_port},
};

/// Has the server of a label send so many certificates of its chain, and remembers where.
fn watch(home: &Home, label: &str, sent: usize) {
    home.home.hubca(&["issue", "--dns", label]).succeeded();
    let live = home.home.file(&format!("live/{label}"));
    let chain = [&der(&live.join("cert.pem"))[..], &home.issuing];
    let port = serve(&chain[..sent], &der(&live.join("privkey.pem")));
    home.home.hubca(&["edit", label, "--verify", &format!("127.0.0.1:{port}")]).succeeded();
}

#[test]
fn the_servers_of_a_home_are_told_the_worst_first() {
    let home = Home::new();
    let nothing = home.home.hubca(&["check", "--all"]).succeeded();
    assert!(nothing.stdout.contains("no label has an address"), "{nothing}");
    for label in ["a.lan", "c.lan"] {
        watch(&home, label, 2);
    }
    let answer = home.home.hubca(&["check", "--all"]).succeeded();
    assert!(answer.stdout.contains("2 servers looked at, and devices take all of them"), "{answer}");
    watch(&home, "b.lan", 1);
    home.home.hubca(&["issue", "--dns", "d.lan", "--verify", &format!("127.0.0.1:{}", free_port())]).succeeded();
    home.home.hubca(&["issue", "--dns", "nobody-looks.lan"]).succeeded();
    let answer = home.home.hubca(&["check", "--all"]).failed_with(3);
    assert!(answer.stdout.contains("devices refuse 2 of 4 servers, or nobody answers"), "{answer}");
    let order: Vec<&str> = answer.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    let labels: Vec<&str> = order.into_iter().filter(|word| word.ends_with(".lan")).collect();
    assert_eq!(labels, ["d.lan", "b.lan", "a.lan", "c.lan"], "{answer}");
    let json = home.home.hubca(&["check", "--all", "--json"]).failed_with(3).json();
    let servers = json.as_array().unwrap();
    assert_eq!(
        (&servers[0]["label"], &servers[0]["ok"], &servers[0]["check"]),
        (&"d.lan".into(), &false.into(), &serde_json::Value::Null)
    );
    assert!(servers[0]["error"].as_str().unwrap().starts_with("nobody answers"), "{json}");
    assert_eq!(servers[1]["check"]["findings"][0]["rule"], "chain-missing");
    // The certificate is for the name, wherever its server is looked at.
    assert_eq!((&servers[2]["check"]["server"]["name"], &servers[2]["ok"]), (&"a.lan".into(), &true.into()));
}

#[test]
fn many_servers_are_looked_at_together() {
    let home = Home::new();
    let hang = crate::server::listen(|mut stream| {
        let mut buffer = [0; 4096];
        while std::io::Read::read(&mut stream, &mut buffer).is_ok_and(|read| read > 0) {}
    });
    let mut batch = "label,ip,dns,days,profile\n".to_owned();
    (0..16).for_each(|number| batch.push_str(&format!(",,h{number}.lan,,\n")));
    let file = home.home.directory().join("batch.csv");
    std::fs::write(&file, batch).unwrap();
    home.home.hubca(&["issue", "--batch", file.to_str().unwrap()]).succeeded();
    for number in 0..16 {
        home.home.hubca(&["edit", &format!("h{number}.lan"), "--verify", &format!("127.0.0.1:{hang}")]).succeeded();
    }
    let since = std::time::Instant::now();
    let json = home.home.hubca(&["check", "--all", "--timeout", "1", "--json"]).failed_with(3).json();
    assert_eq!(json.as_array().unwrap().len(), 16);
    // One after the other they would take half a minute.
    assert!(since.elapsed() < std::time::Duration::from_secs(15), "{:?}", since.elapsed());
}

#[test]
fn all_servers_are_those_of_a_home_and_of_nothing_else() {
    let home = TestHome::empty();
    home.hubca(&["check", "--all"]).failed_with(1);
    home.hubca(&["check", "--all", "hub.lan"]).failed_with(2);
    home.hubca(&["check", "--all", "--name", "hub.lan"]).failed_with(2);
}
