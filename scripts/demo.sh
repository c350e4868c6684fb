#!/usr/bin/env bash
# Builds and runs the example project's image hello on the engine that docker reaches, as its user would.
#
#   scripts/demo.sh PROFILE    debug or release: which build of the commands to show
set -euo pipefail
cd "$(dirname "$0")/../examples"

# Shows a command line and runs it.
show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
PATH=$target/${1:?debug or release}:$PATH
printf '\n$ cd examples\n'
show build-image hello
show run-image hello
