"""Requests and responses of EC2's query protocol."""
import re


def xml(tag, content):
    if isinstance(content, dict):
        content = "".join(xml(key, value) for key, value in content.items())
    elif isinstance(content, list):
        content = "".join(xml("item", item) for item in content)
    else:
        content = str(content).replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}>{content}</{tag}>"


def response(action, content):
    body = xml("requestId", "stand") + "".join(xml(key, value) for key, value in content.items())
    return 200, "text/xml", f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{body}</{action}Response>'.encode()


def listed(parameters, name):
    """The values of `NAME.1`, `NAME.2`, …"""
    return [value for key, value in parameters.items() if re.fullmatch(rf"{name}\.\d+", key)]


def filters(parameters):
    """The values of each filter by its name."""
    numbers = {match[1]: name for key, name in parameters.items() if (match := re.fullmatch(r"Filter\.(\d+)\.Name", key))}
    return {name: listed(parameters, rf"Filter\.{number}\.Value") for number, name in numbers.items()}


def tags(parameters, resource):
    """The tags that a request has for a kind of resource."""
    found = {}
    for key, name in parameters.items():
        match = re.fullmatch(r"TagSpecification\.(\d+)\.Tag\.(\d+)\.Key", key)
        if match and parameters.get(f"TagSpecification.{match[1]}.ResourceType") == resource:
            found[name] = parameters.get(f"TagSpecification.{match[1]}.Tag.{match[2]}.Value", "")
    return found


def is_dry(parameters):
    """Whether a call only checks the permission and the values."""
    return parameters.get("DryRun") == "true"
