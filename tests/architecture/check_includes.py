"""Every #include of the product's folders against layers.toml.

usage: check_includes.py SOURCE_DIR
"""

import pathlib
import re
import sys

import layers

INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]*>|"[^"]*")')


def problem_of(include, place, table):
    """What is wrong with one include of the file `place`, or None."""
    folder = table.folder_of(place)
    row = table.folders[folder]
    name = include[1:-1]
    if include.startswith('"'):
        if "/" not in name or name.startswith("."):
            return f"write the folder: #include \"{folder}/{name}\""
        target = table.folder_of(pathlib.PurePath(name))
        if target == folder or target in row.folders:
            return None
        allowed = ", ".join(row.folders) or "no other folder"
        return f"{folder} may include {allowed}, not {target}"
    file_row = table.files.get(place.as_posix(), {})
    if name in file_row.get("headers", []):
        return None
    if any(name.startswith(prefix) for prefix in row.libraries + file_row.get("libraries", [])):
        return None
    if row.is_pure:
        if name in table.pure_headers:
            return None
        return f"{folder} is pure: <{name}> is not among the headers that it may see"
    is_standard = "." not in name and "/" not in name
    return None if is_standard else f"<{name}> is not among the libraries of {folder}"


def problems(source_dir, table):
    found = []
    for folder in sorted({name.split("/")[0] for name in table.folders}):
        for path in sorted((source_dir / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp") or path.name == "main.cpp":
                continue
            place = path.relative_to(source_dir)
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                problem = problem_of(match.group(1), place, table)
                if problem:
                    found.append(f"{place}:{number}: {problem}")
    return found


if __name__ == "__main__":
    sys.exit(layers.report(problems(pathlib.Path(sys.argv[1]), layers.read())))
