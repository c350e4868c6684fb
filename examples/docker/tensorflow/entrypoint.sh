#!/bin/sh
# Puts the environment that COMPUTE names, cpu or gpu, first on PATH, and runs the command.
# With `run-image -g`, the `gpu` key in docker/dockerutils.cfg sets COMPUTE. If COMPUTE is not set, the GPU environment is
# used if the container has GPUs.
set -eu

compute=${COMPUTE:-${NVIDIA_VISIBLE_DEVICES:+gpu}}
compute=${compute:-cpu}
if [ ! -x "/opt/$compute/bin/python" ]; then
    echo "entrypoint.sh: COMPUTE is '$compute', but this image has an environment for cpu and one for gpu" >&2
    exit 1
fi

export VIRTUAL_ENV="/opt/$compute" PATH="/opt/$compute/bin:$PATH"
exec "$@"
