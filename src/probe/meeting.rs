//! A server met and its chain judged as far as that can be done from outside: what the rules about a connection need to know.

use super::{
    handshake::NoHandshake,
    revocation::{Says, Statement, ask_revocation},
    served_chain::{KnownCas, ServedChain},
    visit::{Visit, Visitor, WebSocket, visit},
};
use crate::{
    lint::Encounter,
    system::{Clock, Network, NetworkError},
    x509::GeneralName,
};

/// What came of a visit.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// What was seen.
    pub visit: Visit,
    /// The chain that was sent.
    pub chain: ServedChain,
    /// What those say whom it names to tell of revocation; nobody is asked where it leads to no root that is known.
    pub statements: Vec<Statement>,
}

/// Visits a server, and asks whether something in its chain was revoked.
///
/// # Errors
/// Nobody answers there.
pub fn meet(
    network: &dyn Network,
    clock: &dyn Clock,
    visitor: &Visitor<'_>,
    known: &KnownCas,
) -> Result<Meeting, NetworkError> {
    let visit = visit(network, clock, visitor)?;
    let chain = ServedChain::read(&visit.chain, known);
    // Anybody can write any address into a certificate: those of strangers are not called on.
    let trusted = chain.path.as_ref().filter(|_| chain.is_anchored).map(|path| path.certificates());
    let statements = ask_revocation(network, clock, trusted.unwrap_or_default(), visitor.limit);
    Ok(Meeting { visit, chain, statements })
}

impl Meeting {
    /// The facts for the rules, for whoever asked for a name, and perhaps for a WebSocket, and has the CAs from `origin`.
    pub fn encounter(&self, asked: &GeneralName, websocket: Option<&str>, origin: &str) -> Encounter {
        let Self { visit, chain, statements } = self;
        let subject = |certificate: &crate::x509::Certificate| certificate.tbs().subject().to_string();
        let is_shown = !visit.chain.is_empty();
        Encounter {
            no_handshake: visit.broken_off.as_ref().filter(|_| !is_shown).map(NoHandshake::to_string),
            versions: visit.versions.clone(),
            no_key: self.no_key(),
            unreadable: chain.unreadable.clone(),
            too_many: chain.too_many,
            missing: chain
                .missing
                .iter()
                .map(|ca| format!("`{}`, which is known from {origin}", subject(ca)))
                .collect(),
            root_sent: chain.root_sent.as_ref().map(subject),
            revoked: statements.iter().filter_map(Statement::revoked).collect(),
            untold: statements.iter().filter_map(Statement::untold).collect(),
            no_websocket: websocket.zip(visit.websocket.as_ref()).and_then(|(path, came)| came.is_missing(path)),
            ..Encounter::of(asked.clone())
        }
    }

    fn no_key(&self) -> Option<String> {
        if self.visit.chain.is_empty() {
            return None;
        }
        match &self.visit.proof {
            Some(Ok(())) => None,
            // A key that is too weak or strange for our TLS to judge is not another's for that.
            Some(Err(reason)) => {
                let first = self.chain.first.as_ref();
                let is_judged = first.is_some_and(|first| first.tbs().public_key().check_strength().is_ok());
                is_judged.then(|| reason.clone())
            }
            None => Some(
                self.visit.broken_off.as_ref().map_or_else(|| "nothing was signed".to_owned(), NoHandshake::to_string),
            ),
        }
    }
}

impl WebSocket {
    /// What came in its place.
    fn is_missing(&self, path: &str) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Refused(status) => {
                Some(format!("no WebSocket opens at `{path}`: the answer is {status}, and not 101"))
            }
            Self::Unproven => Some(format!(
                "no WebSocket opens at `{path}`: the answer is 101, and its Sec-WebSocket-Accept is wrong"
            )),
            Self::Silent(reason) => Some(format!("no WebSocket opens at `{path}`: {reason}")),
        }
    }
}

impl Statement {
    /// That it was revoked, in a sentence.
    pub fn revoked(&self) -> Option<String> {
        let Says::Revoked { at, reason } = &self.says else { return None };
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        Some(format!("`{}` was revoked {}{reason}, says {}", self.of, at.date(), self.by))
    }

    /// That nothing is said, in a sentence.
    pub fn untold(&self) -> Option<String> {
        let Says::Nothing(reason) = &self.says else { return None };
        Some(format!("{} does not say whether `{}` was revoked: {reason}", self.by, self.of))
    }
}
