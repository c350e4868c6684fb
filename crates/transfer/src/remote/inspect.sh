#!/bin/sh
# Reports the engine of this machine and its images, then copies its input to its output until the input ends.
#
# usage: inspect.sh COUNT ID...
#   COUNT images are wanted; the IDs are all those that they may have. If all of them exist, no other image is reported.
#
# The output consists of frames: NAME STATUS LENGTH, a line feed, LENGTH bytes, a line feed. The line
# dockerutils-transfer stands before the first frame: a login shell may print a greeting above it. The first frame, echo,
# confirms a line of the input: the time between the two is a round trip. Of two frames wanted, the second counts.
#
# The docker commands run side by side. Each waits in a pipe until its output is read.
set -u
# The lengths of frames count bytes: in the C locale the shell counts them, and not characters.
LC_ALL=C
export LC_ALL

print_frame() {
    printf "%s %s %s\n%s\n" "$1" "$2" "${#3}" "$3"
}

# Prints the output of a docker command, a full stop, and its status.
docker_with_status() {
    docker "$@" </dev/null
    printf ".%s" "$?"
}

inspect_images() {
    # .ID is a field of the type that docker formats. .Id exists only in the raw JSON that docker falls back to, where
    # empty fields are missing, so that the other fields would fail.
    docker image inspect --format \
        "{\"id\":{{json .ID}},\"references\":{{json .RepoTags}},\"layers\":{{json .RootFS.Layers}} }" "$@" </dev/null
}

# The arguments are the IDs of wanted images.
inspect_engine() {
    docker_with_status version --format "{{json .}}" 2>&1 | {
        exec 4<&0
        docker_with_status info --format "{\"status\":{{json .DriverStatus}} }" 2>/dev/null | {
            exec 5<&0
            docker image ls --quiet --no-trunc </dev/null 2>/dev/null | sort -u | {
                exec 6<&0
                { [ $# -eq 0 ] || inspect_images "$@" 2>&1; } | report "$@"
            }
        }
    }
}

# Reads the wanted images from 0, the original input from 3, version from 4, info from 5, the IDs of all images from 6.
report() {
    if [ -z "$echoed" ]; then
        read -r echoed <&3 || exit 0
        print_frame echo 0 ""
    fi
    present=$(cat)
    case $present in
        *"ermission denied"*) ;;
        *)
            present=$(printf "%s" "$present" | grep "^{")
            print_frame wanted 0 "$present"
            ;;
    esac

    text=$(cat <&4)
    status=${text##*.}
    text=${text%.*}
    print_frame "$frame" "$status" "$text"
    case $frame:$status:$text in
        *:0:*) ;;
        version:*"ermission denied"*)
            # shellcheck disable=SC2032,SC2033,SC2329 # sudo runs the program docker; inspect_engine calls this function
            docker() {
                sudo -n docker "$@"
            }
            frame=sudo
            inspect_engine "$@"
            exit
            ;;
        *) exit 0 ;;
    esac

    tools=
    for tool in gzip zstd; do
        command -v "$tool" >/dev/null && tools="$tools $tool"
    done
    # receive.sh needs flags of dd that GNU coreutils and newer busybox have.
    if [ "$(printf "123" | dd bs=4 count=2 iflag=fullblock,count_bytes 2>/dev/null)" = 12 ] && command -v mkfifo mktemp >/dev/null; then
        tools="$tools streams"
    fi
    print_frame tools 0 "$tools"

    text=$(cat <&5)
    ids=
    case $text in
        *io.containerd.snapshotter*)
            # With content missing, docker image inspect finds an image all the same; only the list leaves it out.
            ids=$(cat <&6)
            present=$([ -z "$ids" ] || printf "%s" "$present" | grep -F -e "$ids")
            print_frame wanted 0 "$present"
            ;;
        *) ;;
    esac
    print_frame store "${text##*.}" "${text%.*}"

    if [ "$images" -eq 0 ] || [ "$(printf "%s" "$present" | grep -c "^{")" -lt "$images" ]; then
        # shellcheck disable=SC2046,SC2086 # an ID is a word
        set -- ${ids:-$(cat <&6)}
        if [ $# -gt 0 ]; then
            text=$(inspect_images "$@" 2>/dev/null)
            print_frame images "$?" "$text"
        fi
    fi
    print_frame end 0 ""
    exec cat <&3
}

# The name of the frame with the output of docker version; sudo if docker needed it.
frame=version
echoed=
images=$1
shift
exec 3<&0
printf "\ndockerutils-transfer\n"
inspect_engine "$@"
