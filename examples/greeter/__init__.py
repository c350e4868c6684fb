"""A small package that builds everywhere: it prints a greeting and its version."""

from ._version import get_versions

__version__ = get_versions()["version"]


def greeting(name: str) -> str:
    """Returns the greeting for a name."""
    return f"Hello, {name}! This is greeter {__version__}."
