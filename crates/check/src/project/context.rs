//! The size of what a build sends, and what `.dockerignore` could leave out.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use dockerutils_project::Project;
use dockerutils_sync::{BuildContext, Tree, measure_tree};

use super::exclusion::exclude;
use crate::{Bytes, Finding};

/// From this size on, a context is worth a look.
const LARGE: u64 = 100_000_000;

/// From this size on, a folder that no build needs is worth a line in `.dockerignore`.
const WORTH_A_LINE: u64 = 10_000_000;

/// How many of the largest paths are named.
const LARGEST: usize = 10;

/// Folders that tools write, and that no build needs.
const LEFT_OUT: [&str; 16] = [
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".ipynb_checkpoints",
    ".cache",
    ".terraform",
    ".gradle",
    ".idea",
    "mlruns",
    "wandb",
];

pub(super) fn judge(project: &Project, tree: &Tree) -> Finding {
    let id = "project.context";
    let context = match measure_tree(project.root(), tree) {
        Ok(context) => context,
        Err(error) => return Finding::problem(id, error.to_string()),
    };
    let left_out = left_out(&context);
    let size = format!("a build sends {} in {} files", Bytes(context.bytes), context.sizes.len());
    if context.bytes < LARGE && left_out.is_empty() {
        return Finding::ok(id, size);
    }
    let largest: Vec<String> = context
        .largest(LARGEST)
        .iter()
        .map(|(path, bytes)| format!("{} ({})", path.display(), Bytes(*bytes)))
        .collect();
    let finding = Finding::warning(id, format!("{size}; the largest: {}", largest.join(", ")));
    if left_out.is_empty() {
        return finding.fix("list what no build needs in .dockerignore");
    }
    finding.fix(exclude(project, left_out.iter().map(|name| format!("**/{name}"))))
}

/// Returns the folders that no build needs and that are large, the largest first.
fn left_out(context: &BuildContext) -> Vec<&'static str> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, bytes) in &context.sizes {
        if let Some(name) = folder_of_tool(path) {
            *sizes.entry(name).or_default() += bytes;
        }
    }
    let mut found: Vec<_> = sizes.into_iter().filter(|(_, bytes)| *bytes >= WORTH_A_LINE).collect();
    found.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    found.into_iter().map(|(name, _)| name).collect()
}

fn folder_of_tool(path: &Path) -> Option<&'static str> {
    path.parent()?.components().find_map(|part| match part {
        Component::Normal(name) => LEFT_OUT.iter().find(|known| name == **known).copied(),
        _ => None,
    })
}
