//! PostgreSQL.

use std::{
    net::{IpAddr, Ipv6Addr},
    path::Path,
};

use crate::{
    plan::shell_word,
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        offered::{Delivery, Owner, Preset},
        place::{NoPlace, Place},
        site::Site,
        target::Target,
        template::{Value, fill},
    },
    system::FileMode,
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key) = (site.files().fullchain(), site.files().key());
    let values = [("cert", Value::Word(&certificate)), ("key", Value::Word(&key))];
    let text = fill(Target::Postgresql, Language::Postgresql, POSTGRESQL, &values)?;
    let here = site.place().map(|place| format!("{}/conf.d/{}.conf", place.directory(), site.label()));
    let put = match &here {
        Some(file) => Instruction::typing("Put hubca.conf in its place", format!("cp hubca.conf {}", shell_word(file))),
        None => Instruction::words("Put hubca.conf into the cluster's conf.d."),
    };
    let usual = "the directory conf.d of the cluster, such as /etc/postgresql/15/main/conf.d/hubca.conf";
    let nowhere = Installation::ByHand("nothing is known of where its cluster is");
    let installation = site.place().zip(here.as_deref()).map_or(nowhere, |(place, file)| setting(place, file).into());
    Ok(Preset {
        target: Target::Postgresql,
        delivery: Delivery::Directory {
            path: site.files().directory().to_owned(),
            owner: Some(Owner::Usual("postgres")),
            group: None,
            mode: FileMode::Secret,
        },
        documents: vec![Document {
            file_name: "hubca.conf",
            language: Language::Postgresql,
            text,
            belongs: here.unwrap_or_else(|| usual.to_owned()),
        }],
        secrets: Vec::new(),
        installation,
        hook: Some("systemctl reload postgresql".to_owned()),
        verify: Some(shown_at(site)),
        steps: vec![
            put,
            Instruction::typing("Let PostgreSQL read it", "systemctl reload postgresql"),
            Instruction::typing(
                "See it from another machine, with the root in a file",
                "psql 'host=NAME sslmode=verify-full sslrootcert=root.pem'",
            ),
        ],
        cautions: vec![
            "Who connects without TLS is let in all the same, unless pg_hba.conf says hostssl in place of host.",
        ],
        remarks: vec![
            "PostgreSQL refuses a key that others may read: 0600 of its own user, or 0640 of root with its group.",
            "Renewals look at it where it listens if nobody says otherwise, at this machine's loopback, and ask for TLS in its own words.",
        ],
    })
}

/// A file in the directory that the cluster reads.
fn setting(place: &Place, file: &str) -> Setting {
    let (version, name) = cluster(place);
    let program = format!("/usr/lib/postgresql/{version}/bin/postgres");
    let configuration = format!("--config-file={}/postgresql.conf", place.directory());
    Setting::file(file)
        .checked("PostgreSQL", &[&program, "-C", "ssl_cert_file", &configuration])
        .reloading(&format!("postgresql@{version}-{name}"))
}

/// Refuses a cluster that does not read the directory.
///
/// # Errors
/// It is so.
pub(super) fn check(site: &Site) -> Result<(), NoPlace> {
    let Some((place, text)) = site.place().and_then(|place| Some((place, place.configuration()?))) else {
        return Ok(());
    };
    if settings(text).any(|(name, value)| name == "include_dir" && value == "conf.d") {
        return Ok(());
    }
    let path = Path::new(place.directory()).join("postgresql.conf");
    Err(NoPlace::Closed { path, wanted: "line include_dir = 'conf.d'" })
}

/// Where renewals look at it: where it listens on this machine, as its configuration says.
fn shown_at(site: &Site) -> String {
    let text = site.place().and_then(Place::configuration).unwrap_or_default();
    let last = |name: &str| settings(text).filter(|(its, _)| *its == name).last().map(|(_, value)| value);
    let port = last("port").and_then(|port| port.parse().ok()).unwrap_or(5432);
    let addresses = last("listen_addresses").unwrap_or("localhost");
    let mut listed = addresses.split(',').map(str::trim);
    let is_loopback = |address: &str| ["*", "0.0.0.0", "localhost", "127.0.0.1"].contains(&address);
    let first = listed.clone().find_map(|address| address.parse().ok()).filter(|_| !listed.any(is_loopback));
    let host = match first {
        Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => "[::1]".to_owned(),
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => "127.0.0.1".to_owned(),
    };
    format!("{host}:{}", site.port(port))
}

/// The settings in a configuration: each a name and a value, with `=` between them or a blank.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (name, rest) = line.trim_start().split_once([' ', '\t', '='])?;
        let value = rest.trim_start_matches([' ', '\t', '=']);
        let value = match value.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next()?,
            None => value.split([' ', '\t', '#']).next()?,
        };
        Some((name, value))
    })
}

/// The version and the name of a cluster, as Debian has them in its path.
fn cluster(place: &Place) -> (&str, &str) {
    let (above, name) = place.directory().rsplit_once('/').unwrap_or_default();
    (above.rsplit('/').next().unwrap_or_default(), name)
}

const POSTGRESQL: &str = "\
ssl = on
ssl_cert_file = <<cert>>
ssl_key_file = <<key>>
ssl_min_protocol_version = 'TLSv1.2'
ssl_ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
";
