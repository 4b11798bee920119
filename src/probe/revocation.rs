//! Whether something in a chain was revoked, asked of those whom it names: OCSP responders (RFC 6960) and CRLs (RFC 5280 6.3).
//!
//! An answer counts where the issuer signed it, or somebody whom the issuer made its responder, and it is of today.

use std::{io::Write, time::Duration};

use time::OffsetDateTime;
use url::Url;

use super::http::{self, HttpError};
use crate::{
    system::{Clock, Network},
    x509::{
        Certificate, CertificateList, HttpUrl,
        ocsp::{BasicResponse, CertId, CertStatus, IdHash, IssuerIds, OcspRequest, OcspResponse, SingleResponse},
        oid,
    },
};

/// What one who was asked says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Who: `the OCSP responder http://…`.
    pub by: String,
    /// Of which certificate: its subject.
    pub of: String,
    /// What.
    pub says: Says,
}

/// What is said of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It was not revoked.
    Good,
    /// It was.
    Revoked {
        /// Since when.
        at: OffsetDateTime,
        /// Why, if that is said.
        reason: Option<&'static str>,
    },
    /// Nothing that counts, and why.
    Nothing(String),
}

/// Asks all whom the certificates of a chain name, each for no longer than `limit`, and all for no longer than twice that; the chain ends in a root that is trusted:
/// whom others name is not asked.
pub(super) fn ask_revocation(
    network: &dyn Network,
    clock: &dyn Clock,
    chain: &[Certificate],
    limit: Duration,
) -> Vec<Statement> {
    let (now, watch) = (clock.now(), clock.stopwatch());
    let mut statements = Vec::new();
    for (certificate, issuer) in chain.iter().zip(chain.iter().skip(1)) {
        let access = certificate.tbs().access_locations().unwrap_or_default();
        let responders = access.into_iter().filter(|(method, _)| method == oid::OCSP).map(|(_, address)| address);
        let crls = certificate.tbs().crl_uris().unwrap_or_default();
        let responders = responders.map(|address| (Kind::Ocsp, address)).take(MOST_NAMED);
        let places = responders.chain(crls.into_iter().map(|it| (Kind::Crl, it)).take(MOST_NAMED));
        let mut asked = [0; 2];
        statements.extend(places.map(|(kind, address)| {
            let left = limit.min((limit * MOST_LIMITS).saturating_sub(watch.elapsed()));
            let asker = Asker { network, now, certificate, issuer, limit: left };
            let of_its_kind = match (kind, &mut asked) {
                (Kind::Ocsp, [ocsp, _]) => ocsp,
                (Kind::Crl, [_, crls]) => crls,
            };
            *of_its_kind += 1;
            if *of_its_kind > MOST_ASKED || left.is_zero() {
                asker.pass_by(kind, &address)
            } else {
                asker.ask(kind, &address)
            }
        }));
    }
    statements
}

#[derive(Clone, Copy)]
enum Kind {
    Ocsp,
    Crl,
}

struct Asker<'a> {
    network: &'a dyn Network,
    now: OffsetDateTime,
    certificate: &'a Certificate,
    issuer: &'a Certificate,
    limit: Duration,
}

impl Asker<'_> {
    fn ask(&self, kind: Kind, address: &str) -> Statement {
        let said = match kind {
            Kind::Ocsp => self.ocsp(address),
            Kind::Crl => self.crl(address),
        };
        self.statement(kind, address, said)
    }

    /// That somebody was not asked: there are too many, or no time is left.
    fn pass_by(&self, kind: Kind, address: &str) -> Statement {
        self.statement(kind, address, Err("it was not asked, for the others took too long or are too many".to_owned()))
    }

    fn statement(&self, kind: Kind, address: &str, said: Result<Says, String>) -> Statement {
        let who = match kind {
            Kind::Ocsp => "OCSP responder",
            Kind::Crl => "CRL",
        };
        let address: String = address.chars().take(MOST_OF_ADDRESS).collect();
        Statement {
            by: format!("the {who} {address}"),
            of: self.certificate.tbs().subject().to_string(),
            says: said.unwrap_or_else(Says::Nothing),
        }
    }

    fn ocsp(&self, address: &str) -> Result<Says, String> {
        let serial = self.certificate.tbs().serial_number().map_err(|error| error.to_string())?;
        let id = CertId::new(IdHash::Sha1, self.issuer, &serial).map_err(|error| error.to_string())?;
        let request = OcspRequest::new(vec![id], None).to_der().map_err(|error| error.to_string())?;
        self.read_ocsp(&self.fetch(address, Some(&request), MOST_OF_ANSWER)?)
    }

    fn read_ocsp(&self, der: &[u8]) -> Result<Says, String> {
        let basic = match OcspResponse::from_der(der).map_err(|error| error.to_string())? {
            OcspResponse::Error(status) => return Err(format!("it says {}", status.as_str())),
            OcspResponse::Basic(basic) => basic,
        };
        if !self.is_by_responder(&basic) {
            return Err("its answer is signed by nobody who may answer for the issuer".to_owned());
        }
        let issuer = IssuerIds::of(self.issuer);
        let is_about = |single: &&SingleResponse| {
            issuer.names_issuer_of(&single.id) && is_serial(single.id.serial_octets(), self.certificate)
        };
        let single = basic.responses().iter().find(is_about).ok_or("its answer is about another certificate")?;
        self.check_times(single.this_update, single.next_update)?;
        match single.status {
            CertStatus::Good => Ok(Says::Good),
            CertStatus::Revoked { at, reason } => Ok(Says::Revoked { at, reason: reason.map(|it| it.as_str()) }),
            CertStatus::Unknown => Err("it does not know the certificate".to_owned()),
        }
    }

    /// RFC 6960 4.2.2.2: the issuer itself, or whom it gave a certificate for that.
    fn is_by_responder(&self, basic: &BasicResponse) -> bool {
        let delegated = |certificate: &Certificate| {
            certificate.is_issued_by(self.issuer)
                && certificate.tbs().validity().contains(self.now)
                && certificate.tbs().extended_key_usage().is_ok_and(|usage| {
                    usage.is_some_and(|usage| usage.purposes().iter().any(|it| it == oid::OCSP_SIGNING))
                })
                && basic.verify_signed_by(certificate.tbs().public_key()).is_ok()
        };
        basic.verify_signed_by(self.issuer.tbs().public_key()).is_ok()
            || basic.certificates().iter().take(MOST_ASKED).any(delegated)
    }

    fn crl(&self, address: &str) -> Result<Says, String> {
        self.read_crl(&self.fetch(address, None, MOST_OF_CRL)?)
    }

    fn read_crl(&self, der: &[u8]) -> Result<Says, String> {
        let list = CertificateList::from_der(der).map_err(|_| "what it gives is no CRL".to_owned())?;
        let tbs = list.tbs();
        let is_by_issuer = tbs.issuer().as_der() == self.issuer.tbs().subject().as_der()
            && list.verify_signed_by(self.issuer.tbs().public_key()).is_ok();
        if !is_by_issuer {
            return Err("the list is not signed by the issuer".to_owned());
        }
        // A part of a list, or one that goes by other rules (RFC 5280 5.2).
        if tbs.extensions().iter().any(|extension| extension.critical) {
            return Err("the list is of a kind that is not known here".to_owned());
        }
        self.check_times(tbs.this_update(), tbs.next_update())?;
        let entry = tbs.revoked().find(|entry| is_serial(entry.serial, self.certificate));
        Ok(entry.map_or(Says::Good, |entry| Says::Revoked { at: entry.revocation_date, reason: entry.reason }))
    }

    /// Clocks differ by some minutes.
    fn check_times(&self, this_update: OffsetDateTime, next_update: Option<OffsetDateTime>) -> Result<(), String> {
        if this_update > self.now + SKEW {
            return Err("what it says has not begun".to_owned());
        }
        // One that says nothing of the next may be replayed for ever (RFC 6960 4.2.2.1); a list has to (RFC 5280 5.1.2.5).
        if next_update.unwrap_or(this_update + MOST_AGE) < self.now - SKEW {
            return Err("what it says is out of date".to_owned());
        }
        Ok(())
    }

    /// What is at an address, at most so many bytes of it, by HTTP/1.0; nobody is followed elsewhere.
    fn fetch(&self, address: &str, posted: Option<&[u8]>, most: usize) -> Result<Vec<u8>, String> {
        let known = HttpUrl::parse(address).map_err(|_| "its address is not one of http://".to_owned())?;
        let url = Url::parse(known.as_str()).map_err(|error| error.to_string())?;
        let host = url.host_str().ok_or("its address has no host")?;
        let port = url.port_or_known_default().ok_or("its address has no port")?;
        let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut target = url.path().to_owned();
        if let Some(query) = url.query() {
            target.push_str(&format!("?{query}"));
        }
        let head = match posted {
            None => format!("GET {target} HTTP/1.0\r\nHost: {named}\r\nUser-Agent: hubca\r\n\r\n"),
            Some(body) => format!(
                "POST {target} HTTP/1.0\r\nHost: {named}\r\nUser-Agent: hubca\r\nContent-Type: application/ocsp-request\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            ),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let stream = self.network.connect(host, port, self.limit).map_err(|error| error.to_string())?;
        let mut stream = stream.with_room_for(most);
        let question = [head.as_bytes(), posted.unwrap_or_default()].concat();
        read_whole(&mut stream, &question).map_err(|error| error.to_string())
    }
}

fn read_whole(stream: &mut (impl std::io::Read + Write), question: &[u8]) -> Result<Vec<u8>, HttpError> {
    let answer = http::ask(stream, question)?;
    if answer.status == OK { answer.body(stream) } else { Err(HttpError::Status(answer.status)) }
}

/// Octets with and without a leading zero are one number.
fn is_serial(octets: &[u8], certificate: &Certificate) -> bool {
    let significant = |octets: &[u8]| octets.iter().copied().skip_while(|octet| *octet == 0).collect::<Vec<u8>>();
    significant(octets) == significant(certificate.tbs().serial_octets())
}

const OK: u16 = 200;
/// How long an answer counts that does not say for how long it does.
const MOST_AGE: time::Duration = time::Duration::days(7);
/// How many addresses of each kind in one certificate are asked.
const MOST_ASKED: usize = 4;
/// How many of each kind are told of at all.
const MOST_NAMED: usize = 12;
const MOST_OF_ADDRESS: usize = 200;
/// An answer of OCSP has some kilobytes; a CRL as much as a CA has revoked, and thirty-five bytes for each.
const MOST_OF_ANSWER: usize = 1024 * 1024;
const MOST_OF_CRL: usize = 32 * 1024 * 1024;
/// How many times the limit of one question all of them may take.
const MOST_LIMITS: u32 = 2;
const SKEW: time::Duration = time::Duration::minutes(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{system::SystemNetwork, x509::pem};
    use proptest::prelude::*;
    use time::macros::datetime;

    proptest! {
        #[test]
        fn bytes_of_anybody_say_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..300), opening in 0..3_usize) {
            let text = include_bytes!("../../tests/fixtures/lint/good/server.pem");
            let blocks = pem::parse(text).unwrap();
            let chain: Vec<_> = blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect();
            let (now, limit) = (datetime!(2026-11-21 12:00 UTC), Duration::from_secs(1));
            let asker = Asker { network: &SystemNetwork, now, certificate: &chain[0], issuer: &chain[1], limit };
            // As they are, as the content of a SEQUENCE, and as that of a successful response.
            let openings: [&[u8]; 3] = [&[], &[0x30, 0x82, 1, 0], &[0x30, 0x82, 1, 0, 10, 1, 0, 0xa0, 0x81, 0xf0]];
            let bytes = [openings[opening], bytes.as_slice()].concat();
            prop_assert!(asker.read_ocsp(&bytes).is_err());
            prop_assert!(asker.read_crl(&bytes).is_err());
        }
    }
}
