//! A real nginx serves the files of `live/`, and real clients come: curl, and Chromium for a page and a WebSocket, each with the root
//! and without.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::chain::Name;
use crate::hand_made::{Authority, PRIVATE_SCOPE};
use crate::support::TestHome;
use crate::witness::{Chromium, Witness as _, commands, judge_program, present, python};

#[test]
fn curl_trusts_what_nginx_serves_with_the_root_and_not_without() {
    if !present("curl and nginx", &commands(&["curl", "nginx", "python3"])) {
        return;
    }
    let hub = Hub::of_hubca();
    curl_tells_trust_from_distrust(&hub);
}

#[test]
fn chromium_opens_the_page_and_the_web_socket_with_the_root_and_not_without() {
    if !present("chromium and nginx", &browsing()) {
        return;
    }
    let hub = Hub::of_hubca();
    chromium_tells_trust_from_distrust(&hub);
}

/// The same with a chain that openssl made: where this fails too, it is not hubca's fault.
#[test]
fn nginx_curl_and_chromium_work_with_a_chain_by_openssl() {
    if !present("curl, chromium and nginx", &[browsing(), commands(&["curl", "openssl"])].concat()) {
        return;
    }
    let hub = Hub::by_openssl();
    curl_tells_trust_from_distrust(&hub);
    chromium_tells_trust_from_distrust(&hub);
}

fn browsing() -> Vec<PathBuf> {
    [Chromium.needs(), commands(&["nginx", "python3"])].concat()
}

fn curl_tells_trust_from_distrust(hub: &Hub) {
    let port = hub.port;
    for host in ["127.0.0.1", "127.0.0.2", "hub.lan"] {
        let url = format!("https://{host}:{port}/plain");
        assert_eq!(hub.curl(&url, Trust::Root), Ok("hello from the hub\n".to_owned()), "{url}");
        // 60: the peer's certificate cannot be authenticated with known CA certificates.
        assert_eq!(hub.curl(&url, Trust::Nothing), Err(Some(60)), "{url}");
    }
    for stranger in ["127.0.0.3", "nas.lan"] {
        assert_eq!(hub.curl(&format!("https://{stranger}:{port}/plain"), Trust::Root), Err(Some(60)), "{stranger}");
    }
}

fn chromium_tells_trust_from_distrust(hub: &Hub) {
    for host in ["127.0.0.1", "hub.lan"] {
        let trusted = hub.browser(Trust::Root);
        assert_eq!(
            trusted.visit(&hub.page(host)),
            Some("echoed".to_owned()),
            "the page of {host} and its WebSocket, with the root"
        );
        assert_eq!(
            trusted.visit(&hub.probe(host)),
            Some("echoed".to_owned()),
            "the WebSocket of {host}, with the root"
        );
        let untrusted = hub.browser(Trust::Nothing);
        assert_eq!(
            untrusted.visit(&hub.probe(host)),
            Some("refused".to_owned()),
            "the WebSocket of {host}, without the root"
        );
        assert!(trusted.text_of(&hub.page(host)).contains("hello from the hub"), "the page of {host}, with the root");
        let shown = untrusted.text_of(&hub.page(host));
        assert!(shown.contains("ERR_CERT_AUTHORITY_INVALID"), "the page of {host}, without the root, shows {shown}");
        assert!(!shown.contains("hello from the hub"), "{shown}");
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trust {
    Root,
    Nothing,
}

/// nginx with a chain, a page and a WebSocket echo behind it, on loopback.
struct Hub {
    directory: tempfile::TempDir,
    root: PathBuf,
    port: u16,
    probe_port: u16,
    // Dropped, that is stopped, in this order.
    _nginx: Running,
    _echo: Running,
    _home: Option<TestHome>,
}

impl Hub {
    fn of_hubca() -> Self {
        let home = TestHome::with_ca::<&str>(&[]);
        let mut arguments = vec!["issue".to_owned(), "--json".to_owned()];
        arguments.extend(names().iter().flat_map(|name| [name.option().to_owned(), name.to_string()]));
        home.hubca(&arguments).succeeded();
        let live = home.file("live/127.0.0.1");
        let (root, chain, key) = (home.file("root/root.crt.pem"), live.join("fullchain.pem"), live.join("privkey.pem"));
        Self::serving(root, &chain, &key, Some(home))
    }

    fn by_openssl() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let chain = Authority::made(directory.path(), PRIVATE_SCOPE).leaf(&names());
        let full = directory.path().join("fullchain.pem");
        fs::write(&full, [fs::read(&chain.leaf).unwrap(), fs::read(&chain.issuing).unwrap()].concat()).unwrap();
        let root = directory.path().join("kept-root.pem");
        fs::copy(&chain.root, &root).unwrap();
        // nginx and the clients have read these files when this function ends, but for the root.
        let mut hub = Self::serving(root.clone(), &full, &chain.key, None);
        hub.root = hub.directory.path().join("root.pem");
        fs::copy(&root, &hub.root).unwrap();
        hub
    }

    fn serving(root: PathBuf, chain: &Path, key: &Path, home: Option<TestHome>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (echo, echo_port) = start_echo();
        let (port, probe_port) = (free_port(), free_port());
        let settings = directory.path().join("nginx.conf");
        fs::write(&settings, configuration(directory.path(), chain, key, port, probe_port, echo_port)).unwrap();
        fs::write(directory.path().join("page.html"), PAGE).unwrap();
        let nginx =
            limited(Path::new("nginx")).arg("-p").arg(directory.path()).arg("-c").arg(&settings).spawn().unwrap();
        let hub = Self { directory, root, port, probe_port, _nginx: Running(nginx), _echo: echo, _home: home };
        hub.wait_until_it_answers();
        hub
    }

    fn wait_until_it_answers(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.directory.path().join("error.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "nginx does not answer: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The page over HTTPS, whose script opens a WebSocket to where it came from.
    fn page(&self, host: &str) -> String {
        format!("https://{host}:{}/?", self.port)
    }

    /// The same script, from a place that needs no trust.
    fn probe(&self, host: &str) -> String {
        format!("http://127.0.0.1:{}/?target={host}:{}&", self.probe_port, self.port)
    }

    fn curl(&self, url: &str, trust: Trust) -> Result<String, Option<i32>> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--max-time", "20", "--noproxy", "*"]);
        for name in ["hub.lan", "nas.lan"] {
            command.arg("--resolve").arg(format!("{name}:{}:127.0.0.1", self.port));
        }
        if trust == Trust::Root {
            command.arg("--cacert").arg(&self.root);
        }
        let output = command.arg(url).output().unwrap();
        if output.status.success() { Ok(String::from_utf8(output.stdout).unwrap()) } else { Err(output.status.code()) }
    }

    /// A browser of its own, that trusts the root or has never heard of it.
    fn browser(&self, trust: Trust) -> Browser<'_> {
        let home = tempfile::Builder::new().prefix("browser-").tempdir().unwrap();
        let database = home.path().join(".pki/nssdb");
        fs::create_dir_all(&database).unwrap();
        let certutil = |arguments: &[&str]| {
            let place = format!("sql:{}", database.display());
            assert!(Command::new("certutil").args(arguments).args(["-d", &place]).status().unwrap().success());
        };
        certutil(&["-N", "--empty-password"]);
        if trust == Trust::Root {
            certutil(&["-A", "-n", "root", "-t", "C,,", "-a", "-i", self.root.to_str().unwrap()]);
        }
        Browser { hub: self, home }
    }

    fn reports(&self) -> String {
        fs::read_to_string(self.directory.path().join("reports.log")).unwrap_or_default()
    }
}

struct Browser<'a> {
    hub: &'a Hub,
    home: tempfile::TempDir,
}

impl Browser<'_> {
    /// Opens a page and waits for what its script reports about the WebSocket; none where no script of ours ran.
    fn visit(&self, url: &str) -> Option<String> {
        let token =
            format!("{}-{:?}", std::process::id(), Instant::now()).replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let mut command = self.command();
        let child = command
            .arg("--remote-debugging-port=0")
            .arg(format!("{url}token={token}"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let _browser = Running(child);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let reports = self.hub.reports();
            if let Some(report) = reports.lines().find(|line| line.contains(&token)) {
                return report.rsplit_once("socket=").map(|(_, verdict)| verdict.trim().to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }

    /// The document that the browser shows in the end, or its complaint that it shows none.
    fn text_of(&self, url: &str) -> String {
        let said = self.home.path().join("said");
        let file = fs::OpenOptions::new().append(true).create(true).open(&said).unwrap();
        let mut command = self.command();
        command.args(["--enable-logging=stderr", "--dump-dom", url]).stdout(file.try_clone().unwrap()).stderr(file);
        let mut browser = Running(command.spawn().unwrap());
        let deadline = Instant::now() + PATIENCE;
        while browser.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "Chromium shows nothing in time");
            std::thread::sleep(Duration::from_millis(50));
        }
        fs::read_to_string(said).unwrap()
    }

    fn command(&self) -> Command {
        let mut command = limited(&Chromium::program());
        command
            .args(include_str!("../support/chromium.flags").split_whitespace())
            .args([
                "--headless",
                "--no-proxy-server",
                // Whether a page may reach into a private network is another question than whether the certificate is good.
                "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
                // Every name is this machine: nothing goes anywhere else.
                "--host-resolver-rules=MAP hub.lan 127.0.0.1",
            ])
            .arg(format!("--user-data-dir={}", self.home.path().join("profile").display()))
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// A program that ends by itself if nobody ends it, as when the tests are killed. It leads a group, so that its children end with it.
fn limited(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "600"]).arg(program).process_group(0);
    command
}

/// A child that is gone, with all of its own children if it leads a group, when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        if rustix::process::getpgid(Some(pid)) == Ok(pid) {
            let _ended = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn names() -> Vec<Name> {
    vec![Name::ip("127.0.0.1"), Name::ip("127.0.0.2"), Name::dns("hub.lan")]
}

fn start_echo() -> (Running, u16) {
    let python = if python().exists() { python() } else { PathBuf::from("python3") };
    let mut echo = limited(&python).arg(judge_program("echo.py")).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut output = BufReader::new(echo.stdout.take().unwrap());
    output.read_line(&mut first).unwrap();
    // Read on, or the pipe fills and the echo falls silent.
    std::thread::spawn(move || output.lines().count());
    (Running(echo), first.trim().parse().unwrap())
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn configuration(directory: &Path, chain: &Path, key: &Path, port: u16, probe_port: u16, echo_port: u16) -> String {
    let (directory, chain, key) = (directory.display(), chain.display(), key.display());
    format!(
        r#"
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 64; }}
http {{
    log_format report $request_uri;
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        listen 127.0.0.2:{port} ssl;
        listen 127.0.0.3:{port} ssl;
        listen 127.0.0.1:{probe_port};
        ssl_certificate {chain};
        ssl_certificate_key {key};
        location = / {{ default_type text/html; try_files /page.html =404; }}
        location = /plain {{ default_type text/plain; return 200 "hello from the hub\n"; }}
        location = /report {{ access_log {directory}/reports.log report; default_type text/plain; try_files /page.html =404; }}
        location = /ws {{
            proxy_pass http://127.0.0.1:{echo_port};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection Upgrade;
        }}
        root {directory};
    }}
}}
"#
    )
}

const PAGE: &str = r#"<!doctype html>
<title>a hub</title>
<p>hello from the hub</p>
<script>
const asked = new URLSearchParams(location.search);
const report = (verdict) => fetch(`/report?token=${asked.get("token")}&socket=${verdict}`);
const socket = new WebSocket(`wss://${asked.get("target") || location.host}/ws`);
socket.onopen = () => socket.send("over a trusted wire");
socket.onmessage = (message) => report(message.data === "over a trusted wire" ? "echoed" : "garbled");
socket.onerror = () => report("refused");
</script>
"#;

/// How long a browser may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
