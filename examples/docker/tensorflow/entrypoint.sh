#!/bin/sh
# Puts the environment that COMPUTE names, cpu or gpu, first on PATH and becomes the command.
# COMPUTE is set by the `gpu` key in docker/dockerutils.cfg, that is, by `run-image -g`.
set -eu

compute=${COMPUTE:-cpu}
if [ ! -x "/opt/$compute/bin/python" ]; then
    echo "entrypoint.sh: COMPUTE is '$compute', but this image has an environment for cpu and one for gpu" >&2
    exit 1
fi

export VIRTUAL_ENV="/opt/$compute" PATH="/opt/$compute/bin:$PATH"
exec "$@"
