//! A reader of codes that is not ours reads back the exact address, from the terminal, the drawing and the picture.

use std::{path::Path, process::Command};

use hubca::onboarding::QrCode;

use crate::support::tools::present;

const ADDRESSES: [&str; 5] = [
    "http://192.168.0.1:8080/",
    "http://[fd00:1234:5678:9abc:def0:1234:5678:9abc]:65535/",
    "http://hubca.local/",
    "http://10.0.0.1:8080/?lang=de",
    "http://a-rather-long-name-of-a-machine.in.a.rather-long.home.arpa:12345/?device=ios&lang=en",
];

fn read(picture: &Path) -> String {
    let output =
        Command::new("zbarimg").args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(picture).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// What a terminal shows of half blocks, as a grey map: in its own colours where it knows colours, else white on black.
fn screen(text: &str) -> Vec<u8> {
    let rows: Vec<Vec<(bool, bool)>> = text
        .lines()
        .map(|line| {
            let blocks = line.trim_start_matches("\x1b[38;5;231;48;5;16m").trim_end_matches("\x1b[0m");
            let halves = blocks.chars().map(|block| match block {
                '█' => (true, true),
                '▀' => (true, false),
                '▄' => (false, true),
                ' ' => (false, false),
                other => panic!("{other:?} is no half block"),
            });
            halves.collect()
        })
        .collect();
    let scale = 6;
    let (width, height) = (rows[0].len() * scale, rows.len() * 2 * scale);
    let mut map = format!("P5 {width} {height} 255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let (upper, lower) = rows[y / scale / 2][x / scale];
            map.push(if [upper, lower][y / scale % 2] { 255 } else { 0 });
        }
    }
    map
}

#[test]
fn the_code_in_the_terminal_is_read_back() {
    if !present("reading the code of the terminal", &["zbarimg".into()]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for address in ADDRESSES {
        let code = QrCode::of(address).unwrap().terminal();
        let widest =
            code.lines().map(|line| line.chars().filter(|block| "█▀▄ ".contains(*block)).count()).max().unwrap();
        assert!(widest <= 80, "{address}");
        let path = directory.path().join("terminal.pgm");
        std::fs::write(&path, screen(&code)).unwrap();
        assert_eq!(read(&path), address);
    }
}

#[test]
fn the_code_in_a_picture_is_read_back() {
    if !present("reading the code of the picture", &["zbarimg".into()]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for address in ADDRESSES {
        let path = directory.path().join("code.png");
        std::fs::write(&path, QrCode::of(address).unwrap().png().unwrap()).unwrap();
        assert_eq!(read(&path), address);
    }
}

#[test]
fn the_code_in_a_drawing_is_read_back() {
    if !present("reading the code of the drawing", &["zbarimg".into(), "chromium".into()]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (index, address) in ADDRESSES.into_iter().enumerate() {
        let (drawing, picture) = (directory.path().join("code.svg"), directory.path().join(format!("{index}.png")));
        std::fs::write(&drawing, QrCode::of(address).unwrap().svg()).unwrap();
        let mut browser = Command::new("chromium");
        browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=600,600"]);
        browser.arg(format!("--user-data-dir={}", directory.path().join("profile").display()));
        browser.arg(format!("--screenshot={}", picture.display())).arg(format!("file://{}", drawing.display()));
        let output = browser.output().unwrap();
        assert!(picture.exists(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(read(&picture), address);
    }
}
