//! Development tasks. Run `cargo xtask help`.

mod bench;
mod codegen;
mod import;
mod model;
mod names;
mod overrides;
mod scaffold;
mod types;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use bench::Scope;

const HELP: &str = "\
usage: cargo xtask COMMAND

  codegen            write src/ecm/api from xtask/model
  codegen --check    fail if src/ecm/api is not what codegen would write
  docs               write the generated parts of README.md and docs/, and src/cli/completions
  docs --check       fail if a generated part, a link, or the index of docs/ is wrong
  new-action NAME    add the stubs of an action: behavior, recipe, and test
  import FILE        update xtask/model from the vendor's api.json
  bench              run all benchmarks, and write their tables to BENCHMARKS.md
  bench calls        run only the benchmarks of calls in process
  bench servers      run only ecmock and other servers under load; requires wrk
";

/// A message for the developer.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let model = root().join("xtask/model");
    let outcome = match *words {
        ["codegen"] => codegen(&model, false),
        ["codegen", "--check"] => codegen(&model, true),
        ["docs"] => docs(false),
        ["docs", "--check"] => docs(true),
        ["new-action", name] => scaffold::new_action(&model, name),
        ["bench"] => bench::bench(Scope::All),
        ["bench", "calls"] => bench::bench(Scope::Calls),
        ["bench", "servers"] => bench::bench(Scope::Servers),
        ["import", file] => import::import(&model, Path::new(file)),
        [] | ["help" | "--help"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the generated files and deletes other files in their folder, or checks that both are current.
fn codegen(model: &Path, is_check: bool) -> Result<(), Failure> {
    let folder = root().join("src/ecm/api");
    let files = codegen::Api::read(model)?.render()?;
    let mut stale: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let path = entry.map_err(|error| Failure(error.to_string()))?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if !files.contains_key(name) {
            if !is_check {
                let failed = |error| Failure(format!("{}: {error}", path.display()));
                fs::remove_file(&path).map_err(failed)?;
            }
            stale.push(path);
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            if !is_check {
                write(&path, &text)?;
            }
            stale.push(path);
        }
    }
    if is_check && !stale.is_empty() {
        let paths: Vec<String> = stale.iter().map(|it| it.display().to_string()).collect();
        let what = "xtask/model would generate other files; run `cargo xtask codegen`";
        return Err(Failure(format!("{what}:\n  {}", paths.join("\n  "))));
    }
    Ok(())
}

/// Writes the generated parts of the pages, or checks that they are current.
///
/// The tests of the library do the work, since they can reach the private tables that the pages show.
fn docs(is_check: bool) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["test", "--quiet", "--lib", "--locked", "docs::"]);
    if !is_check {
        command.env("ECMOCK_UPDATE_DOCS", "1");
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure("a page is wrong; see above".to_owned())),
        Err(error) => Err(Failure(format!("cannot run cargo: {error}"))),
    }
}

/// Writes a file, and its folder if it does not exist.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
