#!/usr/bin/env python3
"""Many large pushes through a parent with very many children: its memory, and who is late.

A manager whose fan-out leaves room for all, one real agent that is the root, and 1,000 agents of coppice-swarm below it
with real connections. Topics of 64 KiB are pushed one after the other without waiting. Reported are
the memory that the root took for it, the time until every receipt is complete, and whether any host was
silent for so long that its parent suspected it (2.5 intervals) meanwhile.
"""
import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples"))
from local_fleet import Fleet  # noqa: E402


def memory_mb(pid, field):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) * 1024 / 1e6


def push_all(fleet, count, size):
    for number in range(count):
        payload = (f"{number:08}".encode() * (size // 8 + 1))[:size]
        request = urllib.request.Request(f"http://{fleet.api}/v1/pushes?topic=bulk/{number}",
                                         data=payload, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()


def run(options, folder):
    fleet = Fleet(options.programs, folder, "--fanout", str(options.children * 5 // 4))
    swarm = None
    try:
        fleet.start_manager()
        fleet.start_agent("parent")
        fleet.wait("the parent to be live", 10, lambda: fleet.live() == 1)
        swarm = fleet.spawn("swarm", [options.programs / "coppice-swarm", "--manager",
                                      fleet.endpoint, "--token", fleet.token, "--agents",
                                      str(options.children)])
        fleet.wait("all to be live", 120,
                   lambda: time.sleep(0.2) or fleet.live() == options.children + 1)
        time.sleep(5)
        children = fleet.tree()["parent"]["children"]
        pid = fleet.agents["parent"].pid
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # VmHWM starts anew
        before = memory_mb(pid, "VmRSS")
        start = time.monotonic()
        push_all(fleet, options.pushes, options.size)
        committed = time.monotonic() - start
        most_suspect = 0
        while True:
            hosts = fleet.get("/v1/status")["hosts"]
            most_suspect = max(most_suspect, options.children + 1 - hosts["live"])
            receipts = fleet.get("/v1/pushes")
            if all(receipt["complete"] for receipt in receipts):
                break
            if time.monotonic() - start > 300:
                sys.exit("the pushes are not complete after 300 s")
            time.sleep(0.2)
        return {"children": children, "pushed_mb": options.pushes * options.size / 1e6,
                "committed_s": round(committed, 2),
                "complete_s": round(time.monotonic() - start, 2),
                "parent_mb_before": round(before, 1),
                "parent_extra_mb": round(memory_mb(pid, "VmHWM") - before, 1),
                "hosts_suspected_or_lost": most_suspect,
                "events": sorted({event["kind"] for event in fleet.coppice("events")
                                  if event["kind"] in ("host.lost", "hosts.lost", "tree.changed")})}
    finally:
        if swarm is not None:
            swarm.terminate()
            try:
                swarm.wait(10)
            except subprocess.TimeoutExpired:
                swarm.kill()
                swarm.wait()
        fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=1000)
    parser.add_argument("--pushes", type=int, default=54)
    parser.add_argument("--size", type=int, default=64 * 1024)
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    with tempfile.TemporaryDirectory() as folder:
        found = run(options, Path(folder))
    if options.json:
        print(json.dumps(found))
    else:
        print("".join(f"{name:26}{value!s:>14}\n" for name, value in found.items()), end="")


if __name__ == "__main__":
    main()
