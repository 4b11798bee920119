//! Every kind of chain that hubca makes is accepted by every tool.

use crate::chain::{Case, Chain, Criticality, Name};
use crate::hand_made;
use crate::support::TestHome;
use crate::witness::{self, Witness, present};

const CA_KEYS: [&str; 5] = ["p256", "p384", "rsa2048", "rsa3072", "rsa4096"];

#[test]
fn all_witnesses_accept_all_chains_of_a_p256_ca() {
    all_accept("p256");
}

#[test]
fn all_witnesses_accept_all_chains_of_a_p384_ca() {
    all_accept("p384");
}

#[test]
fn all_witnesses_accept_all_chains_of_an_rsa2048_ca() {
    all_accept("rsa2048");
}

#[test]
fn all_witnesses_accept_all_chains_of_an_rsa3072_ca() {
    all_accept("rsa3072");
}

#[test]
fn all_witnesses_accept_all_chains_of_an_rsa4096_ca() {
    all_accept("rsa4096");
}

#[test]
fn all_witnesses_accept_a_chain_of_rsa8192_keys() {
    let home = TestHome::with_ca(&["--key", "rsa8192"]);
    let names = vec![Name::dns("hub.lan"), Name::ip("192.168.0.1")];
    let chain = signed(&home, "rsa8192", &names);
    ask_all(&[Case::new("rsa8192", &chain, &names[0]), Case::new("rsa8192", &chain, &names[1])]);
}

/// The chain as `issue` lays it into `live/`, for each key that a leaf can have.
#[test]
fn all_witnesses_accept_the_files_of_every_issued_key() {
    let home = TestHome::with_ca::<&str>(&[]);
    let mut cases = Vec::new();
    for key in CA_KEYS {
        let name = Name::dns(&format!("{key}.lan"));
        let chain = issued(&home, key, std::slice::from_ref(&name));
        the_files_fit(&home, &format!("{key}.lan"), &chain);
        cases.push(Case::new(key, &chain, &name));
    }
    ask_all(&cases);
}

/// openssl and GnuTLS judge a common name by the DNS constraints, and would refuse an address there.
#[test]
fn a_leaf_without_a_dns_name_has_no_common_name() {
    let home = TestHome::with_ca::<&str>(&[]);
    for (names, expected) in
        [(vec![Name::ip("192.168.0.1")], false), (vec![Name::ip("192.168.0.2"), Name::dns("hub.lan")], true)]
    {
        let chain = issued(&home, "p256", &names);
        let der = pem::parse(std::fs::read(&chain.leaf).unwrap()).unwrap().into_contents();
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
        assert_eq!(certificate.subject().iter_common_name().next().is_some(), expected, "{}", certificate.subject());
    }
}

/// All leaf keys and shapes of names, under a CA with keys of `ca_key`, once with critical constraints and once without.
fn all_accept(ca_key: &str) {
    let mut cases = Vec::new();
    // The judges read the files when all are made.
    let mut homes = Vec::new();
    for criticality in [Criticality::Critical, Criticality::NotCritical] {
        // `nas` is a name of one label: it can be served where it is permitted as it is.
        let mut options = vec!["--key", ca_key, "--permit", "nas"];
        if criticality == Criticality::NotCritical {
            options.push("--nc-compat");
        }
        let home = TestHome::with_ca(&options);
        for leaf_key in CA_KEYS {
            for (shape, names) in shapes() {
                // An RSA key takes long to find: those leaves are signed for a key made once.
                let chain = if leaf_key.starts_with("rsa") {
                    signed(&home, leaf_key, &names)
                } else {
                    issued(&home, leaf_key, &names)
                };
                for name in &names {
                    let title = format!("{ca_key} {criticality:?} {leaf_key} {shape} for {name}");
                    cases.push(Case { criticality, ..Case::new(&title, &chain, &name.host()) });
                }
            }
        }
        homes.push(home);
    }
    ask_all(&cases);
}

fn shapes() -> Vec<(&'static str, Vec<Name>)> {
    vec![
        ("IPv4 only", vec![Name::ip("192.168.0.1")]),
        ("IPv6 only", vec![Name::ip("fd12:3456::1")]),
        ("DNS only", vec![Name::dns("hub.lan")]),
        ("one label", vec![Name::dns("nas")]),
        ("wildcard", vec![Name::dns("*.hub.lan")]),
        (
            "mixed",
            vec![Name::ip("10.1.2.3"), Name::dns("hub.local"), Name::dns("*.hub.home.arpa"), Name::ip("fe80::1")],
        ),
    ]
}

/// A certificate and its files by `hubca issue`.
fn issued(home: &TestHome, key: &str, names: &[Name]) -> Chain {
    let label = label(key, names);
    let mut arguments: Vec<String> = ["issue", "--json", "--key", key, "--label", &label].map(str::to_owned).to_vec();
    arguments.extend(names.iter().flat_map(|name| [name.option().to_owned(), name.to_string()]));
    let answer = home.hubca(&arguments).succeeded().json();
    let file =
        |kind: &str| answer["files"][kind].as_str().unwrap_or_else(|| panic!("no file `{kind}` in {answer}")).into();
    Chain { root: home.file("root/root.crt.pem"), issuing: file("chain"), leaf: file("cert"), key: file("key") }
}

/// A certificate by `hubca sign`, for a key made elsewhere.
fn signed(home: &TestHome, key: &str, names: &[Name]) -> Chain {
    let (request, key_file) = hand_made::request(home.directory(), key, names);
    let leaf = home.directory().join(format!("{}.pem", label(key, names)));
    home.hubca(&["sign".as_ref(), "--json".as_ref(), "--out".as_ref(), leaf.as_os_str(), request.as_os_str()])
        .succeeded();
    Chain {
        root: home.file("root/root.crt.pem"),
        issuing: home.file("issuing/1/ca.crt.pem"),
        leaf: first_certificate(&leaf),
        key: key_file,
    }
}

/// A file whose first certificate is the leaf, cut down to it: the judges take one certificate a file.
fn first_certificate(path: &std::path::Path) -> std::path::PathBuf {
    let blocks = pem::parse_many(std::fs::read(path).unwrap()).unwrap();
    let alone = path.with_extension("leaf.pem");
    std::fs::write(&alone, pem::encode(&blocks[0])).unwrap();
    alone
}

fn label(key: &str, names: &[Name]) -> String {
    let first: String = names[0].to_string().replace("*.", "wildcard.").replace(':', "-");
    format!("{key}-{}-{first}", names.len())
}

/// `live/` holds one lineage: the key of the certificate, the issuing CA's certificate, and both certificates in one file.
fn the_files_fit(home: &TestHome, label: &str, chain: &Chain) {
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let live = home.file("live").join(format!("{}-1-{label}", label.split('.').next().unwrap()));
    let (cert, chain_file) = (read(&live.join("cert.pem")), read(&live.join("chain.pem")));
    assert_eq!(read(&live.join("fullchain.pem")), format!("{cert}{chain_file}"));
    assert_eq!(cert, read(&chain.leaf));
    assert_eq!(chain_file, read(&home.file("issuing/1/ca.crt.pem")));
    let public_half = |arguments: &[&str], path: &std::path::Path| {
        let output = std::process::Command::new("openssl").args(arguments).arg("-in").arg(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(
        public_half(&["pkey", "-pubout"], &live.join("privkey.pem")),
        public_half(&["x509", "-noout", "-pubkey"], &live.join("cert.pem"))
    );
}

/// No witness has a word against any of `cases`.
#[track_caller]
fn ask_all(cases: &[Case]) {
    let mut complaints = Vec::new();
    for witness in witness::everyday() {
        if !present(witness.name(), &witness.needs()) {
            continue;
        }
        complaints.extend(complaints_of(witness.as_ref(), cases));
    }
    assert!(complaints.is_empty(), "{} refusals: {complaints:#?}", complaints.len());
}

fn complaints_of(witness: &dyn Witness, cases: &[Case]) -> Vec<String> {
    let verdicts = witness.judge(cases);
    let refusals = cases.iter().zip(verdicts).filter(|(_, verdict)| !verdict.is_acceptance());
    refusals.map(|(case, verdict)| format!("{}: {}: {verdict:?}", witness.name(), case.title)).collect()
}
