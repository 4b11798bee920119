//! A home on its way from one root to the next, and what its servers send at each step.

use std::{fs, path::PathBuf};

use crate::{
    chain::{Case, Chain, Name},
    support::TestHome,
};

/// A home, and the roots that clients may have.
pub(crate) struct Scene {
    pub(crate) home: TestHome,
    /// A CA that has nothing to do with it.
    stranger: TestHome,
    /// How many chains were kept.
    kept: usize,
}

/// Which roots a client trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Old,
    New,
    Both,
    Neither,
}

impl Store {
    pub(crate) const ALL: [Self; 4] = [Self::Old, Self::New, Self::Both, Self::Neither];
}

impl Scene {
    pub(crate) fn new(options: &[&str]) -> Self {
        Self { home: TestHome::with_ca(options), stranger: TestHome::with_ca::<&str>(&[]), kept: 0 }
    }

    pub(crate) fn rotate(&self, step: &[&str]) -> serde_json::Value {
        let line = [&["rotate", "root"], step, &["--json"]].concat();
        self.home.hubca(&line).succeeded().json()
    }

    pub(crate) fn begin(&self, options: &[&str]) {
        self.rotate(&[&["begin", "--no-passphrase"], options].concat());
    }

    pub(crate) fn issue(&self, name: &Name) {
        self.home.hubca(&["issue", name.option(), &name.to_string()]).succeeded();
    }

    /// What the server of a name sends now: copies, for it will send something else later.
    pub(crate) fn served(&mut self, name: &Name) -> Chain {
        self.kept += 1;
        let live = self.home.file("live").join(name.to_string());
        let directory = self.home.directory().join(format!("served-{}", self.kept));
        fs::create_dir(&directory).unwrap();
        let copy = |file: &str| {
            fs::copy(live.join(file), directory.join(file)).unwrap();
            directory.join(file)
        };
        let [leaf, chain, fullchain] = ["cert.pem", "chain.pem", "fullchain.pem"].map(copy);
        let whole = [fs::read(&leaf).unwrap(), fs::read(&chain).unwrap()].concat();
        assert_eq!(fs::read(fullchain).unwrap(), whole, "what a server sends is its certificate and the chain");
        Chain { root: PathBuf::new(), issuing: chain, leaf, key: copy("privkey.pem") }
    }

    /// The roots of a client, once both are there.
    pub(crate) fn store(&self, store: Store) -> PathBuf {
        let path = self.home.directory().join(format!("{store:?}.pem"));
        let [old, new] =
            ["root/root.crt.pem", "root/2/root.crt.pem"].map(|file| fs::read(self.home.file(file)).unwrap());
        let content = match store {
            Store::Old => old,
            Store::New => new,
            Store::Both => [new, old].concat(),
            Store::Neither => fs::read(self.stranger.file("root/root.crt.pem")).unwrap(),
        };
        fs::write(&path, content).unwrap();
        path
    }
}

/// One case for a chain and a client.
pub(crate) fn case(title: &str, chain: &Chain, root: PathBuf, name: &Name) -> Case {
    Case::new(title, &Chain { root, ..chain.clone() }, name)
}
