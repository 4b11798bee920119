//! The chain that a server sends, read and brought into line; what it leaves out is looked for among the CAs that are known.

use crate::x509::{Certificate, CertificationPath, SignatureError};

/// The CAs that are known beside what a server sends.
#[derive(Clone, Debug, Default)]
pub struct KnownCas {
    /// Those that devices trust.
    pub roots: Vec<Certificate>,
    /// Those below them.
    pub others: Vec<Certificate>,
}

/// A chain as it was sent, and what is missing in it.
#[derive(Clone, Debug)]
pub struct ServedChain {
    /// The certificates in line, with those that were found elsewhere; none where none can be read.
    pub path: Option<CertificationPath>,
    /// What was sent in the first place, if it can be read: the key of the handshake is its.
    pub first: Option<Certificate>,
    /// What is wrong with each that cannot be read.
    pub unreadable: Vec<String>,
    /// How many were not looked at.
    pub too_many: usize,
    /// The CAs that were not sent, though they are no roots, and are known.
    pub missing: Vec<Certificate>,
    /// The root that was not sent, as it should be, and is known.
    pub added: Option<Certificate>,
    /// The root that was sent.
    pub root_sent: Option<Certificate>,
    /// Whether the chain leads to a root that is known, signature by signature.
    pub is_anchored: bool,
    /// Whether it does so by names at least, where a signature is of a kind that is not verified.
    leads_by_name: bool,
}

impl ServedChain {
    /// Reads what was sent, by whomever.
    pub fn read(sent: &[Vec<u8>], known: &KnownCas) -> Self {
        let mut unreadable = Vec::new();
        let mut certificates = Vec::new();
        for (place, der) in sent.iter().take(CertificationPath::MOST).enumerate() {
            match Certificate::from_der(der) {
                Ok(certificate) => certificates.push((place, certificate)),
                Err(error) => unreadable.push(format!("certificate {} of {}: {error}", place + 1, sent.len())),
            }
        }
        let first = certificates.first().filter(|(place, _)| *place == 0).map(|(_, certificate)| certificate.clone());
        let is_root = |certificate: &&Certificate| certificate.tbs().is_ca() && certificate.is_self_signed();
        let certificates: Vec<Certificate> = certificates.into_iter().map(|(_, certificate)| certificate).collect();
        let root_sent = certificates.iter().skip(1).find(is_root).cloned();
        let mut chain = Self {
            path: CertificationPath::assemble(certificates),
            first,
            unreadable,
            too_many: sent.len().saturating_sub(CertificationPath::MOST),
            missing: Vec::new(),
            added: None,
            root_sent,
            is_anchored: false,
            leads_by_name: false,
        };
        chain.path = chain.path.take().map(|path| chain.continue_to(path, known));
        chain
    }

    /// Where the chain leads instead, if to none of the roots of somebody.
    pub fn astray(&self, whose: &str) -> Option<String> {
        let is_astray = !self.is_anchored && !self.leads_by_name;
        let top = self.path.as_ref().filter(|_| is_astray)?.certificates().last()?.tbs();
        Some(if top.is_self_issued() {
            format!("its chain leads to `{}`, which is no root of {whose}", top.subject())
        } else {
            format!("`{}` was issued by `{}`, which was not sent and is no CA of {whose}", top.subject(), top.issuer())
        })
    }

    /// Adds the known CAs that follow the top of a path.
    fn continue_to(&mut self, path: CertificationPath, known: &KnownCas) -> CertificationPath {
        let Some(mut top) = path.certificates().last().cloned() else { return path };
        let mut others = known.others.clone();
        loop {
            if known.roots.contains(&top) {
                self.is_anchored = true;
                break;
            }
            if top.is_self_signed() {
                break;
            }
            if let Some(root) = known.roots.iter().find(|root| top.is_issued_by(root)) {
                self.added = Some(root.clone());
                self.is_anchored = true;
                break;
            }
            let Some(place) = others.iter().position(|ca| top.is_issued_by(ca)) else { break };
            // Each is taken once, so that two that issued each other come to an end.
            top = others.remove(place);
            self.missing.push(top.clone());
        }
        self.leads_by_name = !self.is_anchored && leads_by_name(&path, known);
        path.continued(self.missing.iter().chain(&self.added).cloned())
    }
}

/// Whether names lead on from the top of a path to a root that is known, past signatures that nobody should trust: those have
/// a rule of their own.
fn leads_by_name(path: &CertificationPath, known: &KnownCas) -> bool {
    let is_next = |of: &Certificate, ca: &Certificate| {
        let is_unverified = matches!(of.verify_signed_by(ca.tbs().public_key()), Err(SignatureError::Algorithm(_)));
        of.is_issued_by(ca) || (is_unverified && of.tbs().issuer().as_der() == ca.tbs().subject().as_der())
    };
    let mut others: Vec<&Certificate> = path.strangers().iter().chain(&known.others).collect();
    let mut top = path.certificates().last();
    while let Some(below) = top {
        if known.roots.iter().any(|root| root == below || is_next(below, root)) {
            return true;
        }
        let place = others.iter().position(|ca| is_next(below, ca));
        top = place.map(|place| others.remove(place));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::{path::Order, pem};
    use proptest::prelude::*;

    /// A leaf, its issuing CA and the root.
    fn chain() -> Vec<Certificate> {
        let text = include_bytes!("../../tests/fixtures/lint/good/server.pem");
        pem::parse(text).unwrap().iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect()
    }

    fn read(sent: &[&Certificate], known: &KnownCas) -> ServedChain {
        ServedChain::read(&sent.iter().map(|certificate| certificate.as_der().to_vec()).collect::<Vec<_>>(), known)
    }

    #[test]
    fn what_is_left_out_is_found_and_told_apart() {
        let [leaf, issuing, root] = &chain()[..] else { panic!() };
        let known = KnownCas { roots: vec![root.clone()], others: vec![issuing.clone()] };
        let good = read(&[leaf, issuing], &known);
        assert!(good.is_anchored && good.missing.is_empty() && good.root_sent.is_none());
        assert_eq!(good.added.as_ref(), Some(root));
        assert_eq!(good.path.unwrap().certificates().len(), 3);
        let bare = read(&[leaf], &known);
        assert!(bare.is_anchored && bare.missing == [issuing.clone()]);
        let whole = read(&[leaf, issuing, root], &known);
        assert!(whole.is_anchored && whole.added.is_none() && whole.root_sent.as_ref() == Some(root));
        let alone = read(&[leaf, issuing], &KnownCas::default());
        assert!(!alone.is_anchored && alone.path.unwrap().certificates().len() == 2);
        assert!(!read(&[leaf], &KnownCas { others: vec![], ..known }).is_anchored);
    }

    #[test]
    fn a_root_that_is_added_says_nothing_of_the_order_in_which_the_others_stood() {
        let [leaf, issuing, root] = &chain()[..] else { panic!() };
        let known = KnownCas { roots: vec![root.clone()], others: vec![] };
        let text = include_bytes!("../../tests/fixtures/pki/leaf.crt.pem");
        let stranger = Certificate::from_der(&pem::parse(text).unwrap().remove(0).contents).unwrap();
        let path = read(&[leaf, issuing, &stranger], &known).path.unwrap();
        assert_eq!((path.order(), path.strangers().len()), (Order::AsSent, 1));
        let path = read(&[leaf, &stranger, issuing], &known).path.unwrap();
        assert_eq!((path.order(), path.strangers().len()), (Order::Shuffled, 1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_chain_or_none(sent in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..70)) {
            let chain = ServedChain::read(&sent, &KnownCas::default());
            prop_assert_eq!(chain.too_many, sent.len().saturating_sub(64));
        }

        #[test]
        fn a_chain_with_any_octet_changed_is_read_as_far_as_it_can_be(place in 0_usize..3000, octet in any::<u8>()) {
            let certificates = chain();
            let known = KnownCas { roots: certificates[2..].to_vec(), others: certificates[1..2].to_vec() };
            let mut sent: Vec<Vec<u8>> = certificates[..2].iter().map(|known| known.as_der().to_vec()).collect();
            let half = place % 2;
            let at = place % sent[half].len();
            let before = std::mem::replace(&mut sent[half][at], octet);
            let read = ServedChain::read(&sent, &known);
            // Where the leaf cannot be read any more, its CA is left, and that leads to the root still.
            prop_assert!(before == octet || half == 1 || read.first.is_none() || !read.is_anchored);
        }
    }
}
