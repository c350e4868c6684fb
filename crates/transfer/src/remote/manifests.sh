#!/bin/sh
# Tells the manifests of images of a containerd store, as docker saves them.
#
# usage: manifests.sh ID...
#
# For each ID a frame as inspect.sh has it, with the blob of that digest; where that is an index, a second one, with the
# blobs that it names and that are here, one after the other. A full stop ends each text.
#
# It is handed to sh between single quotes, and so it holds none.
set -u
LC_ALL=C
export LC_ALL

# ID BLOB...: the blobs, as far as the image has them.
blobs() {
    id=$1
    shift
    docker image save "$id" </dev/null 2>/dev/null | tar -xOf - "$@" 2>/dev/null
    status=$?
    # Without it, line feeds that end the last blob would be taken away.
    printf .
    return "$status"
}

tell() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

printf "\ndockerutils-transfer\n"
for id in "$@"; do
    text=$(blobs "$id" "blobs/sha256/${id#sha256:}")
    tell "$id" "$?" "$text"
    case $text in
        *\"manifests\"*)
            # shellcheck disable=SC2046 # a path is a word
            set -- $(printf "%s" "$text" | tr "\",{}" "[\n*]" | sed -n "s,^sha256:\([0-9a-f]*\)$,blobs/sha256/\1,p")
            text=$(blobs "$id" "$@")
            tell nested "$?" "$text"
            ;;
        *) ;;
    esac
done
tell end 0 ""
