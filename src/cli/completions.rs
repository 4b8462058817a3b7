//! `ecmock completions`.
//!
//! `cargo xtask docs` writes the scripts. The crate that generates them would add more to the binary
//! than the scripts.

use clap::ValueEnum;

/// A shell with completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    /// Returns the completion script.
    pub(crate) const fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("completions/ecmock.bash"),
            Self::Elvish => include_str!("completions/ecmock.elv"),
            Self::Fish => include_str!("completions/ecmock.fish"),
            Self::Powershell => include_str!("completions/ecmock.ps1"),
            Self::Zsh => include_str!("completions/ecmock.zsh"),
        }
    }
}
