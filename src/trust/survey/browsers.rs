//! The databases of a person's browsers.

use std::path::{Path, PathBuf};

use crate::{
    system::Host,
    trust::{
        database::{Browser, Database},
        machine::Programs,
    },
};

/// The databases in a person's directory.
pub(super) fn databases(own: &Path, programs: &Programs, host: &dyn Host) -> Vec<Database> {
    let found = |browser, directory| Database { browser, directory };
    let chromium = with_database(CHROMIUM.iter().map(|place| own.join(place)).collect(), host);
    let profiles = FIREFOX.iter().flat_map(|place| {
        let place = own.join(place);
        let names = host.entries(&place).unwrap_or_default();
        let mut profiles: Vec<_> = names.into_iter().map(|name| place.join(name)).collect();
        for listed in listed(&place, host) {
            if !profiles.contains(&listed) {
                profiles.push(listed);
            }
        }
        with_database(profiles, host)
    });
    let missing = chromium.is_empty() && CHROMIUM_PROGRAMS.iter().any(|name| programs.get(name).is_some());
    // Every release uses this one where it is.
    let made = missing.then(|| found(Browser::Chromium, own.join(".pki/nssdb")));
    let chromium = chromium.into_iter().map(|place| found(Browser::Chromium, place));
    chromium.chain(made).chain(profiles.map(|place| found(Browser::Firefox, place))).collect()
}

/// The profiles that Firefox has listed: some lie elsewhere (`IsRelative=0`).
fn listed(place: &Path, host: &dyn Host) -> Vec<PathBuf> {
    let list = host.read(&place.join("profiles.ini"), MOST_OF_LIST).unwrap_or_default();
    let list = String::from_utf8_lossy(&list);
    // A path that is not relative stays what it is.
    list.lines().filter_map(|line| line.strip_prefix("Path=")).map(|path| place.join(path.trim_end())).collect()
}

/// The directories that have a database in them.
fn with_database(places: Vec<PathBuf>, host: &dyn Host) -> Vec<PathBuf> {
    let lying = host.look(&places.iter().map(|place| place.join("cert9.db")).collect::<Vec<_>>());
    places.into_iter().zip(lying).filter(|(_, lying)| lying.is_file()).map(|(place, _)| place).collect()
}

/// Where Chromium and its kin keep theirs: the second is for releases from 146 on, where the first does not exist.
const CHROMIUM: [&str; 3] = [".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb"];
/// Chromium and its kin, as their packages for Linux call them.
pub(super) const CHROMIUM_PROGRAMS: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
    "vivaldi",
];
/// A list of hundreds is shorter.
const MOST_OF_LIST: usize = 256 * 1024;
/// Where Firefox keeps its profiles: from a package, of old and since 147; as a snap; as a flatpak; on a Mac.
const FIREFOX: [&str; 6] = [
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
    "Library/Application Support/Firefox/Profiles",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{SystemProcesses, files::directory, host::Here};

    #[test]
    fn every_database_is_found_and_one_is_made_where_a_browser_has_none() {
        let own = tempfile::tempdir().unwrap();
        let processes = SystemProcesses::default();
        let here = Here(&processes);
        let chromium = Programs::new([("chromium".to_owned(), PathBuf::from("/usr/bin/chromium"))]);
        assert_eq!(databases(own.path(), &Programs::default(), &here), []);
        let made = databases(own.path(), &chromium, &here);
        assert_eq!(made, [Database { browser: Browser::Chromium, directory: own.path().join(".pki/nssdb") }]);
        for place in
            [".local/share/pki/nssdb", ".config/mozilla/firefox/a.default", "snap/firefox/common/.mozilla/firefox/b"]
        {
            directory::create_directories(&own.path().join(place)).unwrap();
            crate::system::files::write_new(
                &own.path().join(place).join("cert9.db"),
                b"",
                crate::system::FileMode::Public,
            )
            .unwrap();
        }
        // One lies elsewhere, and one is in the list and in its directory.
        let (elsewhere, firefox) = (own.path().join("elsewhere"), own.path().join(".config/mozilla/firefox"));
        directory::create_directories(&elsewhere).unwrap();
        let list = format!(
            "[Install4F96]\nDefault=a.default\n\n[Profile1]\nIsRelative=0\nPath={}\n\n[Profile0]\nIsRelative=1\nPath=a.default\n",
            elsewhere.display()
        );
        for (path, text) in [(elsewhere.join("cert9.db"), ""), (firefox.join("profiles.ini"), &list)] {
            crate::system::files::write_new(&path, text.as_bytes(), crate::system::FileMode::Public).unwrap();
        }
        directory::create_directories(&own.path().join(".mozilla/firefox/Crash Reports")).unwrap();
        let found = databases(own.path(), &chromium, &here);
        let told: Vec<_> = found.iter().map(|found| found.browser).collect();
        assert_eq!(told, [Browser::Chromium, Browser::Firefox, Browser::Firefox, Browser::Firefox]);
        assert!(found.iter().any(|found| found.directory == elsewhere));
    }
}
