"""What tests ask of the stand-in itself, below /_stand; see `admin.rs`."""
import json
import time
import urllib.parse

import backend
import knobs
import launch
import machine
import spot
from census import census
from faults import FAULTS
from seeds import seed
from settings import NETWORK

from moto import settings as moto_settings
from moto.iam import iam_backends
from moto.iam.access_control import IAMRequest

CALLS = []

# moto computes the signature over a body with "+" for a space, where Amazon's SDK for Rust sends "%20".
IAMRequest.check_signature = lambda request: None


def respond(environ, body):
    what = environ["PATH_INFO"].removeprefix("/_stand/")
    query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    try:
        content = ANSWERS[what](query, body.decode())
    except (KeyError, ValueError) as error:
        return 400, "text/plain", f"{what}: {error!r}\n".encode()
    if isinstance(content, str):
        return 200, "text/plain", content.encode()
    return 200, "application/json", json.dumps(content).encode()


def turn_knobs(query, body):
    for name, value in query.items():
        knobs.turn(name, value)
    apply_permissions()
    return ""


def apply_permissions():
    moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if knobs.KNOBS["permissions"] else float("inf")


def tick(query, body):
    run = machine.MACHINES[query["id"]].inside("tick")
    return (run.stdout + run.stderr).decode(errors="replace")


def interrupt(query, body):
    with backend.LOCK:
        spot.interrupt(machine.MACHINES[query["id"]].instance)
    return ""


def reset(query, body):
    FAULTS.clear()
    knobs.reset()
    apply_permissions()
    with backend.LOCK:
        for request in spot.REQUESTS.values():
            request["state"] = "cancelled"
        for each in machine.MACHINES.values():
            each.instance.disable_api_termination = False
            each.instance.terminate()
    while any(each.instance._state.name != "terminated" for each in machine.MACHINES.values()):
        time.sleep(0.02)
    with backend.LOCK:
        for known in (machine.MACHINES, spot.REQUESTS, launch.TOKENS, CALLS):
            known.clear()
        backend.reset()
        iam_backends.reset()
        seed()
    return ""


ANSWERS = {
    "faults": lambda query, body: FAULTS.add(body) or "",
    "clear": lambda query, body: FAULTS.clear() or "",
    "held": lambda query, body: FAULTS.held,
    "release": lambda query, body: FAULTS.release() or "",
    "knobs": turn_knobs,
    "calls": lambda query, body: CALLS,
    "forget": lambda query, body: CALLS.clear() or "",
    "census": lambda query, body: census(),
    "checkip": lambda query, body: (knobs.KNOBS["public_address"] or f"{NETWORK}.1") + "\n",
    "tick": tick,
    "interrupt": interrupt,
    "reset": reset,
}
