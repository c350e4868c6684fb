#!/bin/sh
# Tells what the engine here is and has, then echoes its input until that ends.
#
# usage: survey.sh IMAGES ID...
#   so many IMAGES are wanted, and these are all the IDs they may have; when so many are there, no other one is told
#
# An answer is a frame: NAME STATUS LENGTH, a line feed, LENGTH bytes, a line feed. The first one stands after a line
# that says dockerutils-transfer: what comes before it is what a login shell had to say.
#
# It is handed to sh between single quotes, and so it holds none.
set -u
LC_ALL=C
export LC_ALL

tell() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

# Asks docker, and tells its answer under a name.
ask() {
    name=$1
    shift
    text=$(docker "$@" </dev/null 2>/dev/null)
    tell "$name" "$?" "$text"
}

printf "\ndockerutils-transfer\n"

text=$(docker version --format "{{json .}}" </dev/null 2>&1)
status=$?
tell version "$status" "$text"
case $status:$text in
    0:*) ;;
    *"ermission denied"*)
        # shellcheck disable=SC2032,SC2033 # it is the program that sudo is to run
        docker() {
            sudo -n docker "$@"
        }
        text=$(docker version --format "{{json .}}" </dev/null 2>&1)
        status=$?
        tell sudo "$status" "$text"
        ;;
    *) ;;
esac
[ "$status" -eq 0 ] || exit 0

tools=
for tool in gzip zstd; do
    command -v "$tool" >/dev/null && tools="$tools $tool"
done
if [ "$(printf "12" | dd bs=2 count=1 iflag=fullblock 2>/dev/null)" = 12 ] && command -v mkfifo mktemp >/dev/null; then
    tools="$tools lanes"
fi
tell tools 0 "$tools"

ask store info --format "{\"status\":{{json .DriverStatus}} }"

# Docker knows .ID and fields that are empty; by .Id it would not know the latter.
image="{\"id\":{{json .ID}},\"references\":{{json .RepoTags}},\"layers\":{{json .RootFS.Layers}} }"
images=$1
shift
text=
[ $# -eq 0 ] || ask wanted image inspect --format "$image" "$@"
if [ "$images" -eq 0 ] || [ "$(printf "%s" "$text" | grep -c "^{")" -lt "$images" ]; then
    # shellcheck disable=SC2046 # an ID is a word
    set -- $(docker image ls --quiet --no-trunc </dev/null | sort -u)
    [ $# -eq 0 ] || ask images image inspect --format "$image" "$@"
fi

tell end 0 ""
exec cat
