//! Home Assistant.

use crate::{
    plan::{Step, shell_word},
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        neighbours::Neighbours,
        offered::{Delivery, Owner, Preset},
        place::NoPlace,
        site::Site,
        target::Target,
        template::{Value, fill},
        yaml,
    },
    system::{FileMode, files::current_user},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8123));
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = fill(Target::HomeAssistant, Language::Yaml, HTTP, &values)?;
    let delivery = match (Delivery::of(site.files()), site.place()) {
        // Whoever has its configuration runs it, and has to read the key.
        (Delivery::Directory { path, .. }, Some(place)) if place.owner() != current_user() => {
            Delivery::Directory { path, owner: Some(Owner::Here(place.owner())), group: None, mode: FileMode::Secret }
        }
        (usual, _) => usual,
    };
    let directory = site.files().directory();
    let hook = shell_word(
        "sh -c 'scp \"$RENEWED_LINEAGE/fullchain.pem\" \"$RENEWED_LINEAGE/privkey.pem\" root@homeassistant.local:/ssl/ && ssh \
         root@homeassistant.local ha core restart'",
    );
    let installation = match (site.place(), &delivery) {
        (Some(place), Delivery::Directory { .. }) => {
            Setting::lines(format!("{}/configuration.yaml", place.directory()))
                .before_it(Step::run(
                    "see that its container has the files",
                    &["docker", "exec", "homeassistant", "test", "-r", &key],
                ))
                .then(Step::tell("tell Home Assistant by starting it anew", &["docker", "restart", "homeassistant"]))
                .into()
        }
        _ => Installation::ByHand("nothing is known of where it has its configuration"),
    };
    let here = site.place().map(|place| format!("{}/configuration.yaml", place.directory()));
    Ok(Preset {
        target: Target::HomeAssistant,
        delivery,
        documents: vec![Document {
            file_name: "http.yaml",
            language: Language::Yaml,
            text,
            belongs: here.unwrap_or_else(|| "configuration.yaml, in place of a block `http` that is there".to_owned()),
        }],
        secrets: Vec::new(),
        installation,
        hook: Some("docker restart homeassistant".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::typing(
                "Let the container see the files where they are on this machine, as one more volume of it",
                format!("--volume {0}:{0}:ro", shell_word(directory)),
            ),
            Instruction::words("Add the block to configuration.yaml."),
            Instruction::typing("Start it anew", "docker restart homeassistant"),
            Instruction::typing(
                "Home Assistant OS is a machine of its own, where /ssl is the directory for them. Give --directory /ssl to this command, \
                 and let the hook bring them there, with the add-on for SSH and a key for it",
                format!("hubca edit {} --hook {hook}", site.label()),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "It reads its files when it starts.",
            "Home Assistant itself supports these two only, its own system and its container: installations in Python's own way ended \
             with 2025.12.",
        ],
    })
}

/// Refuses a configuration that has such a block already, and may have one only.
///
/// # Errors
/// It is so.
pub(super) fn check(neighbours: &Neighbours) -> Result<(), NoPlace> {
    let taken = neighbours.files().find(|(_, text)| yaml::value(text, &["http"]).is_some());
    taken.map_or(Ok(()), |(path, _)| Err(NoPlace::Taken { path: path.to_owned(), key: "http" }))
}

const HTTP: &str = "\
http:
  server_port: <<port>>
  ssl_certificate: <<cert>>
  ssl_key: <<key>>
";
