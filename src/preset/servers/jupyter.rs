//! Jupyter Server, Notebook 7 and JupyterLab.

use crate::preset::{
    document::Document,
    error::PresetError,
    language::Language,
    offered::{Delivery, Preset},
    site::Site,
    target::Target,
    template::{Value, fill},
};

pub(super) fn preset(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8888));
    let values = || {
        [
            ("cert", Value::Word(&certificate)),
            ("key", Value::Word(&key)),
            ("any", Value::Plain(site.any_address().to_string())),
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
        hook: None,
        verify: site.verify(port),
        steps: vec![
            "Put one of the two files into ~/.jupyter, of the user who runs Jupyter; that user has to be able to read the \
             key. Where a file of that name is there already, add the lines to it."
                .to_owned(),
            "Start it: jupyter lab".to_owned(),
            format!("Or say it all in one line, without a file: {line}"),
        ],
        remarks: vec![
            "Jupyter Server opens both files for each connection: a renewed certificate needs no restart, and kernels go on.",
            "allow_origin is left alone: the page and its WebSockets come from the same place.",
        ],
    })
}

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

const LINE: &str = "jupyter lab --no-browser --ip <<any>> --port <<port>> --certfile <<cert>> --keyfile <<key>>";
