//! What a person does with the files of a target, in English: from the guide, where the target is a device.

use super::{
    anchor::Anchor,
    firefox::POLICIES,
    guide::{Arrival, Blank, Guide, Language, Platform, Substitutions},
    mobileconfig::Audience,
    pem,
    target::Target,
    truststore, windows,
};

/// The steps for a target, each a title and a sentence or two.
pub fn instructions(target: Target, anchor: &Anchor) -> Vec<String> {
    let slug = anchor.slug();
    let crt = pem::crt_file_name(&slug);
    let told = |steps: &[(&str, String)]| steps.iter().map(|(title, text)| format!("{title}. {text}")).collect();
    match target {
        Target::Ios => profile_instructions(Audience::Everybody, anchor, &Audience::Everybody.file_name(&slug)),
        Target::Macos => profile_instructions(Audience::Macs, anchor, &Audience::Macs.file_name(&slug)),
        Target::Android => from_guide(Platform::Android, anchor, &crt),
        Target::Linux => from_guide(Platform::Linux, anchor, &crt),
        Target::Windows => {
            let script = windows::script_file_name(&slug);
            let instead = format!(
                "Or let the script do it. powershell -ExecutionPolicy Bypass -File {script} does all of this for you \
                 alone, and for everybody on the computer where an administrator runs it; with -Remove it takes the root off again."
            );
            let mut steps = from_guide(Platform::Windows, anchor, &pem::der_file_name(&slug));
            steps.push(instead);
            steps
        }
        Target::Firefox => told(&[
            (
                "Put the certificate where Firefox looks for it",
                format!(
                    "{crt} goes into /usr/lib/mozilla/certificates on Linux, /Library/Application Support/Mozilla/Certificates \
                     on a Mac, and %USERPROFILE%\\AppData\\Local\\Mozilla\\Certificates on Windows."
                ),
            ),
            (
                "Put the policy there too",
                format!(
                    "{POLICIES} goes into /etc/firefox/policies on Linux, Firefox.app/Contents/Resources/distribution on a Mac, \
                     and the folder distribution beside firefox.exe on Windows. If one lies there already, add the lines of \
                     Certificates to it."
                ),
            ),
            (
                "Start Firefox anew",
                "about:policies shows the policy, and about:certificate the root. To take both away, remove the two files.".to_owned(),
            ),
            (
                "Or, for one Firefox, by hand",
                format!(
                    "Settings > Privacy & Security > View Certificates… > Authorities > Import… takes {crt}: tick “Trust this \
                     CA to identify websites”."
                ),
            ),
        ]),
        Target::Java => {
            let (file, password) = (truststore::file_name(&slug), truststore::PASSWORD);
            told(&[
                (
                    "For a program that shall trust this CA alone",
                    format!(
                        "Start it with -Djavax.net.ssl.trustStore={file} -Djavax.net.ssl.trustStorePassword={password}. Every \
                         Java program knows that password: nothing in the file is secret."
                    ),
                ),
                (
                    "For all programs of one Java, beside what it trusts already",
                    format!(
                        "keytool -importkeystore -srckeystore {file} -srcstorepass {password} -destkeystore \
                         \"$JAVA_HOME/lib/security/cacerts\" -deststorepass {password}"
                    ),
                ),
                (
                    "To take it away again",
                    format!(
                        "keytool -delete -alias {slug} -keystore \"$JAVA_HOME/lib/security/cacerts\" -storepass {password}"
                    ),
                ),
            ])
        }
        Target::Pem => {
            let file = pem::pem_file_name(&slug);
            told(&[
                (
                    "Give it to a program that asks for a CA certificate",
                    format!(
                        "curl --cacert {file} takes it, as do NODE_EXTRA_CA_CERTS={file} for Node.js and \
                         git -c http.sslCAInfo={file}; with --with-issuing, programs whose server forgets its chain are served too."
                    ),
                ),
                (
                    "Mind what it replaces",
                    "SSL_CERT_FILE, and REQUESTS_CA_BUNDLE of Python, put it in place of all public roots.".to_owned(),
                ),
            ])
        }
        Target::Der => told(&[(
            "Give it to a device that asks for a CA certificate in DER",
            "Printers, routers, cameras and older systems do, in their own settings.".to_owned(),
        )]),
        Target::Chain => {
            let file = pem::chain_file_name(&slug);
            told(&[
                (
                    "Let the server send it after its own certificate",
                    format!(
                        "Many take both in one file: cat cert.pem {file} > fullchain.pem. Certificates that hubca issue \
                         made have that file in live/LABEL/ already."
                    ),
                ),
                ("Do not give it to devices", "They trust the root, and get the rest from the server.".to_owned()),
            ])
        }
    }
}

/// The steps for a profile in a file of this name.
pub fn profile_instructions(audience: Audience, anchor: &Anchor, file: &str) -> Vec<String> {
    match audience {
        Audience::Everybody => from_guide(Platform::Ios, anchor, file),
        Audience::Macs => from_guide(Platform::Macos, anchor, file),
    }
}

/// What fills the blanks of the guide where a device is given this file.
pub fn substitutions<'a>(anchor: &'a Anchor, file: &'a str) -> Substitutions<'a> {
    let root = anchor.root().tbs().subject().common_name().unwrap_or_else(|| anchor.name());
    Substitutions::new()
        .with(Blank::File, file)
        .with(Blank::Certificate, pem::crt_file_name(&anchor.slug()))
        .with(Blank::Name, anchor.name())
        .with(Blank::Root, root)
}

fn from_guide(platform: Platform, anchor: &Anchor, file: &str) -> Vec<String> {
    let substitutions = substitutions(anchor, file);
    let steps = Guide::in_language(Language::English).platform(platform).steps(Arrival::File);
    steps.map(|step| format!("{}. {}", step.title(), step.text_for(&substitutions))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::{Certificate, pem};

    #[test]
    fn every_target_has_steps_with_nothing_left_blank() {
        let root = include_str!("../../tests/fixtures/pki/root.crt.pem");
        let root = Certificate::from_der(&pem::parse(root.as_bytes()).unwrap().remove(0).contents).unwrap();
        let anchor = Anchor::new("Home Hub", root.clone(), [root]).unwrap();
        for target in Target::ALL {
            let steps = instructions(target, &anchor);
            assert!(!steps.is_empty(), "{target:?}");
            for step in &steps {
                assert!(!step.contains(" … ") && !step.contains('{'), "{step}");
            }
            let artifacts = target.artifacts(&anchor, super::super::anchor::Contents::RootOnly).unwrap();
            let told = steps.concat();
            for artifact in artifacts.iter().filter(|_| target != Target::Der) {
                assert!(
                    told.contains(artifact.file_name()),
                    "{target:?} does not say what to do with {}",
                    artifact.file_name()
                );
            }
        }
    }
}
