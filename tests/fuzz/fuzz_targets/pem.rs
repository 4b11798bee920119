#![no_main]
//! PEM blocks between any text: what is read is read again as it is written, and can be told.

use hubca::x509::pem;
use hubca_fuzz::tell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(blocks) = pem::parse(bytes) {
        let text: String = blocks.iter().map(|block| pem::encode(&block.label, &block.contents)).collect();
        assert!(pem::parse(text.as_bytes()).unwrap() == blocks);
    }
    tell(bytes);
});
