#!/bin/sh
# A docker that records how it was called: arguments, folder and environment, one set of files for each call. Then it runs
# the script `then` of the test. It uses builtins and absolute paths only, because a test may set any PATH.
here=${0%/*}
call=0
# noclobber: of several calls at the same time each creates a number of its own.
set -C
until (: >"$here/calls/$call.args") 2>/dev/null; do call=$((call + 1)); done
set +C
[ $# -eq 0 ] || printf '%s\0' "$@" >"$here/calls/$call.args"
printf '%s' "$(pwd -P)" >"$here/calls/$call.dir"
/usr/bin/env -0 >"$here/calls/$call.env"
: >"$here/calls/$call.done"
# shellcheck source=/dev/null
. "$here/then"
