//! What a person is told of a root before a machine trusts it.

use crate::support::{
    TestHome,
    machine::{Machine, on_a_machine},
};

/// The warnings of a change that is only shown.
fn warnings(home: &TestHome) -> Vec<String> {
    let shown = home.hubca(&["trust", "install", "--only", "system", "--dry-run", "--json"]).json();
    serde_json::from_value(shown["warnings"].clone()).unwrap()
}

#[test]
fn a_root_without_constraints_and_one_that_mbedtls_refuses_are_warned_of() {
    on_a_machine("warnings about roots", &["update-ca-certificates"], |machine| {
        machine.run("mount -t tmpfs tmpfs /usr/local/lib");
        let [usual, lenient, boundless] =
            [&[][..], &["--nc-compat"], &["--unconstrained"]].map(TestHome::with_ca::<&str>);
        let may = |told: &[String]| told.iter().any(|warning| warning.contains("may vouch for every name there is"));
        let mbedtls = |told: &[String]| told.iter().any(|warning| warning.contains("/usr/local/lib/libmbedx509.so.14"));
        assert!(!may(&warnings(&usual)) && !mbedtls(&warnings(&usual)));
        machine.run("touch /usr/local/lib/libmbedx509.so.14; ln -s libmbedx509.so.14 /usr/local/lib/libmbedx509.so");
        let told = [&usual, &lenient, &boundless].map(warnings);
        assert_eq!([&told[0], &told[1], &told[2]].map(|told| may(told)), [false, false, true], "{told:?}");
        let all = told.iter().map(|told| told.len()).collect::<Vec<_>>();
        // One library with two names is told of once.
        assert_eq!((mbedtls(&told[0]), all), (true, vec![1, 0, 1]), "{told:?}");
        // The same is told in words, before the question.
        let shown = boundless.hubca(&["trust", "install", "--only", "system", "--dry-run"]);
        assert!(shown.stdout.contains("warning: "), "{shown}");
    });
}

#[test]
fn a_root_that_is_over_or_has_not_begun_and_one_without_a_name_are_warned_of() {
    on_a_machine("warnings about dates of roots", &["update-ca-certificates", "openssl"], |machine| {
        let made = |name: &str, begin: &str, end: &str, subject: &str| {
            // OpenSSL makes a root with any dates from a directory of a CA.
            machine.run(&format!(
                "mkdir $HOME/{name}; cd $HOME/{name}; touch index
                 openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -subj '{subject}' -out csr 2>/dev/null
                 printf '[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nnew_certs_dir=.\\nrand_serial=yes\\npolicy=p\\ndefault_md=sha256\\n[p]\\ncommonName=optional\\n[e]\\nbasicConstraints=critical,CA:TRUE\\n' >conf
                 openssl ca -batch -config conf -selfsign -keyfile key -in csr -out root.pem -extensions e -notext \\
                     -startdate {begin} -enddate {end} 2>/dev/null"
            ));
            shown(machine, name)
        };
        let over = made("over", "20180101000000Z", "20180201000000Z", "/CN=Old Root");
        assert!(over.contains("CN=Old Root ended 2018-02-01"), "{over}");
        let early = made("early", "20980101000000Z", "20990101000000Z", "/CN=New Root");
        assert!(early.contains("CN=New Root begins 2098-01-01"), "{early}");
        let nameless = made("nameless", "20200101000000Z", "20990101000000Z", "/");
        assert!(nameless.contains("warning: a certificate without a subject may vouch for every name"), "{nameless}");
    });
}

/// What is shown before a root of that name is trusted, as one paragraph.
fn shown(machine: &Machine, name: &str) -> String {
    let file = machine.directory().join(name).join("root.pem");
    let digest = machine.run(&format!("openssl x509 -in {} -outform DER | sha256sum | cut -d' ' -f1", file.display()));
    let line = ["trust", "install", "--only", "system", "--dry-run", "--root", file.to_str().unwrap(), "--sha256"];
    let answer = machine.hubca(&[&line[..], &[digest.trim()]].concat()).succeeded();
    answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}
