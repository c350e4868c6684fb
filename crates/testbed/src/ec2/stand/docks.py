"""Requests to the process that has the docks; see `control.rs`."""
import json
import socket

from settings import CONTROL


def send(request, **fields):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect("\0" + CONTROL)
        stream.sendall(json.dumps({"request": request, **fields}).encode() + b"\n")
        response = json.loads(stream.makefile().readline())
    if "error" in response:
        raise RuntimeError(response["error"])
    return response


def ready(port):
    send("ready", port=port)


def boot(instance, address, engine, script):
    """Starts the dock of an instance; returns the id of a process in it."""
    return send("boot", instance=instance, address=address, engine=engine, script=script)["pid"]


def halt(instance):
    send("halt", instance=instance)


def purge(instance):
    send("purge", instance=instance)
