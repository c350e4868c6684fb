#!/bin/sh
# Prepares a dock for its user: cloud-init runs it once, after docker was installed.
#
#   setup USER
set -eu
user=$1

# usermod needs files that not every image has, and the user may be a member already.
case " $(id -nG "$user") " in
    *" docker "*) ;;
    *) usermod --append --groups docker "$user" ;;
esac
mkdir -p "/data/workspaces/$user"
chown "$user:" "/data/workspaces/$user"

# Images for GPUs have docker, but it may not know the runtime.
if command -v nvidia-ctk >/dev/null && ! docker info --format '{{json .Runtimes}}' | grep -q nvidia; then
    nvidia-ctk runtime configure --runtime=docker
fi
# A configuration that the image has is not changed.
[ -e /etc/docker/daemon.json ] || install -D -m 644 /var/lib/dockerutils/daemon.json /etc/docker/daemon.json

systemctl daemon-reload
systemctl restart docker
systemctl reload ssh
if [ -e /etc/systemd/system/dockerutils-idle.timer ]; then
    systemctl enable --now dockerutils-idle.timer
    # A first run, so that a script which cannot run shows now.
    systemctl start dockerutils-idle.service
fi
: >/var/lib/dockerutils/ready
