//! What a thief of an issuing key cannot do while a change of root is under way: the scope holds below both roots and across
//! them.

use crate::{
    chain::Name,
    hand_made::Authority,
    scene::{Scene, Store, case},
    trusted::ask,
};

#[test]
fn the_scope_holds_below_both_roots_and_across_them() {
    let mut scene = Scene::new(&[]);
    let name = Name::dns("hub.lan");
    scene.issue(&name);
    scene.begin(&[]);
    let old = scene.served(&name);
    scene.rotate(&["cut-over"]);
    scene.issue(&name);
    let new = scene.served(&name);
    let (inside, outside) = (Name::dns("nas.lan"), [Name::dns("www.example.com"), Name::ip("203.0.113.7")]);
    let mut cases = Vec::new();
    for (issuing, served) in [(1, old), (2, new)] {
        let place = scene.home.directory().join(format!("thief-{issuing}"));
        std::fs::create_dir(&place).unwrap();
        let key = scene.home.file(&format!("issuing/{issuing}/ca.key.pem"));
        let thief = Authority::holding(&place, scene.store(Store::Old), served.issuing, key);
        for name in [&inside, &outside[0], &outside[1]] {
            let leaf = thief.leaf(std::slice::from_ref(name));
            for store in [Store::Old, Store::New, Store::Both] {
                let title = format!("{name} by the key of issuing/{issuing}, {store:?}");
                cases.push((*name == inside, case(&title, &leaf, scene.store(store), name)));
            }
        }
    }
    ask(&cases);
}
