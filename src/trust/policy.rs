//! The policy of Firefox on Linux that puts a root into every profile, also those yet to be made: `policies.json`, as Mozilla's policy
//! templates have it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    error::TrustError,
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Standing, Store, Use},
};
use crate::{
    plan::{Plan, Step},
    system::Host,
};

/// The policy, with what changes it.
struct Kept<'a>(&'a Machine);

/// The policy of a machine with Firefox.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let has_firefox = ["firefox", "firefox-esr"].iter().any(|name| machine.programs.get(name).is_some());
    has_firefox.then(|| Box::new(Kept(machine)) as Box<dyn Store + '_>).into_iter().collect()
}

/// What we write, and nothing more: a file that says anything else is somebody else's.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    policies: Policy,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Policy {
    certificates: Certificates,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Certificates {
    install: Vec<PathBuf>,
}

impl Policies {
    /// What takes the policy of before away, where one of ours lies there: nothing in JSON says whose it is, and what is written
    /// over would be kept as somebody else's.
    fn of_before(&self, rights: &Rights) -> Option<Step> {
        let path = Path::new(DIRECTORY).join(POLICIES);
        let is_there = !self.policies.certificates.install.is_empty();
        is_there.then(|| rights.remove("take the policy of before away", &path, &self.text()))
    }

    fn text(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

impl Kept<'_> {
    fn rights(&self) -> Result<&Rights, TrustError> {
        self.0.root.as_ref().ok_or(TrustError::NoRights)
    }

    fn file(root: &Root) -> PathBuf {
        Path::new(DIRECTORY).join(format!("{}.pem", root.name()))
    }

    /// What the policy says now.
    fn held(host: &dyn Host) -> Result<Policies, TrustError> {
        let path = Path::new(DIRECTORY).join(POLICIES);
        let text = match host.read(&path, MOST_BYTES) {
            Err(error) if error.is_missing() => return Ok(Policies::default()),
            text => text?,
        };
        serde_json::from_slice(&text).map_err(|_| TrustError::ForeignPolicy(path))
    }
}

impl Store for Kept<'_> {
    fn kind(&self) -> Kind {
        Kind::FirefoxPolicy
    }

    fn place(&self) -> String {
        format!("{DIRECTORY}/{POLICIES}")
    }

    fn when_used(&self) -> Use {
        // What Firefox has taken from a policy stays in its profiles after the policy is gone.
        Use::Named
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, file, mut policies) = (self.rights()?, Self::file(root), Self::held(host)?);
        let before = policies.of_before(rights);
        policies.policies.certificates.install.retain(|path| *path != file);
        policies.policies.certificates.install.push(file.clone());
        let make = rights.run("make room for the policy", &["mkdir", "-p", "-m", "0755", DIRECTORY]);
        let put = rights.write("put the root where Firefox can read it", &file, &root.pem());
        let take = rights.write("have every profile take it", &Path::new(DIRECTORY).join(POLICIES), &policies.text());
        Ok(Plan::new([make, put].into_iter().chain(before).chain([take])))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, file, mut policies) = (self.rights()?, Self::file(root), Self::held(host)?);
        let before = policies.of_before(rights);
        policies.policies.certificates.install.retain(|path| *path != file);
        let path = Path::new(DIRECTORY).join(POLICIES);
        let others = (!policies.policies.certificates.install.is_empty())
            .then(|| rights.write("have profiles take the others", &path, &policies.text()));
        let away = rights.remove("take the root away from there", &file, &root.pem());
        Ok(Plan::new(before.into_iter().chain(others).chain([away])))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let file = Self::file(root);
        let is_named = Self::held(host)?.policies.certificates.install.contains(&file);
        let is_there = host.read(&file, MOST_BYTES).is_ok_and(|text| root.is_in(&text));
        Ok(match (is_named, is_there) {
            (true, true) => Standing::Trusted,
            (false, false) => Standing::Absent,
            _ => Standing::Idle,
        })
    }
}

/// Where Firefox looks on Linux, whichever way it was installed.
const DIRECTORY: &str = "/etc/firefox/policies";
const POLICIES: &str = "policies.json";
const MOST_BYTES: usize = 1024 * 1024;
