#!/usr/bin/env bash
# Makes the picture of docs/notebooks.md: a cell and its output in JupyterLab, in a private engine. It needs root, and what
# `scripts/setup.sh test` installs.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p docs/images
cargo build --workspace --examples
target/debug/examples/screenshot docs/images/notebook.png
