//! What is written in a language reads back as itself, by readers that are not ours.

use hubca::preset::Language;

use crate::support::{machine::on_a_machine, tools::python};

/// Words that would like to be obeyed, of those that a path can hold: the worst by hand, and many by dice.
pub(crate) fn words() -> Vec<String> {
    let mut words: Vec<String> = BY_HAND.iter().map(|word| (*word).to_owned()).collect();
    // A generator of the simplest kind, Knuth's: the words are the same in each run.
    let mut state: u64 = 2026;
    let mut below = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % count
    };
    let letters: Vec<char> = LETTERS.chars().collect();
    for _ in 0..120 {
        words.push((0..=below(12)).map(|_| letters[below(letters.len())]).collect());
    }
    // None of them is a directory of its own.
    words.retain(|word| !matches!(word.as_str(), "." | ".."));
    words.sort();
    words.dedup();
    words
}

const LETTERS: &str = "ab01 \"\"''\\\\$${{}}%%##;;``()[]<>|&*?!~^=+,:@._-éßΩ语🙂\u{a0}";

const BY_HAND: [&str; 22] = [
    "a b",
    " a",
    "a ",
    "a\"; return 200; \"",
    "\" crt /etc/passwd",
    "a'b",
    "a\\",
    "a\\\"b",
    "\\n\\t\\x41\\101\\u0041",
    "a;b",
    "a#b",
    "#a",
    "${HOME}",
    "$HOME $host $(id) `id`",
    "{$HOME} {env.HOME}",
    "%{ENV:HOME} %h %[env(HOME)]",
    "<<key>>",
    "a: b - c",
    "!!python/object",
    "it''s",
    "語 é 🙂",
    "*",
];

#[test]
fn a_word_reads_back_as_itself_in_each_language_that_has_a_reader() {
    let python = python().to_string_lossy().into_owned();
    let node = |text: &str| {
        format!("import {{ writeFileSync }} from 'node:fs';\nwriteFileSync('read', JSON.stringify({text}));\n")
    };
    let bracketed = |words: &[String]| format!("[{}]", words.join(",\n"));
    let readers: [(Language, &str, String); 5] = [
        (Language::Python, "python3", format!("'{python}' -c '{LITERAL}'")),
        (Language::Json, "json", format!("'{python}' -c '{JSON}'")),
        (Language::Yaml, "yaml", format!("'{python}' -c '{YAML}'")),
        (Language::Javascript, "node", "cp said said.mjs; node said.mjs".to_owned()),
        (Language::Shell, "sh", "sh said".to_owned()),
    ];
    on_a_machine("words in languages", &["node", "sh", &python], |machine| {
        for (language, name, line) in readers {
            let all = words();
            let said: Vec<String> = all.iter().map(|word| language.word(word).unwrap()).collect();
            let text = match language {
                Language::Javascript => node(&bracketed(&said)),
                Language::Shell => format!("printf '%s\\0' {} >read\n", said.join(" \\\n")),
                _ => bracketed(&said),
            };
            std::fs::write(machine.written("said"), text).unwrap();
            machine.run(&line);
            let read = std::fs::read_to_string(machine.written("read")).unwrap();
            let read: Vec<String> = match language {
                Language::Shell => read.trim_end_matches('\0').split('\0').map(str::to_owned).collect(),
                _ => serde_json::from_str(&read).unwrap(),
            };
            assert_eq!(read, all, "{name}");
        }
    });
}

#[test]
fn postgresql_reads_a_word_as_itself() {
    on_a_machine("words for PostgreSQL", &["psql", "pg_createcluster"], |machine| {
        let version = machine.run("ls /usr/lib/postgresql | sort -n | tail -n 1").trim().to_owned();
        machine.run(&format!("pg_createcluster {version} hub --port 5432 --datadir /run/postgresql/hub"));
        let all = words();
        let lines = |(number, word): (usize, &String)| {
            format!("hubca.w{number:04} = {}\n", Language::Postgresql.word(word).unwrap())
        };
        let text: String = all.iter().enumerate().map(lines).collect();
        std::fs::write(format!("/etc/postgresql/{version}/hub/conf.d/words.conf"), text).unwrap();
        let _server = machine.serve(5432, &format!("pg_ctlcluster --foreground {version} hub start"));
        machine.run("until pg_isready -q -h /run/postgresql; do sleep 0.1; done");
        let question = "select json_agg(setting order by name) from pg_file_settings where name like 'hubca.%'";
        let read = machine
            .run(&format!("setpriv --reuid postgres --clear-groups psql -h /run/postgresql -Atc \"{question}\""));
        let read: Vec<String> = serde_json::from_str(&read).unwrap();
        assert_eq!(read, all);
    });
}

const LITERAL: &str = "import ast, json; json.dump(ast.literal_eval(open(\"said\").read()), open(\"read\", \"w\"))";
const JSON: &str = "import json; json.dump(json.load(open(\"said\")), open(\"read\", \"w\"))";
const YAML: &str = "import json, yaml; json.dump(yaml.safe_load(open(\"said\")), open(\"read\", \"w\"))";
