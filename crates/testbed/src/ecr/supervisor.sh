#!/usr/bin/env bash
# Runs the registry and moto until standard input is closed, and then removes everything that belongs to them.
#
#   supervisor.sh STATE REGISTRY MOTO PORT
#
# The tests hold the other end of standard input, which the kernel closes when they end, however they end.
set -euo pipefail
state=$1

finish() {
    set +e
    # They are children that have not been waited for, so no other process can have got their ids.
    kill -KILL "$registry" "$moto"
    wait
    rm -rf "$state"
} 2>/dev/null

"$2" serve "$state/registry.yml" </dev/null &
registry=$!
"$3" -H 127.0.0.1 -p "$4" </dev/null &
moto=$!
trap finish EXIT

# Waits until one of them ends or the pipe closes. read exits with a status above 128 after its timeout of a second.
while kill -0 "$registry" && kill -0 "$moto"; do
    status=0
    read -r -t 1 || status=$?
    [ "$status" -gt 128 ] || break
done
