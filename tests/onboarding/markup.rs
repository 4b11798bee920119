//! The markup is well formed and holds nothing that a hostile name could have put there; the policy shuts the rest out.

use std::{io::Write as _, process::Command};

use hubca::{
    export::{
        Anchor,
        guide::{Language, Platform},
    },
    onboarding::{Download, Offer, Site, Visit, picture_files},
};

use crate::{
    offers::{constrained_root, hostile_names, offer, offer_elsewhere, pages, root_of_new_ca},
    support::tools::present,
};

/// Asks Python's parser of XML about documents, each in a file of its own.
fn assert_well_formed(documents: &[(String, String)]) {
    if !present("well-formed markup", &["python3".into()]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (index, (_, text)) in documents.iter().enumerate() {
        let mut file = std::fs::File::create(directory.path().join(index.to_string())).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
    let program = "import sys, os, xml.etree.ElementTree as tree\n\
        for name in sorted(os.listdir(sys.argv[1]), key=int):\n    tree.parse(os.path.join(sys.argv[1], name))\n    print(name)";
    let output = Command::new("python3").args(["-c", program]).arg(directory.path()).output().unwrap();
    let parsed = String::from_utf8_lossy(&output.stdout).lines().count();
    let failed = documents.get(parsed).map(|(name, _)| name.as_str()).unwrap_or_default();
    assert!(output.status.success(), "{failed}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(parsed, documents.len());
}

/// An offer whose every name is this one; what no CA may be called is an earlier root's name only.
fn named(name: &str) -> Offer {
    let possible = Anchor::new(name, constrained_root(), []).is_ok();
    let mut offer = offer(if possible { name } else { "Home Hub" }, constrained_root());
    offer.earlier[0].name = name.to_owned();
    offer
}

#[test]
fn every_page_and_picture_is_well_formed() {
    let mut documents = pages(&Site::new(offer("Home Hub", constrained_root())));
    documents.extend(pages(&Site::new(offer_elsewhere())));
    for (index, name) in hostile_names().iter().enumerate() {
        // All pages of some, the front page of all.
        let pages = pages(&Site::new(named(name)));
        documents.extend(pages.into_iter().take(if index % 10 == 0 { 100 } else { 1 }));
        for (platform, language) in Platform::ALL.into_iter().zip(Language::ALL.into_iter().cycle()) {
            documents
                .extend(picture_files(platform, language, name, name).into_iter().map(|file| (file.name, file.svg)));
        }
    }
    assert_well_formed(&documents);
}

#[test]
fn only_elements_that_are_always_empty_close_themselves() {
    // A browser takes `<progress/>` for the beginning of one.
    const EMPTY: [&str; 6] = ["meta", "link", "input", "rect", "path", "circle"];
    for (query, page) in pages(&Site::new(offer("Home Hub", constrained_root()))) {
        let parts: Vec<_> = page.split("/>").collect();
        for before in &parts[..parts.len() - 1] {
            let element = before.rsplit('<').next().unwrap().split(' ').next().unwrap();
            assert!(EMPTY.contains(&element), "{query}: {element}");
        }
    }
}

#[test]
fn a_hostile_name_is_words_and_nothing_else() {
    let count = |page: &str, mark: &str| page.matches(mark).count();
    let plain = pages(&Site::new(offer("Home Hub", constrained_root())));
    let names = hostile_names();
    assert_eq!(names.len(), 100);
    for name in names {
        let pages = pages(&Site::new(named(&name)));
        for ((query, page), (_, plain)) in pages.iter().zip(&plain) {
            // As many elements and scripts as for a harmless name; words may be broken elsewhere in a drawing.
            for mark in ["<script", "<img", "<svg", "<a ", "<p", "<title", "<!--", "<bdi"] {
                assert_eq!(count(page, mark), count(plain, mark), "{name}: {query}: {mark}");
            }
            assert!(!page.contains(|character: char| character != '\n' && character.is_control()), "{name}: {query}");
            assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{2069}']), "{name}: {query}");
            for mark in [" onerror=", " onload=", " onmouseover=", " style=", " href=\"javascript:"] {
                assert!(!page.contains(&format!("\"{mark}")), "{name}: {query}: {mark}");
            }
        }
    }
}

#[test]
fn the_name_of_a_ca_cannot_turn_the_words_around_it() {
    let (_, page) = pages(&Site::new(offer("שלום", constrained_root()))).remove(0);
    let heading = page.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap();
    assert_eq!(heading, "Trust <bdi>שלום</bdi>");
}

#[test]
fn the_policy_names_what_is_connected_to_and_nothing_unsafe() {
    let site = Site::new(offer("Home Hub", constrained_root()));
    let page = site.page(&Visit::new("t", "", "", ""));
    let policy = page.header("content-security-policy").unwrap();
    let directives: Vec<_> = policy.split("; ").collect();
    assert_eq!(
        directives,
        [
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self' https://192.168.0.1:8443 wss://192.168.0.1:8443 https://192.168.0.1:8444 \
             wss://192.168.0.1:8444 https://hub.local:8000",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    );
    assert!(!policy.contains("unsafe") && !policy.contains('*'));
    let elsewhere = Site::new(offer_elsewhere()).page(&Visit::new("t", "", "", ""));
    let policy = elsewhere.header("content-security-policy").unwrap();
    // The grammar of a policy has no IPv6 address.
    assert!(
        policy.contains("connect-src 'self' https: wss: https://hubca.local:8444 wss://hubca.local:8444;"),
        "{policy}"
    );
}

#[test]
fn nothing_of_a_page_comes_from_elsewhere_or_stands_inline() {
    for (query, page) in pages(&Site::new(offer("Home Hub", constrained_root()))) {
        let sources = page.split(" src=\"").skip(1);
        let links = page.split("<link ").skip(1).filter_map(|link| link.split("href=\"").nth(1));
        for source in sources.chain(links) {
            let value = source.split('"').next().unwrap();
            assert!(["/page.js", "/style.css", "data:,"].contains(&value), "{query}: {value}");
        }
        assert!(!page.contains("<style") && !page.contains(" style=\""), "{query}");
        assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/page.js\" defer=\"\">").count());
    }
}

#[test]
fn the_scope_is_told_and_an_unlimited_one_in_red() {
    let told = |options: &[&str]| {
        let site = Site::new(offer("Test Hub", root_of_new_ca(options)));
        let page = String::from_utf8(site.page(&Visit::new("t", "", "", "")).body().to_vec()).unwrap();
        let from = page.find("<p class=\"scope").unwrap();
        page[from..].split("</p>").next().unwrap().replace("<bdi>", "").replace("</bdi>", "")
    };
    assert_eq!(
        told(&["--permit-only", "--permit", "lan", "--permit", "10.0.0.0/8"]),
        "<p class=\"scope\">Test Hub can vouch for your local network only."
    );
    assert_eq!(
        told(&["--permit-only", "--permit", "lan", "--permit", "example.com", "--permit", "203.0.113.0/24"]),
        "<p class=\"scope\">Test Hub can vouch for your local network, and for example.com, 203.0.113.0/24."
    );
    assert!(
        told(&["--unconstrained"]).starts_with("<p class=\"scope danger\">Careful: Test Hub can vouch for any site")
    );
}

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

#[test]
fn each_device_is_given_its_file_with_its_type() {
    let site = Site::new(offer("Home Hub", constrained_root()));
    for (platform, path, media_type) in [
        (Platform::Ios, "/home-hub.mobileconfig", "application/x-apple-aspen-config"),
        (Platform::Macos, "/home-hub.mobileconfig", "application/x-apple-aspen-config"),
        (Platform::Android, "/home-hub.crt", "application/x-x509-ca-cert"),
        (Platform::Windows, "/home-hub.cer", "application/pkix-cert"),
        (Platform::Linux, "/home-hub.crt", "application/x-x509-ca-cert"),
        (Platform::Firefox, "/home-hub.crt", "application/x-x509-ca-cert"),
    ] {
        let page = site.page(&Visit::new("TOKEN", &format!("device={platform}"), "", ""));
        let page = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(page.contains(&format!("href=\"{path}?visit=TOKEN\"")), "{platform}");
        let Some(Download::File(file)) = site.download(path, "") else { panic!("{platform} has no file") };
        assert_eq!(file.media_type(), media_type, "{platform}");
        let name = path.trim_start_matches('/');
        assert_eq!(file.header("content-disposition"), Some(&*format!("attachment; filename=\"{name}\"")));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn an_iphone_is_never_given_a_plain_certificate() {
    let site = Site::new(offer("Home Hub", constrained_root()));
    for path in ["/home-hub.crt", "/home-hub.cer"] {
        assert_eq!(site.download(path, IPHONE), Some(Download::SeePage("/?device=ios".to_owned())));
    }
    assert!(matches!(site.download("/home-hub.mobileconfig", IPHONE), Some(Download::File(_))));
    let page = site.page(&Visit::new("t", "", IPHONE, ""));
    let page = String::from_utf8(page.body().to_vec()).unwrap();
    assert!(!page.contains(".crt?") && !page.contains(".cer?"));
}

#[test]
fn no_other_path_leads_to_anything() {
    let site = Site::new(offer("Home Hub", constrained_root()));
    for path in [
        "",
        "/",
        "home-hub.crt",
        "//home-hub.crt",
        "/home-hub.crt/",
        "/../home-hub.crt",
        "/home-hub.pem",
        "/HOME-HUB.CRT",
        "/home-hub.crt\0",
        "/%68ome-hub.crt",
        "/ca.key.pem",
        "/page.css",
        "/assets/page.js",
    ] {
        assert_eq!(site.download(path, ""), None, "{path}");
        assert!(site.asset(path).is_none(), "{path}");
    }
    assert_eq!(site.asset("/style.css").unwrap().media_type(), "text/css; charset=utf-8");
    assert_eq!(site.asset("/page.js").unwrap().media_type(), "text/javascript; charset=utf-8");
}

#[test]
fn another_browser_on_an_iphone_is_told_to_use_safari() {
    let site = Site::new(offer("Home Hub", constrained_root()));
    let says = |user_agent: &str| {
        let page = site.page(&Visit::new("t", "", user_agent, ""));
        String::from_utf8(page.body().to_vec()).unwrap().contains("This is not Safari.")
    };
    assert!(!says(IPHONE));
    assert!(says(&IPHONE.replace("Version/18.1", "CriOS/130.0.6723.90")));
    assert!(says(
        &IPHONE.replace(" Version/18.1 Mobile/15E148 Safari/604.1", " Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]")
    ));
}

/// Writes each page with its assets into the directory that `HUBCA_PAGES` names, for somebody who wants to look at them.
#[test]
fn pages_can_be_looked_at() {
    let Some(directory) = std::env::var_os("HUBCA_PAGES").map(std::path::PathBuf::from) else { return };
    let unlimited = Site::new(offer("<Lab> & \"Co\"", root_of_new_ca(&["--unconstrained"])));
    for (folder, site) in [("", Site::new(offer("Home Hub", constrained_root()))), ("unlimited", unlimited)] {
        let directory = directory.join(folder);
        std::fs::create_dir_all(&directory).unwrap();
        for (query, page) in pages(&site) {
            std::fs::write(directory.join(format!("{query}.html")), page).unwrap();
        }
        for path in ["/style.css", "/page.js"] {
            let path_there = directory.join(path.trim_start_matches('/'));
            std::fs::write(path_there, site.asset(path).unwrap().body()).unwrap();
        }
        let page = site.page(&Visit::new("t", "", "", ""));
        std::fs::write(directory.join("policy"), page.header("content-security-policy").unwrap()).unwrap();
    }
}
