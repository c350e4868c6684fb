# Runs `dock gpu` (D), castoff (C), and a virtual environment's activate (A) and deactivate (X) in every order, each at
# most twice, and compares what is left with what was there.
#
#   VENV=… SHELL_FOLDER=… fish orders.fish
#
# A step that is no command at that moment (castoff where nothing is docked) is no step. It prints how many orders it ran.

source $SHELL_FOLDER/dock.fish

function fish_prompt
    printf '~ $ '
end

# All of the shell that the steps could touch; what it counts for itself, and the variables of this script, are left out.
function show
    set --local others _ CMD_DURATION count fish_kill_signal history pipestatus start status status_generation
    set | string match --invert --regex "^($(string join '|' $others))( |\$)"
    set --names --export
    functions --all --names
    functions --no-details fish_prompt castoff _old_fish_prompt 2>/dev/null
end

# Whether the prompt tells where the shell is docked to, and which environment is active.
function check_prompt --argument-names docked active
    set --local expected '~ $ '
    test $active = yes; and set expected "(venv) $expected"
    test $docked = yes; and set expected $expected'[dock:gpu] '
    set --local shown (fish_prompt | string replace --all --regex '\e[^m]*m|\e\(B' '' | string collect --no-trim-newlines)
    test "$shown" = "$expected" -a "$DOCK_MONIKER" = (test $docked = yes; and echo gpu; or echo)
    or echo "the prompt is $shown, not $expected"
end

# Takes the steps of an order, then castoff and deactivate as far as they are needed.
function run --argument-names order
    set --local docked no
    set --local active no
    for letter in (string split '' -- $order)
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
        end 2>said
        check_prompt $docked $active
    end
    test $docked = yes; and castoff 2>said
    test $active = yes; and deactivate
    return 0
end

# Every order that begins with this one; the numbers say how often D, C, A and X may come still.
function orders --argument-names order docked active d c a x
    run "$order"
    show >left
    cmp --silent start left; or begin
        echo "order $order:"
        cat said
        diff start left
    end
    set --global count (math $count + 1)
    test $d = 0; or orders "$order"D yes $active (math $d - 1) $c $a $x
    test $c = 0 -o $docked = no; or orders "$order"C no $active $d (math $c - 1) $a $x
    test $a = 0; or orders "$order"A $docked yes $d $c (math $a - 1) $x
    test $x = 0 -o $active = no; or orders "$order"X $docked no $d $c $a (math $x - 1)
end

set --global count 0
# A first round loads what fish loads when it is first used.
run DCAX
show >start
orders '' no no 2 2 2 2
echo "$count orders"
