//! rustls-webpki, which judges for rustls, in this very process.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::Witness;
use crate::chain::{Case, Name, Verdict};

pub(crate) struct WebPki;

impl Witness for WebPki {
    fn name(&self) -> &'static str {
        "rustls-webpki"
    }

    fn needs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        cases
            .iter()
            .map(|case| match verify(case) {
                Ok(()) => Verdict::Accepts,
                Err(error) => Verdict::Refuses(format!("{error:?}")),
            })
            .collect()
    }
}

fn verify(case: &Case) -> Result<(), webpki::Error> {
    let (roots, above, leaf) = (read(&case.chain.root), read(&case.chain.issuing), read(&case.chain.leaf));
    let name = match &case.name {
        Name::Dns(name) => ServerName::try_from(name.as_str()).unwrap(),
        Name::Ip(address) => ServerName::from(*address),
    };
    let anchors = roots.iter().map(webpki::anchor_from_trusted_cert).collect::<Result<Vec<_>, _>>()?;
    let end_entity = webpki::EndEntityCert::try_from(&leaf[0])?;
    let now = UnixTime::since_unix_epoch(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap());
    end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &above,
        now,
        webpki::KeyUsage::server_auth(),
        None,
        None,
    )?;
    end_entity.verify_is_valid_for_subject_name(&name)
}

fn read(path: &Path) -> Vec<CertificateDer<'static>> {
    let blocks = pem::parse_many(std::fs::read(path).unwrap()).unwrap();
    blocks.into_iter().map(|block| CertificateDer::from(block.into_contents())).collect()
}
