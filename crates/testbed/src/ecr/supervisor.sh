#!/usr/bin/env bash
# Runs the registry and moto for as long as standard input stays open, and then removes every trace of them.
#
#   supervisor.sh STATE REGISTRY MOTO PORT
#
# The tests hold the other end of standard input: it closes when they end, however they end.
set -euo pipefail
state=$1

finish() {
    set +e
    # Ours, and waited for by nobody else: their numbers are still theirs.
    kill -KILL "$registry" "$moto"
    wait
    rm -rf "$state"
} 2>/dev/null

"$2" serve "$state/registry.yml" </dev/null &
registry=$!
"$3" -H 127.0.0.1 -p "$4" </dev/null &
moto=$!
trap finish EXIT

# Until one of them ends or the pipe closes; a second without either is only a second.
while kill -0 "$registry" && kill -0 "$moto"; do
    status=0
    read -r -t 1 || status=$?
    [ "$status" -gt 128 ] || break
done
