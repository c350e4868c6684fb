#!/bin/sh
# Starts, finds, lists and ends the Jupyter servers of nb-dock on a dock, and prints one line of JSON.
#
#   server.sh ACTION OWNER FOLDER COPY TRANSPORT PROGRAM IDLE COPIES [FLAG...]
#
# ACTION is start, stop or list. OWNER is the user on the other machine: several of them may log in here as one user. FOLDER
# is the server's root folder; if it is empty, it is COPY, the project's copy, if that exists, else the home folder. TRANSPORT
# is socket or tcp, PROGRAM the Jupyter to use or empty, IDLE a number of seconds or empty. COPIES is a script that writes an
# extension of Jupyter into the folder $1, or empty. The token is read from standard input. Each server has a folder below
# $base; others can use neither that nor the server's socket.
set -u
umask 077
action=$1 owner=$2 folder=$3 copy=$4 transport=$5 wanted=$6 idle=$7 copies=$8
shift 8
base=$HOME/.local/state/dockerutils/notebooks
# The longest path that every system can bind a socket to: macOS has 104 bytes for it, with a NUL.
longest=103

json() {
    printf '"%s"' "$(printf %s "$1" | LC_ALL=C tr -d '\000-\037\177' | sed 's/\\/\\\\/g; s/"/\\"/g')"
}

# Reads lines from standard input.
json_list() {
    comma=
    # The last line of a log may have no end.
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s%s' "$comma" "$(json "$line")"
        comma=,
    done
}

# REASON; the details come on standard input, one a line.
fail() {
    printf '{"failed":%s,"details":[%s]}\n' "$(json "$1")" "$(json_list)"
    exit 0
}

# Prints the command line of a process; nothing if it has ended.
command_line() {
    if [ -d /proc/self ]; then
        tr '\000' ' ' <"/proc/$1/cmdline"
    else
        ps -ww -o args= -p "$1"
    fi 2>/dev/null
}

# Sets pid and succeeds if the server of a state folder runs. Its root folder shows that the process id was not given away.
runs() {
    pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    case $(command_line "$pid") in
    *"root_dir=$(cat "$1/folder")"*) ;;
    *) return 1 ;;
    esac
}

# Sets info to the file in which the server describes itself, and fails if it is not there or not complete.
has_info() {
    for info in "$1/runtime/jpserver-$pid.json" "$1/runtime/nbserver-$pid.json"; do
        case $(cat "$info" 2>/dev/null) in
        *\}) return 0 ;;
        esac
    done
    return 1
}

# STATE IS_NEW
print_server() {
    if has_info "$1"; then info=$(tr -d '\n' <"$info"); else info=null; fi
    copied=false
    [ ! -d "$1/copies" ] || copied=true
    printf '{"name":%s,"is_new":%s,"folder":%s,"program":%s,"copies":%s,"info":%s}' "$(json "${1##*/}")" "$2" \
        "$(json "$(cat "$1/folder")")" "$(json "$(cat "$1/program")")" "$copied" "$info"
}

# Sets program if a folder has Jupyter.
look_in() {
    for name in jupyter-lab jupyter-notebook; do
        if [ -f "$1/$name" ] && [ -x "$1/$name" ]; then
            program=$1/$name
            return 0
        fi
    done
    return 1
}

look_in_path() {
    set -f
    IFS=:
    for entry in $1; do
        case $entry in /*) look_in "$entry" && break ;; esac
    done
    unset IFS
    set +f
    [ -n "$program" ]
}

# Prints the PATH of a login shell, whose profile may print other things, and may not end. csh takes -l alone only. Not every
# system has `timeout`.
login_path() {
    flags=-lic
    case ${SHELL:=/bin/sh} in *csh) flags=-ic ;; esac
    {
        # A file, because what the profile leaves running would keep a pipe open.
        # shellcheck disable=SC2016 # expanded by that shell
        "$SHELL" "$flags" 'echo "dockerutils-path:$PATH:dockerutils-end"' </dev/null >"$state/path" &
        shell=$!
        { sleep 3 && kill -KILL "$shell"; } >/dev/null &
        wait "$shell"
        kill "$!"
    } 2>/dev/null 9>&-
    sed -n 's/^.*dockerutils-path:\(.*\):dockerutils-end.*$/\1/p' "$state/path"
    rm "$state/path"
}

look_in_wanted() {
    case $wanted in \~/*) wanted=$HOME/${wanted#??} ;; esac
    if [ -d "$wanted" ]; then
        look_in "$wanted" || look_in "$wanted/bin"
    elif [ "${wanted##*/}" = jupyter ]; then
        look_in "${wanted%/*}"
    elif [ -f "$wanted" ] && [ -x "$wanted" ]; then
        program=$wanted
    fi
}

find_program() {
    program=
    if [ -n "$wanted" ]; then
        look_in_wanted
        [ -n "$program" ] || echo "$wanted" | fail no-jupyter
        return
    fi
    look_in "$root/.venv/bin" || look_in "$root/venv/bin" || look_in_path "$PATH" ||
        look_in_path "$(login_path)" || look_in "$HOME/.local/bin" || look_in_conda || fail no-jupyter <<END
.venv and venv in $root
PATH
the PATH of a login shell
~/.local/bin
conda in the home folder and /opt
END
}

look_in_conda() {
    for name in "$HOME/miniconda3" "$HOME/anaconda3" "$HOME/miniforge3" "$HOME/mambaforge" "$HOME/micromamba" \
        /opt/conda /opt/pytorch /opt/tensorflow /opt/jax; do
        look_in "$name/bin" && return
    done
    return 1
}

# Sets root and state.
choose_folder() {
    root=$folder
    case $root in
    '') if [ -d "$copy" ]; then root=$copy; else root=$HOME; fi ;;
    \~) root=$HOME ;;
    \~/*) root=$HOME/${root#??} ;;
    /*) ;;
    *) root=$HOME/$root ;;
    esac
    root=$(cd -P -- "$root" 2>/dev/null && pwd -P) || echo "$folder" | fail no-folder
    [ -n "$root" ] || exit 0
    state=$base/$owner@$(printf %s "$root" | cksum | tr ' \t' '--')
}

# Without the extension Jupyter runs too.
add_copies() {
    if mkdir "$state/copies" && sh -c "$copies" sh "$state/copies"; then
        export JUPYTER_CONFIG_PATH="$state/copies${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}" RESERO_JUPYTER_DIFFS=1
    else
        rm -rf "$state/copies"
    fi
}

launch() {
    find_program
    [ -n "$program" ] || exit 0
    [ "$transport" = socket ] || : >"$state/tcp"
    # Jupyter leaves both behind when it is killed.
    rm -rf "$state/runtime" "$state/socket" "$state/copies"
    mkdir "$state/runtime"
    [ -z "$copies" ] || add_copies
    printf %s "$root" >"$state/folder"
    printf %s "$program" >"$state/program"
    set -- "$@" --no-browser "--ServerApp.root_dir=$root" "--NotebookApp.notebook_dir=$root"
    socket=$state/socket
    # Notebook 6 knows NotebookApp only, and jupyter_server ServerApp: an option of an unknown name is a warning. Without
    # sock, as before Notebook 6.1, a server opens a port of 127.0.0.1.
    if [ -e "$state/tcp" ] || [ "${#socket}" -gt "$longest" ]; then
        set -- "$@" --ServerApp.ip=127.0.0.1 --NotebookApp.ip=127.0.0.1
    else
        set -- "$@" "--ServerApp.sock=$socket" "--NotebookApp.sock=$socket"
    fi
    if [ -n "$idle" ]; then
        set -- "$@" "--ServerApp.shutdown_no_activity_timeout=$idle" \
            "--NotebookApp.shutdown_no_activity_timeout=$idle" "--MappingKernelManager.cull_idle_timeout=$idle"
    fi
    [ "$(id -u)" != 0 ] || set -- "$@" --allow-root
    detach='nohup'
    ! command -v setsid >/dev/null || detach='setsid nohup'
    cd -- "$root" || exit
    PATH=${program%/*}:$PATH JUPYTER_TOKEN=$token JUPYTER_RUNTIME_DIR=$state/runtime \
        $detach "$program" "$@" >"$state/log" 2>&1 </dev/null 9>&- &
    pid=$!
    echo "$pid" >"$state/pid"
}

# Waits until the server has written its description, for a minute.
wait_for_info() {
    waited=0 missing=0
    until has_info "$state"; do
        # For a moment while it starts, a process has no command line.
        if [ -n "$(command_line "$pid")" ]; then missing=0; else missing=$((missing + 1)); fi
        if [ "$missing" -gt 3 ]; then
            tail -n 5 "$state/log" | fail ended
            exit 0
        elif [ "$waited" -ge 1200 ]; then
            # The kernels of one that has run before are not ours to end.
            [ "$is_new" = false ] || kill "$pid"
            tail -n 5 "$state/log" | fail late
            exit 0
        fi
        sleep 0.05 2>/dev/null || sleep 1
        waited=$((waited + 1))
    done
}

# Until the script ends.
lock() {
    exec 9>"$base/lock"
    ! command -v flock >/dev/null || flock 9
}

start() {
    IFS= read -r token || exit
    choose_folder
    mkdir -p "$state" || exit
    # Two calls at once start one server.
    lock
    is_new=false
    if ! runs "$state"; then
        is_new=true
        launch "$@"
    fi
    wait_for_info
    printf '{"servers":[%s]}\n' "$(print_server "$state" "$is_new")"
}

end() {
    kill "$pid" 2>/dev/null
    waited=0
    while runs "$1" && [ "$waited" -lt 200 ]; do
        sleep 0.05 2>/dev/null || sleep 1
        waited=$((waited + 1))
    done
    ! runs "$1" || kill -KILL "$pid"
}

# Calls print_server for each server of the owner; for stop, it is ended too.
each() {
    comma=
    for state in "$base/$owner"@*; do
        [ -e "$state/pid" ] || continue
        [ -z "$folder" ] || [ "$state" = "$chosen" ] || continue
        if runs "$state"; then
            printf '%s%s' "$comma" "$(print_server "$state" false)"
            comma=,
            [ "$action" = list ] || end "$state"
        fi
        [ "$action" = list ] || rm -rf "$state"
    done
}

case $action in
start) start "$@" ;;
*)
    chosen=
    if [ -n "$folder" ]; then
        choose_folder
        chosen=$state
    fi
    if [ "$action" = stop ] && [ -d "$base" ]; then
        lock
    fi
    printf '{"servers":[%s]}\n' "$(each)"
    ;;
esac
