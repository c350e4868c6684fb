"""A stand-in for EC2 whose instances are real machines.

moto serves the API in this process. crates/testbed starts it, and starts and stops the machines that it asks for. Where
moto is more lenient than EC2, `strict.py` and `calls.py` make it behave as EC2 does.
"""
import threading
import time

import settings  # first: moto reads the environment that it prepares
import docks
import machine
import strict
from gate import Gate
from knobs import KNOBS
from seeds import seed

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server


class RequestHandler(MotoRequestHandler):
    def date_time_string(self, timestamp=None):
        """The Date of a response."""
        return super().date_time_string(time.time() + KNOBS["clock"])


def main():
    strict.apply()
    seed()
    threading.Thread(target=machine.watch, daemon=True).start()
    server = make_server("127.0.0.1", 0, Gate(), threaded=True, request_handler=RequestHandler)
    docks.ready(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    main()
