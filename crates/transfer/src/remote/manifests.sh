#!/bin/sh
# Prints the manifests of images of a containerd store, as docker image save writes them.
#
# usage: manifests.sh ID...
#
# Prints a frame as in inspect.sh for each ID, with the blob of that digest. If the blob is an index, a second frame
# follows, with the blobs that the index names and that exist here, one after the other. A full stop ends each text.
set -u
# The lengths of frames count bytes: in the C locale the shell counts them, and not characters.
LC_ALL=C
export LC_ALL

# ID BLOB...: prints those of the blobs that the image has.
blobs() {
    id=$1
    shift
    docker image save "$id" </dev/null 2>/dev/null | tar -xOf - "$@" 2>/dev/null
    status=$?
    # The command substitution of the caller would strip line feeds at the end of the last blob.
    printf .
    return "$status"
}

print_frame() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

printf "\ndockerutils-transfer\n"
for id in "$@"; do
    text=$(blobs "$id" "blobs/sha256/${id#sha256:}")
    print_frame "$id" "$?" "$text"
    case $text in
        *\"manifests\"*)
            # shellcheck disable=SC2046 # a path is a word
            set -- $(printf "%s" "$text" | tr "\",{}" "[\n*]" | sed -n "s,^sha256:\([0-9a-f]*\)$,blobs/sha256/\1,p")
            text=$(blobs "$id" "$@")
            print_frame nested "$?" "$text"
            ;;
        *) ;;
    esac
done
print_frame end 0 ""
