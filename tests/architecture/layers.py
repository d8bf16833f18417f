"""Reads layers.toml, and reports what the checks of this folder found."""

import dataclasses
import pathlib
import tomllib


@dataclasses.dataclass
class Row:
    folders: list
    libraries: list
    is_pure: bool


@dataclasses.dataclass
class Table:
    folders: dict  # name to Row
    files: dict  # path to what that file may see beyond its folder
    pure_headers: list
    allowed_symbols: list
    forbidden_symbols: list

    def folder_of(self, place):
        """The name of the row for a file: the innermost folder that has one, or the outermost."""
        for parent in place.parents:
            if parent.as_posix() in self.folders:
                return parent.as_posix()
        return place.parts[0]

    def pure_folders(self):
        return [name for name, row in self.folders.items() if row.is_pure]


def read(path=pathlib.Path(__file__).with_name("layers.toml")):
    data = tomllib.loads(path.read_text())
    folders = {
        name: Row(row["folders"], row.get("libraries", []), row.get("is_pure", False))
        for name, row in data["folder"].items()
    }
    return Table(folders, data["file"], data["pure"]["headers"], data["symbols"]["allowed"],
                 data["symbols"]["forbidden"])


def report(problems):
    """Prints the problems; the exit code of a check."""
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s); the rules are in tests/architecture" if problems else "No problem.")
    return 1 if problems else 0
