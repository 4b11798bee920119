#![no_main]
//! An OCSP request in DER: what is read asks the same when it is encoded again.

use hubca::x509::ocsp::OcspRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = OcspRequest::from_der(bytes) else { return };
    assert_eq!(OcspRequest::from_der(&request.to_der().unwrap()), Ok(request));
});
