#!/bin/sh
# Takes steps, each over several lanes, and gives each to a docker load of its own.
#
# It answers in frames, as inspect.sh has them: lanes, with a folder that holds a fifo for each lane but the first, named
# 1 to 7; then for each step loaded, with the status and the words of docker.
#
# The first lane is the input. It begins with a line: UNPACK DOCKER
#   UNPACK: zstd or gzip, or docker where docker unpacks by itself; DOCKER: docker, or sudo -n docker
# A lane carries, each after a line that tells of it, parts of steps:
#   more SIZE LANE   so many bytes, and that the next line comes on that lane
#   last SIZE LANE   the same, and that they are the last ones of their step
#   end              no more comes
# The last part of a step waits until the step before is loaded. When a lane ends before it should, the step has no
# last part, and an archive without its end is not loaded.
#
# It is handed to sh between single quotes, and so it holds none.
set -u
LC_ALL=C
export LC_ALL
# Answers go to 2, so that 1 is free for the input of docker load, and 3 to 9 are free for lanes.
exec 2>&1
exec >/dev/null

tell() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3" >&2
}

# Whoever waits for the other end of a fifo goes on, and finds that nobody is there.
clean() {
    for fifo in "$dir"/*; do
        [ ! -p "$fifo" ] || : <>"$fifo"
    done
    rm -rf "$dir"
}

# Loads a step from its input, and tells how that went.
load() {
    case $unpack in
        docker) words=$($docker load 2>&1) ;;
        *) words=$("$unpack" -dcq | $docker load 2>&1) ;;
    esac
    status=$?
    tell loaded "$status" "$words"
    return "$status"
}

# Begins a step: what is written to 1 is loaded.
begin() {
    mkfifo "$dir/load"
    load <"$dir/load" &
    now=$!
    exec >"$dir/load"
    rm "$dir/load"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/dockerutils-XXXXXX" 2>/dev/null) || exit 3
trap clean EXIT
trap "exit 1" HUP INT PIPE TERM
for lane in 1 2 3 4 5 6 7; do
    mkfifo "$dir/$lane" || exit 3
    # Opened for both first, it waits for nobody; and it ends when the lane ends.
    { eval "exec $((lane + 2))<\"\$dir/\$lane\""; } 1<>"$dir/$lane"
done
printf "\ndockerutils-transfer\n" >&2
tell lanes 0 "$dir"
read -r unpack docker || exit 0

input=0
before=
now=
while read -r kind size lane <&"$input"; do
    case $kind in
        more | last) ;;
        end) break ;;
        *) exit 2 ;;
    esac
    [ -n "$now" ] || begin
    if [ "$kind" = last ] && [ -n "$before" ]; then
        wait "$before" || exit 1
    fi
    # As much at a time as a pipe holds.
    dd bs=65536 count="$size" iflag=fullblock,count_bytes <&"$input" 2>/dev/null || break
    if [ "$kind" = last ]; then
        exec >/dev/null
        before=$now
        now=
    fi
    case $lane in
        0) input=0 ;;
        [1-7]) input=$((lane + 2)) ;;
        *) exit 2 ;;
    esac
    kind=
done
# The present step, if any, loses its input here.
exec >/dev/null
wait
[ "$kind" = end ]
