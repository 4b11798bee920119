//! Jupyter Server, Notebook 7 and JupyterLab.

use std::path::Path;

use crate::{
    plan::Step,
    preset::{
        document::Document,
        error::PresetError,
        installation::{Installation, Setting},
        instruction::Instruction,
        language::Language,
        neighbours::Neighbours,
        offered::{Delivery, Preset},
        place::NoPlace,
        site::{Family, Site},
        target::Target,
        template::{Value, fill},
    },
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8888));
    let any = site.family().map_or("*", Family::any);
    let values = || {
        [
            ("cert", Value::Word(&certificate)),
            ("key", Value::Word(&key)),
            ("any", Value::Plain(any.to_owned())),
            ("any-word", Value::Word(any)),
            ("port", Value::Plain(port.to_string())),
        ]
    };
    let text = |language, template| fill(Target::Jupyter, language, template, &values());
    let line = text(Language::Shell, LINE)?;
    Ok(Preset {
        target: Target::Jupyter,
        delivery: Delivery::of(site.files()),
        documents: vec![
            Document {
                file_name: "jupyter_server_config.py",
                language: Language::Python,
                text: text(Language::Python, PYTHON)?,
                belongs: "~/.jupyter/jupyter_server_config.py".to_owned(),
            },
            Document {
                file_name: "jupyter_server_config.json",
                language: Language::Json,
                text: text(Language::Json, JSON)?,
                belongs: "~/.jupyter/jupyter_server_config.json".to_owned(),
            },
        ],
        secrets: Vec::new(),
        installation: installation(site),
        hook: None,
        verify: site.verify(port),
        steps: vec![
            Instruction::words(
                "Put one of the two files into ~/.jupyter, of the user who runs Jupyter; where a file of that name is there already, \
                 add the lines to it.",
            ),
            Instruction::typing(
                "That user has to be able to read the key; where root renews, let it be that user's",
                format!("hubca edit {} --for jupyter --owner USER", site.label()),
            ),
            Instruction::typing("Start it", "jupyter lab"),
            Instruction::typing("Or say it all in one line, without a file", line),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "Jupyter Server opens both files for each connection: a renewed certificate needs no restart, and kernels go on.",
            "allow_origin is left alone: the page and its WebSockets come from the same place.",
        ],
    })
}

/// Behind a proxy it has no certificate: it answers the machine itself only, and believes the proxy who visits it.
pub(super) fn behind_proxy(site: &Site) -> Result<Preset, PresetError> {
    let port = site.upstream(8888);
    let values = [("port", Value::Plain(port.to_string()))];
    let text = |language, template| fill(Target::JupyterBehindProxy, language, template, &values);
    Ok(Preset {
        target: Target::JupyterBehindProxy,
        delivery: Delivery::ByHand,
        documents: vec![
            Document {
                file_name: "jupyter_server_config.py",
                language: Language::Python,
                text: text(Language::Python, PYTHON_BEHIND)?,
                belongs: "~/.jupyter/jupyter_server_config.py".to_owned(),
            },
            Document {
                file_name: "jupyter_server_config.json",
                language: Language::Json,
                text: text(Language::Json, JSON_BEHIND)?,
                belongs: "~/.jupyter/jupyter_server_config.json".to_owned(),
            },
        ],
        secrets: Vec::new(),
        installation: installation(site),
        hook: None,
        verify: None,
        steps: vec![
            Instruction::words(
                "Put one of the two files into ~/.jupyter, of the user who runs Jupyter; where a file of that name is there already, add \
                 the lines to it, and leave out its lines for certfile and keyfile.",
            ),
            Instruction::typing("Start it, or start it anew", "jupyter lab"),
            Instruction::typing(
                "Put nginx in front",
                format!("hubca export preset nginx {} --upstream {port}", site.label()),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "The certificate is the proxy's. Jupyter answers at loopback without TLS, so that nobody reaches it past the proxy.",
            "At loopback Jupyter refuses visitors who ask for another name, with 403: allow_remote_access lets them in. trust_xheaders has \
             it believe the proxy that they came by HTTPS.",
        ],
    })
}

fn installation(site: &Site) -> Installation {
    let Some(place) = site.place() else { return Installation::ByHand("nothing is known of who runs it") };
    Setting::lines(Path::new(place.directory()).join("jupyter_server_config.py"))
        .before_it(Step::make_directory("make room for Jupyter's configuration", place.directory()))
        .into()
}

/// Refuses a configuration beside another one that overrules it: Jupyter reads JSON last.
///
/// # Errors
/// It says something of its own.
pub(super) fn check(neighbours: &Neighbours) -> Result<(), NoPlace> {
    for (path, text) in neighbours.files().filter(|(path, _)| path.extension().is_some_and(|it| it == "json")) {
        let read: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(key) = SAID.into_iter().find(|key| read.get("ServerApp").is_some_and(|app| app.get(key).is_some()))
        {
            return Err(NoPlace::Overruled { path: path.to_owned(), key });
        }
    }
    Ok(())
}

/// What our lines say, and another file may say otherwise.
const SAID: [&str; 6] = ["certfile", "keyfile", "ip", "port", "allow_remote_access", "trust_xheaders"];

const PYTHON: &str = "\
c = get_config()
c.ServerApp.certfile = <<cert>>
c.ServerApp.keyfile = <<key>>
# All addresses of this machine; without this line only the machine itself is served.
c.ServerApp.ip = '<<any>>'
c.ServerApp.port = <<port>>
c.ServerApp.open_browser = False
";

const JSON: &str = "\
{
  \"ServerApp\": {
    \"certfile\": <<cert>>,
    \"keyfile\": <<key>>,
    \"ip\": \"<<any>>\",
    \"port\": <<port>>,
    \"open_browser\": false
  }
}
";

const PYTHON_BEHIND: &str = "\
c = get_config()
c.ServerApp.ip = '127.0.0.1'
c.ServerApp.port = <<port>>
# Another port would be another server than the proxy's.
c.ServerApp.port_retries = 0
c.ServerApp.allow_remote_access = True
c.ServerApp.trust_xheaders = True
c.ServerApp.open_browser = False
";

const JSON_BEHIND: &str = "\
{
  \"ServerApp\": {
    \"ip\": \"127.0.0.1\",
    \"port\": <<port>>,
    \"port_retries\": 0,
    \"allow_remote_access\": true,
    \"trust_xheaders\": true,
    \"open_browser\": false
  }
}
";

const LINE: &str = "jupyter lab --no-browser --ip <<any-word>> --port <<port>> --certfile <<cert>> --keyfile <<key>>";
