"""What libcoppice brings into a daemon: the C++ library, and the names of its own interface.

usage: check_client.py LIBRARY
"""

import re
import subprocess
import sys

import layers

NEEDED = re.compile(r"(libstdc\+\+|libm|libgcc_s|libc|ld-linux[\w-]*|lib[at]san|libubsan)\.so\.\d+")
SONAME = re.compile(r"libcoppice\.so\.\d+")
# What the C++ library leaves in whoever uses its templates.
OF_THE_LANGUAGE = re.compile(r"(\w+ for |guard variable for )?(.* )?(std|__gnu_cxx)::.*|_init|_fini|__(asan|tsan|ubsan)_.*")


def problems_of(dynamic, symbols):
    """`dynamic` is what readelf -d prints, `symbols` are demangled names that are exported."""
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if not NEEDED.fullmatch(name):
            yield f"it needs {name}, which a daemon would have to carry"
    soname = re.search(r"\(SONAME\).*\[(.*)\]", dynamic)
    if soname is None or not SONAME.fullmatch(soname.group(1)):
        yield "its name does not carry the number of its interface"
    for symbol in symbols:
        if "coppice::client::" not in symbol and not OF_THE_LANGUAGE.fullmatch(symbol):
            yield f"it exports {symbol}"


def problems(library):
    dynamic = subprocess.run(["readelf", "-dW", library], check=True, capture_output=True, text=True).stdout
    listing = subprocess.run(["nm", "-D", "--defined-only", "--demangle", library], check=True,
                             capture_output=True, text=True).stdout
    return sorted(set(problems_of(dynamic, [line.split(None, 2)[2] for line in listing.splitlines()])))


if __name__ == "__main__":
    sys.exit(layers.report(problems(sys.argv[1])))
