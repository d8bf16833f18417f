"""What the objects of pure folders need from outside, by nm, against layers.toml.

usage: check_symbols.py FOLDER=ARCHIVE...
"""

import re
import subprocess
import sys

import layers


def undefined_symbols(archive):
    """Pairs of (source file name, demangled symbol) that the archive's objects do not define."""
    listing = subprocess.run(["nm", "--undefined-only", "--demangle", "--print-file-name", archive],
                             check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        place, _, symbol = line.partition(": ")
        object_name = place.rsplit(":", 1)[-1]
        yield object_name.removesuffix(".o"), symbol.split(None, 1)[1]


def matches(patterns, symbol):
    return any(re.fullmatch(pattern, symbol) for pattern in patterns)


def problems(archives, table):
    found = []
    for folder, archive in archives:
        for source, symbol in undefined_symbols(archive):
            place = f"{folder}/{source}"
            own = table.files.get(place, {}).get("symbols", [])
            if matches(own, symbol):
                continue
            if matches(table.forbidden_symbols, symbol) or not matches(table.allowed_symbols, symbol):
                found.append(f"{place}: {folder} is pure and may not use {symbol}")
    return sorted(set(found))


if __name__ == "__main__":
    sys.exit(layers.report(problems([pair.split("=", 1) for pair in sys.argv[1:]], layers.read())))
