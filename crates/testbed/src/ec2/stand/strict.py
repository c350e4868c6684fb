"""Makes moto's instances as strict and as slow as EC2's, and their addresses those of machines."""
import time

import backend
import machine
import spot
from knobs import KNOBS
from refusal import Refused

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import elastic_network_interfaces, instances
from moto.ec2.responses import general
from moto.ec2.utils import Base64EncodedString

# Filters that moto does not know, and the attributes that they compare.
FILTERS = {"client-token": "client_token", "instance-lifecycle": "lifecycle", "spot-instance-request-id": "spot_instance_request_id"}


def wrap(owner, name, function):
    original = getattr(owner, name)
    setattr(owner, name, lambda self, *args, **kwargs: function(original, self, *args, **kwargs))


def start(original, self):
    if self._state.name in ("running", "pending"):
        return self._state
    if self._state.name != "stopped":
        raise wrong_state(self, "started")
    spot.check_start(self)
    before = original(self)
    self._state, self.state_reason = instances.InstanceState("pending", 0), None
    machine.of(self).ask(machine.of(self).boot)
    return before


def stop(original, self):
    if self._state.name in ("stopped", "stopping"):
        return self._state
    if self._state.name != "running":
        raise wrong_state(self, "stopped")
    spot.check_stop(self)
    before = original(self)
    self._state = instances.InstanceState("stopping", 64)
    machine.of(self).ask(machine.of(self).halt)
    return before


def terminate(original, self):
    if self._state.name in ("shutting-down", "terminated"):
        return self._state
    before = original(self)
    self._state = instances.InstanceState("shutting-down", 32)
    machine.of(self).ask(machine.of(self).purge)
    return before


def wrong_state(instance, verb):
    return Refused("IncorrectInstanceState", f"The instance '{instance.id}' is not in a state from which it can be {verb}.")


def run_instances(original, self, *args, **kwargs):
    reservation = original(self, *args, **kwargs)
    for instance in reservation.instances:
        instance.lag = KNOBS["lag"]
        groups = {group.id: group for nic in instance.nics.values() for group in nic.group_set}
        instance.group_ids, instance.security_groups = set(groups), list(groups.values())
        for nic in instance.nics.values():
            nic.delete_on_termination = True
        instance._state = instances.InstanceState("pending", 0)
        machine.of(instance).ask(machine.of(instance).boot)
    return reservation


def is_known(instance):
    """Whether a description knows an instance already."""
    lag = getattr(instance, "lag", 0)
    instance.lag = max(0, lag - 1)
    return lag == 0


def by_ids(original, self, instance_ids, filters=None):
    for instance in self.all_instances():
        if instance.id in instance_ids and not is_known(instance):
            raise Refused("InvalidInstanceID.NotFound", f"The instance ID '{instance.id}' does not exist")
    # moto applies the filters that it knows; the others are for the call without IDs.
    return original(self, instance_ids, filters=filters)


def describe(original, self, filters=None):
    filters = dict(filters or {})
    own = {key: filters.pop(key) for key in FILTERS if key in filters}
    found = []
    for reservation in original(self, filters=filters):
        shown = instances.Reservation(reservation.id, reservation.owner_id)
        shown.instances = [each for each in reservation.instances if is_known(each) and
                           all(getattr(each, FILTERS[key], None) in values for key, values in own.items())]
        if shown.instances:
            found.append(shown)
    return found


def console_output(self):
    found = machine.of(self.ec2_backend.get_instance(self._get_param("InstanceId")))
    late = KNOBS["console_latest" if self._get_bool_param("Latest") else "console"]
    is_there = found.booted and time.time() - found.booted >= late
    output = Base64EncodedString.from_raw_string(found.console if is_there else "")
    return ActionResult({"InstanceId": found.instance.id, "Timestamp": utcnow(), "Output": output})


def apply():
    elastic_network_interfaces.random_public_ip = machine.ADDRESSES
    wrap(instances.Instance, "start", start)
    wrap(instances.Instance, "stop", stop)
    wrap(instances.Instance, "terminate", terminate)
    wrap(instances.InstanceBackend, "run_instances", run_instances)
    wrap(instances.InstanceBackend, "get_reservations_by_instance_ids", by_ids)
    wrap(instances.InstanceBackend, "describe_instances", describe)
    general.General.get_console_output = console_output
