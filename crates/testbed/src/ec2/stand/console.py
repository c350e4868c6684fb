"""The console output of a machine, as cloud-init writes it at the first boot."""
import glob
import os
import subprocess
import time


def of(root):
    files = sorted(glob.glob(os.path.join(root, "etc/ssh/*.pub")))
    fingerprints = [subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, text=True).stdout.strip() for file in files]
    keys = [open(file).read().strip() for file in files]
    # cloud-init's write-ssh-key-fingerprints logs the fingerprints, and prints the keys.
    logged = ["#" * 61, "-----BEGIN SSH HOST KEY FINGERPRINTS-----", *fingerprints, "-----END SSH HOST KEY FINGERPRINTS-----", "#" * 61]
    lines = [f"<14>{time.strftime('%b %d %T')} cloud-init: {line}" for line in logged]
    lines += ["-----BEGIN SSH HOST KEY KEYS-----", *keys, "-----END SSH HOST KEY KEYS-----"]
    return "".join(line + "\r\n" for line in lines)
