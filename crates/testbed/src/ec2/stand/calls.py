"""Calls that moto does not have, or does not do as EC2 does. Each gets the call and moto's own way of doing it."""
import base64
import json

import backend
import launch
import machine
import spot
import wire
from refusal import Refused
from settings import MONTHLY, PRICES


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
    action = base64.b64decode(call["parameters"]["EncodedMessage"]).decode()
    decoded = json.dumps({"allowed": False, "explicitDeny": False, "context": {"action": action}})
    result = wire.xml("DecodeAuthorizationMessageResult", {"DecodedMessage": decoded})
    return 200, "text/xml", f'<DecodeAuthorizationMessageResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{result}</DecodeAuthorizationMessageResponse>'.encode()


def get_products(call, moto):
    """The price of an hour of an instance type, or of a month of a GB on a disk or in a snapshot."""
    wanted = {each["Field"]: each["Value"] for each in json.loads(call["parameters"].get("Filters", "[]"))}
    if "instanceType" in wanted:
        found = [product("Hrs", PRICES[name]) for name in PRICES if name == wanted["instanceType"]]
    else:
        found = [product("GB-Mo", price, usagetype=usage) for family, usage, price in MONTHLY if family == wanted["productFamily"]]
    return 200, "application/x-amz-json-1.1", json.dumps({"FormatVersion": "aws_v1", "PriceList": found}).encode()


def product(unit, price, **attributes):
    dimensions = {"rate": {"unit": unit, "pricePerUnit": {"USD": str(price)}}}
    return json.dumps({"product": {"attributes": attributes},
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
