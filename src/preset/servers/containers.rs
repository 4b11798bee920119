//! The registry of container images.

use crate::preset::{
    document::Document,
    error::PresetError,
    installation::Installation,
    instruction::Instruction,
    language::Language,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn registry(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(5000));
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = fill(Target::DockerRegistry, Language::Yaml, REGISTRY, &values)?;
    let name = site.first().unwrap_or_else(|| "NAME".to_owned());
    Ok(Preset {
        target: Target::DockerRegistry,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "config.yml",
            language: Language::Yaml,
            text,
            belongs: "/etc/distribution/config.yml in the container, /etc/docker/registry/config.yml before version 3"
                .to_owned(),
        }],
        secrets: Vec::new(),
        installation: Installation::ByHand("it runs in a container, which gets its files where it is started"),
        hook: Some("docker restart registry".to_owned()),
        verify: site.verify(port),
        steps: vec![
            Instruction::words("Give config.yml and the directory with the certificate to the container, as volumes."),
            Instruction::typing(
                "On each machine that pulls, put the root where Docker looks for it",
                format!("/etc/docker/certs.d/{name}:{port}/ca.crt"),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec!["The registry reads its files when it starts."],
    })
}

const REGISTRY: &str = "\
version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :<<port>>
  tls:
    certificate: <<cert>>
    key: <<key>>
    minimumtls: tls1.2
";
