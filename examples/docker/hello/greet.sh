#!/bin/sh
# Prints a greeting for new users, and facts about the container that it runs in.

bold='' plain=''
if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

fact() {
    printf '    %-10s%s\n' "$1" "$2"
}

listing() {
    ls -Cp -w 60 /project 2>/dev/null || echo "(not readable for $(id -un))"
}

echo
echo "  $bold${GREETING:-Hello}, ${NAME:-stranger}! This is a container, built and run by dockerutils.$plain"
echo
fact image "${IMAGE:-hello} (one busybox, no distribution)"
fact user "$(id -un), uid $(id -u): not root"
fact kernel "$(uname -sr), which is the machine's own"
fact network "$(ls -x /sys/class/net), and nothing else"
fact project '/project, mounted read-only from your machine:'
listing | sed 's/^/              /'
echo
echo "  Look around: ${bold}run-image hello -c sh$plain"
echo
