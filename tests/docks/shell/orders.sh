# shellcheck shell=bash disable=SC1091,SC2016 # what is sourced is elsewhere; $0 and its like are names here
# Runs `source dock gpu` (D), castoff (C), and a virtual environment's activate (A) and deactivate (X) in every order, each
# at most twice, and compares what is left with what is left without D and C. For bash and zsh.
#
#   VENV=… OPTIONS=… bash|zsh orders.sh
#
# A step that is no command at that moment (castoff where nothing is docked) is no step. It prints how many orders it ran.

PS1='~ $ ' WHOLE=$PATH
eval "${OPTIONS-}"

# What a shell counts for itself, and the variables of this script.
OTHERS='BASH.*|EPOCH.*|FUNCNAME|LINENO|PIPESTATUS|RANDOM|SECONDS|SRANDOM|TTYIDLE|_|argv|[?!#*@$0]'
OTHERS="^[^=]* ($OTHERS|order|docked|active|letter|prompt|bare|count|d|c|a|x)(=|\$)"

# All of a shell that the steps could touch.
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

# Whether the prompt, and the one that a virtual environment keeps, tell where the shell is docked to: once, at the end.
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

# Takes the steps of an order, then castoff and deactivate as far as they are needed, and shows what is left.
run() {
    local order=$1 docked=free active=no letter
    while [ -n "$order" ]; do
        letter=${order%"${order#?}"}
        order=${order#?}
        step "$letter"
        case $letter in
            D) docked=docked ;;
            C) docked=free ;;
            A) active=yes ;;
            X) active=no ;;
        esac
        check_prompt "$docked" || echo "after $letter, before $order: PS1=$PS1 ${_OLD_VIRTUAL_PS1-}"
    done
    [ "$docked" = free ] || castoff
    [ "$active" = no ] || deactivate
    PATH=$WHOLE
    show
}

# Runs an order in a subshell and compares.
try() {
    local bare=${1//[DC]/}
    [ -e "left.$bare" ] || (run "$bare") >"left.$bare"
    (run "$1") >left 2>said
    cmp -s left "left.$bare" || {
        echo "order $1:"
        cat said
        diff "left.$bare" left || :
    }
}

# Every order that begins with this one; the numbers say how often D, C, A and X may come still.
orders() {
    local order=$1 docked=$2 active=$3 d=$4 c=$5 a=$6 x=$7
    try "$order"
    count=$((count + 1))
    [ "$d" = 0 ] || orders "${order}D" yes "$active" $((d - 1)) "$c" "$a" "$x"
    [ "$c" = 0 ] || [ "$docked" = no ] || orders "${order}C" no "$active" "$d" $((c - 1)) "$a" "$x"
    [ "$a" = 0 ] || orders "${order}A" "$docked" yes "$d" "$c" $((a - 1)) "$x"
    [ "$x" = 0 ] || [ "$active" = no ] || orders "${order}X" "$docked" no "$d" "$c" "$a" $((x - 1))
}

count=0
orders '' no no 2 2 2 2
echo "$count orders"
