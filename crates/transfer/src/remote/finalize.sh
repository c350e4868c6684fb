#!/bin/sh
# Verifies that images are complete, tags them, and removes partial images that are obsolete.
#
# Its input:
#   docker, or sudo -n docker
#   LABEL...               labels of obsolete images
#   base ID                a line for each image that others are built on
#   image ID LAYERS...     a line for each image, with the digests of its layers
#   tag ID REFERENCE       a line for each tag
#   untag REFERENCE        a line for each temporary tag, if it still exists
#
# No image is tagged before all are verified. The output consists of frames as in inspect.sh: bad, with the ID of an image
# that is not as expected; tag or remove, with the output of docker, if one of these fails; end at the end.
set -u
# The lengths of frames count bytes: in the C locale the shell counts them, and not characters.
LC_ALL=C
export LC_ALL

print_frame() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

# ID EXPECTED FORMAT: exits unless docker prints what is expected of the image.
verify() {
    text=$($docker image inspect --format "$3" "$1" </dev/null 2>&1)
    status=$?
    [ "$status" -eq 0 ] && [ "$text" = "$2" ] && return
    print_frame bad "$status" "$1"
    exit 0
}

tag() {
    text=$($docker image tag "$1" "$2" </dev/null 2>&1) && return
    print_frame tag "$?" "$2 $text"
    exit 0
}

# LABEL...: the IDs of the images with any of these labels.
list_obsolete() {
    {
        for label in "$@"; do
            $docker image ls --all --quiet --no-trunc --filter "label=$label" </dev/null &
        done
        wait
    } | sort -u
}

# Reads the obsolete images from 0 and the input of the script, from its third line on, from 3: docker lists the former
# while the latter are verified.
finalize() {
    while read -r kind id rest <&3; do
        case $kind in
            base) verify "$id" "$id" "{{.ID}}" ;;
            image) verify "$id" "$id${rest:+ $rest}" "{{.ID}}{{range .RootFS.Layers}} {{.}}{{end}}" ;;
            tag) tag "$id" "$rest" ;;
            untag) $docker image rm "$id" </dev/null >/dev/null 2>&1 ;;
            *) exit 2 ;;
        esac
    done
    # shellcheck disable=SC2046 # an ID is a word
    set -- $(cat)
    if [ $# -gt 0 ]; then
        text=$($docker image rm "$@" </dev/null 2>&1) || print_frame remove "$?" "$text"
    fi
    print_frame end 0 ""
}

printf "\ndockerutils-transfer\n"
read -r docker && read -r labels || exit 0
exec 3<&0
# shellcheck disable=SC2086 # a label is a word
list_obsolete $labels | finalize
