#!/usr/bin/env python3
"""Real agents, one process each, on this machine: start, push, and what they cost when idle.

Three fleets with fan-out 32, one after the other: interval 1 s on the disk below --folder ("durable"),
interval 1 s on a tmpfs ("memory writer": the same program, its stores and files in /dev/shm), and
interval 2 s for the idle cost. How each figure is taken:

  live          from the first start of an agent until the manager says that all are live
  push          100 bytes; until the manager has the last receipt durably, by its own clock
  idle CPU      of all threads of an agent, from /proc/PID/task/*/schedstat
  wire          bytes of the loopback device, TCP/IP headers and pure acknowledgements included, in
                a network namespace that holds nothing but this fleet; divided by the agents. Without
                the right to make one (CAP_SYS_ADMIN) whatever else uses the loopback counts as well
  memory        resident and proportional, from /proc/PID/smaps_rollup
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples"))
from local_fleet import Fleet  # noqa: E402

IN_NAMESPACE = "COPPICE_BENCH_NAMESPACE"
SETTLE_S = 10  # orders that follow the last join, and what is repeated until it is acknowledged


def enter_network_namespace():
    """Starts this program again with a loopback of its own, where that is allowed."""
    if IN_NAMESPACE in os.environ:
        return os.environ[IN_NAMESPACE] == "own"
    can = subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL, check=False)
    if can.returncode != 0:
        os.environ[IN_NAMESPACE] = "shared"
        return False
    os.environ[IN_NAMESPACE] = "own"
    script = 'ip link set lo up && exec "$@"'
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, *sys.argv])


def loopback():
    """Bytes and packets that the loopback device has carried."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "lo":
            received = numbers.split()
            return int(received[0]), int(received[1])
    raise RuntimeError("this machine has no loopback device")


def cpu_ns(pid):
    return sum(int(task.read_text().split()[0])
               for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def memory_bytes(pid):
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount = line.split()[:2]
        fields[name] = int(amount) * 1024
    return fields["Rss:"], fields["Pss:"]


def start_all(fleet, count):
    start = time.monotonic()
    for number in range(1, count + 1):
        fleet.start_agent(f"n{number:03}")
    fleet.wait(f"{count} live hosts", 120, lambda: time.sleep(0.05) or fleet.live() == count)
    return time.monotonic() - start


def push(fleet, number):
    """Milliseconds from the commit of a push of 100 bytes to the last receipt, at the manager."""
    request = urllib.request.Request(f"http://{fleet.api}/v1/pushes?topic=bench",
                                     data=f"{number:0100}".encode(), method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        receipt = json.load(answer)
    path = f"/v1/pushes/{receipt['push']}"
    deadline = time.monotonic() + 30
    while not receipt["complete"]:
        if time.monotonic() > deadline:
            sys.exit(f"push {receipt['push']} is not complete after 30 s: {receipt}")
        time.sleep(0.02)
        receipt = fleet.get(path)
    return receipt["time_ms"]["max"]


def push_rounds(fleet, rounds):
    push(fleet, 0)
    times = []
    for number in range(1, rounds + 1):
        time.sleep(0.3)
        times.append(push(fleet, number))
    return {"median_ms": statistics.median(times), "max_ms": max(times)}


def idle(fleet, seconds):
    """CPU and wire of a fleet that nobody asks anything."""
    time.sleep(SETTLE_S)
    pids = {name: process.pid for name, process in fleet.agents.items()}
    cpu_before = {name: cpu_ns(pid) for name, pid in pids.items()}
    (bytes_before, packets_before), start = loopback(), time.monotonic()
    time.sleep(seconds)
    (bytes_after, packets_after), span = loopback(), time.monotonic() - start
    cpu = sorted((cpu_ns(pid) - cpu_before[name]) / 1e6 / span for name, pid in pids.items())
    return {"cpu_ms_per_s": round(statistics.mean(cpu), 3),
            "cpu_ms_per_s_median": round(statistics.median(cpu), 3),
            "cpu_ms_per_s_max": round(cpu[-1], 3),
            "wire_bytes_per_s": round((bytes_after - bytes_before) / span / len(pids), 1),
            "wire_packets_per_s": round((packets_after - packets_before) / span / len(pids), 2)}


def memory(fleet):
    resident, proportional = zip(*(memory_bytes(process.pid) for process in fleet.agents.values()))
    mb = 1e6
    return {"resident_mb": round(statistics.mean(resident) / mb, 2),
            "resident_mb_max": round(max(resident) / mb, 2),
            "proportional_mb": round(statistics.mean(proportional) / mb, 2)}


def measure(options, folder, interval, *, pushes, is_idle):
    with tempfile.TemporaryDirectory(dir=folder, prefix="coppice-bench-") as made:
        fleet = Fleet(options.programs, Path(made), "--fanout", "32", "--interval", interval)
        try:
            fleet.start_manager()
            found = {"live_s": round(start_all(fleet, options.agents), 2)}
            if is_idle:
                found |= idle(fleet, options.seconds) | memory(fleet)
            else:
                time.sleep(SETTLE_S)
            if pushes:
                found |= push_rounds(fleet, options.rounds)
            return found
        finally:
            fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=20, help="pushes of each fleet")
    parser.add_argument("--seconds", type=float, default=20, help="how long idleness is watched")
    parser.add_argument("--folder", default=None, help="on a disk, for the durable fleet")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["durable", "memory", "slow"], action="append")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    is_own = enter_network_namespace()
    fleets = {
        "durable": lambda: measure(options, options.folder, "1s", pushes=True, is_idle=True),
        "memory": lambda: measure(options, "/dev/shm", "1s", pushes=True, is_idle=False),
        "slow": lambda: measure(options, options.folder, "2s", pushes=False, is_idle=True),
    }
    found = {"agents": options.agents, "own_network_namespace": is_own}
    for name in options.only or fleets:
        found[name] = fleets[name]()
        if not options.json:
            print(f"{name}: {options.agents} agents, interval {'2 s' if name == 'slow' else '1 s'}")
            print("".join(f"  {what:22}{value:>10}\n" for what, value in found[name].items()),
                  flush=True)
    if options.json:
        print(json.dumps(found))
    elif not is_own:
        print("the loopback was shared: the bytes on the wire are an upper bound")


if __name__ == "__main__":
    main()
