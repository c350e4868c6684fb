"""`python -m greeter [NAME]`."""

import argparse

from greeter import __version__, greeting


def main() -> None:
    parser = argparse.ArgumentParser(prog="greeter", description="Greets.")
    parser.add_argument("name", nargs="?", default="world")
    parser.add_argument("--version", action="version", version=__version__)
    print(greeting(parser.parse_args().name))


if __name__ == "__main__":
    main()
