#![no_main]
//! A CRL in DER: what is read is encoded again as it was, and every entry of it can be told.

use hubca::x509::{CertificateList, TbsCertList};
use hubca_fuzz::tell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(list) = CertificateList::from_der(bytes) else { return };
    assert_eq!(list.as_der(), bytes);
    let tbs = list.tbs();
    let again = TbsCertList::from_der(tbs.as_der()).unwrap();
    assert_eq!(again.as_der(), tbs.as_der());
    assert_eq!(again.revoked().len(), tbs.revoked().count());
    tell(bytes);
});
