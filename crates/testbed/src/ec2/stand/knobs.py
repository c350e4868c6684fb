"""What a test may change while the stand-in runs."""

DEFAULTS = {
    "engine": "20",         # the version of dockerd on new machines: 20, 26 or 26c
    "machines": 1,          # 0: instances only change their states, and no machine is started
    "boot": 0.2,            # seconds in `pending`
    "boot_failure": "",     # CODE: instances end right after `pending` with this StateReason, `Client.VolumeLimitExceeded`
    "console": 2.0,         # seconds after the boot until GetConsoleOutput has the output, unless it asks for the latest
    "console_latest": 0.0,  # the same, if it asks for the latest
    "lag": 0,               # so many descriptions do not know a new instance yet
    "ssh_late": 0.0,        # seconds during which port 22 refuses connections
    "docker_late": 0,       # 1: docker can be used only after the user-data was carried out
    "relaunch": 2.0,        # seconds until a persistent spot request that is still open launches an instance again
    "quota_standard": 32,   # vCPUs
    "quota_g": 8,           # vCPUs
    "public_address": "",   # the address of the client that /_stand/checkip returns; empty: the real one
    "denied": "",           # the action that a refusal for want of a permission denies; empty: that of the call
    "clock": 0.0,           # by how many seconds the clock of AWS is ahead
    "addresses": 1,         # 0: instances get no public address
    "permissions": 0,       # 1: calls are authorized by IAM policies
}

KNOBS = dict(DEFAULTS)


def turn(name, value):
    KNOBS[name] = type(DEFAULTS[name])(value)


def reset():
    KNOBS.update(DEFAULTS)
