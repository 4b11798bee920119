//! What devices are given while one root follows another.

use std::{fs, path::PathBuf};

use crate::{chain::Name, scene::Scene};

/// How many certificates an exported file in PEM holds.
fn roots(scene: &Scene, target: &str) -> usize {
    let file = exported(scene, target);
    fs::read_to_string(file).unwrap().matches("-----BEGIN CERTIFICATE-----").count()
}

fn exported(scene: &Scene, target: &str) -> PathBuf {
    let out = scene.home.directory().join(format!("exported-{target}"));
    let line = ["export", target, "--force", "--json", "--out", out.to_str().unwrap()];
    scene.home.hubca(&line).succeeded();
    out
}

/// How many roots the profile brings, and by which of them a device tells it apart.
fn payloads(scene: &Scene) -> (usize, String) {
    let profile = fs::read_to_string(exported(scene, "ios")).unwrap();
    let identifier = profile.split("io.hubca.").nth(1).unwrap()[..16].to_owned();
    (profile.matches("com.apple.security.root").count(), identifier)
}

#[test]
fn files_for_devices_hold_both_roots_until_the_old_one_is_retired() {
    let scene = Scene::new(&[]);
    scene.issue(&Name::dns("hub.lan"));
    let sha256 = |standing: &str| {
        let answer = scene.rotate(&[]);
        let roots = answer["roots"].as_array().unwrap();
        roots.iter().find(|root| root["standing"] == standing).map(|root| root["sha256"].as_str().unwrap().to_owned())
    };
    let old = sha256("in_force").unwrap();
    assert_eq!((payloads(&scene), roots(&scene, "pem")), ((1, old[..16].to_owned()), 1));
    scene.begin(&[]);
    let new = sha256("next").unwrap();
    // The profile is the new root's: beside the old one, which a device keeps.
    assert_eq!((payloads(&scene), roots(&scene, "pem")), ((2, new[..16].to_owned()), 2));
    // A file that holds one certificate has the root that is served at every step to come.
    for target in ["android", "linux"] {
        assert_eq!(roots(&scene, target), 1);
        assert_eq!(
            fs::read(exported(&scene, target)).unwrap(),
            fs::read(scene.home.file("root/2/root.crt.pem")).unwrap()
        );
    }
    scene.rotate(&["cut-over"]);
    assert_eq!((payloads(&scene).0, roots(&scene, "pem")), (2, 2));
    scene.issue(&Name::dns("hub.lan"));
    scene.rotate(&["retire"]);
    assert_eq!((payloads(&scene), roots(&scene, "pem")), ((1, new[..16].to_owned()), 1));
}

#[test]
fn what_was_given_up_is_handed_out_to_nobody() {
    let scene = Scene::new(&[]);
    let before = fs::read(exported(&scene, "ios")).unwrap();
    scene.begin(&[]);
    scene.rotate(&["abandon"]);
    assert_eq!(fs::read(exported(&scene, "ios")).unwrap(), before);
}
