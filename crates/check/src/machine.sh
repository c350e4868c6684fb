#!/bin/sh
# Prints facts about this machine, one a line: a name, a blank and the value. It changes nothing.
#
#   machine.sh ENGINE_ROOT local
#   machine.sh ENGINE_ROOT FOLDER [MOUNT...]
#
# ENGINE_ROOT is the folder under which the engine's files are found, empty for `/`. FOLDER is the one in which the caller's
# workspaces are, and each MOUNT is what an image of the project mounts. The last line is `complete`, so that an output which
# was cut off is noticed.

fact() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
first_line() { "$@" 2>/dev/null | head -n 1; }
limited() { if has timeout; then timeout "$@"; else shift && "$@"; fi; }
# shellcheck disable=SC2012 # -printf of find and -c of stat are not everywhere
owner() { ls -ldn "$1" 2>/dev/null | awk 'NR == 1 { print $3 }'; }
lines() { while IFS= read -r line; do fact "$1" "$line"; done; }

docker_facts() {
    fact docker "$(command -v docker 2>/dev/null)"
    [ ! -e /snap/bin/docker ] || fact snap /snap/bin/docker
    fact groups "$(id -Gn 2>/dev/null)"
    fact user "$(id -un 2>/dev/null)"
    fact ids "$(id -u):$(id -g)"
    if has getent; then
        fact docker-group "$(getent group docker 2>/dev/null)"
    else
        fact docker-group "$(grep '^docker:' /etc/group 2>/dev/null)"
    fi
    uid=$(id -u)
    for socket in "${XDG_RUNTIME_DIR:-/run/user/$uid}/docker.sock" "/run/user/$uid/podman/podman.sock" \
        "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock" /var/run/docker.sock; do
        [ ! -S "$socket" ] || [ ! -w "$socket" ] || fact socket "$socket"
    done
    root=$(limited 4 docker info --format '{{.DockerRootDir}}' 2>/dev/null)
    root=$1${root:-/var/lib/docker}
    fact engine-root "$root"
    # df looks a path up in the list of mounts, which is not that of an engine with mounts of its own. Not every stat has -c.
    free=$(stat -f -c '%a %b %S %d %c' "$root" 2>/dev/null | awk 'NF == 5 && $3 > 0')
    if [ -n "$free" ]; then
        fact disk "$(echo "$free" | awk '{ printf "%.0f %.0f", $1 * $3 / 1024, $2 * $3 / 1024 }')"
        fact inodes "$(echo "$free" | awk '{ print $4, $5 }')"
    else
        fact disk "$(df -Pk "$root" 2>/dev/null | awk 'NR == 2 { print $4, $2 }')"
    fi
    for file in "$1/etc/docker/daemon.json" "$HOME/.config/docker/daemon.json"; do
        [ ! -r "$file" ] || fact daemon-json "$(head -c 65536 "$file" | tr '\n\t' '  ')"
    done
    ! has apt-config || apt-config dump 2>/dev/null \
        | grep -E '^(APT::Periodic::Unattended-Upgrade|Unattended-Upgrade::Package-Blacklist::) ' | lines apt
}

# The files are those of the engine's machine, under the same folder as the engine's own.
gpu_facts() {
    for device in "$1"/sys/bus/pci/devices/*; do
        case $(cat "$device/vendor" "$device/class" 2>/dev/null | tr '\n' ' ') in
            "0x10de 0x03"*) fact gpu "${device##*/}" ;;
        esac
    done
    if has nvidia-smi; then
        smi=$(limited 4 nvidia-smi --query-gpu=driver_version,name --format=csv,noheader 2>&1)
        fact smi-status "$?"
        printf '%s\n' "$smi" | head -n 16 | lines smi
    fi
    # The version is the first number with a point: the name before it and the text after it differ between drivers.
    fact kernel-driver "$(awk '/^NVRM version:/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+[.][0-9.]+$/) { print $i; exit } }' \
        "$1/proc/driver/nvidia/version" 2>/dev/null)"
    ! has nvidia-ctk || fact toolkit "$(first_line nvidia-ctk --version)"
    ! has nvidia-container-cli || fact container-cli "$(command -v nvidia-container-cli)"
    ! has nvidia-container-runtime-hook || fact hook "$(command -v nvidia-container-runtime-hook)"
    for file in "$1"/etc/cdi/*nvidia* "$1"/var/run/cdi/*nvidia*; do
        [ ! -e "$file" ] || fact cdi "${file#"$1"}"
    done
    for device in "$1"/dev/nvidia[0-9]* "$1"/dev/nvidiactl "$1"/dev/nvidia-uvm; do
        [ -e "$device" ] || continue
        if [ -r "$device" ] && [ -w "$device" ]; then access=rw; else access=no; fi
        fact device "$access ${device#"$1"}"
    done
    for link in "$1"/dev/char/195:*; do
        [ ! -e "$link" ] || fact dev-char "${link#"$1"}"
    done
}

# Settings of sshd: those in effect if sudo permits, otherwise those of the files.
sshd_facts() {
    sshd=$(command -v sshd || echo /usr/sbin/sshd)
    if settings=$(sudo -n "$sshd" -T 2>/dev/null) && [ -n "$settings" ]; then
        fact sshd-source "sshd -T"
    elif [ -r /etc/ssh/sshd_config ]; then
        settings=$(cat /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config 2>/dev/null)
        fact sshd-source /etc/ssh/sshd_config
    fi
    printf '%s\n' "$settings" | grep -iE '^(maxstartups|maxsessions|allowstreamlocalforwarding|allowtcpforwarding)[ =]' | lines sshd
}

workspace_facts() {
    folder=$1
    while [ ! -e "$folder" ] && [ "$folder" != / ]; do folder=$(dirname "$folder"); done
    if [ -d "$folder" ] && [ -w "$folder" ]; then
        fact workspace "rw $1"
    elif [ -d "$1" ] && [ "$(owner "$1")" != 0 ]; then
        fact workspace "foreign $1"
    else
        fact workspace "no $1"
    fi
}

# Whether the nearest folder above a path that is not root's, or the path itself, is the user's. What is root's altogether
# belongs to the system.
is_own() {
    folder=$1
    while [ ! -e "$folder" ] || [ "$(owner "$folder")" = 0 ]; do
        [ "$folder" != / ] || return 1
        folder=$(dirname "$folder")
    done
    [ "$(owner "$folder")" = "$(id -u)" ]
}

mount_facts() {
    for mount; do
        if [ ! -e "$mount" ] || ! is_own "$mount"; then continue; fi
        files=$(limited 2 find "$mount" -xdev -user 0 2>/dev/null | head -n 101)
        [ -z "$files" ] || fact root-mount "$mount"
        [ -z "$files" ] || printf '%s\n' "$files" | lines root-file
    done
}

dock_facts() {
    sshd_facts
    workspace_facts "$1"
    shift
    mount_facts "$@"
    ! has rsync || fact rsync "$(first_line rsync --version)"
    ! has zstd || fact zstd "$(first_line zstd --version)"
    ! sudo -n true 2>/dev/null || fact sudo yes
    fact dial "$(pgrep -f '[d]ocker system dial-stdio' 2>/dev/null | grep -c .)"
    fact connections "$(pgrep -f "[s]shd(-session)?: $(id -un)@" 2>/dev/null | grep -c .)"
    # The folder of the sockets has the same form if the user's ID has six digits.
    find "${TMPDIR:-/tmp}" -maxdepth 1 -type d -name 'dockerutils-??????' ! -name "dockerutils-$(id -u)" -user "$(id -un)" -mmin +60 2>/dev/null \
        | head -n 20 | lines transfer
    [ ! -e /var/run/reboot-required ] || fact reboot "$(sort -u /var/run/reboot-required.pkgs 2>/dev/null | head -n 5 | tr '\n' ' '). "
    [ ! -e /etc/systemd/system/dockerutils-idle.timer ] || fact idle-timer yes
    [ ! -r /run/dockerutils/idle.json ] || fact idle "$(head -c 4096 /run/dockerutils/idle.json | tr '\n' ' ')"
}

LC_ALL=C
export LC_ALL
fact clock "$(date +%s)"
fact node "$(uname -n)"
docker_facts "$1"
gpu_facts "$1"
shift
[ "$1" = local ] || dock_facts "$@"
echo complete
