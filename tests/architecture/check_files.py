"""What every file of the repository keeps to: size, first line, nothing left over.

usage: check_files.py SOURCE_DIR
"""

import pathlib
import re
import subprocess
import sys

import layers

LINES_MAX = 400
SOURCES = {".h", ".cpp", ".py", ".capnp"}
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home|root)/|\.\./shared\b")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|sleep)\s*\(")
LOOP = re.compile(r"\b(while|for|until)\b")
LOOP_LINES = 6  # a wait for a condition sleeps this close to its loop


def says_its_purpose(path, lines):
    """The first line is a comment; a header's is behind its #pragma once, and speaks for its .cpp
    and its test."""
    if path.suffix == ".h":
        return len(lines) > 1 and lines[0] == "#pragma once" and lines[1].startswith("// ")
    if path.suffix == ".py":
        return lines[0].startswith(('"""', "#"))
    first = lines[0]
    if path.suffix == ".cpp" and first.startswith("#include "):
        header = path.stem.removesuffix("_test") + ".h"
        return first in (f'#include "{path.parent.name}/{header}"', f'#include "{path.parent}/{header}"')
    return first.startswith(("// ", "# ", "@0x"))


def sleep_problems(lines):
    for number, line in enumerate(lines, 1):
        before = lines[max(0, number - LOOP_LINES):number]
        if SLEEP.search(line) and not any(LOOP.search(near) for near in before):
            yield number, "a test waits for a condition in a loop with a bound; it does not sleep for luck"


def problems_of(place, text):
    """Pairs of (line, sentence) for one file; `place` is relative to the repository."""
    lines = text.splitlines()
    is_of_checks = place.parts[:2] == ("tests", "architecture")  # which name what they look for
    if place.suffix in SOURCES and lines:
        if len(lines) > LINES_MAX:
            yield LINES_MAX, f"{len(lines)} lines; a file stops at {LINES_MAX}: split it by its parts"
        if not says_its_purpose(place, lines):
            yield 1, "the first line says what the file is for (a header: behind #pragma once)"
    if is_of_checks:
        return
    for number, line in enumerate(lines, 1):
        if LEFT_OVER.search(line):
            yield number, "do it, or open an issue"
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine"
    # A benchmark watches for a span of time, and judges nothing.
    if place.parts[0] == "tests" and place.parts[1] != "bench":
        yield from sleep_problems(lines)


def tracked_files(source_dir):
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source_dir, check=True, capture_output=True).stdout
    return [pathlib.Path(name.decode()) for name in listing.split(b"\0") if name]


def problems(source_dir):
    found = []
    for place in sorted(tracked_files(source_dir)):
        path = source_dir / place
        if not path.is_file():
            continue  # deleted and not committed yet
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # golden bytes
        found += [f"{place}:{number}: {sentence}" for number, sentence in problems_of(place, text)]
    return found


if __name__ == "__main__":
    sys.exit(layers.report(problems(pathlib.Path(sys.argv[1]))))
