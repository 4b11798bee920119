//! PostgreSQL.

use crate::{
    preset::{
        document::Document,
        error::PresetError,
        language::Language,
        offered::{Delivery, Owner, Preset},
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
        Some(file) => format!("Put hubca.conf in its place as {file}."),
        None => "Put hubca.conf into the cluster's conf.d.".to_owned(),
    };
    let usual = "the directory conf.d of the cluster, such as /etc/postgresql/15/main/conf.d/hubca.conf";
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
        hook: Some("systemctl reload postgresql".to_owned()),
        // It speaks its own words before TLS.
        verify: None,
        steps: vec![
            put,
            "Let PostgreSQL read it: systemctl reload postgresql".to_owned(),
            "See it from another machine, with the root in a file: psql \"host=NAME sslmode=verify-full sslrootcert=root.pem\""
                .to_owned(),
        ],
        remarks: vec![
            "PostgreSQL refuses a key that others may read: 0600 of its own user, or 0640 of root with its group.",
            "Who connects without TLS is let in all the same, unless pg_hba.conf says hostssl in place of host.",
            "Renewals do not look at it: --verify speaks TLS from the first octet, and PostgreSQL does not.",
        ],
    })
}

const POSTGRESQL: &str = "\
ssl = on
ssl_cert_file = <<cert>>
ssl_key_file = <<key>>
ssl_min_protocol_version = 'TLSv1.2'
ssl_ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
";
