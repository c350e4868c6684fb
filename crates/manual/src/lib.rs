//! Man pages and shell completions of every command, generated from [`dockerutils::commands::ALL`].
//!
//! They are generated when a release is made (`make manual`) and not kept in the repository, so they cannot drift from
//! the arguments that the commands accept.

use std::fs;
use std::io;
use std::path::Path;

use clap_complete::Shell;
use dockerutils::commands::{ALL, Entry};

/// The shells that `source dock` supports.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// Writes `man/man1/COMMAND.1` and `completions/SHELL/…` below a folder.
///
/// # Errors
/// Fails if a folder or a file cannot be written.
pub fn generate(folder: &Path) -> io::Result<()> {
    let man = folder.join("man/man1");
    fs::create_dir_all(&man)?;
    for entry in ALL {
        write_man_page(entry, &man)?;
        for shell in SHELLS {
            let completions = folder.join("completions").join(shell.to_string());
            fs::create_dir_all(&completions)?;
            clap_complete::generate_to(shell, &mut (entry.tree)(), entry.name, &completions)?;
        }
    }
    Ok(())
}

fn write_man_page(entry: &Entry, folder: &Path) -> io::Result<()> {
    // The tree of dock-session is named `dock`, the prefix of its messages; its page is that of the binary.
    let tree = (entry.tree)().name(entry.name);
    let mut page = Vec::new();
    clap_mangen::Man::new(tree).render(&mut page)?;
    fs::write(folder.join(format!("{}.1", entry.name)), with_examples(&String::from_utf8_lossy(&page)))
}

/// Gives the examples a section of their own, in which man keeps the columns.
fn with_examples(page: &str) -> String {
    // clap_mangen puts the text after the help under the heading EXTRA, and man would fill its lines like prose.
    page.replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n.nf\n")
        .replace(".SH EXTRA\nExample:\n", ".SH EXAMPLES\n.nf\n")
        .replace("\n.SH VERSION", "\n.fi\n.SH VERSION")
}
