#!/usr/bin/env bash
# Runs a dock until standard input is closed, and then removes everything that belongs to it.
#
#   supervisor.sh STATE LAYERS
#
# The tests hold the other end of standard input, which the kernel closes when they end, however they end. This script must
# be the first process of a pid namespace, and in mount, network, uts and ipc namespaces of its own: the kernel ends them
# with it. The dock's mounts are in a further mount namespace, so that rm below cannot reach mounted files.
set -euo pipefail
state=$1

# Waits until the machine ends or the pipe closes. read exits with a status above 128 after its timeout of a second.
watch() {
    local status
    while kill -0 "$machine" 2>/dev/null; do
        status=0
        read -r -t 1 || status=$?
        [ "$status" -gt 128 ] || return 0
    done
}

finish() {
    set +e
    # All other processes of this pid namespace, so that no file and no mount stays in use.
    kill -KILL -- -1
    wait
    # The kernel removes processes from their control groups with a delay.
    for _ in {1..50}; do
        find /sys/fs/cgroup -depth -type d -path "*/${state##*/}*" -exec rmdir {} + && break
        sleep 0.1
    done
    rm -rf --one-file-system "$state"
} 2>/dev/null

trap finish EXIT
unshare --mount --propagation private bash "${0%/*}/machine.sh" "$@" </dev/null &
machine=$!
watch
