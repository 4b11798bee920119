//! The policy that lets Firefox trust a root on a computer: `policies.json`, as in Mozilla's policy templates.

use serde::Serialize;

use super::{anchor::Anchor, artifact::Artifact, pem};

/// What Firefox calls the file, wherever it looks for it.
pub const POLICIES: &str = "policies.json";

/// The policy, which names the certificate by its file name: Firefox looks for that in a directory of its own.
pub fn policies(anchor: &Anchor) -> Artifact {
    let policies = Policies {
        policies: Policy {
            certificates: Certificates { import_enterprise_roots: true, install: [pem::crt_file_name(&anchor.slug())] },
        },
    };
    let mut text = serde_json::to_string_pretty(&policies).unwrap_or_default();
    text.push('\n');
    Artifact::public(POLICIES.to_owned(), "application/json", text.into_bytes())
}

#[derive(Serialize)]
struct Policies {
    policies: Policy,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    certificates: Certificates,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Certificates {
    /// On Windows and Macs, what the system trusts as well.
    import_enterprise_roots: bool,
    install: [String; 1],
}
