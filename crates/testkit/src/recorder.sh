#!/bin/sh
# A docker that does nothing but write down how it was called: arguments, folder and environment, one set of files a
# call. Then it does what the test asked for in `then`. Only builtins until there, so that any PATH will do.
here=${0%/*}
call=0
set -C
until (: >"$here/calls/$call.args") 2>/dev/null; do call=$((call + 1)); done
set +C
[ $# -eq 0 ] || printf '%s\0' "$@" >"$here/calls/$call.args"
printf '%s' "$(pwd -P)" >"$here/calls/$call.dir"
/usr/bin/env -0 >"$here/calls/$call.env"
: >"$here/calls/$call.done"
# shellcheck source=/dev/null
. "$here/then"
