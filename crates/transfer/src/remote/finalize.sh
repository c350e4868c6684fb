#!/bin/sh
# Proves that images are here whole, and gives them their names; then removes images that have served.
#
# Its input:
#   docker, or sudo -n docker
#   LABEL...               of the images that have served
#   base ID                a line for each image that others stand on
#   image ID LAYERS...     a line for each image, with the digests of its layers
#   tag ID REFERENCE       a line for each name
#
# Nothing is named before all is proved. What it says is framed as inspect.sh frames it: bad, with what is not as it
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
    text=$($docker image inspect --format "$3" "$1" </dev/null 2>&1)
    status=$?
    [ "$status" -eq 0 ] && [ "$text" = "$2" ] && return
    tell bad "$status" "$1"
    exit 0
}

name() {
    text=$($docker image tag "$1" "$2" </dev/null 2>&1) && return
    tell tag "$?" "$2 $text"
    exit 0
}

# The images that have served.
list() {
    {
        for label in "$@"; do
            $docker image ls --all --quiet --no-trunc --filter "label=$label" </dev/null &
        done
        wait
    } | sort -u
}

# The images that have served come from 0, and the lines from 3.
conclude() {
    while read -r kind id rest <&3; do
        case $kind in
            base) prove "$id" "$id" "{{.ID}}" ;;
            image) prove "$id" "$id${rest:+ $rest}" "{{.ID}}{{range .RootFS.Layers}} {{.}}{{end}}" ;;
            tag) name "$id" "$rest" ;;
            *) exit 2 ;;
        esac
    done
    # shellcheck disable=SC2046 # an ID is a word
    set -- $(cat)
    if [ $# -gt 0 ]; then
        text=$($docker image rm "$@" </dev/null 2>&1) || tell remove "$?" "$text"
    fi
    tell end 0 ""
}

printf "\ndockerutils-transfer\n"
read -r docker && read -r labels || exit 0
exec 3<&0
# shellcheck disable=SC2086 # a label is a word
list $labels | conclude
