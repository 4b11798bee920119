//! A look into YAML as people write it: keys in lines of their own, those below further in. It is enough to find out what a server is
//! told; what is written otherwise is not found.

/// The value that stands behind a path of keys, without its quotes; empty where more keys are below.
pub(super) fn value(text: &str, path: &[&str]) -> Option<String> {
    let mut above: Vec<(usize, String)> = Vec::new();
    for line in text.lines() {
        let content = without_comment(line);
        let indent = content.len() - content.trim_start().len();
        let Some((key, value)) = content.trim().split_once(':') else { continue };
        if !value.is_empty() && !value.starts_with([' ', '\t']) {
            continue;
        }
        above.retain(|(depth, _)| *depth < indent);
        above.push((indent, unquoted(key.trim()).to_owned()));
        // Letters of either size: Traefik takes both.
        let is_it =
            above.len() == path.len() && above.iter().zip(path).all(|((_, key), is)| key.eq_ignore_ascii_case(is));
        if is_it {
            return Some(unquoted(value.trim()).to_owned());
        }
    }
    None
}

/// A line up to its comment: `#` begins one at the start or behind a blank, unless a quote is open.
fn without_comment(line: &str) -> &str {
    let (mut open, mut before) = (None, ' ');
    for (at, letter) in line.char_indices() {
        match (open, letter) {
            (None, '#') if before == ' ' || before == '\t' => return line.get(..at).unwrap_or_default().trim_end(),
            (None, '"' | '\'') if before == ' ' || before == '\t' => open = Some(letter),
            (Some(mark), _) if mark == letter => open = None,
            _ => {}
        }
        before = letter;
    }
    line.trim_end()
}

fn unquoted(word: &str) -> &str {
    let between = |mark: char| word.strip_prefix(mark)?.strip_suffix(mark);
    between('"').or_else(|| between('\'')).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAEFIK: &str = "\
# providers: none
api:
  file:
    directory: /not/this
entrypoints:
    websecure:   # HTTPS
        address: :443
providers:
  docker: {}
  file:
    # directory: /nor/this
    watch: true
    \"directory\": \"/etc/traefik/dynamic #1\" # here
";

    #[test]
    fn a_value_is_found_by_its_keys_alone() {
        assert_eq!(value(TRAEFIK, &["providers", "file", "directory"]).as_deref(), Some("/etc/traefik/dynamic #1"));
        assert_eq!(value(TRAEFIK, &["entryPoints", "websecure"]).as_deref(), Some(""));
        assert_eq!(value(TRAEFIK, &["entryPoints", "websecure", "address"]).as_deref(), Some(":443"));
        for none in [&["directory"][..], &["file", "directory"], &["providers", "directory"], &["websecure"]] {
            assert_eq!(value(TRAEFIK, none), None, "{none:?}");
        }
        assert_eq!(value("http: !include http.yaml\n", &["http"]).as_deref(), Some("!include http.yaml"));
        assert_eq!(value("https://a\n#http:\n x:\n  http:\n", &["http"]), None);
    }
}
