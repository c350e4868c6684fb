#!/bin/sh
# Stops this dock when it is idle. A timer runs it once a minute, as root.
#
# /etc/dockerutils/idle contains two words: after how many idle minutes the dock stops, and after how many minutes in any
# case; each may be `never`. What was found is written to /run/dockerutils/idle.json, which ls-dock reads.
#
# The dock is active as long as one of these is so:
#   container  a container runs that does not have the label dockerutils.idle=ignore
#   terminal   a key was pressed in a terminal within the limit; a connection alone is not activity
#   gpu        a GPU is used by more than 5 %
#   load       the load average of 5 minutes is 0.3 or more
#   docker     docker reported that an image was pulled, loaded or built, or that a container ran, since the last run
#   sync       files or images are being transferred
#   hold       the time of the file /run/dockerutils/hold is not past: touch -d '+3 hours' /run/dockerutils/hold
# A probe that fails counts as activity too, and is named in the file.
set -fu
LC_ALL=C
export LC_ALL
folder=/run/dockerutils
# How many seconds a probe may take, how many before the end users are warned, and which gap between two runs makes the
# count start anew: after a suspend, or when the clock was set, nothing is known about the time in between.
patience=5
notice=600
gap=600

is_number() {
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
    # Longer numbers do not fit into the shell's arithmetic.
    [ "${#1}" -le 12 ]
}

# The probes. Their status: 0 for activity, 1 for none, anything else for a failure.

probe_container() {
    list=$(timeout "$patience" docker ps --format '{{.ID}} {{.Label "dockerutils.idle"}}') || return 2
    printf '%s\n' "$list" | grep -qv -e '^$' -e ' ignore$'
}

probe_gpu() {
    command -v nvidia-smi >/dev/null || return 1
    percentages=$(timeout "$patience" nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits) || return 2
    [ -n "$percentages" ] || return 2
    for percentage in $percentages; do
        # Some GPUs report `[N/A]`.
        is_number "$percentage" || return 2
        [ "$percentage" -le 5 ] || return 0
    done
    return 1
}

probe_load() {
    read -r _ five_minutes _ </proc/loadavg || return 2
    case $five_minutes in
        0.[0-2]*) return 1 ;;
        [0-9]*.[0-9]*) return 0 ;;
    esac
    return 2
}

# docker reports events by the clock's time, with the labels of their containers.
probe_docker() {
    [ "$last_clock" -lt "$clock" ] || return 1
    events=$(timeout "$patience" docker events --since "$last_clock" --until "$clock" \
        --filter type=image --filter type=builder --filter type=container \
        --format '{{.Type}} {{.Action}} {{index .Actor.Attributes "dockerutils.idle"}}') || return 2
    printf '%s\n' "$events" | grep -qv -e '^$' -e ' ignore$'
}

# Status 0 if a process has this name, or this command line.
has_process() {
    timeout "$patience" pgrep "$@" >/dev/null
}

probe_sync() {
    has_process -x rsync && return 0
    [ $? -eq 1 ] || return 2
    has_process -f '^([^ ]*/)?docker (image )?(build|buildx|cp|export|import|load|pull|push|save)( |$)' && return 0
    [ $? -eq 1 ] || return 2
    return 1
}

probe_hold() {
    [ -e "$folder/hold" ] || return 1
    until=$(stat -c %Y "$folder/hold") || return 2
    [ "$until" -gt "$clock" ]
}

# Sets `age`: how many seconds ago a key was pressed in a terminal. The system updates the time of access every 8 seconds.
probe_terminal() {
    age=
    set +f
    set -- /dev/pts/[0-9]*
    set -f
    for terminal; do
        # A terminal may be closed at any time.
        used=$(stat -c %X "$terminal" 2>/dev/null) || continue
        is_number "$used" || return 2
        seconds=$((clock - used))
        [ "$seconds" -gt 0 ] || seconds=0
        if [ -z "$age" ] || [ "$seconds" -lt "$age" ]; then
            age=$seconds
        fi
    done
    [ -n "$age" ] && [ "$age" -lt "$((limit * 60))" ]
}

# Adds the name of a probe to `active` or `failed`, according to its status.
note() {
    case $2 in
        0) active="$active $1" ;;
        1) ;;
        *) failed="$failed $1" ;;
    esac
}

# Finds out since when the dock is idle.
probe_all() {
    for probe in container gpu load docker sync hold; do
        "probe_$probe"
        note "$probe" $?
    done
    [ -z "$active$failed" ] || since=$now
    probe_terminal
    note terminal $?
    case " $failed " in
        *" terminal "*) since=$now ;;
        *)
            if [ -n "$age" ] && [ "$((now - age))" -gt "$since" ]; then
                since=$((now - age))
            fi
            ;;
    esac
}

# Prints words as the strings of a JSON array.
json_words() {
    list=
    for word in $1; do
        list="$list${list:+,}\"$word\""
    done
    printf '[%s]' "$list"
}

# Replaces a file at once, so that no reader finds half of it.
replace() {
    cat >"$1.part" && mv -f "$1.part" "$1"
}

limit=never ttl=never
[ ! -e /etc/dockerutils/idle ] || read -r limit ttl </etc/dockerutils/idle
is_number "$limit" || limit=never
is_number "$ttl" || ttl=never

# The time since the machine was started, which no one can set, and the clock's.
read -r now _ </proc/uptime
now=${now%%.*}
clock=$(date +%s)
mkdir -p "$folder"

# What the last run left: when the first run was, when it was itself by both clocks, since when the dock was idle, and
# whether users were warned. The file is gone after a restart.
started='' last='' last_clock='' since='' warned=''
[ ! -e "$folder/idle.state" ] || read -r started last last_clock since warned <"$folder/idle.state"
is_valid=yes
for number in "$started" "$last" "$last_clock" "$since" "$warned"; do
    # A time before the machine was started is negative.
    is_number "${number#-}" || is_valid=no
done
if [ "$is_valid" = no ]; then
    started=$now last=$now last_clock=$clock since=$now warned=0
fi
# By how much the clock was set since.
drift=$((clock - last_clock - (now - last)))
if [ "$((now - last))" -gt "$gap" ] || [ "${drift#-}" -gt "$gap" ]; then
    since=$now last_clock=$clock warned=0
fi

active='' failed=''
left='' reason=''
if [ "$limit" != never ]; then
    probe_all
    left=$((limit * 60 - (now - since)))
    reason="it is idle"
    [ "$((limit * 30))" -ge "$notice" ] || notice=$((limit * 30))
fi
if [ "$ttl" != never ]; then
    left_of_ttl=$((ttl * 60 - (now - started)))
    if [ -z "$left" ] || [ "$left_of_ttl" -lt "$left" ]; then
        left=$left_of_ttl
        reason="its time is over"
    fi
fi

if [ -z "$left" ] || [ "$left" -gt "$notice" ]; then
    warned=0
elif [ "$left" -gt 0 ] && [ "$warned" -eq 0 ]; then
    warned=1
    printf 'This dock stops in %s minutes, because %s.\n' "$(((left + 59) / 60))" "$reason" | wall
fi

printf '%s %s %s %s %s\n' "$started" "$now" "$clock" "$since" "$warned" | replace "$folder/idle.state"
stops_in=null
[ -z "$left" ] || stops_in=$((left > 0 ? (left + 59) / 60 : 0))
printf '{"version":"1","checked":%s,"idle":%s,"limit":%s,"stops_in":%s,"active":%s,"failed":%s}\n' \
    "$clock" "$(((now - since) / 60))" "$(echo "$limit" | sed s/never/null/)" "$stops_in" \
    "$(json_words "$active")" "$(json_words "$failed")" | replace "$folder/idle.json"

if [ -n "$left" ] && [ "$left" -le 0 ]; then
    echo "stopping, because $reason"
    shutdown -h now
fi
