//! The files that a CA shows to everybody: its CRLs (RFC 5280 4.2.1.13, RFC 2585) and the certificates of its CAs.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use time::OffsetDateTime;

use super::shelf::Ready;
use crate::{
    authority::CaCertificate,
    home::{CrlFiles, Home},
    system::files::{Stamp, read_bounded, stamp},
};

/// What is shown, and of which state of each file.
#[derive(Default)]
pub(super) struct Bulletin {
    shown: HashMap<String, (Source, Arc<Ready>)>,
}

/// A file that shall be shown.
pub(super) struct Notice {
    name: String,
    media_type: &'static str,
    content: Content,
}

enum Content {
    /// What lies there at the moment.
    File(PathBuf),
    /// A certificate, since it is valid.
    Certificate(Vec<u8>, OffsetDateTime),
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    File(Stamp),
    Certificate,
}

/// All that a home has to show. Nothing else of it has a name here.
pub(super) fn notices(home: &Home) -> Vec<Notice> {
    home.authority().cas().iter().flat_map(|ca| notices_of(home, ca)).collect()
}

fn notices_of(home: &Home, ca: &CaCertificate) -> Vec<Notice> {
    let name = ca.file_stem();
    let since = ca.certificate().tbs().validity().not_before();
    let mut notices = vec![Notice {
        name: format!("{name}.crt"),
        media_type: "application/pkix-cert",
        content: Content::Certificate(ca.certificate().as_der().to_vec(), since),
    }];
    if ca.issues_crls() {
        let layout = home.layout();
        let files = [
            (format!("{name}.crl"), "application/pkix-crl", layout.crl(&name)),
            (format!("{name}.crl.pem"), "application/x-pem-file", layout.crl_pem(&name)),
        ];
        notices.extend(files.map(|(name, media_type, path)| Notice { name, media_type, content: Content::File(path) }));
    }
    notices
}

impl Bulletin {
    /// The names of what is shown.
    pub(super) fn names(&self) -> Vec<String> {
        self.shown.keys().cloned().collect()
    }

    /// All files, where one of them is another than before. One that cannot be read stays as it was shown last: a CRL is
    /// replaced whole, and until it is there the old one holds.
    pub(super) fn renewed(&mut self, notices: &[Notice]) -> Option<HashMap<String, Arc<Ready>>> {
        let mut has_changed =
            notices.iter().filter(|notice| self.shown.contains_key(&notice.name)).count() != self.shown.len();
        self.shown.retain(|name, _| notices.iter().any(|notice| notice.name == *name));
        for notice in notices {
            let Some(source) = notice.source() else { continue };
            if self.shown.get(&notice.name).is_some_and(|(shown, _)| *shown == source) {
                continue;
            }
            let Some(ready) = notice.read() else { continue };
            self.shown.insert(notice.name.clone(), (source, Arc::new(ready)));
            has_changed = true;
        }
        has_changed.then(|| self.shown.iter().map(|(name, (_, ready))| (name.clone(), ready.clone())).collect())
    }
}

impl Notice {
    fn source(&self) -> Option<Source> {
        match &self.content {
            Content::File(path) => stamp(path).ok().map(Source::File),
            Content::Certificate(..) => Some(Source::Certificate),
        }
    }

    fn read(&self) -> Option<Ready> {
        match &self.content {
            Content::Certificate(der, since) => Some(Ready::file(der.clone(), self.media_type, *since)),
            Content::File(path) => {
                let modified = stamp(path).ok()?.modified();
                Some(Ready::file(read_bounded(path, CrlFiles::MOST_BYTES).ok()?, self.media_type, modified))
            }
        }
    }
}
