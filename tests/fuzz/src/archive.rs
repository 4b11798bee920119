//! What somebody who knows the passphrase of a backup may make of it.

use std::{collections::BTreeMap, io::Read as _, sync::LazyLock};

use arbitrary::{Arbitrary, Unstructured};
use hubca::{
    home::{BackupWish, Home, Keys, Over},
    keys::{Opening, Passphrase},
    x509::{Sha256, hexadecimal},
};
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

use crate::{doors, with_hub};

/// A file of a backup: its name, and what is in it.
type Member = (Vec<u8>, Vec<u8>);

/// One change.
#[derive(Arbitrary, Debug)]
enum Edit<'a> {
    Overwrite { place: u8, at: u16, content: &'a [u8] },
    Replace { place: u8, content: &'a [u8] },
    Cut { place: u8, at: u16 },
    Rename { place: u8, name: &'a [u8] },
    Repeat { place: u8 },
    Remove { place: u8 },
    Add { name: &'a [u8], content: &'a [u8] },
    ClaimSize { place: u8, size: u64 },
    Kind { place: u8, kind: u8 },
    Reveal { key: u8, value: &'a str },
}

/// An archive: bytes as they are, or, after a zero, the files of a sound backup with some changes, on which its manifest may agree.
pub fn archive(bytes: &[u8]) -> Vec<u8> {
    let Some((0, edits)) = bytes.split_first().map(|(first, rest)| (*first, rest)) else { return bytes.to_vec() };
    let mut unread = Unstructured::new(edits);
    let mut changed = Changed { members: SOUND.clone(), ..Changed::default() };
    let agrees = bool::arbitrary(&mut unread).unwrap_or(true);
    while let Ok(edit) = Edit::arbitrary(&mut unread) {
        changed.apply(edit);
        if unread.is_empty() {
            break;
        }
    }
    if agrees {
        changed.agree();
    }
    changed.packed()
}

#[derive(Default)]
struct Changed {
    members: Vec<Member>,
    sizes: BTreeMap<usize, u64>,
    kinds: BTreeMap<usize, u8>,
}

impl Changed {
    fn place(&self, place: u8) -> usize {
        usize::from(place) % self.members.len().max(1)
    }

    fn apply(&mut self, edit: Edit<'_>) {
        match edit {
            Edit::Overwrite { place, at, content } => {
                let place = self.place(place);
                let Some((_, old)) = self.members.get_mut(place) else { return };
                let at = usize::from(at) % old.len().max(1);
                old.iter_mut().skip(at).zip(content).for_each(|(old, new)| *old = *new);
            }
            Edit::Replace { place, content } => {
                let place = self.place(place);
                self.members.get_mut(place).into_iter().for_each(|(_, old)| *old = content.to_vec());
            }
            Edit::Cut { place, at } => {
                let place = self.place(place);
                self.members.get_mut(place).into_iter().for_each(|(_, old)| old.truncate(at.into()));
            }
            Edit::Rename { place, name } => {
                let place = self.place(place);
                self.members.get_mut(place).into_iter().for_each(|(old, _)| *old = name.to_vec());
            }
            Edit::Repeat { place } => {
                let again = self.members.get(self.place(place)).cloned();
                self.members.splice(0..0, again);
            }
            Edit::Remove { place } if !self.members.is_empty() => drop(self.members.remove(self.place(place))),
            Edit::Remove { .. } => {}
            Edit::Add { name, content } => self.members.insert(0, (name.to_vec(), content.to_vec())),
            Edit::ClaimSize { place, size } => drop(self.sizes.insert(self.place(place), size)),
            Edit::Kind { place, kind } => drop(self.kinds.insert(self.place(place), kind)),
            Edit::Reveal { key, value } => self.change_manifest(|manifest| {
                let fields = manifest.as_object_mut()?;
                let name = fields.keys().nth(usize::from(key) % fields.len().max(1))?.clone();
                fields.insert(name, serde_json::from_str(value).unwrap_or(Value::Null));
                Some(())
            }),
        }
    }

    /// Writes the hashes of the files into the manifest.
    fn agree(&mut self) {
        let files: serde_json::Map<String, Value> = self
            .members
            .iter()
            .filter(|(name, _)| name != MANIFEST)
            .map(|(name, content)| {
                let mut digest = Sha256::default();
                digest.update(content);
                let told = json!({ "size": content.len(), "sha256": hexadecimal(&digest.finish()) });
                (String::from_utf8_lossy(name).into_owned(), told)
            })
            .collect();
        self.change_manifest(|manifest| {
            manifest.as_object_mut()?.insert("files".to_owned(), files.into());
            Some(())
        });
    }

    fn change_manifest(&mut self, change: impl FnOnce(&mut Value) -> Option<()>) {
        let Some((_, content)) = self.members.iter_mut().find(|(name, _)| name == MANIFEST) else { return };
        let Ok(mut manifest) = serde_json::from_slice(content) else { return };
        if change(&mut manifest).is_some() {
            *content = serde_json::to_vec(&manifest).unwrap();
        }
    }

    fn packed(&self) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (place, (name, content)) in self.members.iter().enumerate() {
            let mut header = Header::new_ustar();
            let field = &mut header.as_old_mut().name;
            field.iter_mut().zip(name).for_each(|(field, octet)| *field = *octet);
            header.set_mode(0o600);
            header.set_size(self.sizes.get(&place).copied().unwrap_or(content.len() as u64));
            header.set_entry_type(EntryType::new(self.kinds.get(&place).copied().unwrap_or(b'0')));
            header.set_cksum();
            builder.append(&header, content.as_slice()).unwrap();
        }
        builder.into_inner().unwrap()
    }
}

/// The files of a backup with every key in it, the manifest last.
static SOUND: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let passphrase = Passphrase::new(b"sesame".to_vec()).unwrap();
    let sealed = with_hub(|hub| {
        assert!(hub.run(&["issue", "--dns", "hub.lan"]).done().is_some());
        let file = hub.path("sound.tar.age");
        let home = Home::open(hub.layout(), doors()).unwrap();
        let wish =
            BackupWish { passphrase: &passphrase, root_keys: Keys::Take, leaf_keys: Keys::Take, over: Over::Nothing };
        home.back_up(&file, wish, &mut |_| ()).unwrap();
        std::fs::read(file).unwrap()
    });
    let mut archive = Archive::new(Opening::begin(sealed.as_slice(), &passphrase).unwrap());
    let member = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path_bytes().into_owned(), content)
    };
    archive.entries().unwrap().map(member).collect()
});

const MANIFEST: &[u8] = b"manifest.json";
