"""What cloud-init does with the key pair and the user-data at the first boot, as far as it is known here."""
import base64
import email
import gzip
import shlex

import yaml

import backend
from knobs import KNOBS

CARRIED_OUT = {"write_files", "bootcmd", "runcmd", "ssh_authorized_keys"}
# They have no effect on a machine that has everything.
IGNORED = {"packages", "package_update", "package_upgrade", "apt", "output", "groups", "users", "system_info", "ssh_pwauth"}


def install_key(machine, more=()):
    """Lets the owner of the key pair log in."""
    with backend.LOCK:
        pair = machine.instance.ec2_backend.key_pairs.get(machine.instance.key_name)
    material = (pair.material_public if pair else b"") or b""
    material = material if isinstance(material, bytes) else material.encode()
    keys = [material.strip(), *(key.encode() for key in more)]
    machine.inside("cat >/home/ubuntu/.ssh/authorized_keys", b"\n".join(keys) + b"\n")


def carry_out(machine):
    if KNOBS["docker_late"]:
        machine.inside("chmod 000 /run/docker.sock")
    has_failed = [number for number, part in enumerate(parts(machine.instance.user_data)) if not carry_out_part(machine, number, part)]
    if KNOBS["docker_late"]:
        machine.inside("chmod 660 /run/docker.sock")
    output = machine.inside("cat /var/log/cloud-init-output.log 2>/dev/null || true").stdout
    machine.console += output.decode(errors="replace")
    machine.inside(f"echo {'error' if has_failed else 'done'} >/run/cloud-init.status")


def parts(raw):
    data = base64.b64decode(str(raw)) if raw else b""
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    if data[:5].lower() in (b"conte", b"mime-"):
        message = email.message_from_bytes(data)
        return [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [data] if data else []


def carry_out_part(machine, number, part):
    """Returns whether it succeeded."""
    if part.startswith(b"#!"):
        return run(machine, number, part)
    if not part.startswith(b"#cloud-config"):
        machine.log("a part of the user-data is of an unknown kind")
        return False
    config = yaml.safe_load(part) or {}
    unknown = set(config) - CARRIED_OUT - IGNORED
    if unknown:
        machine.log(f"user-data that is not carried out: {sorted(unknown)}")
    for file in config.get("write_files", []):
        write_file(machine, file)
    if "ssh_authorized_keys" in config:
        install_key(machine, config["ssh_authorized_keys"])
    steps = [step if isinstance(step, str) else shlex.join(map(str, step)) for step in config.get("bootcmd", []) + config.get("runcmd", [])]
    return run(machine, number, "\n".join(["#!/bin/sh", *steps, ""]).encode())


def run(machine, number, script):
    file = f"/run/user-data.{number}"
    command = f"cat >{file} && chmod 700 {file} && {file} >>/var/log/cloud-init-output.log 2>&1"
    return machine.inside(command, script).returncode == 0


def write_file(machine, file):
    content, encoding = file.get("content", "").encode(), str(file.get("encoding", ""))
    content = base64.b64decode(content) if "b64" in encoding or "base64" in encoding else content
    content = gzip.decompress(content) if encoding.startswith("gz") else content
    path, mode, owner = shlex.quote(file["path"]), str(file.get("permissions", "0644")), shlex.quote(file.get("owner", "root:root"))
    writes = ">>" if file.get("append") else ">"
    machine.inside(f'mkdir -p "$(dirname {path})" && cat {writes}{path} && chmod {mode} {path} && chown {owner} {path}', content)
