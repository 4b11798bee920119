//! Files to hand out, opened by the programs that they are for: PKCS#12 files, a truststore, archives, a mail, a script.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    support::{
        TestHome,
        tools::{commands, present, python},
    },
    witness::judge_program,
};

const PASSWORD: &str = "correct horse battery staple";

/// A home with a certificate of each kind of key, and a password in a file.
struct Office(TestHome);

impl Office {
    fn new() -> Self {
        let home = TestHome::with_ca::<&str>(&[]);
        for (label, key) in [("p256.lan", "p256"), ("p384.lan", "p384"), ("rsa.lan", "rsa2048")] {
            home.hubca(&["issue", "--dns", label, "--ip", "192.168.0.1", "--label", label, "--key", key]).succeeded();
        }
        // An address alone: its certificate has no common name.
        home.hubca(&["issue", "--ip", "10.0.0.1", "--label", "address"]).succeeded();
        fs::write(home.directory().join("password"), PASSWORD).unwrap();
        fs::set_permissions(home.directory().join("password"), fs::Permissions::from_mode(0o600)).unwrap();
        Self(home)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.directory().join(name)
    }

    /// `hubca export …`, with the password file where one is wanted; gives the first file it wrote.
    fn export(&self, words: &[&str]) -> PathBuf {
        let line: Vec<&str> =
            ["export"].into_iter().chain(words.iter().copied()).chain(["--force", "--json"]).collect();
        let made = self.0.hubca(&line).succeeded().json();
        self.file(made["files"][0]["path"].as_str().unwrap())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program).args(arguments).current_dir(self.0.directory()).output().unwrap()
    }

    #[track_caller]
    fn ran(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.run(program, arguments);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
        said
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The blocks of a PEM text, without the lines between them.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    for part in text.split("-----BEGIN ").skip(1) {
        let end = part.find("-----END ").unwrap();
        blocks.push(part[..end].split_once('\n').unwrap().1.split_whitespace().collect());
    }
    blocks
}

#[test]
fn openssl_java_and_nss_take_key_certificate_and_chain_from_a_pkcs12_file() {
    if !present("PKCS#12", &commands(&["openssl", "keytool", "pk12util", "certutil"])) {
        return;
    }
    let office = Office::new();
    for label in ["p256.lan", "p384.lan", "rsa.lan", "address"] {
        for legacy in [None, Some("--legacy")] {
            let words: Vec<&str> = ["p12", label, "--password-file", "password"].into_iter().chain(legacy).collect();
            let file = office.export(&words);
            openssl_reads(&office, label, &file, legacy);
            java_reads(&office, label, &file);
            nss_reads(&office, &file, legacy);
        }
    }
}

fn openssl_reads(office: &Office, label: &str, file: &Path, legacy: Option<&str>) {
    let pass = format!("pass:{PASSWORD}");
    let read: Vec<&str> =
        ["pkcs12", "-in", path(file), "-passin", &pass, "-info"].into_iter().chain(legacy.map(|_| "-legacy")).collect();
    let info = office.ran("openssl", &[&read[..], &["-noout"]].concat());
    let expected: &[&str] = match legacy {
        None => &["MAC: sha256", "PBES2, PBKDF2, AES-256-CBC", "hmacWithSHA256"],
        Some(_) => &["MAC: sha1", "pbeWithSHA1And3-KeyTripleDES-CBC"],
    };
    assert!(expected.iter().all(|word| info.contains(word)), "{info}");
    let rounds = info.split("Iteration ").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    // Windows stops at 600,000 for the three of them together.
    let rounds: Vec<u32> = rounds.map(|rounds| rounds.parse().unwrap()).collect();
    assert!(rounds.iter().all(|rounds| *rounds >= 100_000) && rounds.iter().sum::<u32>() <= 600_000, "{info}");
    let certificates = blocks(&office.ran("openssl", &[&read[..], &["-nokeys"]].concat()));
    assert_eq!(
        certificates,
        blocks(&fs::read_to_string(office.0.file(&format!("live/{label}/fullchain.pem"))).unwrap())
    );
    let key = blocks(&office.ran("openssl", &[&read[..], &["-nocerts", "-nodes"]].concat()));
    assert_eq!(key, blocks(&fs::read_to_string(office.0.file(&format!("live/{label}/privkey.pem"))).unwrap()));
    for wrong in ["pass:", "pass:another"] {
        let line = [&read[..3], &["-passin", wrong, "-noout"]].concat();
        let line: Vec<&str> = line.into_iter().chain(legacy.map(|_| "-legacy")).collect();
        assert!(!office.run("openssl", &line).status.success());
    }
}

fn java_reads(office: &Office, label: &str, file: &Path) {
    let line = ["-list", "-v", "-keystore", path(file), "-storetype", "PKCS12", "-storepass", PASSWORD];
    let listed = office.ran("keytool", &line);
    for word in ["PrivateKeyEntry", &format!("Alias name: {label}"), "Certificate chain length: 2"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    // A key that cannot be decrypted does not move into another store.
    let moved = office.file("moved.p12");
    let _ = fs::remove_file(&moved);
    let line = ["-importkeystore", "-noprompt", "-srckeystore", path(file), "-srcstorepass", PASSWORD];
    office.ran("keytool", &[&line[..], &["-destkeystore", path(&moved), "-deststorepass", "changeit"]].concat());
    assert!(!office.run("keytool", &["-list", "-keystore", path(file), "-storepass", "another"]).status.success());
}

fn nss_reads(office: &Office, file: &Path, legacy: Option<&str>) {
    let database = tempfile::tempdir().unwrap();
    let place = format!("sql:{}", database.path().display());
    office.ran("certutil", &["-N", "-d", &place, "--empty-password"]);
    office.ran("pk12util", &["-i", path(file), "-d", &place, "-W", PASSWORD]);
    let keys = office.ran("certutil", &["-K", "-d", &place]);
    assert!(keys.contains("< 0>"), "{legacy:?}: {keys}");
    let certificates = office.ran("certutil", &["-L", "-d", &place]);
    assert!(certificates.contains("u,u,u") && certificates.contains("Issuing CA"), "{certificates}");
    assert!(!office.run("pk12util", &["-l", path(file), "-d", &place, "-W", "another"]).status.success());
}

#[test]
fn java_trusts_what_is_in_the_truststore_and_openssl_and_nss_read_it() {
    if !present("truststore", &commands(&["openssl", "keytool", "pk12util", "certutil"])) {
        return;
    }
    let office = Office::new();
    let file = office.export(&["java"]);
    let listed = office.ran("keytool", &["-list", "-v", "-keystore", path(&file), "-storepass", "changeit"]);
    assert!(listed.contains("trustedCertEntry") && listed.contains("Alias name: test-hub"), "{listed}");
    assert!(!office.run("keytool", &["-list", "-keystore", path(&file), "-storepass", "another"]).status.success());
    // As the steps say, beside what a Java trusts already.
    let cacerts = office.file("cacerts");
    office.ran(
        "keytool",
        &["-genkeypair", "-keyalg", "EC", "-alias", "other", "-dname", "CN=other", "-keystore", path(&cacerts)]
            .into_iter()
            .chain(["-storepass", "changeit"])
            .collect::<Vec<_>>(),
    );
    let line =
        ["-importkeystore", "-srckeystore", path(&file), "-srcstorepass", "changeit", "-destkeystore", path(&cacerts)];
    office.ran("keytool", &[&line[..], &["-deststorepass", "changeit"]].concat());
    let exported = office.ran(
        "keytool",
        &["-exportcert", "-rfc", "-alias", "test-hub", "-keystore", path(&cacerts), "-storepass", "changeit"],
    );
    let root = blocks(&fs::read_to_string(office.0.file("root/root.crt.pem")).unwrap());
    assert_eq!(blocks(&exported), root);
    office.ran("keytool", &["-delete", "-alias", "test-hub", "-keystore", path(&cacerts), "-storepass", "changeit"]);
    let read = office.ran("openssl", &["pkcs12", "-in", path(&file), "-passin", "pass:changeit", "-nokeys"]);
    assert_eq!(blocks(&read), root);
    let database = tempfile::tempdir().unwrap();
    let place = format!("sql:{}", database.path().display());
    office.ran("certutil", &["-N", "-d", &place, "--empty-password"]);
    office.ran("pk12util", &["-i", path(&file), "-d", &place, "-W", "changeit"]);
}

#[test]
fn archives_open_in_python_unzip_and_7z_and_a_sealed_one_only_under_its_password() {
    if !present("archives", &commands(&["python3", "unzip", "7z", "openssl"])) {
        return;
    }
    let office = Office::new();
    for words in [&["zip"][..], &["zip", "p256.lan"]] {
        let file = office.export(words);
        office.ran("unzip", &["-t", path(&file)]);
        office.ran("7z", &["t", path(&file)]);
        let program = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
            for i in z.infolist(): print(oct(i.external_attr >> 16), i.date_time, i.filename)";
        let listed = office.ran("python3", &["-c", program, path(&file)]);
        assert!(listed.lines().all(|line| line.starts_with("0o100644 (1980, 1, 1, 0, 0, 0) hubca-")), "{listed}");
    }
    let sealed = office.export(&["zip", "p256.lan", "--with-key", "--password-file", "password"]);
    let out = office.file("unpacked");
    let extract =
        |password: &str| office.run("7z", &["x", "-y", &format!("-o{}", path(&out)), password, path(&sealed)]);
    for wrong in ["-p", "-panother"] {
        assert!(!extract(wrong).status.success(), "{wrong}");
        let _ = fs::remove_dir_all(&out);
    }
    let listed = office.ran("7z", &["l", "-slt", path(&sealed)]);
    let methods: Vec<&str> = listed.lines().filter(|line| line.starts_with("Method = ")).collect();
    assert!(methods.len() == 10 && methods.iter().all(|method| method.contains("AES-256")), "{listed}");
    assert!(extract(&format!("-p{PASSWORD}")).status.success());
    let folder = out.join("hubca-p256.lan");
    for name in ["privkey.pem", "fullchain.pem", "cert.pem", "chain.pem"] {
        assert_eq!(
            fs::read(folder.join(name)).unwrap(),
            fs::read(office.0.file(&format!("live/p256.lan/{name}"))).unwrap()
        );
    }
    assert_eq!(fs::metadata(folder.join("privkey.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    let (root, chain, cert) = (folder.join("test-hub.crt"), folder.join("chain.pem"), folder.join("cert.pem"));
    office.ran("openssl", &["verify", "-x509_strict", "-CAfile", path(&root), "-untrusted", path(&chain), path(&cert)]);
    presets_are_taken(&office, &folder);
}

/// nginx and Python take the presets of a server's archive, once its files lie where these expect them.
fn presets_are_taken(office: &Office, folder: &Path) {
    let moved = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.contains("/etc/hubca/p256.lan/fullchain.pem"), "{text}");
        text.replace("/etc/hubca/p256.lan", path(folder))
    };
    let load = "import ssl, sys\nfrom types import SimpleNamespace as N\nc = N(ServerApp=N(), JupyterHub=N(), ConfigurableHTTPProxy=N())\n\
        exec(open(sys.argv[1]).read(), {'get_config': lambda: c, '__file__': sys.argv[1]})\n\
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*[getattr(getattr(c, sys.argv[2]), n) for n in sys.argv[3:]])";
    // A secret is made on the server, and no archive carries it.
    fs::write(office.file("jupyterhub_proxy_token"), "00\n").unwrap();
    for (name, of, pair) in [
        ("jupyter_server_config.py", "ServerApp", ["certfile", "keyfile"]),
        ("jupyterhub_config.py", "JupyterHub", ["ssl_cert", "ssl_key"]),
    ] {
        let file = office.file(name);
        fs::write(&file, moved(name)).unwrap();
        office.ran("python3", &["-c", load, path(&file), of, pair[0], pair[1]]);
    }
    if !present("the preset for nginx", &commands(&["nginx"])) {
        return;
    }
    let preset = moved("nginx.conf").replace("443", "18443");
    let whole = format!("pid {0}/nginx.pid;\nevents {{}}\nhttp {{\n access_log off;\n{preset}}}\n", path(folder));
    let settings = office.file("nginx.conf");
    fs::write(&settings, whole).unwrap();
    office.ran("nginx", &["-t", "-e", "stderr", "-p", path(folder), "-c", path(&settings)]);
}

#[test]
fn a_mail_program_finds_a_draft_with_the_profile_attached() {
    if !present("mail", &commands(&["python3"])) {
        return;
    }
    let office = Office::new();
    let read = |file: &Path| -> Value {
        let said = office.ran("python3", &[path(&judge_program("letter.py")), path(file)]);
        serde_json::from_str(&said).unwrap()
    };
    let profile = office.0.hubca(&["export", "ios", "--json"]).succeeded().json()["files"][0]["sha256"].clone();
    let mail = read(&office.export(&["mail", "--to", "ann@bücher.example", "--subject", "Für „dein“ iPad"]));
    assert_eq!(mail["defects"], json!([]));
    assert_eq!(mail["to"], json!(["ann@xn--bcher-kva.example"]));
    let headers: Vec<&str> =
        mail["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect();
    assert_eq!(headers, ["MIME-Version", "X-Unsent", "To", "Subject", "Content-Language", "Content-Type"]);
    assert!(mail["headers"].as_array().unwrap().contains(&json!(["Subject", "Für „dein“ iPad"])), "{mail}");
    assert_eq!(mail["parts"], json!(["text/plain", "text/html", "application/x-apple-aspen-config"]));
    assert_eq!(mail["attachments"], json!([["application/x-apple-aspen-config", "test-hub.mobileconfig", profile]]));
    let words = office.0.hubca(&["export", "pem", "--json"]).succeeded().json()["root_words"].clone();
    let flat = |text: &Value| text.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for body in ["text", "html"] {
        assert!(flat(&mail[body]).contains(words.as_str().unwrap()), "{body}");
        assert!(flat(&mail[body]).contains("Certificate Trust Settings"), "{body}");
    }
    let german = read(&office.export(&["mail", "--to", "ann@example.org", "--language", "de"]));
    assert!(flat(&german["text"]).contains("Zertifikatsvertrauenseinstellungen"), "{german}");
}

#[test]
fn a_grammar_of_powershell_reads_the_script_and_finds_no_more_in_it_for_a_hostile_name() {
    if !present("PowerShell", &[python()]) {
        return;
    }
    let syntax = |name: &str| {
        let home = TestHome::empty();
        home.hubca(&["init", "--no-passphrase", &format!("--name={name}")]).succeeded();
        let made = home.hubca(&["export", "windows", "--json"]).succeeded().json();
        let script = home.directory().join(made["files"][1]["path"].as_str().unwrap());
        let output = Command::new(python()).arg(judge_program("powershell.py")).arg(script).output().unwrap();
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let harmless = syntax("Home Hub");
    assert!(harmless.contains("function") || harmless.lines().count() > 300, "{harmless}");
    for name in ["'; Stop-Computer; '", "’; iex (calc) #‘", "$(reboot)`reboot`", "\"'@ | iex", "家 🏠 #>"] {
        assert_eq!(syntax(name), harmless, "{name}");
    }
}
