//! `make build` and `make install` leave the builder's paths out of the programs.
#![expect(clippy::disallowed_types, reason = "the test runs make and rustc, not one of our commands")]

use std::path::Path;
use std::process::Command;

/// The flags for rustc in the command line that make prints for this target.
fn rustc_flags(target: &str, cargo_home: &str) -> Vec<String> {
    let make = Command::new("make")
        .args(["--dry-run", "--no-print-directory", target])
        .env("CARGO_HOME", cargo_home)
        .env_remove("MAKEFLAGS")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("make");
    let text = String::from_utf8(make.stdout).expect("text");
    let cargo = text.lines().find(|line| line.starts_with("cargo ")).expect("a call of cargo");
    let words = shlex::split(cargo).expect("shell words");
    let config =
        words.iter().find_map(|word| word.strip_prefix("build.rustflags=")).expect("flags for rustc");
    let table: toml::Table = format!("flags={config}").parse().expect("TOML");
    table["flags"].clone().try_into().expect("a list of texts")
}

/// Compiles a program that panics as a dependency at this path would, and returns its bytes.
fn compile(source: &Path, flags: &[String]) -> Vec<u8> {
    let program = source.with_extension("bin");
    let text =
        "fn main() { let list: Vec<u8> = std::env::args().map(|_| 1).collect(); assert!(list[7] == 1); }";
    std::fs::write(source, text).expect("a program");
    let rustc = Command::new("rustc")
        .args(["-O", "-C", "strip=symbols", "-C", "panic=abort", "-o"])
        .args([&program, source])
        .args(flags)
        .output()
        .expect("rustc");
    assert!(rustc.status.success(), "{}", String::from_utf8_lossy(&rustc.stderr));
    std::fs::read(program).expect("a program")
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_program_that_make_builds_holds_no_path_of_the_builder() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("text");
    let source = Path::new(folder).join("dependency.rs");
    // The path would be there without the flags.
    assert!(holds(&compile(&source, &[]), folder));
    for target in ["build", "install"] {
        let flags = rustc_flags(target, folder);
        let own = format!("--remap-path-prefix={}=dockerutils", env!("CARGO_MANIFEST_DIR"));
        assert!(flags.contains(&own), "{flags:?}");
        let bytes = compile(&source, &flags);
        assert!(holds(&bytes, "cargo/dependency.rs"), "make {target}");
        assert!(!holds(&bytes, folder), "make {target}");
        let home = std::env::var("HOME").expect("a home");
        assert!(home == "/" || !holds(&bytes, &home), "make {target}");
    }
}
