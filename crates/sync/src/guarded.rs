//! Paths that need more care than others, whatever `.dockerignore` contains.

use std::ffi::OsStr;
use std::path::Path;

use dockerutils_project::PipConf;

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
    ".Rprofile",
    ".gdbinit",
    ".lldbinit",
    ".cargo",
    ".yarnrc",
    ".yarnrc.yml",
    ".npmrc",
    ".bundle",
    ".zed",
    ".cursor",
    ".claude",
    ".mcp.json",
    "sitecustomize.py",
    "usercustomize.py",
    ".pdbrc",
    ".ssh",
    ".profile",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
];

/// The folders in which programs for version control keep their data, with settings and hooks that they run.
const REPOSITORIES: &[&str] = &[".git", ".hg", ".jj", ".svn", ".bzr"];

/// Returns the patterns of `.dockerignore` that are added for the project at `root`.
pub(crate) fn patterns(root: &Path) -> &'static [&'static str] {
    // The file that a build makes usually holds a password. A build that was killed has left it behind.
    if PipConf::is_made_by_builds(root) { &["pip.conf"] } else { &[] }
}

/// Returns whether a path belongs to a git repository: the folder `.git`, or the file of that name in a worktree.
pub(crate) fn is_git(path: &Path) -> bool {
    // On a file system that ignores case, as on macOS, `.GIT` is the same folder.
    path.iter().any(|name| name.eq_ignore_ascii_case(".git"))
}

/// Returns whether a path belongs to a repository of any kind, or is the file of that name in a worktree.
pub(crate) fn is_in_repository(path: &Path) -> bool {
    path.iter().any(|name| REPOSITORIES.iter().any(|folder| name.eq_ignore_ascii_case(folder)))
}

/// Returns the folder that git obeys a file of, if the folder is a repository without a working tree: its settings or one
/// of its hooks.
pub(crate) fn bare_repository(path: &Path) -> Option<&Path> {
    let folder = path.parent()?;
    // As for `.git`, a file system may ignore case.
    let is_settings =
        |name: &OsStr| ["config", "config.worktree"].iter().any(|it| name.eq_ignore_ascii_case(it));
    if path.file_name().is_some_and(is_settings) {
        return Some(folder);
    }
    let is_hooks = folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case("hooks"));
    is_hooks.then(|| folder.parent()).flatten()
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
