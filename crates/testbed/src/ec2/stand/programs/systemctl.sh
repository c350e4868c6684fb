#!/bin/sh
# Keeps the names of enabled timers as files, runs the services of unit files, and notes everything else.
echo "systemctl $*" >>/var/log/systemctl
units=/var/lib/stand/units
verb='' runs=no status=0
for word; do
    case $word in
    --now) runs=yes ;;
    poweroff | halt) exec /usr/local/bin/shutdown now ;;
    -*) ;;
    *) [ -n "$verb" ] || verb=$word ;;
    esac
done

# A timer is due as soon as it is started, and afterwards at every tick.
start_timer() {
    : >"$units/$1"
    [ "$runs" = no ] || run-unit "${1%.timer}.service"
}

for word; do
    case "$verb $word" in
    "enable "*.timer) start_timer "$word" ;;
    "start "*.timer | "restart "*.timer) runs=yes start_timer "$word" ;;
    "disable "*.timer | "stop "*.timer) rm -f "$units/$word" ;;
    "start "*.service | "restart "*.service) run-unit "$word" || status=$? ;;
    "is-active "*.timer | "is-enabled "*.timer)
        if [ -e "$units/$word" ]; then echo active; else
            echo inactive
            status=3
        fi
        ;;
    esac
done
exit "$status"
