//! What `hubca ocsp serve --json` tells, one document a line.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{TestHome, responder::AtWork};

/// The words above the events.
pub(super) const WORDS: &str = "
## `hubca ocsp serve --json`

One document a line, each written when it happens. `event` says what it is:

| event | is told |
| --- | --- |
| `started` | when whoever asks is answered: `responders` are the certificates that answer, each for an issuer, and `files` the names of what `--with-crl` shows |
| `responder_issued` | when a CA issued a certificate that answers for it |
| `responder_not_renewed` | when half of such a certificate's life is over and there is no new one: `issuer`, `not_after` and `reason` |
| `left_out` | when nobody answers for a CA |
| `clock_leapt` | when the clock shows a time that neither a night asleep nor the audit log explains, once: `expected` is what it should be; no new certificate answers until it is right |
| `troubled` | when the ledger cannot be read, once, with a `reason`; whoever asks is told to come later |
| `stopped` | when it is over: how many requests were answered, how many got an error, and how many files were read |

`hubca crl serve --json` writes the same, but that nobody answers there: `responders` are none, and of the others there are `troubled` and `stopped`.
";

/// One event of each kind that a sound home tells.
pub(super) fn told() -> Vec<Value> {
    let home = TestHome::with_ca::<&str>(&[]);
    let at_work = AtWork::start(&home, &["--with-crl"]);
    let mut events = vec![at_work.event("started"), at_work.event("responder_issued")];
    let away = TestHome::empty();
    let out = away.directory().join("away");
    std::fs::create_dir(&out).unwrap();
    let line = ["init", "--name", "Test Hub", "--no-passphrase", "--root-key-out", out.to_str().unwrap(), "--json"];
    away.hubca(&line).succeeded();
    events.push(AtWork::start(&away, &[]).event("left_out"));
    events.push(at_work.stop(Signal::TERM));
    events
}
