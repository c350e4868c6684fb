#!/usr/bin/env bash
# Makes STATE/root the root of this mount namespace, and then waits, so that other programs can enter the namespaces.
#
#   machine.sh STATE LAYERS
#
# LAYERS are the folders that an overlay, read only, makes /usr of; /dev, /proc and /sys are the machine's own. No other
# file of the host is visible. The data of its engine is on the disk STATE/disk.img if that exists. Its process id as seen
# from the host is written to STATE/root/run/machine.pid.
set -euo pipefail
state=$1
layers=$2
root=$state/root

make_dev() {
    local device
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
}

# /proc is still that of the host, so it shows the id by which the host knows this process; exec below keeps it.
read -r pid _ </proc/self/stat
hostname "$(<"$root/etc/hostname")"
mount --bind "$root" "$root"
mount -t overlay -o "ro,lowerdir=$layers" overlay "$root/usr"
# What the dock installs there is its own, and is there after a restart.
mount --bind "$root/var/local" "$root/usr/local"
# noinit_itable: otherwise a thread of the kernel initializes tables in the background, which disturbs measurements.
[ ! -e "$state/disk.img" ] || mount -o loop,noinit_itable "$state/disk.img" "$root/var/lib/docker"
make_dev
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
cd "$root"
pivot_root . .
umount -l .
cd /
echo "$pid" >/run/machine.pid
exec sleep infinity
