//! Home Assistant.

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
        hook: Some("systemctl restart home-assistant".to_owned()),
        verify: site.verify(port),
        steps: vec![
            "Add the block to configuration.yaml. In Home Assistant OS the directory of certificates is /ssl: bring \
             fullchain.pem and privkey.pem there (add-on Samba or SSH), and give --directory /ssl to this command."
                .to_owned(),
            "Restart Home Assistant, by Settings, System, or: ha core restart".to_owned(),
        ],
        remarks: vec!["It reads its files when it starts. In a container the hook is `docker restart homeassistant`."],
    })
}

const HTTP: &str = "\
http:
  server_port: <<port>>
  ssl_certificate: <<cert>>
  ssl_key: <<key>>
";
