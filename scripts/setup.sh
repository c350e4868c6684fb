#!/usr/bin/env bash
# Installs what `make demo` or `make test` needs and this machine lacks, and starts an engine if none answers.
#
#   scripts/setup.sh demo|test
#
# What is there already is left alone: a second run installs nothing. Packages are installed only by root and only with
# apt-get; anybody else is told what to install.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/lib.sh
. ./lib.sh

# Debian's packages that this machine lacks for a purpose, one a line.
missing_packages() {
    has cc || printf '%s\n' gcc libc6-dev
    is_static_busybox || echo busybox-static
    if [ "$1" = demo ]; then
        engine_answers || { has docker && has dockerd; } || echo docker.io
        return
    fi
    { has docker && has dockerd; } || echo docker.io
    has git || echo git
    has python3 || echo python3
    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    has debootstrap || echo debootstrap
    has ip || echo iproute2
    has ssh || echo openssh-client
    has sshd || echo openssh-server
    has iptables || echo iptables
    has mkfs.ext4 || echo e2fsprogs
    has docker-registry || echo docker-registry
    has sudo || echo sudo
    has zstd || echo zstd
    has rsync || echo rsync
    has zsh || echo zsh
    has fish || echo fish
}

has() { command -v "$1" >/dev/null; }

# In an image that starts from nothing a dynamic one would find no library.
is_static_busybox() { has busybox && ! LC_ALL=C ldd "$(command -v busybox)" 2>/dev/null | grep -q '\.so'; }

install_packages() {
    [ $# -gt 0 ] || return 0
    local command="apt-get install --yes --no-install-recommends $*"
    has apt-get || die "please install what Debian calls: $*"
    [ "$(id -u)" = 0 ] || die "please run first: sudo $command"
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # Without lists, or with old ones, apt-get needs an update first; otherwise that minute is saved.
    apt-get install --yes --no-install-recommends "$@" 2>/dev/null || {
        apt-get update
        apt-get install --yes --no-install-recommends "$@"
    }
    # The tests start these themselves: this machine is not to be opened by them.
    case " $* " in *" openssh-server "*) systemctl disable --now ssh 2>/dev/null || true ;; esac
    case " $* " in *" docker-registry "*) systemctl disable --now docker-registry 2>/dev/null || true ;; esac
}

start_engine() {
    if engine_answers; then return 0; fi
    if [ -n "${DOCKER_HOST:-}" ]; then die "no engine answers at DOCKER_HOST=$DOCKER_HOST"; fi
    [ "$(id -u)" = 0 ] || die "no engine answers: $(docker info 2>&1 | tail -n 1)
Start it (sudo systemctl start docker), and join its group (sudo usermod -aG docker $(id -un), then log in again)."
    say "starting the engine"
    if [ -d /run/systemd/system ]; then
        systemctl start docker
    elif ! service docker start >/dev/null 2>&1; then
        # In a container the service may want limits that it cannot have; the engine does without.
        setsid dockerd </dev/null >/var/log/docker.log 2>&1 &
    fi
    for _ in {1..60}; do
        if engine_answers; then return 0; fi
        sleep 1
    done
    die "the engine does not answer: $(docker info 2>&1 | tail -n 1)"
}

main() {
    case ${1:-} in demo | test) ;; *) die "usage: scripts/setup.sh demo|test" ;; esac
    has cargo || die "please install Rust first: https://rustup.rs"
    local packages
    mapfile -t packages < <(missing_packages "$1")
    install_packages "${packages[@]}"
    start_engine
    [ "$1" = demo ] || ./testbed.sh
}

# Sourced by a test of its decisions, it does nothing.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
