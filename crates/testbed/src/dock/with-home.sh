#!/bin/sh
# Runs a program for which the system's list of users has HOME as the home of this user.
#
#   with-home.sh PROGRAM [ARGUMENT...]
#
# The list is on a file system that exists in the program's mount namespace alone: it is gone with the program, also if
# that is killed.
set -eu
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount sh -c '
    set -eu
    mount -t tmpfs -o mode=755 tmpfs /mnt
    echo "user:x:$(id -u):$(id -g)::$HOME:/bin/sh" >/mnt/passwd
    mount --bind /mnt/passwd /etc/passwd
    umount --lazy /mnt
    exec "$@"
' sh "$@"
