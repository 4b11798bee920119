//! What a server is told on this machine already, beside a preset: two that want the same would end each other.

use std::path::{Path, PathBuf};

use super::{
    configuration::text,
    installation::Spot,
    offered::Preset,
    place::NoPlace,
    secret::Secret,
    standing::{Standing, on},
    target::Target,
};
use crate::{
    plan::{block, block_begun_by, without_block},
    system::{FileError, files::directory},
};

/// The other files and lines that a server reads on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours {
    files: Vec<(PathBuf, String)>,
    /// What stands at the place of the preset.
    standing: Standing,
    /// Whether the same server is set up for the label in its other way.
    is_in_other_way: bool,
    /// Whether a hub has a cookie secret where it is set up as usual.
    has_secret: bool,
    /// What it could load and does not, as Apache's modules.
    off: Vec<&'static str>,
}

impl Neighbours {
    /// Looks below `machine`, the root directory, for what is not of that label.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn look(offered: &Preset, label: &str, machine: &Path) -> Result<Self, FileError> {
        let standing = Standing::look(offered, label, machine)?;
        let mut found =
            Self { files: Vec::new(), standing, is_in_other_way: false, has_secret: false, off: Vec::new() };
        let Some(spot) = offered.installation.setting().map(|setting| &setting.spot) else { return Ok(found) };
        let own = on(machine, spot.path());
        let place = own.parent().unwrap_or(machine);
        let below = |name: &str| machine.join(name);
        let beside = match offered.target {
            Target::Nginx => [files_of(place, &["conf"])?, files_of(&below("etc/nginx/sites-enabled"), &[])?].concat(),
            Target::Apache => files_of(&below("etc/apache2/sites-enabled"), &["conf"])?,
            Target::Mosquitto => [files_of(place, &["conf"])?, vec![below("etc/mosquitto/mosquitto.conf")]].concat(),
            Target::Traefik => files_of(place, &["yml", "yaml"])?,
            Target::Jupyter | Target::JupyterBehindProxy => vec![place.join("jupyter_server_config.json")],
            _ => Vec::new(),
        };
        for path in beside.into_iter().filter(|path| path.file_name() != own.file_name()) {
            found.files.extend(text(&path)?.map(|text| (path, text)));
        }
        if let (Spot::Lines(_), Some(text)) = (spot, text(&own)?) {
            let without = |text: String, way: Target| without_block(&text, &way.block_of(label)).unwrap_or(text);
            let other = offered.target.other_way();
            found.is_in_other_way = other.is_some_and(|other| block(&text, &other.block_of(label)).is_some());
            found.files.push((own, [Some(offered.target), other].into_iter().flatten().fold(text, without)));
        }
        let is_there = |secret: &Secret| on(machine, Path::new(secret.place)).join(secret.file_name).exists();
        found.has_secret = offered.secrets.iter().any(is_there);
        if offered.target == Target::Apache {
            let modules = below("etc/apache2/mods-enabled");
            let is_off = |module: &&str| !modules.join(format!("{module}.load")).exists();
            found.off = APACHE_MODULES.into_iter().filter(is_off).collect();
        }
        Ok(found)
    }

    /// Refuses what would be there twice: a second label where there is one certificate only, and a port that is taken.
    ///
    /// # Errors
    /// It is so.
    pub(super) fn check_room(&self, offered: &Preset, label: &str) -> Result<(), NoPlace> {
        let target = offered.target;
        if target.has_one_certificate() {
            let other = self.lines().find_map(|(_, line)| other_label(line, target, label));
            return other.map_or(Ok(()), |other| Err(NoPlace::Other { target, label: other }));
        }
        let text = offered.documents.first().map(|document| document.text.as_str()).unwrap_or_default();
        let wanted: Vec<[&str; 2]> = text.lines().filter_map(listening).collect();
        let taken = self.lines().find(|(_, line)| listening(line).is_some_and(|words| wanted.contains(&words)));
        taken.map_or(Ok(()), |(path, line)| Err(NoPlace::Port { path: path.to_owned(), line: line.trim().to_owned() }))
    }

    /// What stands at the place of the preset.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The other files, and what each says but for the lines of this very label.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// Whether the server was told something before anything of this label's, and has no secret that was made for it.
    pub(super) fn was_there_first(&self) -> bool {
        let is_new = self.standing == Standing::Nothing && !self.is_in_other_way;
        !self.files.is_empty() && is_new && !self.has_secret
    }

    /// Whether a line begins with one of these words.
    pub(super) fn say(&self, words: &[&str]) -> bool {
        self.lines().any(|(_, line)| line.split_whitespace().next().is_some_and(|first| words.contains(&first)))
    }

    /// What its file or its lines for this very label say already.
    pub(super) fn before(&self) -> Option<&str> {
        match &self.standing {
            Standing::Ours(text) => Some(text),
            Standing::Nothing | Standing::Theirs(_) => None,
        }
    }

    /// The modules that it needs and does not load yet.
    pub(super) fn off(&self) -> &[&'static str] {
        &self.off
    }

    fn lines(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files().flat_map(|(path, text)| text.lines().map(move |line| (path, line)))
    }
}

/// The label of a block that is another one's, or of the server's other way of being set up.
fn other_label(line: &str, target: Target, label: &str) -> Option<String> {
    let (its, other) = block_begun_by(line)?.split_once(' ')?;
    let is_its = its == target.as_str() || target.other_way().is_some_and(|way| its == way.as_str());
    (is_its && other != label).then(|| other.to_owned())
}

/// The words by which Apache and Mosquitto listen at a port.
fn listening(line: &str) -> Option<[&str; 2]> {
    let mut words = line.split_whitespace();
    match (words.next()?, words.next()?) {
        (word @ ("Listen" | "listener"), port) => Some([word, port]),
        _ => None,
    }
}

/// The files of a directory that end in one of these ways, if any are named.
fn files_of(place: &Path, ends: &[&str]) -> Result<Vec<PathBuf>, FileError> {
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let paths = directory::entries(place)?.into_iter().map(|name| place.join(name));
    let is_one = |path: &PathBuf| {
        let end = path.extension().and_then(|end| end.to_str());
        path.is_file() && (ends.is_empty() || end.is_some_and(|end| ends.contains(&end)))
    };
    Ok(paths.filter(is_one).collect())
}

/// The modules that a preset of Apache uses, each after those that it needs itself. Others that it needs are loaded by Debian's own
/// configuration.
pub(super) const APACHE_MODULES: [&str; 7] =
    ["socache_shmcb", "ssl", "http2", "headers", "rewrite", "proxy", "proxy_http"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        preset::{Site, beside, place::Place, preset, tests},
        system::{FileMode, files::replace},
        x509::{DnsName, GeneralName, SubjectAltNames},
    };

    fn write(machine: &Path, file: &str, text: &str) {
        let path = machine.join(file);
        directory::create_directories(path.parent().unwrap()).unwrap();
        replace(&path, text.as_bytes(), FileMode::Public).unwrap();
    }

    /// What is said of a preset beside what a machine has; the text where nothing is.
    fn placed(target: Target, site: &Site, machine: &Path) -> Result<Preset, String> {
        let preset = preset(target, site).unwrap();
        let found = Neighbours::look(&preset, site.label(), machine).unwrap();
        beside(preset, site, &found).map_err(|error| error.to_string())
    }

    fn site() -> Site {
        tests::site("/etc/hubca/hub.lan")
    }

    fn named(label: &str, names: &[&str]) -> Site {
        let name =
            |name: &&str| GeneralName::parse_ip(name).or_else(|_| DnsName::parse(name).map(GeneralName::Dns)).unwrap();
        let names = SubjectAltNames::new(names.iter().map(name).collect()).unwrap();
        Site::of_names(label, &names, crate::preset::CertificateFiles::of_label(label).unwrap()).unwrap()
    }

    fn jupyter(target: Target) -> Site {
        let own = Path::new("/home/ann/.jupyter");
        site().configured_in(Place::find(target, None, Some(own), own).unwrap())
    }

    #[test]
    fn where_there_is_one_certificate_the_second_label_is_told_of_the_first() {
        let machine = tempfile::tempdir().unwrap();
        let files = [
            (Target::Haproxy, "etc/haproxy/haproxy.cfg", "haproxy"),
            (Target::Jupyter, "home/ann/.jupyter/jupyter_server_config.py", "jupyter-behind-proxy"),
            (Target::JupyterhubBehindProxy, "etc/jupyterhub/jupyterhub_config.py", "jupyterhub"),
        ];
        for (target, file, word) in files {
            let placed = || placed(target, &jupyter(target), machine.path());
            placed().unwrap();
            let theirs = "# Written by hubca: nginx nas.lan\n# End of nginx nas.lan\n";
            let block = |label| format!("a\n# Written by hubca (00): {word} {label}\n# End of {word} {label}\n");
            write(machine.path(), file, &format!("{}{theirs}", block("hub.lan")));
            placed().unwrap();
            write(machine.path(), file, &block("nas.lan"));
            assert!(placed().unwrap_err().contains("`nas.lan`"), "{target}");
        }
    }

    #[test]
    fn a_port_is_listened_at_once() {
        let machine = tempfile::tempdir().unwrap();
        for (target, place, text) in [
            (Target::Apache, "etc/apache2/sites-enabled", "Listen 8443\n"),
            (Target::Mosquitto, "etc/mosquitto/conf.d", "listener 8443\n"),
        ] {
            let write = |file: &str| write(machine.path(), &format!("{place}/{file}"), &format!("# theirs\n {text}"));
            let placed = |port| placed(target, &site().at_port(Some(port)), machine.path());
            write("hub.lan.conf");
            write("README");
            placed(8443).unwrap();
            write("nas.lan.conf");
            assert!(placed(8443).unwrap_err().contains("nas.lan.conf"), "{target}");
            placed(9443).unwrap();
        }
    }

    #[test]
    fn one_file_of_nginx_is_shown_to_who_comes_by_an_address() {
        let machine = tempfile::tempdir().unwrap();
        let placed = |site: &Site| placed(Target::Nginx, site, machine.path());
        let text = |preset: Preset| preset.documents[0].text.clone();
        write(machine.path(), "etc/nginx/sites-enabled/default", "server {\n    listen 80 default_server;\n}\n");
        let (hub, nas) = (named("hub.lan", &["hub.lan", "10.0.0.5"]), named("nas.lan", &["nas.lan", "10.0.0.6"]));
        let first = text(placed(&hub).unwrap());
        assert!(first.contains("listen 443 ssl default_server http2;"), "{first}");
        assert!(first.contains("listen [::]:443 ssl default_server http2;") && first.contains("listen 80;"), "{first}");
        write(machine.path(), "etc/nginx/conf.d/hub.lan.conf", &first);
        placed(&hub).unwrap();
        assert!(placed(&nas).unwrap_err().contains("hub.lan.conf"));
        let by_name = text(placed(&named("app.lan", &["app.lan"])).unwrap());
        assert!(!by_name.contains("default_server"), "{by_name}");
        placed(&nas.clone().at_port(Some(8443))).unwrap();
        // Files of before do not say so, and are first by their names.
        write(machine.path(), "etc/nginx/conf.d/hub.lan.conf", &first.replace(" default_server", ""));
        assert!(placed(&nas).is_err());
    }

    #[test]
    fn the_first_file_of_apache_is_shown_to_who_comes_by_an_address() {
        let machine = tempfile::tempdir().unwrap();
        let placed = |site: &Site| placed(Target::Apache, site, machine.path());
        let (hub, nas) = (named("hub.lan", &["hub.lan", "10.0.0.5"]), named("nas.lan", &["nas.lan", "10.0.0.6"]));
        let (app, zoo) = (named("app.lan", &["app.lan"]), named("zoo.lan", &["zoo.lan"]));
        let text = placed(&hub).unwrap().documents[0].text.clone();
        write(machine.path(), "etc/apache2/sites-enabled/000-default.conf", "<VirtualHost *:80>\n</VirtualHost>\n");
        write(machine.path(), "etc/apache2/sites-enabled/hub.lan.conf", &text);
        for good in [&hub, &zoo, &nas.clone().at_port(Some(8443))] {
            placed(good).unwrap();
        }
        for bad in [&nas, &app] {
            assert!(placed(bad).unwrap_err().contains("hub.lan.conf"), "{}", bad.label());
        }
    }

    #[test]
    fn one_file_of_traefik_has_the_default_certificate() {
        let machine = tempfile::tempdir().unwrap();
        let place = machine.path().join("dynamic");
        directory::create_directories(&place).unwrap();
        let text = |label: &str| {
            let place = Place::find(Target::Traefik, Some(&place), None, Path::new("/")).unwrap();
            let site = named(label, &[label]).configured_in(place);
            let placed = placed(Target::Traefik, &site, Path::new("/")).unwrap();
            placed.documents[0].text.clone()
        };
        let first = text("hub.lan");
        assert!(first.contains("defaultCertificate:") && first.contains("cipherSuites:"), "{first}");
        write(&place, "hub.lan.yml", &first);
        assert_eq!(text("hub.lan"), first);
        let second = text("nas.lan");
        assert!(!second.contains("defaultCertificate:") && !second.contains("cipherSuites:"), "{second}");
        assert!(second.contains("certFile:") && second.contains("\n\nhttp:\n  routers:"), "{second}");
    }

    #[test]
    fn json_that_jupyter_reads_last_is_told_of() {
        let machine = tempfile::tempdir().unwrap();
        let placed = || placed(Target::Jupyter, &jupyter(Target::Jupyter), machine.path());
        let json = |text: &str| write(machine.path(), "home/ann/.jupyter/jupyter_server_config.json", text);
        json(r#"{"IdentityProvider": {"hashed_password": "x"}, "ServerApp": {"password": "x"}}"#);
        placed().unwrap();
        json(r#"{"ServerApp": {"port": 9999}}"#);
        assert!(placed().unwrap_err().contains("says `port` already"));
    }

    #[test]
    fn a_hub_that_has_a_cookie_secret_keeps_it() {
        let machine = tempfile::tempdir().unwrap();
        let config = "etc/jupyterhub/jupyterhub_config.py";
        let target = Target::JupyterhubBehindProxy;
        let placed = || placed(target, &site(), machine.path()).unwrap();
        let (secrets, cautions) = (placed().secrets, placed().cautions.len());
        assert_eq!(secrets.len(), 1);
        write(machine.path(), config, "c = get_config()\n# c.JupyterHub.cookie_secret_file = 'x'\n");
        assert_eq!((placed().secrets.len(), placed().cautions.len()), (1, cautions + 1));
        // One that is there stays, and nobody is logged out.
        write(machine.path(), "etc/jupyterhub/jupyterhub_cookie_secret", "");
        assert_eq!(placed().cautions.len(), cautions);
        for theirs in ["c.JupyterHub.cookie_secret_file = '/srv/x'\n", "c.JupyterHub.cookie_secret = bytes(32)\n"] {
            write(machine.path(), config, theirs);
            let placed = placed();
            assert!(placed.secrets.is_empty() && !placed.documents[0].text.contains("cookie_secret"), "{theirs}");
            assert!(placed.documents[0].text.contains("cleanup_servers"));
        }
        // Our own lines say nothing of somebody else's secret.
        let block = "# Written by hubca: jupyterhub hub.lan\nc.JupyterHub.cookie_secret_file = 'x'\n# End of jupyterhub hub.lan\n";
        write(machine.path(), config, block);
        assert_eq!((placed().secrets.len(), placed().cautions.len()), (1, cautions));
    }

    #[test]
    fn modules_that_are_not_loaded_are_found() {
        let machine = tempfile::tempdir().unwrap();
        write(machine.path(), "etc/apache2/mods-enabled/ssl.load", "");
        let look = |target| Neighbours::look(&preset(target, &site()).unwrap(), "hub.lan", machine.path()).unwrap();
        let found = look(Target::Apache);
        assert!(!found.off().contains(&"ssl") && found.off().contains(&"http2"), "{:?}", found.off());
        assert!(look(Target::Nginx).off().is_empty());
        let plan = placed(Target::Apache, &site(), machine.path()).unwrap().plan("hub.lan", "x").unwrap();
        let programs: Vec<_> = plan.steps().iter().filter_map(crate::plan::Step::program).collect();
        assert_eq!(programs, ["a2enmod", "a2ensite", "apache2ctl", "systemctl"]);
    }

    #[test]
    fn what_stands_there_is_known_by_its_mark() {
        let machine = tempfile::tempdir().unwrap();
        let standing = |target| Standing::look(&preset(target, &site()).unwrap(), "hub.lan", machine.path()).unwrap();
        assert_eq!(standing(Target::Nginx), Standing::Nothing);
        write(machine.path(), "etc/nginx/conf.d/hub.lan.conf", "server {}\n");
        assert!(matches!(standing(Target::Nginx), Standing::Theirs(_)));
        write(machine.path(), "etc/nginx/conf.d/hub.lan.conf", "# Written by hubca (00): x\nserver {}\n");
        assert!(matches!(standing(Target::Nginx), Standing::Ours(_)));
        // What was there before comes back where a removal was stopped.
        write(machine.path(), "etc/apache2/sites-available/.hub.lan.conf.before-hubca", "theirs\n");
        assert!(matches!(standing(Target::Apache), Standing::Ours(_)));
        write(machine.path(), "etc/caddy/Caddyfile", "http://x {\n}\n");
        assert_eq!(standing(Target::Caddy), Standing::Nothing);
        let ours = "# Written by hubca (00): caddy hub.lan\nhttps://127.0.0.1:443 {\n\treverse_proxy 127.0.0.1:9000\n}\n# End of caddy hub.lan\n";
        write(machine.path(), "etc/caddy/Caddyfile", ours);
        assert_eq!(standing(Target::Caddy).upstream(Target::Caddy), Some(9000));
        assert_eq!(standing(Target::Generic), Standing::Nothing);
    }
}
