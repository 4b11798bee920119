//! Offers to look at, and every page of one.

use hubca::{
    export::{
        Anchor,
        guide::{Language, Platform},
    },
    onboarding::{EarlierRoot, HubAddress, Offer, Origin, Recording, Site, Visit},
    x509::{Certificate, DnsName, GeneralName, pem},
};
use time::macros::datetime;

use crate::support::TestHome;

/// A root with constraints, out of the fixtures.
pub(crate) fn constrained_root() -> Certificate {
    certificate(include_bytes!("../fixtures/pki/root.crt.pem"))
}

/// The root of a CA that was made with these options.
pub(crate) fn root_of_new_ca(options: &[&str]) -> Certificate {
    let home = TestHome::with_ca(options);
    certificate(&std::fs::read(home.file("root/root.crt.pem")).unwrap())
}

fn certificate(text: &[u8]) -> Certificate {
    Certificate::from_der(&pem::parse(text).unwrap().remove(0).contents).unwrap()
}

/// An offer of that root, by that name, with a hub and one earlier root of that name as well.
pub(crate) fn offer(name: &str, root: Certificate) -> Offer {
    let host = GeneralName::parse_ip("192.168.0.1").unwrap();
    Offer {
        anchor: Anchor::new(name, root, []).unwrap(),
        address: "http://192.168.0.1:8080/".to_owned(),
        current: Origin::new(host.clone(), 8443),
        earlier: vec![EarlierRoot { name: name.to_owned(), origin: Origin::new(host, 8444) }],
        hub: Some(HubAddress::parse("https://hub.local:8000/").unwrap()),
        until: datetime!(2026-06-01 18:30 UTC),
        recording: Recording::On,
    }
}

/// An offer at a name and at an IPv6 address.
pub(crate) fn offer_elsewhere() -> Offer {
    let mut offer = offer("Home Hub", constrained_root());
    offer.current = Origin::new(GeneralName::parse_ip("fd00::1").unwrap(), 8443);
    offer.earlier[0].origin = Origin::new(GeneralName::Dns(DnsName::parse("hubca.local").unwrap()), 8444);
    offer.hub = None;
    offer
}

/// A hundred names that somebody might give a CA in order to get something else into a page.
pub(crate) fn hostile_names() -> Vec<String> {
    let payloads = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        " onmouseover=alert(1) ",
        "javascript:alert(1)",
        "{name} [b] `c` {{root}}",
        "&#60;script&#62;&lt;b&gt;",
        "$(reboot) `reboot` ; %0d%0aSet-Cookie: a=b",
        "\u{202e}gpj.exe \u{2066}x\u{2069}",
        "\x1b[31mred\x1b]8;;http://evil.example\x07",
    ];
    let openings = ["", "A & B ", "\">", "'>", "</title>", "</textarea></style>", "]]>", "-->", "שלום ", "家 🏠 "];
    openings.iter().flat_map(|opening| payloads.iter().map(move |payload| format!("{opening}{payload}"))).collect()
}

/// Each page that a site has, with a word for which it is.
pub(crate) fn pages(site: &Site) -> Vec<(String, String)> {
    let platforms = Platform::ALL.into_iter().map(|platform| format!("device={platform}&"));
    let queries: Vec<_> = std::iter::once(String::new()).chain(platforms).collect();
    let mut pages = Vec::new();
    for language in Language::ALL {
        for query in &queries {
            for named in ["", "&named=1"] {
                let query = format!("{query}lang={language}{named}");
                let page = site.page(&Visit::new("TOKEN", &query, "", ""));
                pages.push((query, String::from_utf8(page.body().to_vec()).unwrap()));
            }
        }
    }
    // A Mac that may be an iPad.
    let page = site.page(&Visit::new("TOKEN", "", MAC, ""));
    pages.push(("guess".to_owned(), String::from_utf8(page.body().to_vec()).unwrap()));
    pages
}

const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";
