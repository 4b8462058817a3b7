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
        let stem = page.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
        let stem = stem.to_lowercase().replace('-', "_");
        for (number, block) in text.split("\n```rust\n").skip(1).enumerate() {
            let block = block.split("\n```").next().unwrap_or_default();
            modules += &format!("mod {stem}_{number} {{\n{block}\n}}\n");
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("docs.rs"), modules)?;
    Ok(())
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
