//! Collects the Rust blocks of README.md and docs/, so that they are compiled and run as tests.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = vec![root.join("README.md")];
    collect(&root.join("docs"), &mut pages)?;
    pages.sort();
    let mut modules = String::new();
    for page in &pages {
        println!("cargo::rerun-if-changed={}", page.display());
        let text = fs::read_to_string(page)?;
        let name = module_name(page.strip_prefix(&root)?);
        for (number, block) in text.split("\n```rust\n").skip(1).enumerate() {
            let block = block.split("\n```").next().unwrap_or_default();
            modules += &format!("mod {name}_{number} {{\n{block}\n}}\n");
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("docs.rs"), modules)?;
    Ok(())
}

/// Returns a name for the module of a page, such as `docs_readme_md`.
fn module_name(path: &Path) -> String {
    let path = path.display().to_string().to_lowercase();
    path.replace(|it: char| !it.is_ascii_lowercase() && !it.is_ascii_digit(), "_")
}

/// Adds the pages below a folder.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|it| it == "md") {
            pages.push(path);
        }
    }
    Ok(())
}
