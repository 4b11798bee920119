//! The policy of Firefox on Linux that puts a root into every profile, also those yet to be made: `policies.json`, as Mozilla's policy
//! templates have it.

use std::{
    path::{Path, PathBuf},
    slice::from_ref,
};

use serde_json::{Value, json};

use super::{
    anchor::Anchor,
    error::TrustError,
    machine::Machine,
    rights::Rights,
    root::Root,
    store::{Kind, Owner, Standing, Store, Use},
};
use crate::{
    plan::{Plan, Step},
    system::Host,
};

/// The policy, with what changes it.
struct KeptPolicy<'a>(&'a Machine);

/// The policy of a machine with Firefox.
pub(super) fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let has_firefox = PROGRAMS.iter().any(|name| machine.programs.get(name).is_some());
    has_firefox.then(|| Box::new(KeptPolicy(machine)) as Box<dyn Store + '_>).into_iter().collect()
}

/// The policy that lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Policy {
    /// There is none.
    Nothing,
    /// A list of our own files and nothing more: this program wrote it.
    Ours { text: Vec<u8>, files: Vec<PathBuf> },
    /// It says something else as well. Firefox takes these files.
    Theirs { files: Vec<PathBuf> },
}

impl Policy {
    /// Looks.
    ///
    /// # Errors
    /// It cannot be read.
    fn at(path: &Path, host: &dyn Host) -> Result<Self, TrustError> {
        match host.read(path, MOST_BYTES) {
            Err(error) if error.is_missing() => Ok(Self::Nothing),
            text => Ok(Self::of(text?)),
        }
    }

    fn of(text: Vec<u8>) -> Self {
        // Firefox takes nothing of what is no JSON.
        let said: Value = serde_json::from_slice(&text).unwrap_or_default();
        let list = said.pointer("/policies/Certificates/Install").and_then(Value::as_array);
        let files = list.into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from);
        let files: Vec<PathBuf> = files.collect();
        // Nothing in JSON says who wrote it.
        let is_ours = !files.is_empty() && said == policy(&files) && files.iter().all(|file| is_name_of_ours(file));
        if is_ours { Self::Ours { text, files } } else { Self::Theirs { files } }
    }

    fn files(&self) -> &[PathBuf] {
        match self {
            Self::Nothing => &[],
            Self::Ours { files, .. } | Self::Theirs { files } => files,
        }
    }

    /// The step that writes a list in its place, or takes it away where there would be nothing in it.
    fn written_anew(text: &[u8], files: &[PathBuf], sentence: &str, rights: &Rights) -> Step {
        match files {
            [] => rights.remove("take the policy away", &path(), text),
            files => rights.write_over(sentence, &path(), &text_of(files), text),
        }
    }
}

impl KeptPolicy<'_> {
    fn file(root: &Root) -> PathBuf {
        Path::new(DIRECTORY).join(format!("{}.pem", root.name()))
    }

    /// A policy in the directory of a Firefox, which it reads only where there is none for all.
    fn one_of_firefox(&self, host: &dyn Host) -> Option<PathBuf> {
        let found = PROGRAMS.iter().filter_map(|name| self.0.programs.get(name));
        let resolved = found.filter_map(|program| host.resolve(program).ok());
        let homes = resolved.filter_map(|program| program.parent().map(Path::to_owned));
        let homes = homes.chain(FIREFOX.map(PathBuf::from));
        let places: Vec<PathBuf> = homes.map(|home| home.join("distribution").join(POLICIES)).collect();
        let lying = host.look(&places);
        places.into_iter().zip(lying).find(|(_, lying)| lying.is_file()).map(|(place, _)| place)
    }

    /// The step that removes the directories, where nothing but this would be left in them.
    fn clear(&self, leaving: &[&Path], rights: &Rights, host: &dyn Host) -> Option<Step> {
        let is_left = |directory: &str| {
            let names = host.entries(Path::new(directory)).ok()?;
            Some(names.iter().any(|name| !leaving.contains(&Path::new(directory).join(name).as_path())))
        };
        if is_left(DIRECTORY)? {
            return None;
        }
        let is_alone = host.entries(Path::new(ABOVE)).is_ok_and(|names| names.len() == 1);
        let above = is_alone.then_some(ABOVE);
        let words: Vec<&str> = ["rmdir", DIRECTORY].into_iter().chain(above).collect();
        Some(rights.run("remove the room that was made for it, which is empty then", &words))
    }
}

impl Store for KeptPolicy<'_> {
    fn kind(&self) -> Kind {
        Kind::FirefoxPolicy
    }

    fn place(&self) -> String {
        format!("{DIRECTORY}/{POLICIES}")
    }

    fn in_turns(&self) -> Option<Owner> {
        Some(Owner::System)
    }

    fn when_used(&self) -> Use {
        // What Firefox has taken from a policy stays in its profiles after the policy is gone.
        Use::Named
    }

    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, file) = (self.0.root_rights()?, Self::file(root));
        let sentence = "have every profile take it";
        let take = match Policy::at(&path(), host)? {
            Policy::Nothing => match self.one_of_firefox(host) {
                Some(hidden) => return Err(TrustError::HiddenPolicy(hidden)),
                None => Some(rights.write(sentence, &path(), &text_of(from_ref(&file)))),
            },
            policy if policy.files().contains(&file) => None,
            Policy::Ours { text, files } => {
                let files = [files, vec![file.clone()]].concat();
                Some(Policy::written_anew(&text, &files, sentence, rights))
            }
            Policy::Theirs { .. } => return Err(TrustError::ForeignPolicy { policy: path(), file }),
        };
        let make = rights.run("make room for the policy", &["mkdir", "-p", "-m", "0755", DIRECTORY]);
        let anchor = Anchor::at(&file, root, host)?;
        let put = anchor.put(rights, "put the root where Firefox can read it", &file, root)?;
        Ok(Plan::new([make].into_iter().chain(put).chain(take)))
    }

    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError> {
        let (rights, file) = (self.0.root_rights()?, Self::file(root));
        let (changed, goes) = match Policy::at(&path(), host)? {
            policy if !policy.files().contains(&file) => (None, policy == Policy::Nothing),
            Policy::Ours { text, mut files } => {
                files.retain(|other| *other != file);
                let sentence = "have profiles take the others";
                (Some(Policy::written_anew(&text, &files, sentence, rights)), files.is_empty())
            }
            Policy::Nothing | Policy::Theirs { .. } => {
                return Err(TrustError::NamedInForeignPolicy { policy: path(), file });
            }
        };
        let anchor = Anchor::at(&file, root, host)?;
        let away = anchor.take_away(rights, "take the root away from there", &file, root)?;
        let clear = goes.then(|| self.clear(&[&path(), &file], rights, host)).flatten();
        Ok(Plan::new(changed.into_iter().chain([away]).chain(clear)))
    }

    fn foreign(&self, root: &Root, host: &dyn Host) -> Result<Option<PathBuf>, TrustError> {
        let file = Self::file(root);
        let lying = Anchor::at(&file, root, host)?;
        Ok((lying == Anchor::Foreign).then_some(file))
    }

    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        let file = Self::file(root);
        let is_named = Policy::at(&path(), host)?.files().contains(&file);
        let anchor = Anchor::at(&file, root, host)?;
        Ok(match (is_named, anchor) {
            (true, Anchor::Root(_)) => Standing::Trusted,
            (false, Anchor::Nothing | Anchor::Foreign) => Standing::Absent,
            _ => Standing::Idle,
        })
    }
}

/// Where it lies.
fn path() -> PathBuf {
    Path::new(DIRECTORY).join(POLICIES)
}

/// The policy that has these files taken, and nothing more.
fn policy(files: &[PathBuf]) -> Value {
    json!({ "policies": { "Certificates": { "Install": files } } })
}

fn text_of(files: &[PathBuf]) -> String {
    format!("{:#}\n", policy(files))
}

/// Whether a file is one of those that are put there: `/etc/firefox/policies/hubca-home-hub-3f2a90c1.pem`.
fn is_name_of_ours(file: &Path) -> bool {
    let name = file.strip_prefix(DIRECTORY).ok().and_then(Path::to_str);
    name.is_some_and(|name| name.starts_with("hubca-") && name.ends_with(".pem") && !name.contains('/'))
}

/// Where Firefox looks on Linux, whichever way it was installed.
const DIRECTORY: &str = "/etc/firefox/policies";
/// What that lies in, and may have been made for it.
const ABOVE: &str = "/etc/firefox";
const POLICIES: &str = "policies.json";
const PROGRAMS: [&str; 2] = ["firefox", "firefox-esr"];
/// Where Firefox itself lies, from a package or from Mozilla.
const FIREFOX: [&str; 5] =
    ["/usr/lib/firefox", "/usr/lib/firefox-esr", "/usr/lib64/firefox", "/opt/firefox", "/usr/local/lib/firefox"];
const MOST_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_of_our_own_files_is_ours() {
        let ours = PathBuf::from("/etc/firefox/policies/hubca-home-hub-3f2a90c1.pem");
        let text = text_of(from_ref(&ours)).into_bytes();
        assert_eq!(Policy::of(text.clone()), Policy::Ours { text, files: vec![ours.clone()] });
        let theirs = |files: &[&Path]| Policy::Theirs { files: files.iter().map(|file| (*file).to_owned()).collect() };
        for (text, files) in [
            ("{\"policies\":{\"Certificates\":{\"Install\":[\"corp.crt\"]}}}", &[Path::new("corp.crt")][..]),
            ("{\"policies\":{\"Certificates\":{\"Install\":[]}}}", &[]),
            ("{\"policies\":{}}", &[]),
            ("{\"policies\":", &[]),
        ] {
            assert_eq!(Policy::of(text.into()), theirs(files), "{text}");
        }
        // An administrator's line makes it theirs; it names our file still.
        let mut more = policy(from_ref(&ours));
        more["policies"]["DisableTelemetry"] = true.into();
        assert_eq!(Policy::of(more.to_string().into()), theirs(&[&ours]));
        let mixed = text_of(&[ours.clone(), "/etc/firefox/policies/../hubca-x.pem".into()]);
        assert!(matches!(Policy::of(mixed.into()), Policy::Theirs { .. }));
    }
}
