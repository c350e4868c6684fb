#!/bin/sh
# Keeps the names of enabled timers as files, runs services that the machine itself has, reloads sshd, and notes the rest.
# Timers run at every tick only.
echo "systemctl $*" >>/var/log/systemctl
units=/var/lib/stand/units
verb='' status=0
for word; do
    case $word in
    -*) continue ;;
    poweroff | halt) exec /usr/local/bin/shutdown now ;;
    esac
    verb=${verb:-$word}
    case "$verb $word" in
    "enable "*.timer | "start "*.timer | "restart "*.timer) : >"$units/$word" ;;
    "disable "*.timer | "stop "*.timer) rm -f "$units/$word" ;;
    "start "*.service | "restart "*.service) run-unit "$word" || status=$? ;;
    "reload ssh" | "restart ssh" | "reload sshd" | "restart sshd") kill -HUP "$(cat /run/sshd.pid)" ;;
    "is-active "*.timer | "is-enabled "*.timer)
        if [ -e "$units/$word" ]; then
            echo active
        else
            echo inactive
            status=3
        fi
        ;;
    esac
done
exit "$status"
