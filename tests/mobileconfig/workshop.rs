//! A CA with an identity for a device, a picture and a password: all that a profile can be made of.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use hubca::x509::{Certificate, pem};

use crate::support::TestHome;

/// A home whose CA has a name, and what goes into its profiles.
pub(crate) struct Workshop {
    pub(crate) home: TestHome,
}

impl Workshop {
    pub(crate) fn new(name: &str) -> Self {
        let home = TestHome::empty();
        home.hubca(&["init", "--no-passphrase", "--name", name]).succeeded();
        home.hubca(&["issue", "--profile", "client", "--dns", "ipad.lan", "--label", "ipad"]).succeeded();
        let workshop = Self { home };
        fs::write(workshop.icon(), picture(64, 64, png::BitDepth::Eight)).unwrap();
        fs::write(workshop.password_file(), format!("{PASSWORD}\n")).unwrap();
        fs::set_permissions(workshop.password_file(), fs::Permissions::from_mode(0o600)).unwrap();
        workshop
    }

    pub(crate) fn icon(&self) -> PathBuf {
        self.home.directory().join("icon.png")
    }

    pub(crate) fn password_file(&self) -> PathBuf {
        self.home.directory().join("password")
    }

    /// The certificate of the CA's root.
    pub(crate) fn root(&self) -> Certificate {
        certificate(&self.home.file("root/root.crt.pem"))
    }

    /// Words of the command line with what they name in their place.
    pub(crate) fn line(&self, target: &str, options: &[&str]) -> Vec<String> {
        let mut line = vec!["export".to_owned(), target.to_owned()];
        line.extend(options.iter().map(|option| match *option {
            "ICON" => self.icon().to_str().unwrap().to_owned(),
            "PASSWORD" => self.password_file().to_str().unwrap().to_owned(),
            "FULLCHAIN" => self.home.file("live/ipad/fullchain.pem").to_str().unwrap().to_owned(),
            "KEY" => self.home.file("live/ipad/privkey.pem").to_str().unwrap().to_owned(),
            option => option.to_owned(),
        }));
        line
    }

    /// The profile that `hubca export TARGET OPTIONS…` writes.
    pub(crate) fn export(&self, target: &str, options: &[&str]) -> Vec<u8> {
        fs::read(self.export_file(target, options)).unwrap()
    }

    /// The file of it, which the next one replaces.
    pub(crate) fn export_file(&self, target: &str, options: &[&str]) -> PathBuf {
        let path = self.home.directory().join("made.mobileconfig");
        let mut line = self.line(target, options);
        line.extend(["--force", "--out", path.to_str().unwrap()].map(String::from));
        self.home.hubca(&line).succeeded();
        path
    }
}

/// The first certificate of a file.
pub(crate) fn certificate(path: &Path) -> Certificate {
    Certificate::from_der(&pem::parse(&fs::read(path).unwrap()).unwrap()[0].contents).unwrap()
}

/// A grey picture as PNG.
pub(crate) fn picture(width: u32, height: u32, depth: png::BitDepth) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(depth);
    let octets = 4 * width as usize * height as usize * depth as usize / 8;
    encoder.write_header().unwrap().write_image_data(&vec![0x7f; octets]).unwrap();
    png
}

pub(crate) const PASSWORD: &str = "canary-Kq3vT9";
/// Everything at once, so that there is something to break.
pub(crate) const EVERYTHING: [&str; 10] = [
    "--with-issuing",
    "--consent",
    "--web-clip",
    "https://192.168.0.1:8000",
    "--web-clip-label",
    "Anna & <Ben>",
    "--client",
    "ipad",
    "--password-file",
    "PASSWORD",
];
