//! Whoever is slow, many or large takes nothing from others.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::support::{
    TestHome,
    shared::{Shared, connect, request},
};

#[test]
fn a_head_of_a_mebibyte_is_refused_and_the_page_still_served() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let large = format!("X: {}", "a".repeat(1024 * 1024));
    let reply = shared.get("/", &[&large]);
    // It may be closed before all of it is sent, and then the answer is lost on the way.
    assert!(matches!(reply.status, 431 | 0), "{reply:?}");
    let many: Vec<String> = (0..500).map(|number| format!("X-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(shared.get("/", &many).status, 431);
    assert_eq!(shared.get("/", &[]).status, 200);
}

#[test]
fn who_is_slow_is_let_go_while_others_are_served() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let started = Instant::now();
    let mut slow: Vec<TcpStream> = (0..100).map(|_| shared.connect()).collect();
    let mut slow_tls: Vec<TcpStream> = (0..20).map(|_| connect(shared.tls_port)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
    }
    slow_tls.iter_mut().for_each(|stream| stream.write_all(&[0x16, 3, 1]).unwrap());
    // A name that is announced and never said, octet by octet.
    let (token, _) = shared.visit(&[]);
    let mut posting = shared.connect();
    let head = format!("POST /name/{token} HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n", shared.host());
    posting.write_all(head.as_bytes()).unwrap();
    while started.elapsed() < Duration::from_secs(9) {
        // A little at a time helps nobody: the patience is for the whole head.
        slow.iter_mut().for_each(|stream| stream.write_all(b"0").unwrap());
        posting.write_all(b"n").unwrap();
        assert_eq!(shared.get("/", &[]).status, 200);
        std::thread::sleep(Duration::from_millis(500));
    }
    for stream in slow.iter_mut().chain(&mut slow_tls).chain([&mut posting]) {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        let end = stream.read_to_end(&mut rest);
        let is_closed = match &end {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        assert!(is_closed, "still open after {:?}: {end:?}", started.elapsed());
    }
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!(shared.get("/", &[]).status, 200);
}

#[test]
fn one_address_cannot_take_every_connection() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let held: Vec<TcpStream> = (0..300).map(|_| shared.connect()).collect();
    std::thread::sleep(Duration::from_millis(200));
    // Another address of the same machine.
    let mut other = from_127_0_0_2(shared.port);
    other.write_all(&request("GET", "/", &shared.host(), &[], "")).unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(shared.get("/", &[]).status, 0, "the first address has too many");
    drop(held);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(shared.get("/", &[]).status, 200);
}

fn from_127_0_0_2(port: u16) -> TcpStream {
    use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
    use std::net::{Ipv4Addr, SocketAddrV4};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
    TcpStream::from(socket)
}
