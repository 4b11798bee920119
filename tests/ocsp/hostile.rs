//! Whoever sends too much, too slowly, or nonsense learns nothing and takes nothing from others.

use std::{
    fs,
    io::{Read as _, Write as _},
    time::Duration,
};

use crate::{
    scene::Scene,
    support::{responder::AtWork, shared::connect},
};

const MALFORMED: [u8; 5] = [0x30, 3, 10, 1, 1];

#[test]
fn nonsense_is_answered_with_what_it_is_not() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let request = scene.request(&[&scene.good], &["-no_nonce"]);
    for der in [&[][..], b"x", &[0x30], &[0x30, 0x80, 0, 0], &[0; 8192], &[0x30; 8192]] {
        assert_eq!(at_work.post(der), (200, MALFORMED.to_vec()), "{} octets", der.len());
    }
    assert_eq!(at_work.post(&vec![0x30; 8193]).0, 413);
    for place in 0..request.len() {
        for octet in [0, 0xff, request[place] ^ 1] {
            let mut changed = request.clone();
            changed[place] = octet;
            let (status, answer) = at_work.post(&changed);
            assert!(status == 200 && answer.first() == Some(&0x30), "octet {place}: {status}");
        }
        assert_eq!(at_work.post(&request[..place]), (200, MALFORMED.to_vec()), "cut at {place}");
    }
    assert_eq!(at_work.post(&request).0, 200);
}

#[test]
fn who_is_slow_or_large_is_left_and_others_are_served() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let request = scene.request(&[&scene.good], &["-no_nonce"]);
    let mut slow: Vec<_> = (0..100).map(|_| connect(at_work.port)).collect();
    for stream in &mut slow {
        stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n0").unwrap();
    }
    let mut large = connect(at_work.port);
    let _ = large.write_all(b"GET / HTTP/1.1\r\nX: ");
    for _ in 0..256 {
        let _ = large.write_all(&[b'x'; 4096]);
    }
    assert_eq!(at_work.post(&request).0, 200);
    for stream in &mut slow {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
    }
    let chunked = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n";
    let mut stream = connect(at_work.port);
    let _ = stream.write_all(chunked);
    let _ = stream.write_all(&[b'x'; 0xffff]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(at_work.post(&request).0, 200);
    let status = fs::read_to_string(format!("/proc/{}/status", at_work.id())).unwrap();
    let peak: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(peak < 64 * 1024, "{peak} KiB");
}
