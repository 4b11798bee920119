//! Mosquitto with its messages.

use crate::{
    preset::{
        document::Document,
        error::PresetError,
        installation::Setting,
        instruction::Instruction,
        language::Language,
        neighbours::Neighbours,
        offered::{Delivery, Owner, Preset},
        site::Site,
        target::Target,
        template::{Value, fill},
    },
    system::FileMode,
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8883));
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = fill(Target::Mosquitto, Language::Mosquitto, MOSQUITTO, &values)?;
    let file = format!("/etc/mosquitto/conf.d/{}.conf", site.label());
    Ok(Preset {
        target: Target::Mosquitto,
        delivery: Delivery::Directory {
            path: site.files().directory().to_owned(),
            owner: Some(Owner::Usual("mosquitto")),
            group: None,
            mode: FileMode::Secret,
        },
        documents: vec![Document {
            file_name: "mosquitto.conf",
            language: Language::Mosquitto,
            text: if port == USUAL { text } else { format!("{LOCAL}{text}") },
            belongs: file.clone(),
        }],
        secrets: Vec::new(),
        installation: Setting::file(&file).restarting("mosquitto").into(),
        hook: Some("systemctl reload mosquitto".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing(
                "Put mosquitto.conf in its place; where yours has a listener or says who may connect already, leave out the lines for this \
                 machine alone",
                format!("cp mosquitto.conf {file}"),
            ),
            Instruction::typing(
                "Say at its end who may connect over TLS, unless yours says so for all",
                format!("echo password_file /etc/mosquitto/passwd >>{file}"),
            ),
            Instruction::typing("Start it anew, for the listener", "systemctl restart mosquitto"),
        ],
        cautions: vec![
            "Mosquitto without any listener lets in all programs of this machine, at port 1883. With the first listener that ends: \
             the lines for this machine alone have it go on. Over TLS nobody is let in until somebody says who.",
        ],
        remarks: vec![
            "A reload reads the certificate again, since Mosquitto 2.0; clients that are connected stay. By itself it takes TLS 1.2 \
             and 1.3 only.",
        ],
    })
}

/// The same for a broker that has been told something already: where it listens and whom it lets in stays as somebody said, and so does
/// what stands behind our own lines.
pub(super) fn beside(mut preset: Preset, neighbours: &Neighbours) -> Preset {
    let last = MOSQUITTO.lines().next_back().unwrap_or_default();
    if let Some((_, behind)) = neighbours.before().and_then(|text| text.split_once(&format!("\n{last}\n"))) {
        preset.documents.iter_mut().for_each(|document| document.text.push_str(behind));
    }
    let local = if neighbours.say(&["listener", "port"]) {
        String::new()
    } else if neighbours.say(&RULES) {
        LOCAL.lines().filter(|line| !RULES.iter().any(|rule| line.starts_with(rule))).fold(String::new(), with_line)
    } else {
        return preset;
    };
    for document in &mut preset.documents {
        document.text = document.text.replacen(LOCAL, &local, 1);
    }
    preset
}

fn with_line(text: String, line: &str) -> String {
    text + line + "\n"
}

/// Who may connect, by `mosquitto.conf(5)`.
const RULES: [&str; 7] =
    ["per_listener_settings", "allow_anonymous", "password_file", "acl_file", "psk_file", "plugin", "auth_plugin"];

/// The port of all who come without TLS.
const USUAL: u16 = 1883;

const LOCAL: &str = "\
# What programs of this machine have without any listener goes on: they are let in at the usual port, and nobody else is.
per_listener_settings true
listener 1883 127.0.0.1
allow_anonymous true
listener 1883 ::1
allow_anonymous true

";

const MOSQUITTO: &str = "\
# Who may come in over TLS is said behind the last of these lines: password_file or allow_anonymous.
listener <<port>>
certfile <<cert>>
keyfile <<key>>
ciphers ECDHE+AESGCM:ECDHE+CHACHA20
";
