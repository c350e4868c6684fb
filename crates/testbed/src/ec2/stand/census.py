"""All resources that cost money or stand in the way."""
import backend
import spot
from settings import AMIS


def census():
    found = {name: [] for name in ("instances", "volumes", "snapshots", "network_interfaces", "addresses", "security_groups", "key_pairs")}
    with backend.LOCK:
        for ec2 in backend.regions():
            found["instances"] += [f"{each.id} {each._state.name}" for each in ec2.all_instances() if each._state.name != "terminated"]
            found["volumes"] += list(ec2.volumes)
            found["snapshots"] += [each.id for each in ec2.snapshots.values() if not each.from_ami or each.from_ami not in AMIS]
            found["network_interfaces"] += [each.id for each in ec2.enis.values()]
            found["addresses"] += [each.public_ip for each in ec2.describe_addresses()]
            found["security_groups"] += [each.id for groups in ec2.groups.values() for each in groups.values() if each.name != "default"]
            found["key_pairs"] += list(ec2.key_pairs)
    found["spot_requests"] = [request["id"] for request in spot.REQUESTS.values() if request["state"] in ("active", "disabled")]
    return found
