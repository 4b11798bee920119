//! What a person is told of a root before a machine trusts it.

use crate::support::{TestHome, machine::on_a_machine};

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
