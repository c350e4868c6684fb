"""Spot requests, which moto does not know."""
import threading

import backend
import wire
from knobs import KNOBS
from refusal import Refused

from moto.ec2.utils import random_spot_request_id

REQUESTS = {}


def of(instance):
    return REQUESTS.get(getattr(instance, "spot_instance_request_id", None))


def requested(instance, parameters, again):
    """Adds the request of a launched instance; returns its ID. `again` launches another instance in the same way."""
    request = random_spot_request_id()
    kind = parameters.get("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time")
    instance.spot_instance_request_id = request
    REQUESTS[request] = {
        "id": request, "instance": instance.id, "state": "active", "type": kind, "region": instance.ec2_backend.region_name,
        "tags": wire.tags(parameters, "spot-instances-request"), "again": again, "is_interrupted": False, "status": "fulfilled",
        # EC2 accepts this for persistent requests alone.
        "stops": parameters.get("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior") == "stop",
    }
    return request


def check_stop(instance):
    """What EC2 refuses when a user stops a spot instance; a persistent request then waits."""
    request = of(instance)
    if request and request["type"] == "one-time":
        raise Refused("UnsupportedOperation", f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot Instance request.")
    if request and request["state"] == "active":
        request["state"] = "disabled"


def check_start(instance):
    """What EC2 refuses when a user starts a spot instance: those that were interrupted start by themselves."""
    request = of(instance)
    if request and request["is_interrupted"]:
        raise Refused("IncorrectSpotRequestState", f"You can't start the Spot Instance '{instance.id}' because the associated Spot Instance request is not in an appropriate state to support start.")
    if request and request["state"] == "disabled":
        request["state"] = "active"


def interrupt(instance):
    """Takes an instance back."""
    request = of(instance)
    if request["stops"]:
        request["is_interrupted"], request["status"] = True, "instance-stopped-no-capacity"
        instance.stop()
        request["state"] = "active"
    else:
        instance.terminate()
    backend.set_reason(instance, "Server.SpotInstanceShutdown", "Spot Instance shutdown")


def ended(instance):
    """Does what EC2 does with the request of an instance that has been terminated."""
    request = of(instance)
    if not request or request["state"] == "cancelled" or request["instance"] != instance.id:
        return
    if request["type"] == "one-time":
        request["state"] = "closed"
    else:
        threading.Timer(KNOBS["relaunch"], relaunch, [request]).start()


def relaunch(request):
    """A persistent request that nobody cancelled launches an instance again, which its owner pays for."""
    with backend.LOCK:
        if request["state"] == "active":
            instance = request["again"]()
            instance.spot_instance_request_id, request["instance"] = request["id"], instance.id


def describe(call):
    wanted, ids = wire.filters(call["parameters"]), wire.listed(call["parameters"], "SpotInstanceRequestId")
    for request in ids:
        find(request)
    found = [request for request in REQUESTS.values()
             if request["region"] == call["region"] and (not ids or request["id"] in ids) and fits(request, wanted)]
    return wire.response(call["action"], {"spotInstanceRequestSet": [
        {"spotInstanceRequestId": request["id"], "type": request["type"], "state": request["state"], "instanceId": request["instance"], "status": {"code": request["status"]},
         "tagSet": [{"key": key, "value": value} for key, value in request["tags"].items()]} for request in found]})


def fits(request, wanted):
    has = {"spot-instance-request-id": [request["id"]], "instance-id": [request["instance"]], "state": [request["state"]],
           "tag-key": list(request["tags"]), **{"tag:" + key: [value] for key, value in request["tags"].items()}}
    return all(set(has.get(name, [])) & set(values) for name, values in wanted.items())


def cancel(call):
    cancelled = []
    for request in map(find, wire.listed(call["parameters"], "SpotInstanceRequestId")):
        request["state"] = "cancelled"
        cancelled.append({"spotInstanceRequestId": request["id"], "state": "cancelled"})
    return wire.response(call["action"], {"spotInstanceRequestSet": cancelled})


def find(request):
    if request not in REQUESTS:
        raise Refused("InvalidSpotInstanceRequestID.NotFound", f"The spot instance request ID '{request}' does not exist")
    return REQUESTS[request]
