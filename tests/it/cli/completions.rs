//! `ecmock completions`.

use std::process::Command;

use rstest::rstest;

use super::{finish, run};

#[rstest]
fn a_completion_script_names_every_command(
    #[values("bash", "elvish", "fish", "powershell", "zsh")] shell: &str,
) {
    let script = run(&["completions", shell]).printed();
    for word in ["serve", "doctor", "tls-dir", "verify"] {
        assert!(script.contains(word), "{word} is not in the script");
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = run(&["completions", "bash"]).printed();
    for (words, expected) in [
        ("ecmock do", "doctor"),
        ("ecmock doctor --j", "--json"),
        ("ecmock serve --auth v", "verify"),
        ("ecmock completions z", "zsh"),
    ] {
        let count = words.split(' ').count() - 1;
        let mut bash = Command::new("bash");
        let complete = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={count}; \
             _ecmock ecmock \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$COMP_CWORD-1]}}\"; \
             echo \"${{COMPREPLY[@]}}\""
        );
        bash.args(["-c", &complete]);
        assert_eq!(finish(bash).printed(), expected, "{words}");
    }
}

#[test]
fn an_unknown_shell_is_invalid_usage() {
    let refusal = run(&["completions", "csh"]).refusal(2);
    assert!(refusal.contains("zsh"), "{refusal}");
}
