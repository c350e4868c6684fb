"""Errors as EC2 returns them."""
import base64
import json
import threading

from knobs import KNOBS
from wire import xml

STATUS = {
    "AccessDenied": 403, "UnauthorizedOperation": 403, "AuthFailure": 401, "DryRunOperation": 412,
    "InternalError": 500, "InternalFailure": 500, "InsufficientInstanceCapacity": 500,
    "RequestLimitExceeded": 503, "Unavailable": 503, "ServiceUnavailable": 503,
}
MESSAGES = {
    "InsufficientInstanceCapacity": "We currently do not have sufficient {type} capacity in the Availability Zone you requested ({zone}). Our system will be working on provisioning additional capacity.",
    "RequestLimitExceeded": "Request limit exceeded.",
    "VcpuLimitExceeded": "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
    "UnauthorizedOperation": "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ec2:{action} because no identity-based policy allows the ec2:{action} action. Encoded authorization failure message: {encoded}",
    "InvalidInstanceID.NotFound": "The instance ID '{id}' does not exist",
    "SpotMaxPriceTooLow": "Your Spot request price of 0.001 is lower than the minimum required Spot request fulfillment price of 0.004.",
    "Unsupported": "Your requested instance type ({type}) is not supported in your requested Availability Zone ({zone}).",
}

# moto's web framework would make a page of an exception that it does not know: `gate.py` looks here.
LAST = threading.local()


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(code)
        self.code, self.message, self.status = code, message, STATUS.get(code, 400)
        LAST.refusal = self


def injected(code, call):
    """The error that a fault asks for."""
    first = next((value for name, value in call["parameters"].items() if name.startswith("InstanceId")), "i-?")
    message = MESSAGES.get(code, "This call was made to fail.")
    encoded = base64.b64encode((KNOBS["denied"] or f"ec2:{call['action']}").encode()).decode()
    return Refused(code, message.format(encoded=encoded, type=call["type"], zone=call["zone"], action=call["action"], id=first, limit=0))


def response(service, error):
    if service == "pricing":
        return error.status, "application/x-amz-json-1.1", json.dumps({"__type": error.code, "message": error.message}).encode()
    inner = xml("Code", error.code) + xml("Message", error.message)
    if service == "ec2":
        body = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>stand</RequestID></Response>"
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>stand</RequestId></ErrorResponse>"
    return error.status, "text/xml", body.encode()
