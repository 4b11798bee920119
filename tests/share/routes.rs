//! Each route and its headers, and everything that is none.

use crate::support::{
    TestHome,
    shared::{Shared, request},
};

const IPHONE: &str = "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const WINDOWS: &str = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

#[test]
fn every_route_answers_with_its_type_and_with_what_browsers_must_know() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let (token, cookie) = shared.visit(&[IPHONE]);
    let cookie = cookie.unwrap();
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/?device=android&lang=de", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/test-hub.mobileconfig", "application/x-apple-aspen-config"),
        ("/test-hub.crt", "application/x-x509-ca-cert"),
        (&format!("/visit/{token}"), "application/json"),
    ] {
        let reply = shared.get(path, &[WINDOWS]);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(media_type)), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        assert_eq!(reply.header("server"), None, "{path}");
        assert_eq!(reply.header("content-length").unwrap(), reply.body.len().to_string(), "{path}");
    }
    let profile = shared.get("/test-hub.mobileconfig", &[IPHONE]);
    assert_eq!(profile.header("content-disposition"), Some("attachment; filename=\"test-hub.mobileconfig\""));
    assert_eq!(profile.body, home_profile(&home));
    // Never a plain certificate to iOS.
    let sent_on = shared.get("/test-hub.crt", &[IPHONE]);
    assert_eq!((sent_on.status, sent_on.header("location")), (303, Some("/?device=ios")));
    assert!(shared.get("/", &[&format!("Cookie: {cookie}")]).header("set-cookie").is_none(), "it has one already");
    assert!(shared.get("/", &["Cookie: hubca_device=0000"]).header("set-cookie").is_some(), "that is none of ours");
    assert!(cookie.starts_with("hubca_device="));
    let fresh = shared.get("/", &[]);
    let attributes = fresh.header("set-cookie").unwrap();
    assert!(attributes.ends_with("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"), "{attributes}");
}

fn home_profile(home: &TestHome) -> String {
    home.hubca(&["export", "ios", "--out", "-"]).succeeded().stdout
}

#[test]
fn methods_that_are_not_meant_are_refused_and_head_has_no_body() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let (token, _) = shared.visit(&[]);
    let host = shared.host();
    for path in ["/", "/style.css", "/page.js", "/test-hub.mobileconfig"] {
        let head = shared.ask(&request("HEAD", path, &host, &[], ""));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert!(head.header("content-length").unwrap().parse::<usize>().unwrap() > 0, "{path}");
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"] {
            let reply = shared.ask(&request(method, path, &host, &[], "x"));
            assert_eq!(
                (reply.status, reply.header("allow"), reply.body.as_str()),
                (405, Some("GET,HEAD"), ""),
                "{method} {path}"
            );
        }
    }
    assert_eq!(shared.ask(&request("HEAD", &format!("/visit/{token}"), &host, &[], "")).status, 200);
    assert_eq!(shared.get(&format!("/name/{token}"), &[]).status, 405);
    // HEAD fetches nothing.
    assert!(shared.lines().iter().all(|line| line["event"] != "fetched"));
    let named = shared.ask(&request("POST", &format!("/name/{token}"), &host, &[], "name=A&device=ios"));
    assert_eq!((named.status, named.header("location")), (303, Some("/?named=1&device=ios")));
    let large =
        shared.ask(&request("POST", &format!("/name/{token}"), &host, &[], &format!("name={}", "a".repeat(9000))));
    assert_eq!(large.status, 413);
}

#[test]
fn whatever_is_no_route_is_not_found_and_nothing_is_told() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let (token, _) = shared.visit(&[]);
    let stranger = "0".repeat(token.len());
    let paths = [
        "/../",
        "/..",
        "/../ledger.db",
        "/%2e%2e/ledger.db",
        "/%2e%2e%2fledger.db",
        "/..%5cledger.db",
        "//",
        "//etc/passwd",
        "/./page.js",
        "/page.js/",
        "//page.js",
        "/page.js%00",
        "/%70age.js",
        "/style.css%20",
        "/PAGE.JS",
        "/index.html",
        "/robots.txt",
        "/favicon.ico",
        "/test-hub",
        "/test-hub.key",
        "/test-hub.mobileconfig/",
        "/.well-known/",
        "/visit/",
        "/visit/x",
        "/name/x",
        "/probe/x",
        "/root/root.key.pem",
        "/%ff",
        "/visit/%00",
        "/visit/%ff",
        "/*",
        "/{token}",
    ];
    for path in paths {
        let reply = shared.get(path, &[]);
        // A GET of a place for posts is the wrong method and no more.
        let expected = if path.starts_with("/name/") { 405 } else { 404 };
        assert_eq!((reply.status, reply.body.as_str()), (expected, ""), "{path}");
    }
    for path in [format!("/visit/{stranger}"), format!("/visit/{}", token.to_uppercase()), format!("/visit/{token}/")] {
        assert_eq!(shared.get(&path, &[]).status, 404, "{path}");
    }
    let posted = shared.ask(&request("POST", &format!("/name/{stranger}"), &shared.host(), &[], "name=x"));
    assert_eq!((posted.status, posted.body.as_str()), (404, ""));
    let unreadable = shared.ask(&request("POST", "/name/%ff", &shared.host(), &[], "name=A"));
    assert_eq!((unreadable.status, unreadable.body.as_str()), (404, ""));
    // Before the router: what is no request at all, or one for somebody else.
    for (bytes, status) in [
        (format!("GET /\0 HTTP/1.1\r\nHost: {}\r\n\r\n", shared.host()), 400),
        (format!("GET / HTTP/1.1\r\nHost: {}\r\nHost: {0}\r\nConnection: close\r\n\r\n", shared.host()), 400),
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".to_owned(), 421),
        (format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", shared.port), 421),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".to_owned(), 421),
        (format!("GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", shared.host()), 421),
        (format!("CONNECT evil.example:443 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", shared.host()), 421),
        (format!("GET /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", "a".repeat(2000), shared.host()), 414),
        (format!("GET http://{0}/page.js HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n", shared.host()), 200),
        ("\u{16}\u{3}\u{1}\u{0}\u{5}hello".to_owned(), 400),
    ] {
        assert_eq!(shared.ask(bytes.as_bytes()).status, status, "{bytes:?}");
    }
    assert_eq!(shared.get("/", &[]).status, 200, "and the page is still served");
}
