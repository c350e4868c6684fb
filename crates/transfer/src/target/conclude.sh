#!/bin/sh
# Proves that images are here whole, and gives them their names; then removes images that have served.
#
# usage: conclude.sh [base ID]... [image ID LAYERS]... [tag ID REFERENCE]... [served LABEL]...
#   LAYERS: the digests of its layers, each with a blank after it; LABEL: of the images that have served
#
# Nothing is named before all is proved. What it says is framed as survey.sh frames it: bad, with what is not as it
# should be, for a proof; tag or remove, with what docker said, for a failure. At the end: end.
#
# It is handed to sh between single quotes, and so it holds none.
set -u
LC_ALL=C
export LC_ALL

tell() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

# ID EXPECTED FORMAT: whether docker says of the image what is expected.
prove() {
    text=$(docker image inspect --format "$3" "$1" </dev/null 2>&1)
    status=$?
    [ "$status" -eq 0 ] && [ "$text" = "$2" ] && return
    tell bad "$status" "$1"
    exit 0
}

name() {
    text=$(docker image tag "$1" "$2" </dev/null 2>&1) && return
    tell tag "$?" "$2 $text"
    exit 0
}

remove() {
    # shellcheck disable=SC2046 # an ID is a word
    set -- $(docker image ls --all --quiet --no-trunc --filter "label=$1" </dev/null | sort -u)
    [ $# -eq 0 ] && return
    text=$(docker image rm "$@" </dev/null 2>&1) || tell remove "$?" "$text"
}

printf "\ndockerutils-transfer\n"
while [ $# -gt 0 ]; do
    case $1 in
        base)
            prove "$2" "$2" "{{.ID}}"
            shift 2
            ;;
        image)
            prove "$2" "$2 $3" "{{.ID}} {{range .RootFS.Layers}}{{.}} {{end}}"
            shift 3
            ;;
        tag)
            name "$2" "$3"
            shift 3
            ;;
        served)
            remove "$2"
            shift 2
            ;;
        *) exit 2 ;;
    esac
done
tell end 0 ""
