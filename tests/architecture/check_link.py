"""Links one pure folder, whole, with what layers.toml allows it and with nothing else.

usage: check_link.py FOLDER COMPILER FLAGS FOLDER=ARCHIVE...
"""

import pathlib
import shlex
import subprocess
import sys
import tempfile

import layers

BITMAPS = "-lroaring"  # behind common/host_set.cpp


def allowed_archives(folder, archives, table):
    """The archive of the folder and those of the folders that it may include."""
    return [archives[name] for name in [folder, *table.folders[folder].folders] if name in archives]


def problems(folder, compiler, flags, archives, table):
    with tempfile.TemporaryDirectory() as directory:
        main = pathlib.Path(directory, "main.cpp")
        main.write_text("int main() {}\n")
        linked = subprocess.run(
            [compiler, *flags, str(main), "-o", str(pathlib.Path(directory, "linked")),
             "-Wl,--whole-archive", *allowed_archives(folder, archives, table),
             "-Wl,--no-whole-archive", BITMAPS],
            capture_output=True, text=True)
    if linked.returncode == 0:
        return []
    return [f"{folder} does not link with what it may include:\n{linked.stderr}"]


if __name__ == "__main__":
    folder, compiler, flags, *pairs = sys.argv[1:]
    flags = flags.removeprefix("flags=")  # so that none is still an argument
    archives = dict(pair.split("=", 1) for pair in pairs)
    sys.exit(layers.report(problems(folder, compiler, shlex.split(flags), archives, layers.read())))
