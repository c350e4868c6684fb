#!/bin/sh
# `cloud-init status [--wait]`; other commands do nothing.
[ "$1" = status ] || exit 0
state() { cat /run/cloud-init.status 2>/dev/null || echo running; }
case " $* " in
*" --wait "*) while [ "$(state)" = running ]; do sleep 0.1; done ;;
esac
state=$(state)
echo "status: $state"
[ "$state" != error ]
