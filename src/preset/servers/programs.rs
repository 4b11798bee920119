//! Programs that end TLS themselves: in Node.js, and in Python under uvicorn.

use crate::preset::{
    document::Document,
    error::PresetError,
    installation::Installation,
    instruction::Instruction,
    language::Language,
    offered::{Delivery, Preset},
    site::{Family, Site},
    target::Target,
    template::{Value, fill},
};

pub(super) fn node(site: &Site) -> Result<Preset, PresetError> {
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8443));
    let values =
        [("cert", Value::Word(&certificate)), ("key", Value::Word(&key)), ("port", Value::Plain(port.to_string()))];
    let text = fill(Target::Node, Language::Javascript, NODE, &values)?;
    Ok(Preset {
        target: Target::Node,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "server.mjs",
            language: Language::Javascript,
            text,
            belongs: "your program".to_owned(),
        }],
        secrets: Vec::new(),
        installation: Installation::ByHand("what it is told stands in your own program"),
        hook: None,
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Take over what concerns TLS, or try it as it is", "node server.mjs"),
            Instruction::typing(
                "Have the hook send SIGHUP to your program, by the name of its service",
                format!("hubca edit {} --hook 'systemctl kill --signal=HUP NAME'", site.label()),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec!["setSecureContext takes the new certificate for new connections; those that are open go on."],
    })
}

pub(super) fn uvicorn(site: &Site) -> Result<Preset, PresetError> {
    // To asyncio `::` is IPv6 alone, and no name is both.
    let any = site.family().map_or("''", Family::any);
    let (certificate, key, port) = (site.files().fullchain(), site.files().key(), site.port(8443));
    let values = [
        ("cert", Value::Word(&certificate)),
        ("key", Value::Word(&key)),
        ("any", Value::Plain(any.to_owned())),
        ("port", Value::Plain(port.to_string())),
    ];
    let text = fill(Target::Uvicorn, Language::Shell, UVICORN, &values)?;
    Ok(Preset {
        target: Target::Uvicorn,
        delivery: Delivery::of(site.files()),
        documents: vec![Document {
            file_name: "serve.sh",
            language: Language::Shell,
            text,
            belongs: "what the service of your program runs".to_owned(),
        }],
        secrets: Vec::new(),
        installation: Installation::ByHand("what it is told stands where your program is started"),
        hook: None,
        verify: site.verify(port),
        steps: vec![
            Instruction::typing("Name your program in place of main:app, and try it", "sh serve.sh"),
            Instruction::typing(
                "Have the hook restart it, by the name of its service",
                format!("hubca edit {} --hook 'systemctl restart NAME'", site.label()),
            ),
        ],
        cautions: Vec::new(),
        remarks: vec![
            "uvicorn reads its files when it starts.",
            "Without --ssl-ciphers it offers those of TLS 1.0 to whoever speaks TLS 1.2.",
        ],
    })
}

const NODE: &str = "\
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const identity = () => ({ cert: readFileSync(<<cert>>), key: readFileSync(<<key>>) });
const server = createServer(identity(), (request, response) => response.end('hello\\n'));
process.on('SIGHUP', () => server.setSecureContext(identity()));
server.listen(<<port>>);
";

const UVICORN: &str = "\
#!/bin/sh
exec uvicorn main:app --host <<any>> --port <<port>> \\
    --ssl-certfile <<cert>> --ssl-keyfile <<key>> --ssl-ciphers ECDHE+AESGCM:ECDHE+CHACHA20
";
