"""The WSGI application before moto's: records each call, applies its fault, and does what moto does not."""
import io
import json
import re
import socket
import urllib.parse

import admin
import backend
import refusal
from calls import NOT_MOTOS, OWN
from faults import FAULTS
from knobs import KNOBS

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app


class Gate:
    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            if environ["PATH_INFO"].startswith("/_stand/"):
                status, kind, content = admin.respond(environ, body)
            else:
                status, kind, content = self.respond(environ, body)
        except ConnectionAbortedError:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            status, kind, content = 500, "text/plain", b""
        start(f"{status} X", [("Content-Type", kind), ("Content-Length", str(len(content)))])
        return [content]

    def respond(self, environ, body):
        call = read(environ, body)
        admin.CALLS.append(call)
        try:
            response = FAULTS.apply(call, lambda: self.effect(environ, body, call))
        except refusal.Refused as error:
            response = refusal.response(call["service"], error)
        call["status"] = response[0]
        code = re.search(rb"<Code>([\w.]+)</Code>", response[2])
        call["error"] = code[1].decode() if code else None
        return response

    def effect(self, environ, body, call):
        def moto():
            return self.call_moto(environ, body)
        with backend.LOCK:
            own = OWN.get(call["action"])
            if own and KNOBS["permissions"] and call["action"] in NOT_MOTOS:
                # moto checks the permission before it looks for the action.
                response = moto()
                if response[0] in (401, 403):
                    return response
            return own(call, moto) if own else moto()

    def call_moto(self, environ, body):
        """moto's response; an error that our patches of moto raise passes through it."""
        head, refusal.LAST.refusal = {}, None

        def start(status, headers, exc=None):
            head.update(status=int(status.split()[0]), kind=dict(headers).get("Content-Type", "text/xml"))
        inner = dict(environ, **{"wsgi.input": io.BytesIO(body)})
        inner.pop("werkzeug.request", None)
        content = b"".join(self.moto(inner, start))
        if refusal.LAST.refusal:
            raise refusal.LAST.refusal
        return head["status"], head["kind"], content


def read(environ, body):
    """A call as it is recorded."""
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    region, service = scope.groups() if scope else ("us-east-1", "ec2")
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        action = target.rsplit(".", 1)[-1]
        parameters = {key: value if isinstance(value, str) else json.dumps(value) for key, value in json.loads(body or b"{}").items()}
    else:
        parameters = dict(urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        action = parameters.pop("Action", f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        parameters.pop("Version", None)
    return {"service": service, "region": region, "action": action, "parameters": parameters, "type": parameters.get("InstanceType"),
            "zone": zone(region, parameters), "status": None, "error": None, "fault": None}


def zone(region, parameters):
    subnet = parameters.get("NetworkInterface.1.SubnetId") or parameters.get("SubnetId")
    if not subnet:
        return parameters.get("Placement.AvailabilityZone")
    with backend.LOCK:
        known = {each.id: each.availability_zone for zones in backend.region(region).subnets.values() for each in zones.values()}
    return known.get(subnet)
