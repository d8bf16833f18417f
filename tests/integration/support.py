"""What the integration tests share: a fleet per test that ends with it."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
from local_fleet import Fleet  # noqa: E402  (the path comes first)

PROGRAMS = Path(sys.argv.pop(1)) if len(sys.argv) > 1 and Path(sys.argv[1]).is_dir() else None


class FleetTest(unittest.TestCase):
    """A test with a manager of its own; logs are printed when it fails."""
    init_words = ("--fanout", "4", "--interval", "500ms")
    manager_words = ()  # options of the manager that init does not write down
    command = ()  # the first words of what run_plainly() runs

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="coppice-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.fleet = self.make_fleet()
        self.fleet.start_manager()

    def make_fleet(self):
        return Fleet(PROGRAMS, self.folder, *self.init_words, manager_words=self.manager_words)

    def tearDown(self):
        self.fleet.stop()
        failed = any(error for _, error in self._outcome.errors) \
            if hasattr(self._outcome, "errors") else not self._outcome.success
        if failed:
            for log in sorted(self.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)

    def start(self, count):
        for number in range(1, count + 1):
            self.fleet.start_agent(f"n{number:03}")
        self.fleet.wait(f"{count} live hosts", 60, lambda: self.fleet.live() == count)

    def wait(self, what, bound, condition):
        return self.fleet.wait(what, bound, condition)

    def clean_tree(self):
        self.wait("a clean tree", 20, lambda: not self.fleet.get("/v1/tree/check")["faults"])

    def run_plainly(self, *words):
        """A command as people run it; `command` are its first words."""
        return subprocess.run([PROGRAMS / "coppice", *self.command, *words], text=True,
                              capture_output=True, timeout=60, check=False, env=os.environ)

    def refusal(self, code, *words):
        """The one line with which a command ends that is refused."""
        done = self.run_plainly(*words)
        self.assertEqual(done.returncode, code, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def interior(self):
        """An interior host below the root, the one with the most children."""
        tree = self.fleet.tree()
        return max((name for name, node in tree.items() if node["role"] == "branch"),
                   key=lambda name: tree[name]["children"])

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.fleet.api}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.split(" ")[0] == name:
                    return float(line.split(" ")[1])
        raise AssertionError(f"no metric {name}")


def main():
    if PROGRAMS is None:
        sys.exit(f"usage: {sys.argv[0]} FOLDER_WITH_PROGRAMS [TEST]")
    unittest.main(verbosity=2)
