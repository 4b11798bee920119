#![no_main]
//! A certificate request. As it is; and with any subject and any extensions, signed by somebody who has the key. It is refused, or
//! what comes out has the names that were asked for, and nothing else that was.

use hubca::{profile::builtin, x509::CertificationRequest};
use hubca_fuzz::{judge, request, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match bytes {
        // DER or PEM.
        [0x30 | b'-', ..] => sign(bytes),
        [length, rest @ ..] => {
            let (subject, extensions) = rest.split_at(rest.len().min(usize::from(*length)));
            sign(&request(subject, extensions));
        }
        [] => {}
    }
});

fn sign(bytes: &[u8]) {
    let Ok(request) = CertificationRequest::parse(bytes) else { return };
    let _ = (request.dangerous_extensions(), request.ignored_extensions().count());
    with_hub(|hub| {
        let file = hub.write("request.csr", bytes);
        let Some(signed) = hub.run(&["sign", &file]).done() else { return };
        let fullchain = signed["fullchain"].as_str().unwrap();
        judge(fullchain.as_bytes(), &hub.root(), &signed["names"], &builtin("server").unwrap().unwrap());
    });
}
