"""The machine of an instance."""
import collections
import os
import subprocess
import threading
import time

import backend
import boot
import console
import docks
import firewall
import spot
import user_data
from knobs import KNOBS
from settings import NETWORK, STATE

MACHINES = {}
NSENTER = ["nsenter", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--target"]
ENVIRONMENT = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]


class Machine:
    """What an instance is asked for is done in turn, in a thread of its own."""

    def __init__(self, instance):
        self.instance, self.pid, self.address = instance, None, None
        self.is_new, self.booted, self.console = True, None, ""
        self.jobs, self.has_jobs = collections.deque(), threading.Condition()
        threading.Thread(target=self.work, daemon=True).start()

    def ask(self, job):
        with self.has_jobs:
            self.jobs.append(job)
            self.has_jobs.notify()

    def work(self):
        while True:
            with self.has_jobs:
                self.has_jobs.wait_for(lambda: self.jobs)
                job = self.jobs.popleft()
            try:
                job()
            except Exception as error:
                self.log(f"{job.__name__}: {error!r}")

    def log(self, text):
        print(f"{self.instance.id}: {text}", flush=True)

    def inside(self, script, stdin=b""):
        """Runs a script on the machine as root."""
        words = [*NSENTER, str(self.pid), "--", *ENVIRONMENT, "sh", "-c", script]
        run = subprocess.run(words, input=stdin, capture_output=True)
        if run.returncode:
            self.log(f"{script[:200]}: exit status {run.returncode}: {run.stderr.decode()[-500:]}")
        return run

    def root(self):
        """Its root file system as a folder of this machine."""
        return os.path.join(STATE, "instances", self.instance.id)

    def is_wanted(self):
        return self.instance._state.name in ("pending", "running")

    def boot(self):
        time.sleep(KNOBS["boot"])
        if not self.is_wanted():
            return
        if KNOBS["boot_failure"]:
            return self.fail(KNOBS["boot_failure"], "The instance could not be started")
        address = self.instance.public_ip or self.instance.private_ip
        backend.set_state(self.instance, "running", 16, unless=("shutting-down", "terminated", "stopping", "stopped"))
        if KNOBS["machines"]:
            self.boot_dock(address)

    def fail(self, code, message):
        """Ends as EC2 does what it cannot start: with its disk and its network interface."""
        with backend.LOCK:
            self.instance.terminate()
            backend.set_reason(self.instance, code, message)

    def boot_dock(self, address):
        try:
            self.pid = docks.boot(self.instance.id, address, KNOBS["engine"], boot.script(self.is_new))
        except RuntimeError as error:
            self.log(f"no machine: {error}")
            return self.fail("Server.InternalError", "Internal error on launch")
        self.address = address
        self.firewall()
        if self.is_new:
            self.console = console.of(self.root())
        self.booted = time.time()
        if self.is_new:
            self.is_new = False
            user_data.install_key(self)
            user_data.carry_out(self)
        self.inside("[ -e /run/cloud-init.status ] || echo done >/run/cloud-init.status")

    def firewall(self):
        """Admits what the instance's security groups admit now."""
        if not self.pid:
            return
        late = 0 if self.booted is None else self.booted + KNOBS["ssh_late"] - time.time()
        if KNOBS["ssh_late"] and (self.booted is None or late > 0):
            self.inside("iptables-restore --noflush", firewall.refusing())
            threading.Timer(late or KNOBS["ssh_late"], self.firewall).start()
        else:
            self.inside("iptables-restore --noflush", firewall.admitting(self.instance))

    def halt(self):
        self.leave(docks.halt)
        backend.set_state(self.instance, "stopped", 80, unless=("shutting-down", "terminated"))

    def purge(self):
        self.leave(docks.purge)
        backend.set_state(self.instance, "terminated", 48)
        spot.ended(self.instance)

    def leave(self, ask):
        self.pid, self.booted = None, None
        if KNOBS["machines"]:
            ask(self.instance.id)
        self.address = None


def of(instance):
    with backend.LOCK:
        if instance.id not in MACHINES:
            MACHINES[instance.id] = Machine(instance)
        return MACHINES[instance.id]


class Addresses:
    """Returns the next address that no machine has, so that one that was given back is used again only after all others."""

    def __init__(self):
        self.last = 1

    def __call__(self):
        if not KNOBS["addresses"]:
            return None
        used = {machine.address for machine in MACHINES.values()}
        used |= {machine.instance.public_ip for machine in MACHINES.values() if machine.is_wanted()}
        for _ in range(253):
            self.last = self.last + 1 if self.last < 254 else 2
            if f"{NETWORK}.{self.last}" not in used:
                return f"{NETWORK}.{self.last}"
        raise RuntimeError("no address is free")


ADDRESSES = Addresses()


def power_off(machine):
    """Does what EC2 does with an instance that has shut itself down."""
    instance = machine.instance
    with backend.LOCK:
        if instance._state.name != "running":
            return
        verb = "terminate" if instance.instance_initiated_shutdown_behavior == "terminate" else "stop"
        getattr(instance, verb)()
        backend.set_reason(instance, "Client.InstanceInitiatedShutdown", "Instance initiated shutdown")


def watch():
    """Notices machines that shut themselves down: `shutdown` on them creates a file."""
    while True:
        time.sleep(0.2)
        for machine in list(MACHINES.values()):
            flag = os.path.join(machine.root(), "run/shutdown")
            if machine.pid and os.path.exists(flag):
                os.unlink(flag)
                power_off(machine)
