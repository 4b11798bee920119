//! A server of others on loopback.

use std::{
    net::TcpListener,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{TestHome, tools::python};

/// A server that is gone, with all it started, when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a server in a group of its own, and waits until its port answers.
    pub(crate) fn start(port: u16, command: &mut Command) -> Self {
        let child = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self { child: child.unwrap(), port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// A Jupyter Server that shows the certificate of a label.
    pub(crate) fn jupyter(home: &TestHome, label: &str, port: u16, options: &[&str]) -> Self {
        let live = home.file("live").join(label);
        let mut command = Command::new(python());
        command
            .arg(python().with_file_name("jupyter-server"))
            .args(["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"])
            .arg(format!("--ServerApp.port={port}"))
            .arg(format!("--ServerApp.certfile={}", live.join("fullchain.pem").display()))
            .arg(format!("--ServerApp.keyfile={}", live.join("privkey.pem").display()))
            .args(options)
            .current_dir(home.directory())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.directory());
        Self::start(port, &mut command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.child);
        let _ended = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _reaped = self.child.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
