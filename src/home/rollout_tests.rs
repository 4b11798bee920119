//! Deployments with hooks that do as a test wants, and servers on loopback that show what they are given.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, Stream,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::*;
use crate::{
    authority::{DeploymentOutcome, Destination, LedgerError, Verdict},
    home::{
        issuance::Issued,
        order::Order,
        rotation::{NextIssuing, Unused},
        test_ca::{NOW, NoPassphrase, TestCa, order, server},
    },
    store::StoreError,
    system::{Ended, Ending, Errand, ProcessError, Processes, SystemNetwork},
    x509::{KeyAlgorithm, RevocationReason, pem},
};

/// A machine on which a hook is a function.
struct Hooks<F>(F, Mutex<Vec<Errand>>);

impl<F: Fn(&Errand) -> Ending + Send + Sync> Hooks<F> {
    fn new(hook: F) -> Self {
        Self(hook, Mutex::default())
    }

    fn events(&self) -> Vec<String> {
        let value = |errand: &Errand| variable(errand, "HUBCA_EVENT");
        self.1.lock().unwrap().iter().map(value).collect()
    }
}

impl<F: Fn(&Errand) -> Ending + Send + Sync> Processes for Hooks<F> {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        self.1.lock().unwrap().push(errand.clone());
        Ok(Ended { how: (self.0)(errand), output: "said".to_owned() })
    }
}

fn variable(errand: &Errand, name: &str) -> String {
    let found = errand.variables.iter().find(|(variable, _)| variable == name);
    found.map(|(_, value)| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn outside(processes: &dyn Processes) -> Outside<'_> {
    Outside { network: &SystemNetwork, processes, hook_limit: None, verify_limit: Duration::from_millis(300) }
}

/// A server that takes the files of a directory when it is told to.
struct TestServer {
    address: String,
    shown: Arc<Mutex<Option<Arc<ServerConfig>>>>,
    is_over: Arc<AtomicBool>,
}

impl TestServer {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shown: Arc<Mutex<Option<Arc<ServerConfig>>>> = Arc::default();
        let is_over = Arc::new(AtomicBool::new(false));
        let (served, over) = (shown.clone(), is_over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(mut stream), Some(configuration)) = (stream, served.lock().unwrap().clone()) else { continue };
                let mut connection = ServerConnection::new(configuration).unwrap();
                let _ = std::io::Read::read(&mut Stream::new(&mut connection, &mut stream), &mut [0; 1]);
            }
        });
        Self { address, shown, is_over }
    }

    fn reload(&self, directory: &Path) {
        let blocks = |name: &str| pem::parse(&fs::read(directory.join(name)).unwrap()).unwrap();
        let chain =
            blocks("fullchain.pem").into_iter().map(|block| CertificateDer::from(block.contents.clone())).collect();
        let key = blocks("privkey.pem").remove(0).contents.clone();
        let key = any_supported_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key))).unwrap();
        let certified = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        *self.shown.lock().unwrap() = Some(Arc::new(builder.with_cert_resolver(Arc::new(certified))));
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(&self.address);
    }
}

fn issue(ca: &TestCa, destination: Option<Destination>) -> Issued {
    let profile = server();
    ca.home.issue(&ca.issuer(), Order { destination, ..order(&profile, &["hub.local", "192.168.0.1"]) }).unwrap()
}

fn serial_in(path: &Path) -> String {
    let block = pem::parse(&fs::read(path).unwrap()).unwrap().into_iter().find(|block| block.label == pem::CERTIFICATE);
    crate::x509::Certificate::from_der(&block.unwrap().contents).unwrap().tbs().serial_number().unwrap().to_string()
}

fn deploy(ca: &TestCa, outside: &Outside<'_>) -> Deployed {
    let lock = ca.home.lock_label("hub.local").unwrap();
    ca.home.deploy(&lock, "hub.local", outside).unwrap().unwrap()
}

fn live(ca: &TestCa) -> PathBuf {
    ca.home.layout().live_link("hub.local").join("cert.pem")
}

#[test]
fn a_certificate_is_copied_hooked_and_seen() {
    let ca = TestCa::new();
    let place = tempfile::tempdir().unwrap();
    let (out, combined) = (place.path().join("tls"), place.path().join("hub.pem"));
    let shown = TestServer::new();
    let destination = Destination {
        out: Some(out.to_str().unwrap().to_owned()),
        combined: Some(combined.to_str().unwrap().to_owned()),
        hook: Some("reload 'the server' $HUBCA_LABEL".to_owned()),
        verify: vec![shown.address.clone()],
        ..Destination::default()
    };
    let first = issue(&ca, Some(destination));
    let hooks = Hooks::new(|_: &Errand| {
        shown.reload(&out);
        Ending::Code(0)
    });
    let deployed = deploy(&ca, &outside(&hooks));
    assert_eq!(deployed.outcome, DeploymentOutcome::Verified, "{:?}", deployed.reasons);
    let second = issue(&ca, None);
    assert_eq!(deploy(&ca, &outside(&hooks)).outcome, DeploymentOutcome::Verified);
    assert_eq!(hooks.events(), ["deployed", "renewed"]);
    let errands = hooks.1.lock().unwrap();
    let told = |name: &str| variable(&errands[1], name);
    assert_eq!(errands[1].words, ["reload", "the server", "$HUBCA_LABEL"]);
    assert_eq!(told("RENEWED_DOMAINS"), "hub.local 192.168.0.1");
    assert_eq!(told("RENEWED_LINEAGE"), ca.home.layout().live_link("hub.local").to_str().unwrap());
    assert_eq!((told("HUBCA_SERIAL"), told("HUBCA_OLD_SERIAL")), (second.serial.clone(), first.serial));
    for name in ["cert.pem", "fullchain.pem"] {
        assert_eq!(serial_in(&out.join(name)), second.serial);
    }
    assert_eq!(serial_in(&combined), second.serial);
    let parts = pem::parse(&fs::read(&combined).unwrap()).unwrap();
    assert_eq!(
        parts.iter().map(|block| block.label.as_str()).collect::<Vec<_>>(),
        ["PRIVATE KEY", "CERTIFICATE", "CERTIFICATE"]
    );
    assert!(matches!(ca.home.authority().verify_audit().unwrap(), Verdict::Whole { .. }));
    assert!(ca.home.authority().unfinished_deployments().unwrap().is_empty());
}

#[test]
fn what_a_hook_or_a_server_does_not_take_is_taken_back_and_stays_so() {
    let ca = TestCa::new();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("tls");
    let shown = TestServer::new();
    let destination = Destination {
        out: Some(out.to_str().unwrap().to_owned()),
        hook: Some("reload".to_owned()),
        verify: vec![shown.address.clone()],
        ..Destination::default()
    };
    let first = issue(&ca, Some(destination));
    let good = Hooks::new(|_: &Errand| {
        shown.reload(&out);
        Ending::Code(0)
    });
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Verified);
    let second = issue(&ca, None);
    // It fails, it never ends, or it does nothing and says that it did: the server has the first all the time.
    let failing = Hooks::new(|_: &Errand| Ending::Code(7));
    let hanging = Hooks::new(|_: &Errand| Ending::TimeLimit);
    let lying = Hooks::new(|_: &Errand| Ending::Code(0));
    let told: [(&dyn Processes, &str, DeploymentOutcome); 3] = [
        (&failing, "the hook ended with 7", DeploymentOutcome::Withdrawn),
        (&hanging, "the hook took longer than 60 s", DeploymentOutcome::Withdrawn),
        (&lying, "and not the new one", DeploymentOutcome::RolledBack),
    ];
    for (hooks, reason, outcome) in told {
        let deployed = deploy(&ca, &outside(hooks));
        assert_eq!(deployed.outcome, outcome, "{:?}", deployed.reasons);
        assert!(deployed.reasons[0].contains(reason), "{:?}", deployed.reasons);
        assert_eq!(serial_in(&live(&ca)), first.serial);
        assert_eq!(serial_in(&out.join("cert.pem")), first.serial);
        // Nobody who finishes what others began puts it back.
        ca.home.finish_publishing().unwrap();
        assert_eq!(serial_in(&live(&ca)), first.serial);
        let known = ca.home.authority().deployment("hub.local").unwrap().unwrap();
        assert_eq!((known.outcome, known.generation, known.previous), (outcome, 2, Some(1)));
        assert!(known.message.unwrap().contains(reason));
    }
    assert_eq!(lying.events(), ["renewed", "rolled_back"]);
    // The hook is mended: the certificate that is there already is brought, and no other is made.
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Verified);
    assert_eq!(serial_in(&live(&ca)), second.serial);
    assert_eq!(ca.home.authority().by_label("hub.local", 10).unwrap().len(), 2);
}

#[test]
fn of_two_that_failed_neither_is_gone_back_to() {
    let ca = TestCa::new();
    let destination = Destination { hook: Some("reload".to_owned()), ..Destination::default() };
    let first = issue(&ca, Some(destination));
    let only = |serial: String| {
        Hooks::new(move |errand: &Errand| Ending::Code(i32::from(variable(errand, "HUBCA_SERIAL") != serial)))
    };
    assert_eq!(deploy(&ca, &outside(&only(first.serial.clone()))).outcome, DeploymentOutcome::Deployed);
    issue(&ca, None);
    assert_eq!(deploy(&ca, &outside(&only(first.serial.clone()))).outcome, DeploymentOutcome::RolledBack);
    issue(&ca, None);
    // Stopped before anything was done with the third, and issued once more.
    issue(&ca, None);
    assert_eq!(deploy(&ca, &outside(&only(first.serial.clone()))).outcome, DeploymentOutcome::RolledBack);
    assert_eq!(serial_in(&live(&ca)), first.serial);
}

#[test]
fn nobody_goes_back_to_what_is_over() {
    let ca = TestCa::new();
    let destination = Destination { hook: Some("reload".to_owned()), ..Destination::default() };
    issue(&ca, Some(destination));
    let good = Hooks::new(|_: &Errand| Ending::Code(0));
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Deployed);
    ca.clock.advance(Duration::from_secs(400 * 86_400));
    let second = issue(&ca, None);
    let failing = Hooks::new(|_: &Errand| Ending::Code(1));
    assert_eq!(deploy(&ca, &outside(&failing)).outcome, DeploymentOutcome::Failed);
    assert_eq!(serial_in(&live(&ca)), second.serial);
    assert_eq!(failing.events(), ["renewed"]);
    // It is tried again, and there is still nothing to go back to.
    assert_eq!(deploy(&ca, &outside(&failing)).outcome, DeploymentOutcome::Failed);
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Deployed);
}

#[test]
fn nobody_goes_back_to_what_is_over_soon() {
    // Leaves begin an hour before they are issued.
    for (life, late, early) in [(397 * DAY, 395 * DAY - HOUR, 395 * DAY - 2 * HOUR), (2 * DAY, 43 * HOUR, 42 * HOUR)] {
        for (after, outcome) in [(late, DeploymentOutcome::Failed), (early, DeploymentOutcome::RolledBack)] {
            let ca = TestCa::new();
            let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
            let (profile, days) = (server(), u32::try_from(life / DAY).unwrap());
            let lifetime = crate::authority::Lifetime::Days(days);
            let first = Order { destination, lifetime, ..order(&profile, &["hub.local"]) };
            let first = ca.home.issue(&ca.issuer(), first).unwrap();
            let good = Hooks::new(|_: &Errand| Ending::Code(0));
            assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Deployed);
            ca.clock.advance(Duration::from_secs(after));
            let second = ca.home.issue(&ca.issuer(), order(&profile, &["hub.local"])).unwrap();
            let only_first =
                Hooks::new(|errand: &Errand| Ending::Code(i32::from(variable(errand, "HUBCA_SERIAL") != first.serial)));
            assert_eq!(deploy(&ca, &outside(&only_first)).outcome, outcome, "{life} {after}");
            let kept = if outcome == DeploymentOutcome::Failed { second.serial } else { first.serial.clone() };
            assert_eq!(serial_in(&live(&ca)), kept);
        }
    }
}

#[test]
fn nobody_goes_back_to_what_has_not_begun() {
    let ca = TestCa::new();
    let destination = Destination { hook: Some("reload".to_owned()), ..Destination::default() };
    ca.clock.advance(Duration::from_secs(100 * DAY));
    issue(&ca, Some(destination));
    let (good, failing) = (Hooks::new(|_: &Errand| Ending::Code(0)), Hooks::new(|_: &Errand| Ending::Code(1)));
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Deployed);
    ca.clock.set(NOW);
    ca.home.authority().accept_clock().unwrap().unwrap();
    let second = issue(&ca, None);
    assert_eq!(deploy(&ca, &outside(&failing)).outcome, DeploymentOutcome::Failed);
    assert_eq!(serial_in(&live(&ca)), second.serial);
    assert_eq!(failing.events(), ["renewed"]);
}

#[test]
fn nobody_goes_back_to_what_a_revoked_ca_has_issued() {
    let ca = TestCa::new();
    let mut home = Home::open(ca.home.layout().clone(), ca.doors()).unwrap();
    let destination = Destination { hook: Some("reload".to_owned()), ..Destination::default() };
    issue(&ca, Some(destination));
    let (good, failing) = (Hooks::new(|_: &Errand| Ending::Code(0)), Hooks::new(|_: &Errand| Ending::Code(1)));
    assert_eq!(deploy(&ca, &outside(&good)).outcome, DeploymentOutcome::Deployed);
    let serial = home.issuing().unwrap().certificate().tbs().serial_number().unwrap().to_string();
    let record = home.authority().by_serial(&serial).unwrap().remove(0);
    home.authority().revoke(&record, RevocationReason::CaCompromise).unwrap();
    let next = NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::Take };
    home.rotate_issuing(next, &NoPassphrase).unwrap();
    let profile = server();
    let order = order(&profile, &["hub.local", "192.168.0.1"]);
    let second = home.issue(&home.issuer(&NoPassphrase).unwrap(), order).unwrap();
    let lock = home.lock_label("hub.local").unwrap();
    let deployed = home.deploy(&lock, "hub.local", &outside(&failing)).unwrap().unwrap();
    assert_eq!(deployed.outcome, DeploymentOutcome::Failed);
    assert_eq!(serial_in(&live(&ca)), second.serial);
}

#[test]
fn a_copy_that_cannot_be_written_is_a_failure_like_any_other() {
    let ca = TestCa::new();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("tls");
    let destination = Destination { out: Some(out.to_str().unwrap().to_owned()), ..Destination::default() };
    let first = issue(&ca, Some(destination));
    let none = Hooks::new(|_: &Errand| Ending::Code(1));
    assert_eq!(deploy(&ca, &outside(&none)).outcome, DeploymentOutcome::Deployed);
    issue(&ca, None);
    fs::remove_file(out.join("chain.pem")).unwrap();
    fs::create_dir(out.join("chain.pem")).unwrap();
    let deployed = deploy(&ca, &outside(&none));
    assert_eq!(deployed.outcome, DeploymentOutcome::Withdrawn);
    assert!(deployed.reasons.iter().any(|reason| reason.contains("chain.pem")), "{:?}", deployed.reasons);
    assert_eq!(serial_in(&live(&ca)), first.serial);
    assert_eq!(serial_in(&out.join("cert.pem")), first.serial);
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

#[test]
fn without_a_hook_a_server_that_is_away_or_has_not_looked_yet_finds_the_new_one_and_is_seen_later() {
    let ca = TestCa::new();
    let shown = TestServer::new();
    let nobody = Hooks::new(|_: &Errand| Ending::Code(1));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for (address, reason) in [(free, "nobody answers"), (shown.address.clone(), "and not the new one")] {
        issue(&ca, Some(Destination { verify: vec![address], ..Destination::default() }));
        let before = ca.home.layout().live_link("hub.local");
        shown.reload(&before);
        let newest = issue(&ca, None);
        let deployed = deploy(&ca, &outside(&nobody));
        assert_eq!(deployed.outcome, DeploymentOutcome::Pending, "{:?}", deployed.reasons);
        assert!(deployed.unseen()[0].contains(reason), "{:?}", deployed.reasons);
        assert_eq!(serial_in(&live(&ca)), newest.serial);
        let known = ca.home.authority().deployment("hub.local").unwrap().unwrap();
        assert!(known.message.unwrap().contains(reason));
    }
    shown.reload(&ca.home.layout().live_link("hub.local"));
    assert_eq!(deploy(&ca, &outside(&nobody)).outcome, DeploymentOutcome::Verified);
    // What shows something else altogether cannot use it, and goes back to the one before.
    let other = TestCa::new();
    let stranger = issue(&other, None);
    let first = serial_in(&live(&ca));
    issue(&ca, None);
    shown.reload(stranger.files.unwrap().key.parent().unwrap());
    assert_eq!(deploy(&ca, &outside(&nobody)).outcome, DeploymentOutcome::Withdrawn);
    assert_eq!(serial_in(&live(&ca)), first);
}

#[test]
fn no_command_is_run_and_no_key_is_copied_that_a_row_alone_names() {
    let ca = TestCa::new();
    let place = tempfile::tempdir().unwrap();
    let hooks = Hooks::new(|_: &Errand| Ending::Code(0));
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    issue(&ca, Some(Destination { out: Some(at("tls")), hook: Some("reload".to_owned()), ..Destination::default() }));
    deploy(&ca, &outside(&hooks));
    let heard = hooks.events().len();
    issue(&ca, None);
    for text in [
        "UPDATE deployments SET hook = 'cat privkey.pem'".to_owned(),
        format!("UPDATE deployments SET hook = 'reload', out = '{}'", at("stolen")),
    ] {
        ca.home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(&text, &[])).unwrap();
        let lock = ca.home.lock_label("hub.local").unwrap();
        let refused = ca.home.deploy(&lock, "hub.local", &outside(&hooks)).unwrap_err();
        assert!(matches!(refused, HomeError::Ledger(LedgerError::Changed { .. })), "{refused:?}");
        let refused = ca.home.deliver_first(&lock, "hub.local").unwrap_err();
        assert!(matches!(refused, HomeError::Ledger(LedgerError::Changed { .. })), "{refused:?}");
    }
    assert_eq!(hooks.events().len(), heard);
    assert!(!place.path().join("stolen").exists());
}
