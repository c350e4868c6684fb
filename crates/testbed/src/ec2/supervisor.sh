#!/usr/bin/env bash
# Runs the stand-in for EC2 until standard input is closed, and then removes everything that belongs to it.
#
#   supervisor.sh STATE PYTHON PROGRAM CONTROL NETWORK
#
# PROGRAM is the folder of the stand-in, CONTROL the name of the abstract socket on which the tests start and stop docks,
# NETWORK the first three numbers of the instances' addresses. The tests hold the other end of standard input, which the
# kernel closes when they end, however they end.
set -euo pipefail
state=$1

finish() {
    set +e
    # It is a child that has not been waited for, so no other process can have got its id.
    kill -KILL "$stand"
    wait
    # Docks end by themselves; until then they may create files.
    for _ in {1..100}; do
        rm -rf --one-file-system "$state" && break
        sleep 0.1
    done
} 2>/dev/null

PYTHONDONTWRITEBYTECODE=1 STAND_STATE=$state STAND_CONTROL=$4 STAND_NETWORK=$5 "$2" "$3" </dev/null &
stand=$!
trap finish EXIT

# Waits until it ends or the pipe closes. read exits with a status above 128 after its timeout of a second.
while kill -0 "$stand"; do
    status=0
    read -r -t 1 || status=$?
    [ "$status" -gt 128 ] || break
done
