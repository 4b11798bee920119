//! The command reference: the help of every command, as one page of Markdown.

use clap::Command;

/// The help of every command at 80 columns, with the words that call it: `hubca profile list`.
pub(super) fn help_pages(parser: Command) -> Vec<(String, String)> {
    let mut root = parser.term_width(80);
    root.build();
    let mut pages = Vec::new();
    collect(&mut root, "hubca", &mut pages);
    pages
}

/// `docs/reference/commands.md`.
pub(super) fn reference(parser: Command) -> String {
    let mut text = String::from(
        "# Commands\n\nThe help of every command, as the program prints it. A test compares this page with the program; \
         `SNAPSHOTS=overwrite cargo test --test reference` writes it anew.\n",
    );
    for (name, help) in help_pages(parser) {
        text.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end()));
    }
    text
}

fn collect(command: &mut Command, name: &str, pages: &mut Vec<(String, String)>) {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    pages.push((name.to_owned(), format!("{}\n", lines.join("\n"))));
    for child in command.get_subcommands_mut() {
        let name = format!("{name} {}", child.get_name());
        collect(child, &name, pages);
    }
}
