#!/usr/bin/env bash
# Installs what `make demo` or `make test` needs and this machine lacks, and starts an engine if none is reachable.
#
#   scripts/setup.sh demo|test
#
# A second run installs nothing. Packages are installed only by root and only with apt-get; for other users the script
# prints the command to run.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/lib.sh
. ./lib.sh

# Prints the Debian packages that this machine lacks for a purpose, one on each line.
missing_packages() {
    is_installed cc || printf '%s\n' gcc libc6-dev
    is_static_busybox || echo busybox-static
    if [ "$1" = demo ]; then
        engine_is_reachable || { is_installed docker && is_installed dockerd; } || echo docker.io
        return
    fi
    { is_installed docker && is_installed dockerd; } || echo docker.io
    is_installed git || echo git
    is_installed python3 || echo python3
    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    is_installed debootstrap || echo debootstrap
    is_installed ip || echo iproute2
    is_installed ssh || echo openssh-client
    is_installed sshd || echo openssh-server
    is_installed iptables || echo iptables
    is_installed mkfs.ext4 || echo e2fsprogs
    is_installed docker-registry || echo docker-registry
    is_installed sudo || echo sudo
    is_installed zstd || echo zstd
    is_installed rsync || echo rsync
    is_installed zsh || echo zsh
    is_installed fish || echo fish
    is_installed tcsh || echo tcsh
    is_installed chromium || echo chromium
}

is_installed() { command -v "$1" >/dev/null; }

# The tests and the demo make images that contain busybox alone: a dynamic one would not find its libraries there.
is_static_busybox() { is_installed busybox && ! LC_ALL=C ldd "$(command -v busybox)" 2>/dev/null | grep -q '\.so'; }

install_packages() {
    [ $# -gt 0 ] || return 0
    local command="apt-get install --yes --no-install-recommends $*"
    is_installed apt-get || die "please install what Debian calls: $*"
    [ "$(id -u)" = 0 ] || die "please run first: sudo $command"
    note "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # The update takes a minute, so it is done only if the package lists are missing or too old.
    apt-get install --yes --no-install-recommends "$@" 2>/dev/null || {
        apt-get update
        apt-get install --yes --no-install-recommends "$@"
    }
    # Debian starts these services when it installs them. The tests start their own, and this machine stays closed.
    case " $* " in *" openssh-server "*) systemctl disable --now ssh 2>/dev/null || true ;; esac
    case " $* " in *" docker-registry "*) systemctl disable --now docker-registry 2>/dev/null || true ;; esac
}

start_engine() {
    if engine_is_reachable; then return 0; fi
    if [ -n "${DOCKER_HOST:-}" ]; then die "cannot reach the engine at DOCKER_HOST=$DOCKER_HOST"; fi
    [ "$(id -u)" = 0 ] || die "cannot reach an engine: $(docker info 2>&1 | tail -n 1)
Start it (sudo systemctl start docker), and join its group (sudo usermod -aG docker $(id -un), then log in again)."
    note "starting the engine"
    if [ -d /run/systemd/system ]; then
        systemctl start docker
    elif ! service docker start >/dev/null 2>&1; then
        # In a container the service script may fail to raise limits, which the engine itself does not need.
        setsid dockerd </dev/null >/var/log/docker.log 2>&1 &
    fi
    for _ in {1..60}; do
        if engine_is_reachable; then return 0; fi
        sleep 1
    done
    die "the engine did not start within a minute: $(docker info 2>&1 | tail -n 1)"
}

main() {
    case ${1:-} in demo | test) ;; *) die "usage: scripts/setup.sh demo|test" ;; esac
    is_installed cargo || die "please install Rust first: https://rustup.rs"
    local packages
    mapfile -t packages < <(missing_packages "$1")
    install_packages "${packages[@]}"
    start_engine
    [ "$1" = demo ] || ./testbed.sh
}

# A test sources this file to check single functions.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
