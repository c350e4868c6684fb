//! The files that the scripts before and after a build run.

use std::path::Path;

use dockerutils_config::{Word, split_words};
use dockerutils_project::Project;

/// The programs whose first argument is a script; a version may follow the name, as in `python3.12`.
const INTERPRETERS: [&str; 22] = [
    "ash", "bash", "bun", "csh", "dash", "deno", "fish", "ksh", "lua", "luajit", "mksh", "node", "perl",
    "php", "pypy", "python", "Rscript", "ruby", "sh", "tclsh", "tcsh", "zsh",
];

/// The programs that run another one, which stands among their arguments.
const LAUNCHERS: [&str; 17] = [
    "busybox", "chrt", "command", "doas", "env", "flock", "ionice", "nice", "nohup", "setsid", "stdbuf",
    "sudo", "taskset", "time", "timeout", "unbuffer", "xargs",
];

/// Returns why the script must not be run, if another user could replace it.
pub(crate) fn script_fault(project: &Project, words: &[Word]) -> Option<String> {
    let words: Vec<String> = words.iter().map(Word::text).collect();
    let root = project.root();
    scripts(root, &words).into_iter().find_map(|path| project.trust().script_fault(&root.join(path)))
}

/// Returns the words of a command that may be paths of programs or scripts. `root` is the folder in which it runs.
fn scripts(root: &Path, words: &[String]) -> Vec<String> {
    let Some((program, arguments)) = words.split_first() else { return Vec::new() };
    // A program without a slash is found on PATH, which the user has chosen.
    let mut scripts: Vec<String> = Some(program).filter(|it| it.contains('/')).into_iter().cloned().collect();
    if LAUNCHERS.contains(&name(program)) {
        // The program is the word after the launcher's own options, whose number is not known.
        scripts.extend(files_in(root, arguments));
    } else if INTERPRETERS.contains(&name(program)) {
        scripts.extend(first_script(root, arguments));
    }
    scripts
}

/// Returns the name of a program without its folder and version.
fn name(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or_default();
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// Returns the script among the arguments of an interpreter, or the files that a command line in them names, with the files
/// that options before it name, as in `bash --rcfile env.sh build.sh`. What comes after the script are its own arguments.
fn first_script(root: &Path, arguments: &[String]) -> Vec<String> {
    let (mut found, mut is_command_line, mut is_value) = (Vec::new(), false, false);
    for argument in arguments {
        let files = files_in(root, std::slice::from_ref(argument));
        let is_script = is_command_line || !files.is_empty() && !is_value;
        found.extend(files);
        if is_script {
            break;
        }
        is_command_line = argument.starts_with('-') && !argument.starts_with("--") && argument.contains('c');
        is_value = takes_value(argument);
    }
    found
}

/// Returns whether the next argument may be the value of this one: of a long option, or of a short one of common
/// interpreters.
fn takes_value(argument: &str) -> bool {
    let is_long = argument.starts_with("--") && argument != "--" && !argument.contains('=');
    is_long || matches!(argument, "-W" | "-X" | "-r" | "-O" | "-o")
}

/// Returns the files that texts name: a text itself, or words of a command line or a program in it, also relative to a
/// folder that they name, as in `cd tools && ./prep.sh`.
fn files_in(root: &Path, texts: &[String]) -> Vec<String> {
    let is_separator = |c: char| c.is_whitespace() || "\"'`;&|()<>{}=,$".contains(c);
    let mut names: Vec<String> = Vec::new();
    for text in texts {
        names.push(text.clone());
        names.extend(split_words(text).unwrap_or_default());
        names.extend(text.split(is_separator).map(str::to_owned));
    }
    let folders = names.iter().filter(|name| !matches!(name.as_str(), "" | ".") && root.join(name).is_dir());
    let below =
        |folder: &String| names.iter().map(move |name| format!("{folder}/{name}")).collect::<Vec<_>>();
    let mut files: Vec<String> = folders.flat_map(below).chain(names.iter().cloned()).collect();
    files.retain(|path| root.join(path).is_file());
    files
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn scripts_are_found_behind_interpreters_and_launchers() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("sub")).unwrap();
        for name in ["a.sh", "b.sh", "my tool", "sub/c.sh"] {
            fs::write(temp.path().join(name), "").unwrap();
        }
        for (line, expected) in [
            ("./a.sh b.sh", vec!["./a.sh"]),
            ("./missing", vec!["./missing"]),
            ("sh -e a.sh b.sh", vec!["a.sh"]),
            ("/usr/bin/python3.12 a.sh", vec!["/usr/bin/python3.12", "a.sh"]),
            ("python3 -W ignore a.sh b.sh", vec!["a.sh"]),
            ("sh -o errexit a.sh b.sh", vec!["a.sh"]),
            ("fish a.sh", vec!["a.sh"]),
            ("bash --rcfile a.sh b.sh", vec!["a.sh", "b.sh"]),
            ("node --require=x ./a.sh b.sh", vec!["./a.sh"]),
            ("node -r ./a.sh b.sh sub/c.sh", vec!["./a.sh", "b.sh"]),
            ("sh -c './a.sh && ./b.sh' a.sh", vec!["./a.sh", "./b.sh"]),
            ("sh -c './a.sh; true'", vec!["./a.sh"]),
            ("bash -ec '. ./a.sh'", vec!["./a.sh"]),
            ("sh -c './my\\ tool'", vec!["./my tool"]),
            ("perl -e 'do \"./a.sh\"'", vec!["./a.sh"]),
            ("sh -c true a.sh", vec![]),
            ("env -u X Y=1 sh b.sh a.sh", vec!["a.sh", "b.sh"]),
            ("nice sh -c './a.sh;x'", vec!["./a.sh"]),
            ("timeout 9 bash -c ./a.sh", vec!["./a.sh"]),
            ("env -S 'sh ./a.sh'", vec!["./a.sh"]),
            ("sh -c 'cd sub && ./c.sh'", vec!["sub/./c.sh"]),
            ("env -C sub sh c.sh", vec!["sub/c.sh"]),
            ("cp a.sh b.sh", vec![]),
        ] {
            let words = split_words(line).unwrap();
            let mut found = scripts(temp.path(), &words);
            found.sort();
            found.dedup();
            assert_eq!(found, expected, "{line}");
        }
    }
}
