//! The files that `clap` generates: completion scripts and the manual page.

use std::{fs, io};

use clap::Command;
use clap_complete::{Generator as _, Shell};
use clap_mangen::Man;

use super::{UPDATE, root};
use crate::cli::{command, command_with_texts};

/// Start of each part of a manual page. One is enough.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Returns the text that a function writes.
fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut text = Vec::new();
    write(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n"
}

fn script(shell: Shell) -> String {
    let mut command = command().disable_help_subcommand(true);
    command.set_bin_name("ecmock");
    command.build();
    let script = text(|out| shell.try_generate(&command, out));
    // Indentation would be a third of the script for bash, and the binary contains it.
    script.lines().map(str::trim_start).map(|line| line.to_owned() + "\n").collect()
}

/// Returns one page of all commands. Each command has a section with its options.
fn manual() -> String {
    let mut all = command_with_texts();
    all.build();
    let source = concat!("ecmock ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(all.clone()).source(source);
    let head = text(|out| {
        page.render_title(out)?;
        page.render_name_section(out)?;
        page.render_synopsis_section(out)?;
        page.render_description_section(out)
    });
    let commands = all.get_subcommands().filter(|it| it.get_name() != "help");
    let page = head + &commands.map(section).collect::<String>();
    PREAMBLE.to_owned() + &page.replace(PREAMBLE, "")
}

fn section(command: &Command) -> String {
    let name = command.get_name().to_uppercase();
    let page = Man::new(command.clone().disable_help_flag(true));
    let page = text(|out| {
        page.render_synopsis_section(out)?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
        page.render_extra_section(out)
    });
    let page = page.replace(".SH SYNOPSIS\n", "").replace(".SH DESCRIPTION\n", ".PP\n");
    let page = page.replace(".SH EXTRA\n", ".PP\n").replace(".SH ", ".SS ");
    format!(".SH {name}\n{page}")
}

#[test]
fn generated_files_are_current() {
    let mut stale = Vec::new();
    for (file, current) in [
        ("docs/reference/ecmock.1", manual()),
        ("src/cli/completions/ecmock.bash", script(Shell::Bash)),
        ("src/cli/completions/ecmock.elv", script(Shell::Elvish)),
        ("src/cli/completions/ecmock.fish", script(Shell::Fish)),
        ("src/cli/completions/ecmock.ps1", script(Shell::PowerShell)),
        ("src/cli/completions/ecmock.zsh", script(Shell::Zsh)),
    ] {
        if fs::read_to_string(root().join(file)).is_ok_and(|it| it == current) {
            continue;
        }
        if std::env::var_os(UPDATE).is_some() {
            fs::write(root().join(file), current).unwrap();
        } else {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "{stale:?}: run `cargo xtask docs`");
}
