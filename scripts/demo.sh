#!/usr/bin/env bash
# Builds and runs the image hello of the example project on the engine that docker reaches.
#
#   scripts/demo.sh PROFILE    debug or release: which build of the commands to use
set -euo pipefail
cd "$(dirname "$0")/../examples"

# Prints a command line as it is typed, and runs it.
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# Cargo decides where the commands are built: CARGO_TARGET_DIR or a configuration may lead elsewhere.
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
PATH=$target/${1:?debug or release}:$PATH
printf '\n$ cd examples\n'
run build-image hello
run run-image hello
