#!/usr/bin/env bash
# Runs every test of the workspace. The last lines repeat the failures, and count passed, failed and ignored tests over all
# test binaries.
#
#   scripts/test.sh [ARGUMENT...]    cargo test with these arguments
#
# Tests that need root are ignored by cargo test. Root runs them too: then an ignored test is a failure, so that nothing is
# left out without notice.
set -euo pipefail
cd "$(dirname "$0")/.."

# Sums the lines "test result: ok. 3 passed; 0 failed; 1 ignored; …", one of each test binary.
count() {
    awk '/^test result: / {
        for (i = 2; i <= NF; i++) {
            if ($i == "passed;") passed += $(i - 1)
            if ($i == "failed;") failed += $(i - 1)
            if ($i == "ignored;") ignored += $(i - 1)
        }
    }
    END { print passed + 0, failed + 0, ignored + 0 }' "$1"
}

# Repeats what the failed tests printed, which is otherwise far above the last lines.
failures() {
    awk '/^failures:$/ { inside = 1 }
    inside
    /^test result: / { inside = 0 }' "$1"
}

main() {
    local log status=0 passed failed ignored
    local options=()
    [ "$(id -u)" != 0 ] || options=(--include-ignored)
    # Most tests wait: for an engine, for ssh, for a browser. By default cargo runs one for each processor.
    export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((3 * $(getconf _NPROCESSORS_ONLN) / 2))}
    log=$(mktemp)
    # Standard error, with cargo's progress, stays on the terminal: test results are on standard output.
    cargo test --workspace --no-fail-fast "$@" -- "${options[@]}" | tee "$log" || status=$?
    read -r passed failed ignored < <(count "$log")
    failures "$log"
    rm -f "$log"
    if [ "$(id -u)" = 0 ] && [ "$ignored" != 0 ] && [ "$status" = 0 ]; then status=1; fi
    printf '\ntests: %s passed, %s failed, %s ignored\n' "$passed" "$failed" "$ignored"
    return "$status"
}

main "$@"
