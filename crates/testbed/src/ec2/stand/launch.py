"""RunInstances: what EC2 refuses, and the tokens of clients."""
import base64
import hashlib
import json
import re

import backend
import spot
import wire
from knobs import KNOBS
from refusal import MESSAGES, Refused

# What each token of a region was used for, and the response to it.
TOKENS = {}


def launch(call, moto):
    parameters, ec2 = call["parameters"], backend.region(call["region"])
    token, digest = (call["region"], parameters.get("ClientToken")), digest_of(parameters)
    is_dry = wire.is_dry(parameters)
    known = TOKENS.get(token)
    if known and not is_dry:
        return repeated(ec2, known, digest)
    check(ec2, call)
    status, kind, body = moto()
    if status != 200:
        return status, kind, body
    instance = launched(ec2, body)
    delete_root_with(instance, parameters)
    if parameters.get("InstanceMarketOptions.MarketType") == "spot":
        def again():
            other = launched(ec2, moto()[2])
            delete_root_with(other, parameters)
            return other
        request = spot.requested(instance, parameters, again)
        body = body.replace(b"<instanceLifecycle>", b"<spotInstanceRequestId>" + request.encode() + b"</spotInstanceRequestId><instanceLifecycle>")
    if token[1]:
        TOKENS[token] = digest, instance, (status, kind, body)
    return status, kind, body


def digest_of(parameters):
    without_dry_run = {key: value for key, value in parameters.items() if key != "DryRun"}
    return hashlib.sha256(json.dumps(without_dry_run, sort_keys=True).encode()).hexdigest()


def repeated(ec2, known, digest):
    """The response to a token that was used before."""
    before, instance, response = known
    if before != digest:
        raise Refused("IdempotentParameterMismatch", "The client token you have provided is associated with a resource that has already been created with different parameters")
    if instance._state.name in ("shutting-down", "terminated"):
        raise Refused("IdempotentInstanceTerminated", "The client token you have provided is associated with a terminated instance. Please use a different client token.")
    return response


def check(ec2, call):
    parameters = call["parameters"]
    key = parameters.get("KeyName")
    if key and key not in ec2.key_pairs:
        raise Refused("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    for group in wire.listed(parameters, r"(NetworkInterface\.\d+\.)?SecurityGroupId"):
        if not ec2.get_security_group_from_id(group):
            raise Refused("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    if len(base64.b64decode(parameters.get("UserData", ""))) > 16384:
        raise Refused("InvalidParameterValue", "User data is limited to 16384 bytes")
    # A dry run needs no quota, as far as it is documented: it checks the permissions and the values.
    if not wire.is_dry(parameters):
        check_quota(ec2, call["type"])


def check_quota(ec2, wanted):
    def quota(name):
        return "quota_g" if re.match(r"(g|vt)\d", name) else "quota_standard"

    def cpus(name):
        return ec2.describe_instance_types(instance_types=[name])[0]["VCpuInfo"]["DefaultVCpus"]
    running = [each.instance_type for each in ec2.all_instances() if each._state.name in ("pending", "running")]
    used = sum(cpus(each) for each in running if quota(each) == quota(wanted))
    limit = int(KNOBS[quota(wanted)])
    if used + cpus(wanted) > limit:
        raise Refused("VcpuLimitExceeded", MESSAGES["VcpuLimitExceeded"].format(limit=limit))


def launched(ec2, body):
    return ec2.get_instance(re.search(rb"<instanceId>(i-\w+)", body)[1].decode())


def delete_root_with(instance, parameters):
    """EC2 deletes the root volume with its instance, unless the request says otherwise; moto keeps it."""
    decided = {parameters.get(key.replace("Ebs.DeleteOnTermination", "DeviceName")) for key in parameters if key.endswith("Ebs.DeleteOnTermination")}
    root = instance.block_device_mapping.get(instance.root_device_name)
    if root and instance.root_device_name not in decided:
        root.delete_on_termination = True
