"""The script that a machine runs before its link is up."""
import os
import shlex

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "programs")


def script(is_new):
    lines = ["set -eu", "umask 022", "mkdir -p /usr/local/bin /var/lib/stand/units"]
    for name in sorted(os.listdir(FOLDER)):
        program = f"/usr/local/bin/{name.removesuffix('.sh')}"
        with open(os.path.join(FOLDER, name)) as file:
            lines.append(f"printf %s {shlex.quote(file.read())} >{program}; chmod 755 {program}")
    lines += [
        "iptables -N STAND",
        # Until the security groups are known, port 22 is closed.
        "iptables -A STAND -j DROP",
        # As on EC2, connections outlive a change of the rules.
        "iptables -I INPUT -i eth0 -p tcp --dport 22 -m conntrack --ctstate NEW -j STAND",
    ]
    if is_new:
        # cloud-init installs the key, some time after sshd has started.
        lines.append(": >/home/ubuntu/.ssh/authorized_keys")
    return "\n".join(lines)
