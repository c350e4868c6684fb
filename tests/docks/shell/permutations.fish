# Runs `dock gpu` (D), castoff (C), and a virtual environment's activate (A) and deactivate (X) in every permutation, each at
# most twice, and compares the shell afterwards with the shell before.
#
#   VENV=… SHELL_FOLDER=… fish permutations.fish
#
# Permutations with a command that does not exist at that moment (castoff without a dock) are left out. Prints how many ran.

source $SHELL_FOLDER/dock.fish

function fish_prompt
    printf '~ $ '
end

# Prints everything in the shell that the steps could change, without its counters and the variables of this script.
function show
    set --local others _ CMD_DURATION count fish_kill_signal history pipestatus start status status_generation
    set | string match --invert --regex "^($(string join '|' $others))( |\$)"
    set --names --export
    functions --all --names
    functions --no-details fish_prompt castoff _old_fish_prompt 2>/dev/null
end

# Prints a message unless the prompt names the dock and the active environment.
function check_prompt --argument-names docked active
    set --local expected '~ $ '
    test $active = yes; and set expected "(venv) $expected"
    test $docked = yes; and set expected $expected'[dock:gpu] '
    set --local shown (fish_prompt | string replace --all --regex '\e[^m]*m|\e\(B' '' | string collect --no-trim-newlines)
    test "$shown" = "$expected" -a "$DOCK_MONIKER" = (test $docked = yes; and echo gpu; or echo)
    or echo "the prompt is $shown, not $expected"
end

# Runs the steps of a permutation, then castoff and deactivate if they are needed.
function run --argument-names steps
    set --local docked no
    set --local active no
    for letter in (string split '' -- $steps)
        switch $letter
            case D
                dock gpu
                set docked yes
            case C
                castoff
                set docked no
            case A
                source $VENV/bin/activate.fish
                set active yes
            case X
                deactivate
                set active no
        end 2>errors
        check_prompt $docked $active
    end
    test $docked = yes; and castoff 2>errors
    test $active = yes; and deactivate
    return 0
end

# Runs every permutation that starts with this one; the numbers are how many D, C, A and X may follow.
function permutations --argument-names steps docked active d c a x
    run "$steps"
    show >left
    cmp --silent start left; or begin
        echo "permutation $steps:"
        cat errors
        diff start left
    end
    set --global count (math $count + 1)
    test $d = 0; or permutations "$steps"D yes $active (math $d - 1) $c $a $x
    test $c = 0 -o $docked = no; or permutations "$steps"C no $active $d (math $c - 1) $a $x
    test $a = 0; or permutations "$steps"A $docked yes $d $c (math $a - 1) $x
    test $x = 0 -o $active = no; or permutations "$steps"X $docked no $d $c $a (math $x - 1)
end

set --global count 0
# A first round makes fish load the functions that it loads when they are first called.
run DCAX
show >start
permutations '' no no 2 2 2 2
echo "$count permutations"
