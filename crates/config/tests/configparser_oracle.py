"""What Python's own configparser makes of INI files: one file a line in, as hex; one JSON value a line out.

A file that it reads becomes {"sections": [[name, [[key, value], ...]], ...]}, one that it refuses
{"refused": exception's name, "line": the first line that it complains about, or null}.
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
