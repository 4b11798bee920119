//! PostgreSQL, and Mosquitto with its messages.

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

pub(super) fn postgresql(site: &Site) -> Result<Preset, PresetError> {
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
        delivery: owned_by(site, "postgres"),
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

pub(super) fn mosquitto(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8883));
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = fill(Target::Mosquitto, Language::Mosquitto, MOSQUITTO, &values)?;
    Ok(Preset {
        target: Target::Mosquitto,
        delivery: owned_by(site, "mosquitto"),
        documents: vec![Document {
            file_name: "mosquitto.conf",
            language: Language::Mosquitto,
            text,
            belongs: format!("/etc/mosquitto/conf.d/{}.conf", site.label()),
        }],
        hook: Some("systemctl reload mosquitto".to_owned()),
        verify: site.verify(port),
        steps: vec![
            format!("Put mosquitto.conf in its place as /etc/mosquitto/conf.d/{}.conf.", site.label()),
            "Start it anew once, for the listener: systemctl restart mosquitto".to_owned(),
        ],
        remarks: vec![
            "A reload reads the certificate again, since Mosquitto 2.0; clients that are connected stay. By itself it takes TLS 1.2 \
             and 1.3 only.",
            "Who may connect is another matter: allow_anonymous, password_file.",
        ],
    })
}

fn owned_by(site: &Site, user: &'static str) -> Delivery {
    Delivery::Directory {
        path: site.files().directory().to_owned(),
        owner: Some(Owner::Usual(user)),
        group: None,
        mode: FileMode::Secret,
    }
}

const POSTGRESQL: &str = "\
ssl = on
ssl_cert_file = <<cert>>
ssl_key_file = <<key>>
ssl_min_protocol_version = 'TLSv1.2'
ssl_ciphers = 'ECDHE+AESGCM:ECDHE+CHACHA20'
";

const MOSQUITTO: &str = "\
listener <<port>>
certfile <<cert>>
keyfile <<key>>
ciphers ECDHE+AESGCM:ECDHE+CHACHA20
";
