//! A file that programs are told of: they trust all that is in it, so it has to hold the root alone.

use std::path::Path;

use crate::{
    cli::failure::{Failure, FailureKind},
    plan::shell_word,
    x509::{Certificate, name::is_unprintable, pem},
};

/// Sees to it that a file holds a root in PEM, and nothing else, and that a shell can be given its name.
///
/// # Errors
/// It holds something else, or its name is none for a line.
pub(super) fn is_alone(root: &Certificate, file: &Path, content: &[u8]) -> Result<(), Failure> {
    let shown = file.display();
    let refused = |message: String| Failure::new(FailureKind::Refused, message);
    let alone = "the machine with the CA writes the root alone into a file: hubca export pem --out root.pem";
    if file.to_str().is_none_or(|name| name.chars().any(is_unprintable)) {
        return Err(refused(format!("`{shown}` has a sign in its name that cannot stand in a line for a shell"))
            .hint("copy the root into a file whose name has none"));
    }
    let passages = pem::passages(content);
    let is_key = |label: &str| label.ends_with("PRIVATE KEY");
    if passages.iter().any(|passage| is_key(&passage.label)) {
        return Err(refused(format!(
            "`{shown}` has a private key beside the root, and some lines copy the file to where all may read it"
        ))
        .hint(alone));
    }
    match passages.as_slice() {
        [] => {
            let word = shell_word(&file.to_string_lossy());
            Err(refused(format!("`{shown}` is not in PEM, and these programs read nothing else"))
                .hint(format!("openssl x509 -inform DER -in {word} -out root.pem"))
                .hint(alone))
        }
        [one] if one.label == pem::CERTIFICATE && one.read().is_ok_and(|block| block.contents == root.as_der()) => {
            Ok(())
        }
        _ => Err(refused(format!(
            "`{shown}` holds more than the root, and programs that are told of it trust all that is in it"
        ))
        .hint(alone)),
    }
}
