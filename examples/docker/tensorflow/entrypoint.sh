#!/bin/sh
# Puts the environment that COMPUTE names, cpu or gpu, first on PATH and becomes the command.
# COMPUTE is set by the `gpu` key in docker/dockerutils.cfg, that is, by `run-image -g`. `run-image -g --gpus 2,4` puts
# docker's flags in the place of that key: then the GPUs that docker hands in ask for the GPU's environment.
set -eu

compute=${COMPUTE:-${NVIDIA_VISIBLE_DEVICES:+gpu}}
compute=${compute:-cpu}
if [ ! -x "/opt/$compute/bin/python" ]; then
    echo "entrypoint.sh: COMPUTE is '$compute', but this image has an environment for cpu and one for gpu" >&2
    exit 1
fi

export VIRTUAL_ENV="/opt/$compute" PATH="/opt/$compute/bin:$PATH"
exec "$@"
