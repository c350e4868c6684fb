"""moto's state of EC2, and the lock on it: moto is not made for threads."""
import threading

import settings
from moto.ec2 import ec2_backends
from moto.ec2.models import instances

LOCK = threading.RLock()


def region(name):
    return ec2_backends[settings.ACCOUNT][name]


def regions():
    return ec2_backends[settings.ACCOUNT].values()


def reset():
    ec2_backends.reset()


def set_state(instance, name, code, unless=()):
    with LOCK:
        if instance._state.name not in unless:
            instance._state = instances.InstanceState(name, code)


def set_reason(instance, code, message):
    with LOCK:
        instance.state_reason = instances.StateReason(f"{code}: {message}", code)
