# shellcheck shell=bash disable=SC1091,SC2016 # the sourced files are elsewhere; $0 and the like are names here
# Runs `source dock gpu` (D), castoff (C), and a virtual environment's activate (A) and deactivate (X) in every permutation,
# each at most twice, and compares the shell afterwards with the shell after the same steps without D and C. For bash and
# zsh.
#
#   VENV=… OPTIONS=… bash|zsh permutations.sh
#
# Permutations with a command that does not exist at that moment (castoff without a dock) are left out. Prints how many ran.

PS1='~ $ ' WHOLE=$PATH
eval "${OPTIONS-}"

# Counters and clocks of the shells, and the variables of this script.
OTHERS='BASH.*|EPOCH.*|FUNCNAME|LINENO|PIPESTATUS|RANDOM|SECONDS|SRANDOM|TTYIDLE|_|argv|[?!#*@$0]'
OTHERS="^[^=]* ($OTHERS|steps|docked|active|letter|prompt|bare|count|d|c|a|x)(=|\$)"

# Prints everything in a shell that the steps could change.
show() {
    { typeset -p && typeset -f && set +o && alias; } | grep -vE "$OTHERS"
}

step() {
    case $1 in
        D) source dock gpu ;;
        C) castoff ;;
        A) source "$VENV/bin/activate" ;;
        X) deactivate ;;
    esac
}

# Fails unless the prompt, and the one that a virtual environment keeps, end with the dock, once, if and only if docked.
check_prompt() {
    local prompt
    for prompt in "$PS1" "${_OLD_VIRTUAL_PS1-}"; do
        case $prompt in
            *dock:*dock:*) return 1 ;;
            *'~ $ [dock:gpu] ') [ "$1" = docked ] || return 1 ;;
            *'~ $ ') [ "$1" = free ] || return 1 ;;
            '') ;;
            *) return 1 ;;
        esac
    done
    [ "${DOCK_MONIKER-none}" = "$([ "$1" = docked ] && echo gpu || echo none)" ]
}

# Runs the steps of a permutation, then castoff and deactivate if they are needed, and prints the shell.
run() {
    local steps=$1 docked=free active=no letter
    while [ -n "$steps" ]; do
        letter=${steps%"${steps#?}"}
        steps=${steps#?}
        step "$letter"
        case $letter in
            D) docked=docked ;;
            C) docked=free ;;
            A) active=yes ;;
            X) active=no ;;
        esac
        check_prompt "$docked" || echo "after $letter, before $steps: PS1=$PS1 ${_OLD_VIRTUAL_PS1-}"
    done
    [ "$docked" = free ] || castoff
    [ "$active" = no ] || deactivate
    PATH=$WHOLE
    show
}

# Runs a permutation in a subshell and compares.
try() {
    local bare=${1//[DC]/}
    [ -e "left.$bare" ] || (run "$bare") >"left.$bare"
    (run "$1") >left 2>errors
    cmp -s left "left.$bare" || {
        echo "permutation $1:"
        cat errors
        diff "left.$bare" left || :
    }
}

# Runs every permutation that starts with this one; the numbers are how many D, C, A and X may follow.
permutations() {
    local steps=$1 docked=$2 active=$3 d=$4 c=$5 a=$6 x=$7
    try "$steps"
    count=$((count + 1))
    [ "$d" = 0 ] || permutations "${steps}D" yes "$active" $((d - 1)) "$c" "$a" "$x"
    [ "$c" = 0 ] || [ "$docked" = no ] || permutations "${steps}C" no "$active" "$d" $((c - 1)) "$a" "$x"
    [ "$a" = 0 ] || permutations "${steps}A" "$docked" yes "$d" "$c" $((a - 1)) "$x"
    [ "$x" = 0 ] || [ "$active" = no ] || permutations "${steps}X" "$docked" no "$d" "$c" "$a" $((x - 1))
}

count=0
permutations '' no no 2 2 2 2
echo "$count permutations"
