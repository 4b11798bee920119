//! A PowerShell script that puts the root where Windows looks for it, and takes it off again.
//!
//! It carries the certificate itself, and nothing of the CA's name is code in it: the name is base64, as the
//! certificate is. Every byte is ASCII, since Windows PowerShell 5 takes others for those of an old code page.

use super::{anchor::Anchor, artifact::Artifact, slug::Slug};
use crate::x509::pem;

/// `<ca-slug>.ps1`.
pub fn script_file_name(slug: &Slug) -> String {
    format!("{slug}.ps1")
}

/// The script.
pub fn script(anchor: &Anchor) -> Artifact {
    let file_name = script_file_name(&anchor.slug());
    let root = anchor.root();
    let text = SCRIPT
        .replace("@FILE@", &file_name)
        .replace("@NAME@", &base64(anchor.name().as_bytes()).concat())
        .replace("@SHA256@", &root.fingerprint().to_uppercase())
        .replace("@CERTIFICATE@", &base64(root.as_der()).join("\n"));
    Artifact::public(file_name, MEDIA_TYPE, text.replace('\n', "\r\n").into_bytes())
}

/// Base64 in lines of 64 letters: what stands between the two marks of PEM.
fn base64(bytes: &[u8]) -> Vec<String> {
    pem::encode("BYTES", bytes).lines().filter(|line| !line.starts_with('-')).map(str::to_owned).collect()
}

/// No type is registered for it.
const MEDIA_TYPE: &str = "text/plain";

// Single quotes only around base64, hexadecimal digits and a slug: none of them can end the string.
const SCRIPT: &str = r#"# Lets Windows trust a CA: puts its root among the trusted root certificates.
#
#   powershell -ExecutionPolicy Bypass -File @FILE@            puts it there
#   powershell -ExecutionPolicy Bypass -File @FILE@ -Remove    takes it off again
#
# Run as administrator it is for everybody on this computer, otherwise for you alone.
# It asks before it changes anything; -Yes says yes.

[CmdletBinding()]
param([switch]$Remove, [switch]$Yes)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$name = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('@NAME@'))
$expected = '@SHA256@'
$der = [Convert]::FromBase64String(@'
@CERTIFICATE@
'@)

$sha256 = [Security.Cryptography.SHA256]::Create()
$found = [BitConverter]::ToString($sha256.ComputeHash($der)).Replace('-', '')
if ($found -ne $expected) {
    throw 'This file is damaged: the certificate in it is not the one that it was made for.'
}
$certificate = New-Object Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList (,$der)

$user = New-Object Security.Principal.WindowsPrincipal -ArgumentList @([Security.Principal.WindowsIdentity]::GetCurrent())
if ($user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    $location = 'LocalMachine'
    $whom = 'everybody on this computer'
} else {
    $location = 'CurrentUser'
    $whom = 'you alone'
}
$store = New-Object Security.Cryptography.X509Certificates.X509Store -ArgumentList @('Root', $location)

Write-Host ('CA:         ' + $name)
Write-Host ('SHA-256:    ' + ($found -replace '(....)(?=.)', '$1 '))
Write-Host ('Thumbprint: ' + $certificate.Thumbprint)
Write-Host ('For:        ' + $whom)
if ($Remove) {
    $question = 'Take it off? Type yes'
} else {
    $question = 'Is the SHA-256 the one you were told, and do you want to trust it? Type yes'
}
if (-not $Yes -and (Read-Host $question) -ne 'yes') {
    Write-Host 'Nothing was changed.'
    exit 1
}

$store.Open('ReadWrite')
try {
    if ($Remove) {
        $store.Remove($certificate)
    } else {
        $store.Add($certificate)
    }
    $isThere = $store.Certificates.Find('FindByThumbprint', $certificate.Thumbprint, $false).Count -gt 0
} finally {
    $store.Close()
}
if ($isThere -eq $Remove.IsPresent) {
    throw 'Windows did not change the list of trusted root certificates.'
}
if ($Remove) {
    Write-Host 'Windows does not trust it any more. Start the browser anew.'
} else {
    Write-Host 'Windows trusts it now. Start the browser anew.'
}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::Certificate;

    fn text(name: &str) -> String {
        let root = include_str!("../../tests/fixtures/pki/root.crt.pem");
        let root = Certificate::from_der(&pem::parse(root.as_bytes()).unwrap().remove(0).contents).unwrap();
        let artifact = script(&Anchor::new(name, root, []).unwrap());
        String::from_utf8(artifact.contents().to_vec()).unwrap()
    }

    #[test]
    fn nothing_of_a_name_is_code() {
        let plain = text("ca");
        for name in ["'; rm -r C:\\; '", "’; Stop-Computer; ‘", "$(calc)", "`n", "'@", "@SHA256@"] {
            let hostile = text(name);
            assert!(hostile.is_ascii(), "{name}");
            let differing: Vec<_> = hostile.lines().zip(plain.lines()).filter(|(one, other)| one != other).collect();
            // The two lines that say how to run it have the slug, and one line the name in base64.
            assert!(differing.len() <= 3 && hostile.lines().count() == plain.lines().count(), "{name}: {differing:?}");
            assert!(differing.iter().all(|(line, _)| line.starts_with("#   ") || line.starts_with("$name = ")));
        }
    }

    #[test]
    fn the_certificate_and_its_fingerprint_are_in_it() {
        let script = text("Home Hub");
        let root = include_str!("../../tests/fixtures/pki/root.crt.pem").replace('\n', "\r\n");
        let body = root.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\r\n");
        assert!(script.contains(&format!("(@'\r\n{body}\r\n'@)\r\n")));
        assert!(!script.contains("@NAME@") && !script.contains("@CERTIFICATE@") && script.contains("home-hub.ps1"));
    }
}
