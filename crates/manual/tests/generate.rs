//! Every command has a man page and completions for each shell that `source dock` supports.

use std::fs;

use dockerutils::commands::ALL;

#[test]
fn every_command_has_a_man_page_and_completions_with_all_its_flags() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    dockerutils_manual::generate(folder.path()).expect("the pages are written");
    for entry in ALL {
        let name = entry.name;
        let read = |path: String| fs::read_to_string(folder.path().join(&path)).expect(&path);
        let page = read(format!("man/man1/{name}.1"));
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        assert!(page.contains("\n.SH EXAMPLES\n.nf\n  "), "{page}");
        let completions = [
            read(format!("completions/bash/{name}.bash")),
            read(format!("completions/zsh/_{name}")),
            read(format!("completions/fish/{name}.fish")),
        ];
        let tree = (entry.tree)();
        let flags = tree.get_arguments().filter(|argument| !argument.is_hide_set());
        for flag in flags.filter_map(|argument| argument.get_long()) {
            // roff escapes the hyphen.
            assert!(page.contains(&flag.replace('-', "\\-")), "{name}.1 lacks --{flag}");
            for script in &completions {
                assert!(script.contains(flag), "a completion of {name} lacks --{flag}");
            }
        }
    }
}
