"""Rules for port 22 of a machine, as iptables-restore reads them: the chain STAND is replaced as a whole."""
import backend


def admitting(instance):
    """What the security groups of an instance admit."""
    with backend.LOCK:
        groups = {group.id: group for nic in instance.nics.values() for group in nic.group_set}
        rules = [rule for group in groups.values() for rule in group.ingress_rules]
    sources = [rule.ip_range["CidrIp"] for rule in rules if admits_ssh(rule) and "CidrIp" in (rule.ip_range or {})]
    return table([f"-A STAND -s {source} -j ACCEPT" for source in sources] + ["-A STAND -j DROP"])


def refusing():
    """As if no sshd listened."""
    return table(["-A STAND -p tcp -j REJECT --reject-with tcp-reset"])


def admits_ssh(rule):
    return rule.ip_protocol == "-1" or rule.ip_protocol == "tcp" and int(rule.from_port) <= 22 <= int(rule.to_port)


def table(rules):
    return "\n".join(["*filter", ":STAND - [0:0]", *rules, "COMMIT", ""]).encode()
