#!/usr/bin/env bash
# Runs a private dockerd until standard input is closed, and then removes everything that belongs to it. Its data is on the
# disk STATE/disk.img if that exists.
#
#   supervisor.sh STATE DOCKERD [FLAG...]
#
# The tests hold the other end of standard input, which the kernel closes when they end, however they end. This script must
# be the first process of a pid namespace, and in a mount namespace of its own: the kernel ends shims and containers, and
# removes mounts, with it.
set -euo pipefail
state=$1
shift

# Creates a bridge. Its name is the lock on the addresses 10.NUMBER.0.0/16.
claim_network() {
    for number in {130..190}; do
        [ -z "$(ip -4 route show root "10.$number.0.0/16")" ] || continue
        bridge=dutest$number
        if ip link add "$bridge" type bridge 2>/dev/null; then
            trap finish EXIT
            ip address add "10.$number.0.1/24" dev "$bridge"
            ip link set "$bridge" up
            return
        fi
    done
    echo "no free network among 10.130.0.0/16 to 10.190.0.0/16" >&2
    exit 1
}

# Hides the system's own containerd and engine, and makes the state folder a mount, so that all mounts below it can be
# removed at once.
isolate_files() {
    local dir
    for dir in /run/containerd /run/docker; do
        mkdir -p "$dir"
        mount -t tmpfs tmpfs "$dir"
    done
    mount --bind "$state" "$state"
    cd "$state"
    mkdir data exec
    # noinit_itable: otherwise a thread of the kernel initializes tables in the background, which disturbs measurements.
    [ ! -e disk.img ] || mount -o loop,noinit_itable disk.img data
    # The names of the registries, and the certificates that this engine trusts for them.
    mount --bind hosts /etc/hosts
    mkdir -p /etc/docker
    mount -t tmpfs tmpfs /etc/docker
    cp -R certs.d /etc/docker
}

# Published ports are reachable from this machine alone, and the rules of its firewall, which all engines share, stay as
# they are.
start_daemon() {
    "$@" --config-file "$state/daemon.json" --data-root "$state/data" --exec-root "$state/exec" \
        --pidfile "$state/pid" --host "unix://$state/docker.sock" \
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$bridge" \
        --bridge "$bridge" --default-address-pool "base=10.$number.128.0/17,size=24" \
        --ip 127.0.0.1 --iptables=false --ip-forward=false --ip-masq=false \
        --add-runtime "nvidia=$(command -v runc)" </dev/null &
    daemon=$!
}

# Waits until the daemon ends or the pipe closes. read exits with a status above 128 after its timeout of a second.
watch() {
    local status
    while kill -0 "$daemon" 2>/dev/null; do
        status=0
        read -r -t 1 || status=$?
        [ "$status" -gt 128 ] || return 0
    done
}

finish() {
    set +e
    cd /
    # All other processes of this pid namespace, so that no file and no mount stays in use.
    kill -KILL -- -1
    wait
    umount --recursive --lazy "$state"
    ip link delete "$bridge"
    local link
    for link in $(ip -o -4 address | awk -v own="10.$number." '$2 ~ /^br-/ && index($4, own) == 1 { print $2 }'); do
        ip link delete "$link"
    done
    # The kernel removes processes from their control groups with a delay.
    for _ in {1..50}; do
        find /sys/fs/cgroup -depth -type d -path "*/$bridge*" -exec rmdir {} + && break
        sleep 0.1
    done
    rm -rf "$state"
} 2>/dev/null

claim_network
isolate_files
start_daemon "$@"
watch
