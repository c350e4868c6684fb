#!/bin/sh
# Receives archives, each striped over several streams, and passes each to a docker load of its own.
#
# The output consists of frames as in inspect.sh: streams, with a folder that holds a fifo for each stream but the first,
# named 1 to 7; then loaded for each archive, with the status and the output of docker.
#
# The first stream is the input. It starts with a line: UNPACKER DOCKER
#   UNPACKER: zstd or gzip, or docker if docker unpacks by itself; DOCKER: docker, or sudo -n docker
# Every stream carries chunks of archives, each after a line that describes it:
#   more SIZE STREAM   SIZE bytes; the next line comes on STREAM
#   last SIZE STREAM   the same, and these bytes are the last of their archive
#   end                nothing more comes
# The last chunk of an archive is not passed on before the archive above it is loaded. If a stream ends too early, the
# archive gets no last chunk, and docker does not load an archive without its end.
set -u
# The lengths of frames count bytes: in the C locale the shell counts them, and not characters.
LC_ALL=C
export LC_ALL
# Frames go to 2: 1 is needed for the input of docker load, and 3 to 9 for streams.
exec 2>&1
exec >/dev/null

print_frame() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3" >&2
}

# Opens every fifo for both directions first: a process that still waits for the other end continues and gets its end.
clean() {
    for fifo in "$dir"/*; do
        [ ! -p "$fifo" ] || : <>"$fifo"
    done
    rm -rf "$dir"
}

# Loads an archive from its input and reports the result.
load() {
    case $unpacker in
        docker) text=$($docker load 2>&1) ;;
        *) text=$("$unpacker" -dcq | $docker load 2>&1) ;;
    esac
    status=$?
    print_frame loaded "$status" "$text"
    return "$status"
}

# Starts loading an archive: what is written to 1 from now on.
start_load() {
    mkfifo "$dir/load"
    load <"$dir/load" &
    current=$!
    exec >"$dir/load"
    rm "$dir/load"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/dockerutils-XXXXXX" 2>/dev/null) || exit 3
trap clean EXIT
trap "exit 1" HUP INT PIPE TERM
for stream in 1 2 3 4 5 6 7; do
    mkfifo "$dir/$stream" || exit 3
    # Opening a fifo to read waits for a writer: 1 is one for the moment. Reading ends when the stream ends.
    { eval "exec $((stream + 2))<\"\$dir/\$stream\""; } 1<>"$dir/$stream"
done
printf "\ndockerutils-transfer\n" >&2
print_frame streams 0 "$dir"
read -r unpacker docker || exit 0

input=0
previous=
current=
while read -r kind size stream <&"$input"; do
    case $kind in
        more | last) ;;
        end) break ;;
        *) exit 2 ;;
    esac
    [ -n "$current" ] || start_load
    # Layers of this archive build on those of the one before.
    if [ "$kind" = last ] && [ -n "$previous" ]; then
        wait "$previous" || exit 1
    fi
    # As much at a time as a pipe holds.
    dd bs=65536 count="$size" iflag=fullblock,count_bytes <&"$input" 2>/dev/null || break
    if [ "$kind" = last ]; then
        exec >/dev/null
        previous=$current
        current=
    fi
    case $stream in
        0) input=0 ;;
        [1-7]) input=$((stream + 2)) ;;
        *) exit 2 ;;
    esac
    kind=
done
# Closes the input of an archive that is still being loaded.
exec >/dev/null
wait
[ "$kind" = end ]
