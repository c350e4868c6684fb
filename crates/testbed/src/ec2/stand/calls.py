"""Calls that moto does not have, or does not do as EC2 does. Each gets the call and moto's own way of doing it."""
import json

import backend
import launch
import machine
import spot
import wire
from refusal import Refused
from settings import PRICES


def delete_security_group(call, moto):
    group = call["parameters"].get("GroupId")
    for instance in backend.region(call["region"]).all_instances():
        if instance._state.name != "terminated" and group in instance.group_ids:
            raise Refused("DependencyViolation", f"resource {group} has a dependent object")
    return moto()


def change_ingress(call, moto):
    response = moto()
    for each in list(machine.MACHINES.values()):
        each.firewall()
    return response


def decode_authorization_message(call, moto):
    decoded = json.dumps({"allowed": False, "explicitDeny": False, "context": {"action": "ec2:RunInstances"}})
    result = wire.xml("DecodeAuthorizationMessageResult", {"DecodedMessage": decoded})
    return 200, "text/xml", f'<DecodeAuthorizationMessageResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{result}</DecodeAuthorizationMessageResponse>'.encode()


def get_products(call, moto):
    """The price of an hour of an instance type."""
    wanted = {each["Field"]: each["Value"] for each in json.loads(call["parameters"].get("Filters", "[]"))}
    found = [product(name, price) for name, price in PRICES.items() if wanted.get("instanceType", name) == name]
    return 200, "application/x-amz-json-1.1", json.dumps({"FormatVersion": "aws_v1", "PriceList": found}).encode()


def product(name, price):
    dimensions = {"rate": {"unit": "Hrs", "pricePerUnit": {"USD": str(price)}}}
    return json.dumps({"product": {"attributes": {"instanceType": name, "operatingSystem": "Linux"}},
                       "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}}})


OWN = {
    "RunInstances": launch.launch,
    "DeleteSecurityGroup": delete_security_group,
    "AuthorizeSecurityGroupIngress": change_ingress,
    "RevokeSecurityGroupIngress": change_ingress,
    "DescribeSpotInstanceRequests": lambda call, moto: spot.describe(call),
    "CancelSpotInstanceRequests": lambda call, moto: spot.cancel(call),
    "DecodeAuthorizationMessage": decode_authorization_message,
    "GetProducts": get_products,
}

# Those that moto has no part in.
NOT_MOTOS = ("DescribeSpotInstanceRequests", "CancelSpotInstanceRequests", "DecodeAuthorizationMessage", "GetProducts")
