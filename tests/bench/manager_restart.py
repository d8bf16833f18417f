#!/usr/bin/env python3
"""What a manager needs to start again with very many registered hosts: time and memory.

A fleet is made, bench_manager_memory fills its store, and coppice-manager starts from it. Prints
the time until it answers /readyz and its resident memory a host, beside those of an empty one.
"""
import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples"))
from local_fleet import Fleet  # noqa: E402


def resident_bytes(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024


def start(programs, hosts):
    """Seconds until the manager answers, and its memory once it has been idle for a while."""
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(programs, Path(folder))
        try:
            if hosts > 0:
                subprocess.run([programs / "bench_manager_memory", "--hosts", str(hosts), "--store",
                                fleet.folder / "manager" / "coppice.db"], check=True,
                               stdout=subprocess.DEVNULL)
            ready = fleet.start_manager()
            registered = fleet.get("/v1/status")["hosts"]["registered"]
            if registered != hosts:
                sys.exit(f"the manager knows {registered} hosts, its store holds {hosts}")
            time.sleep(10)
            return ready, resident_bytes(fleet.manager.pid)
        finally:
            fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    _, empty = start(options.programs, 0)
    ready, full = start(options.programs, options.hosts)
    found = {"hosts": options.hosts, "ready_s": round(ready, 3),
             "resident_bytes": full, "resident_bytes_empty": empty,
             "resident_bytes_per_host": round((full - empty) / options.hosts)}
    if options.json:
        print(json.dumps(found))
    else:
        print("".join(f"{name:26}{value:>14}\n" for name, value in found.items()), end="")


if __name__ == "__main__":
    main()
