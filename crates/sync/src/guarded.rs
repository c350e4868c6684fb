//! Paths that need more care than others, whatever `.dockerignore` contains.

use std::path::Path;

/// What programs run by themselves when a folder is entered, opened or used: file names and folders at any depth.
const RUN_BY_THEMSELVES: &[&str] = &[
    ".envrc",
    ".vscode",
    ".idea",
    ".devcontainer",
    ".devcontainer.json",
    ".husky",
    ".pre-commit-config.yaml",
    ".mise.toml",
    "mise.toml",
    ".tool-versions",
    ".exrc",
    ".nvimrc",
    ".nvim.lua",
    ".vimrc",
    ".lvimrc",
    ".dir-locals.el",
    ".gitmodules",
    ".gitattributes",
    ".autoenv.zsh",
    ".env.zsh",
    "versioneer.py",
];

/// Returns the patterns of `.dockerignore` that are added for the project at `root`.
pub(crate) fn patterns(root: &Path) -> &'static [&'static str] {
    // The file that a build makes from the template usually holds a password.
    if root.join("pip.conf.template").exists() { &["pip.conf"] } else { &[] }
}

/// Returns whether a path belongs to a git repository: the folder `.git`, or the file of that name in a worktree.
pub(crate) fn is_git(path: &Path) -> bool {
    // On a file system that ignores case, as on macOS, `.GIT` is the same folder.
    path.iter().any(|name| name.eq_ignore_ascii_case(".git"))
}

/// Returns whether a path is the index of a git repository, which also commands that only read write: `git status`.
pub(crate) fn is_git_index(path: &Path) -> bool {
    is_git(path) && path.file_name().is_some_and(|name| name == "index")
}

/// Returns whether programs run or obey what stands at a path without being started by the user: an editor's tasks, the
/// hooks of a shell, the scripts in `docker/dockerutils.cfg`.
pub(crate) fn is_run_by_itself(path: &Path) -> bool {
    let is_configuration =
        path.starts_with("docker") && path.file_name().is_some_and(|name| name == "dockerutils.cfg");
    is_configuration
        || path.iter().any(|name| RUN_BY_THEMSELVES.iter().any(|risky| name.eq_ignore_ascii_case(risky)))
}
