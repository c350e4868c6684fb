#!/usr/bin/env bash
# Makes STATE/root the root of this mount namespace, and then stays, for others to enter.
#
#   machine.sh STATE LAYERS
#
# Its /usr is LAYERS of folders, read only; its /dev, /proc and /sys are its own. Nothing else of the machine that it
# runs on can be seen. Its engine's data is on the disk in STATE/disk.img, where there is one. Its process id, as the outside knows it, is in STATE/root/run/machine.pid.
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

# /proc is still that of the outside: it knows this process, which stays to the end, by its outer id.
read -r pid _ </proc/self/stat
hostname "$(<"$root/etc/hostname")"
mount --bind "$root" "$root"
mount -t overlay -o "ro,lowerdir=$layers" overlay "$root/usr"
mount -t tmpfs -o mode=755 tmpfs "$root/usr/local"
# noinit_itable: no thread of the kernel writes to it meanwhile.
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
