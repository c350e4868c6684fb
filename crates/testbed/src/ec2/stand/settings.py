"""What the stand-in gets from the process that started it, and the environment of moto."""
import json
import os

STATE = os.environ["STAND_STATE"]
CONTROL = os.environ["STAND_CONTROL"]
NETWORK = os.environ["STAND_NETWORK"]
ACCOUNT = "123456789012"

UBUNTU, AMAZON = "099720109477", "898082745236"

# ID: owner, architecture, name.
AMIS = {
    "ami-0a0b0c0d0e0f02404": (UBUNTU, "x86_64", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101"),
    "ami-0a0b0c0d0e0f02405": (UBUNTU, "arm64", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20261101"),
    "ami-0a0b0c0d0e0f02204": (UBUNTU, "x86_64", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20261015"),
    "ami-0d1a0000000002404": (AMAZON, "x86_64", "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04) 20261006"),
    "ami-0d1a0000000002405": (AMAZON, "arm64", "Deep Learning ARM64 Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04) 20261006"),
}

# USD for an hour in us-east-1.
PRICES = {"t3.micro": 0.0104, "t3.large": 0.0832, "m7i.large": 0.1008, "m7g.large": 0.0816, "g6.xlarge": 0.8048, "g5.xlarge": 1.006}

# Product family, usage type, USD for a GB and month.
MONTHLY = [
    ("Storage", "EBS:VolumeUsage.gp3", 0.08),
    ("Storage Snapshot", "EBS:SnapshotArchiveStorage", 0.0125),
    ("Storage Snapshot", "EBS:SnapshotUsage", 0.05),
]


def image(number, ami):
    owner, architecture, name = AMIS[ami]
    return {
        "ami_id": ami, "name": name, "description": name, "image_location": name, "owner_id": owner,
        "architecture": architecture, "state": "available", "public": True, "image_type": "machine", "platform": None,
        "hypervisor": "xen", "virtualization_type": "hvm", "sriov": "simple",
        "root_device_type": "ebs", "root_device_name": "/dev/sda1",
        "creation_date": f"2026-11-{20 - number:02}T00:00:00.000Z",
    }


os.environ["MOTO_AMIS_PATH"] = os.path.join(STATE, "amis.json")
os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "1"
os.environ["MOTO_ENABLE_AMI_VALIDATION"] = "1"
with open(os.environ["MOTO_AMIS_PATH"], "w") as file:
    json.dump([image(number, ami) for number, ami in enumerate(AMIS)], file)
