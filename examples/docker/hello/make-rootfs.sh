#!/bin/sh
# Creates docker/hello/rootfs, a root file system with one program: this machine's static busybox.
# The script runs at the project's root. BUSYBOX names a Linux busybox other than the one on PATH.
set -eu

fail() {
    echo "hello: $1" >&2
    exit 1
}

install="install your system's static one (Debian: apt-get install busybox-static)"
busybox=${BUSYBOX:-$(command -v busybox || true)}
if [ -z "$busybox" ] && [ "$(uname -s)" != Linux ]; then
    fail "this image needs a static busybox for Linux: BUSYBOX=/path/to/busybox build-image hello"
fi
if [ ! -x "$busybox" ]; then
    fail "this image is made of a static busybox, and ${busybox:-busybox} is not here: $install"
fi
# An empty image has no library that the program could load.
if LC_ALL=C ldd "$busybox" 2>/dev/null | grep -q '\.so'; then
    fail "$busybox is not static and cannot run in an empty image: $install"
fi

rootfs=docker/hello/rootfs
rm -rf "$rootfs"
mkdir -p "$rootfs/bin" "$rootfs/etc"
cp "$busybox" "$rootfs/bin/busybox"
chmod 755 "$rootfs/bin/busybox"
echo 'hello:x:1000:1000:hello:/project:/bin/sh' >"$rootfs/etc/passwd"
echo 'hello:x:1000:' >"$rootfs/etc/group"
