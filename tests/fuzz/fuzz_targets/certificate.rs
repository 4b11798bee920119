#![no_main]
//! A certificate in DER: what is read is encoded again as it was, can be told, and is judged by every rule.

use hubca::{
    lint::{Platform, examine},
    x509::{Certificate, CertificationPath, DistinguishedName, TbsCertificate},
};
use hubca_fuzz::{NOW, tell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(certificate) = Certificate::from_der(bytes) else { return };
    assert_eq!(certificate.as_der(), bytes);
    let tbs = certificate.tbs();
    assert_eq!(TbsCertificate::from_der(tbs.as_der()).unwrap().as_der(), tbs.as_der());
    for name in [tbs.subject(), tbs.issuer()] {
        assert_eq!(DistinguishedName::from_der(name.as_der()).unwrap().as_der(), name.as_der());
    }
    let path = CertificationPath::assemble(vec![certificate]).unwrap();
    let _ = examine(&path, NOW, &Platform::ALL);
    tell(bytes);
});
