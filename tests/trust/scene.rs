//! A server of the CA on a machine of a test's own, and the programs that visit it.

use serde_json::Value;

use crate::support::{
    machine::Machine,
    server::{Server, free_port},
};

/// A server that shows a certificate of the machine's CA, at 127.0.0.1.
pub(crate) fn serve(machine: &Machine) -> Server {
    machine.issue(&[]);
    let port = free_port();
    std::fs::write("/run/serve.py", SERVER).unwrap();
    machine.serve(port, &format!("sh -c 'cd /etc/hubca/hub.lan; exec python3 /run/serve.py {port}'"))
}

/// Each visitor has a thread, so that a browser may keep several connections; each request is a line of the log.
const SERVER: &str = "
import http.server, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('fullchain.pem', 'privkey.pem')
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
";

/// Programs that trust what the system trusts, each with a line that visits the server.
pub(crate) const VISITORS: [(&str, &str); 5] = [
    ("curl", "curl -sS --max-time 20 https://127.0.0.1:PORT/"),
    ("wget", "wget -q -T 20 -t 1 -O - https://127.0.0.1:PORT/"),
    ("openssl", "openssl s_client -verify_return_error -verify_ip 127.0.0.1 -connect 127.0.0.1:PORT </dev/null"),
    ("gnutls-cli", "gnutls-cli --port PORT 127.0.0.1 </dev/null"),
    (
        "python3",
        "python3 -c 'import urllib.request; print(urllib.request.urlopen(\"https://127.0.0.1:PORT/\", timeout=20).read())'",
    ),
];

/// The programs that get to see the server, by its line for each.
pub(crate) fn trusting<'a>(machine: &Machine, server: &Server, visitors: &[(&'a str, &str)]) -> Vec<&'a str> {
    let sees = |line: &str| {
        let line = line.replace("PORT", &server.port.to_string());
        machine.shell(&line).output().unwrap().status.success()
    };
    visitors.iter().filter(|(_, line)| sees(line)).map(|(name, _)| *name).collect()
}

/// The outcome of each store, by its kind.
pub(crate) fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let stores = answer["stores"].as_array().unwrap().iter();
    let outcome = |store: &Value| text(if store["outcome"].is_null() { &store["standing"] } else { &store["outcome"] });
    stores.map(|store| (text(&store["store"]), outcome(store))).collect()
}

/// The same as it is compared.
pub(crate) fn pairs(outcomes: &[(&str, &str)]) -> Vec<(String, String)> {
    outcomes.iter().map(|(store, outcome)| ((*store).to_owned(), (*outcome).to_owned())).collect()
}

/// Every file below some places, with what is in it or where it leads.
pub(crate) fn contents(machine: &Machine, places: &str) -> String {
    machine.run(&format!(
        "for place in {places}; do
             [ -e $place ] || continue
             find $place -type f | sort | xargs -r sha256sum
             find $place -type l -printf '%p -> %l\\n' | sort
         done"
    ))
}
