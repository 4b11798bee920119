//! The house keeps its floors: who may import whom, which foreign crate stays behind which wall, and no circles.
//!
//! The table is that of the design; a folder need not be built yet to have its row.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

#[path = "architecture/checker.rs"]
mod checker;
#[path = "architecture/source.rs"]
mod source;

use checker::{Finding, House};
use source::Source;
use std::path::Path;

/// Each folder, and the folders it may import.
const FLOORS: &[(&str, &[&str])] = &[
    ("system", &[]),
    ("store", &[]),
    ("x509", &[]),
    ("lint", &["x509"]),
    ("plan", &["system"]),
    ("profile", &["lint", "x509"]),
    ("keys", &["x509", "system"]),
    ("trust", &["plan", "x509", "system"]),
    ("authority", &["profile", "lint", "keys", "x509", "store", "system"]),
    ("export", &["keys", "x509", "system"]),
    ("preset", &["plan", "x509", "system"]),
    ("probe", &["lint", "x509", "system"]),
    ("onboarding", &["export", "x509"]),
    ("acme", &["authority", "x509", "store", "system"]),
    ("home", &["authority", "preset", "probe", "profile", "keys", "plan", "x509", "store", "system"]),
    ("import", &["home", "authority", "profile", "keys", "x509", "store", "system"]),
    ("server", &["acme", "authority", "onboarding", "export", "probe", "home", "keys", "x509", "system"]),
    (
        "cli",
        &[
            "server",
            "import",
            "acme",
            "onboarding",
            "home",
            "authority",
            "export",
            "preset",
            "probe",
            "profile",
            "keys",
            "trust",
            "lint",
            "plan",
            "x509",
            "system",
        ],
    ),
];

/// Each walled-in crate, and the folders that may name it; `main` is the program's own file.
const WALLS: &[(&str, &[&str])] = &[
    ("rcgen", &["x509"]),
    ("x509_parser", &["x509"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli", "main"]),
    ("clap_mangen", &["cli", "main"]),
    ("dialoguer", &["cli", "main"]),
    ("comfy_table", &["cli", "main"]),
    ("indicatif", &["cli", "main"]),
    ("anstream", &["cli", "main"]),
    ("anyhow", &["cli"]),
    ("rsa", &["keys", "x509"]),
    ("p256", &["keys", "x509"]),
    ("aws_lc_rs", &["keys", "plan", "x509"]),
    ("aes", &["keys"]),
    ("cbc", &["keys"]),
    ("des", &["keys"]),
    ("md5", &["keys"]),
    ("pkcs8", &["keys", "x509"]),
    ("pkcs5", &["keys", "x509"]),
    ("plist", &["export", "home", "onboarding"]),
    ("zip", &["export", "onboarding"]),
    ("qrcode", &["export", "onboarding"]),
    ("png", &["export", "onboarding"]),
    ("cms", &["export"]),
    ("p12_keystore", &["export"]),
    ("mail_builder", &["export"]),
    ("bip0039", &["export"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("hyper_util", &["server"]),
    ("httparse", &["probe"]),
    ("rustls", &["probe", "server"]),
    ("tokio_rustls", &["server"]),
    ("tokio", &["server", "system"]),
    ("if_addrs", &["system"]),
    ("mdns_sd", &["system"]),
    ("base64ct", &["keys", "server"]),
    ("getrandom", &["system"]),
    ("rustix", &["system", "store"]),
    ("signal_hook", &["system"]),
    ("nix", &["system"]),
    ("shell_words", &["home"]),
    ("tar", &["home"]),
    ("scrypt", &["keys"]),
];

const HOUSE: House = House { floors: FLOORS, walls: WALLS };

#[test]
fn the_house_keeps_its_floors() {
    let sources = source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 20, "the sources were not found");
    let findings = HOUSE.check(&sources);
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "\n{}\n", told.join("\n"));
}

#[test]
fn no_row_of_the_table_looks_up() {
    // A folder may name only folders that stand above it in the table, which is written from the ground up, but `cli` which is last.
    for (position, (folder, imports)) in FLOORS.iter().enumerate() {
        for import in *imports {
            let below = FLOORS[..position].iter().any(|(name, _)| name == import);
            assert!(below, "`{folder}` may import `{import}`, which is not below it");
        }
    }
}

fn check(sources: &[(&str, &str)]) -> Vec<Finding> {
    let sources: Vec<_> = sources.iter().map(|(path, text)| Source::new(path, &format!("//! Doc.\n{text}"))).collect();
    HOUSE.check(&sources)
}

#[test]
fn what_the_table_grants_is_granted() {
    let text = "use crate::{x509::name, system::Clock as C};\nuse self::layout;\nuse aws_lc_rs::digest;\nlet a = crate::x509::f();";
    assert_eq!(check(&[("keys/mod.rs", text), ("keys/layout.rs", "")]), []);
}

#[test]
fn an_upward_import_is_found_in_every_spelling() {
    for text in [
        "use crate::keys::PrivateKey;",
        "pub use crate::keys;",
        "use crate::{\n    x509::name,\n    keys::{PrivateKey, file},\n};",
        "fn f() { crate::keys::f() }",
        "use super::super::super::keys::f;",
        "use crate::x509::{self};\nuse crate :: keys :: f;",
        "#[cfg(test)]\nmod tests { use crate::keys::f; }",
    ] {
        let expected =
            Finding::Import { path: String::from("x509/a/b.rs"), from: String::from("x509"), to: String::from("keys") };
        assert_eq!(check(&[("x509/a/b.rs", text)]), [expected], "{text}");
    }
}

#[test]
fn comments_and_strings_import_nothing() {
    let text = "// use crate::keys::a;\n/* crate::keys::b */\n/// [`crate::keys::c`]\nconst A: &str = \"crate::keys::d\";\nconst B: &str = r#\"use crate::keys\"#; const C: char = '\"';";
    assert_eq!(check(&[("x509/name.rs", text)]), []);
}

#[test]
fn an_unknown_folder_and_an_unknown_import_are_found() {
    assert!(matches!(check(&[("utils/mod.rs", "")])[..], [Finding::UnknownFolder { .. }]));
    assert!(matches!(check(&[("cli/mod.rs", "use crate::utils::f;")])[..], [Finding::Import { .. }]));
}

#[test]
fn nobody_imports_main() {
    assert!(matches!(check(&[("cli/mod.rs", "use crate::main;")])[..], [Finding::Import { .. }]));
}

#[test]
fn a_foreign_crate_outside_its_wall_is_found_but_not_in_tests() {
    for text in ["use rusqlite::Connection;", "fn f() { rusqlite::open() }", "use ::rusqlite::Row;"] {
        assert!(
            matches!(&check(&[("home/mod.rs", text)])[..], [Finding::Wall { krate, .. }] if krate == "rusqlite"),
            "{text}"
        );
    }
    let test = "#[cfg(test)]\n#[expect(x)]\nmod tests {\n    use rusqlite::Connection; fn f() { '{'; }\n}";
    assert_eq!(check(&[("home/mod.rs", test)]), []);
    assert_eq!(check(&[("home/layout_tests.rs", "use rusqlite::Row;")]), []);
    assert_eq!(check(&[("home/tests.rs", "use rusqlite::Row;")]), []);
    let after = "#[cfg(test)]\nmod tests {\n}\nuse rusqlite::Row;";
    assert_eq!(check(&[("home/mod.rs", after)]).len(), 1);
    // A path of our own that ends like a crate is none.
    assert_eq!(check(&[("home/mod.rs", "use self::zip::f; mod zip;"), ("home/zip.rs", "")]), []);
    assert_eq!(check(&[("main.rs", "use clap::Parser;")]), []);
    assert_eq!(check(&[("main.rs", "use anyhow::Result;")]).len(), 1);
}

#[test]
fn a_circle_between_files_is_found_and_named() {
    let circle = check(&[
        ("home/mod.rs", "mod a; mod b; mod c;"),
        ("home/a.rs", "use super::b::B;"),
        ("home/b.rs", "use crate::home::c::C;"),
        ("home/c.rs", "use super::{a::A};"),
    ]);
    let files = ["home/a.rs", "home/b.rs", "home/c.rs"].map(String::from);
    assert_eq!(circle, [Finding::Circle { files: files.to_vec() }]);
}

#[test]
fn a_sibling_that_imports_its_roof_is_a_circle() {
    for text in ["use super::Home;", "use crate::home::Home;", "use super::{Home, b::B};"] {
        let found = check(&[("home/mod.rs", "mod a;\nmod b;\npub use a::A;"), ("home/a.rs", text), ("home/b.rs", "")]);
        assert!(matches!(&found[..], [Finding::Circle { files }] if files.len() == 2), "{text}: {found:?}");
    }
}

#[test]
fn a_file_without_its_sentence_is_found() {
    let source = Source::new("home/mod.rs", "use std::fs;\n");
    assert!(matches!(HOUSE.check(&[source])[..], [Finding::NoDoc { .. }]));
}

#[test]
fn one_file_signs_certificates() {
    // The permit to sign is a type, but a key and the bytes of a certificate are values that others hold as well.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = source::read(&root);
    // A responder's key is for answers about certificates, and none of its issuer's.
    // The signature around a profile is over a SET of attributes (RFC 5652 5.4), which no certificate is.
    let expected: [(&str, &[&str]); 2] = [
        ("Certificate::assemble(", &["authority/issuer.rs"]),
        ("key.sign(", &["authority/issuer.rs", "authority/responder.rs", "export/signed_data.rs"]),
    ];
    for (word, expected) in expected {
        let says = |path: &str| std::fs::read_to_string(root.join(path)).unwrap().contains(word);
        let signers: Vec<_> = sources.iter().map(|source| source.path.as_str()).filter(|path| says(path)).collect();
        assert_eq!(signers, expected, "`{word}`");
    }
}
