"""A package small enough to build everywhere: it greets, and it knows its version."""

from ._version import get_versions

__version__ = get_versions()["version"]


def greeting(name: str) -> str:
    """The one thing that this package does."""
    return f"Hello, {name}! This is greeter {__version__}."
