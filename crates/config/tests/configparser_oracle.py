"""Parses INI files with Python's configparser: reads one file per line, in hex, and prints one JSON value per line.

A valid file becomes {"sections": [[name, [[key, value], ...]], ...]}, a broken one
{"refused": name of the exception, "line": number of the first broken line, or null}.
"""

import configparser
import io
import json
import sys


def first_line(error):
    broken_lines = getattr(error, "errors", None)
    return broken_lines[0][0] if broken_lines else getattr(error, "lineno", None)


def read(data):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    try:
        # As open(name, encoding="utf-8") reads it: newlines are universal.
        parser.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        return {"refused": type(error).__name__, "line": first_line(error)}
    # `options` lists a section's own keys first, then those of [DEFAULT] that it does not override.
    return {"sections": [[name, [[key, parser.get(name, key)] for key in parser.options(name)]]
                         for name in parser.sections()]}


for line in sys.stdin:
    print(json.dumps(read(bytes.fromhex(line))))
