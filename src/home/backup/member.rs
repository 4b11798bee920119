//! The files that a backup may have: their names are a fixed list, and nothing else is read out of one.

/// What a file of a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// What says what all others are.
    Manifest,
    /// The ledger.
    Ledger,
    /// The settings, or a profile of the operator's.
    Settings,
    /// A certificate or a chain.
    Certificate,
    /// A CRL.
    Crl,
    /// A root's key.
    RootKey,
    /// The key of an issuing CA.
    IssuingKey,
    /// The key of a certificate that was issued.
    LeafKey,
}

impl Member {
    /// What the file of a name is, if there may be one.
    pub(super) fn of(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('/').collect();
        match *parts.as_slice() {
            [MANIFEST] => Some(Self::Manifest),
            ["ledger.db"] => Some(Self::Ledger),
            ["hubca.toml"] => Some(Self::Settings),
            ["profiles", file] => file.strip_suffix(".toml").filter(|name| is_word(name)).map(|_| Self::Settings),
            ["root", file] => Self::of_root(file),
            ["root", number, file] if is_number(number) => Self::of_root(file),
            ["issuing", number, "ca.crt.pem"] if is_number(number) => Some(Self::Certificate),
            ["issuing", number, "ca.key.pem"] if is_number(number) => Some(Self::IssuingKey),
            ["crl", file] => {
                let stem = file.strip_suffix(".crl").or_else(|| file.strip_suffix(".crl.pem"))?;
                let number = stem.strip_prefix("root-").or_else(|| stem.strip_prefix("issuing-"))?;
                is_number(number).then_some(Self::Crl)
            }
            ["archive", label, number, file] if is_label(label) && is_number(number) => match file {
                "privkey.pem" => Some(Self::LeafKey),
                "cert.pem" | "chain.pem" | "fullchain.pem" => Some(Self::Certificate),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_root(file: &str) -> Option<Self> {
        match file {
            "root.crt.pem" => Some(Self::Certificate),
            "root.key.pem" => Some(Self::RootKey),
            _ => None,
        }
    }

    /// Whether it is a private key.
    pub(super) fn is_key(self) -> bool {
        matches!(self, Self::RootKey | Self::IssuingKey | Self::LeafKey)
    }

    /// How long such a file may be, in bytes.
    pub(super) fn most_bytes(self) -> u64 {
        match self {
            Self::Ledger => 256 * GIB,
            Self::Manifest | Self::Crl => GIB / 4,
            Self::Settings | Self::Certificate => GIB / 1024,
            Self::RootKey | Self::IssuingKey | Self::LeafKey => GIB / 16384,
        }
    }
}

fn is_number(text: &str) -> bool {
    let is_short = (1..=9).contains(&text.len());
    is_short && !text.starts_with('0') && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// As labels are, and those of the CA itself; never a name that leads elsewhere.
fn is_label(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"._-".contains(&octet);
    text.len() <= 64
        && !text.starts_with(['.', '-'])
        && !text.contains("..")
        && text.bytes().all(allowed)
        && !text.is_empty()
}

fn is_word(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
    (1..=64).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(allowed)
}

/// The name of the manifest.
pub(super) const MANIFEST: &str = "manifest.json";
const GIB: u64 = 1024 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_home_has_is_a_member() {
        for (name, member) in [
            ("manifest.json", Member::Manifest),
            ("ledger.db", Member::Ledger),
            ("profiles/my-server.toml", Member::Settings),
            ("root/root.crt.pem", Member::Certificate),
            ("root/2/root.key.pem", Member::RootKey),
            ("issuing/12/ca.key.pem", Member::IssuingKey),
            ("crl/issuing-1.crl.pem", Member::Crl),
            ("archive/hubca-ocsp-issuing-1/1/privkey.pem", Member::LeafKey),
            ("archive/192.168.0.1/3/fullchain.pem", Member::Certificate),
        ] {
            assert_eq!(Member::of(name), Some(member), "{name}");
        }
        for name in [
            "",
            "/ledger.db",
            "./ledger.db",
            "../ledger.db",
            "ledger.db/",
            "ledger.db-wal",
            "root/../ledger.db",
            "root/0/root.key.pem",
            "root/01/root.key.pem",
            "issuing/1/../../x",
            "issuing//ca.key.pem",
            "crl/leaf-1.crl",
            "profiles/.hidden.toml",
            "profiles/a/b.toml",
            "archive/../1/cert.pem",
            "archive/a..b/1/cert.pem",
            "archive/hub.lan/1/cert.pem\0",
            "archive/HUB/1/cert.pem",
            "archive/hub.lan/1/id_rsa",
            "live/hub.lan",
        ] {
            assert_eq!(Member::of(name), None, "{name}");
        }
    }
}
