# `dock NAME` points this terminal, and only this one, at a dock; `castoff` undoes it.
#
# For fish. `source dock.fish` in config.fish defines `dock`; `source dock.fish NAME` docks at once. `dock-session init fish`
# prints it. This file does only what a shell must do itself, and dock-session does the rest. The shell evaluates its output:
# assignments, every value quoted.

function dock --description 'Point this terminal, and only this one, at a dock'
    set --local was
    for name in DOCKER_HOST DOCKER_IP DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCK_MONIKER
        set --query --global $name; and set --append was --was "$name=$$name"; or set --append was --was $name
    end
    set --local output (dock-session open --shell fish --docked "$__dock_session" $was -- $argv); or return
    set --local docked "$__dock_session"
    eval $output
    if test -z "$__dock_session" -o -n "$docked"
        return 0
    end

    # A virtual environment keeps the user's prompt as _old_fish_prompt and restores it when it is deactivated.
    if test -z "$DOCKERUTILS_DISABLE_PROMPT"
        set --local prompt fish_prompt
        functions --query _old_fish_prompt; and set prompt _old_fish_prompt
        functions --copy $prompt __dock_prompt
        function $prompt
            __dock_prompt
            printf '[dock:%s] ' $__dock_moniker
        end
    end

    functions --query castoff; and functions --copy castoff __dock_castoff
    function castoff --description 'Point this terminal at where it was before `dock`'
        if set --query argv[1]
            dock-session castoff -- $argv
            return
        end
        eval $__dock_undo
        # It may be either function: virtual environments exchange them when they are activated and deactivated.
        for prompt in fish_prompt _old_fish_prompt
            if functions --query $prompt; and functions $prompt | string match --quiet '*__dock_moniker*'
                functions --erase $prompt
                functions --copy __dock_prompt $prompt
            end
        end
        functions --erase __dock_prompt
        dock-session close $__dock_session
        set --erase --global __dock_session __dock_moniker __dock_undo __dock_before
        functions --erase castoff
        if functions --query __dock_castoff
            functions --copy __dock_castoff castoff
            functions --erase __dock_castoff
        end
        return 0
    end
end

complete --command dock --no-files --arguments '(dock-session complete)'
complete --command source \
    --condition 'string match --quiet --regex "dock\.fish\s" -- (commandline --cut-at-cursor)' --no-files --arguments '(dock-session complete)'

if set --query argv[1]
    dock $argv
end
