"""Faults of calls.

A rule is ACTION[@WHERE][#N|#N-M|#N-]=KIND[:SECONDS].

- ACTION is `RunInstances`, `GetCallerIdentity`, …, or `*` for any; WHERE a zone, an instance type or a region.
- `#N` is the N-th such call from now on, `#N-` that and all later ones; without it every one.
- KIND is an error code of EC2, which is returned and nothing is done, or one of:
  - `cut-before`, `cut-after`: the connection breaks before or after the call takes effect.
  - `slow`, `slow-before`: the response, or the effect, is late by SECONDS (30).
  - `hold-before`, `hold-after`: waits for a release, at most SECONDS (30), before or after the effect.
  - `garbage`: the page of a captive portal.

A dry run needs neither capacity nor quota: rules with the codes in CAPACITY neither meet nor count it.
"""
import re
import threading
import time

import refusal
import wire

GRAMMAR = re.compile(r"(?P<action>[\w*]+)(@(?P<where>[\w.-]+))?(#(?P<first>\d+)(?P<range>-(?P<last>\d+)?)?)?=(?P<kind>[\w.-]+)(:(?P<seconds>[\d.]+))?")
CAPACITY = ("InsufficientInstanceCapacity", "MaxSpotInstanceCountExceeded", "SpotMaxPriceTooLow", "Unsupported", "VcpuLimitExceeded")
EFFECTIVE = ("cut-after", "slow", "slow-before", "hold-before", "hold-after")


class Faults:
    def __init__(self):
        self.rules, self.lock, self.held, self.released = [], threading.Condition(), 0, 0

    def add(self, text):
        match = GRAMMAR.fullmatch(text.strip())
        if not match:
            raise ValueError(f"not a rule: {text}")
        with self.lock:
            self.rules.append(dict(match.groupdict(), rule=text, seen=0))

    def clear(self):
        with self.lock:
            self.rules.clear()
        self.release()

    def of(self, call):
        """The rule that a call meets. Every call is counted by every rule that it fits."""
        met = None
        with self.lock:
            for rule in self.rules:
                if rule["action"] not in ("*", call["action"]) or rule["where"] not in (None, call["zone"], call["type"], call["region"]):
                    continue
                if rule["kind"] in CAPACITY and wire.is_dry(call["parameters"]):
                    continue
                rule["seen"] += 1
                first = int(rule["first"] or 1)
                last = int(rule["last"] or 1 << 30) if rule["range"] or not rule["first"] else first
                if first <= rule["seen"] <= last:
                    met = met or rule
        return met

    def hold(self, seconds):
        with self.lock:
            self.held, before = self.held + 1, self.released
            self.lock.wait_for(lambda: self.released > before, seconds)
            self.held -= 1

    def release(self):
        with self.lock:
            self.released += 1
            self.lock.notify_all()

    def apply(self, call, effect):
        """The response to a call: that of `effect`, or what its fault makes of it."""
        rule = self.of(call)
        if not rule:
            return effect()
        call["fault"], kind, seconds = rule["rule"], rule["kind"], float(rule["seconds"] or 30)
        if kind == "cut-before":
            raise ConnectionAbortedError
        if kind == "garbage":
            return 200, "text/html", b"<html>a captive portal</html>"
        if kind not in EFFECTIVE:
            raise refusal.injected(kind, call)
        if kind == "slow-before":
            time.sleep(seconds)
        if kind == "hold-before":
            self.hold(seconds)
        response = effect()
        if kind == "cut-after":
            call["status"] = response[0]
            raise ConnectionAbortedError
        if kind == "slow":
            time.sleep(seconds)
        if kind == "hold-after":
            self.hold(seconds)
        return response


FAULTS = Faults()
