#!/usr/bin/env bash
# Keeps a dock for as long as standard input stays open, and then removes every trace of it.
#
#   supervisor.sh STATE LAYERS
#
# The tests hold the other end of standard input: it closes when they end, however they end. It wants to be the first
# process of a pid namespace, and in mount, network, uts and ipc namespaces of its own: nothing in them outlives it. The
# dock's mounts are in a further mount namespace, so that what is removed here is never what is mounted there.
set -euo pipefail
state=$1

# Until the machine ends or the pipe closes; a second without either is only a second.
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
    # Whoever else is in this pid namespace: nothing that they hold is kept.
    kill -KILL -- -1
    wait
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
