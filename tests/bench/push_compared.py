#!/usr/bin/env python3
"""The same push, 100 B to every host and a receipt from each, on Coppice, on bare ZeroMQ and on etcd, in one run.

  tests/bench/push_compared.py build/release/bin [--agents 9000] [--rounds 9] [--json]

Coppice with CURVE on every link, its agents in several processes of coppice-swarm; agents of one process verify a
push's signature once for all of them. The floor is a tree of bare ZeroMQ sockets without CURVE. etcd as in
etcd_push.py, which says what it needs; without it that figure is left out. Needs a quiet machine.
"""
import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from swarm_bench import SwarmFleet, floor_of


def coppice_ms(programs, agents, rounds):
    fleet = SwarmFleet(programs, agents)
    try:
        fleet.all_live()
        fleet.quiet_writes()
        fleet.pushes(2)  # the first ones open what is opened once
        return fleet.pushes(rounds)
    finally:
        fleet.end()


def etcd_ms(agents, rounds):
    done = subprocess.run([sys.executable, Path(__file__).with_name("etcd_push.py"), "--hosts",
                           str(agents), "--rounds", str(rounds)], capture_output=True, text=True,
                          check=True, timeout=900)
    if done.stdout.startswith("skipped"):
        print(done.stdout.strip(), file=sys.stderr)
        return None
    return json.loads(done.stdout)["median_ms"]


def measure(options):
    times = coppice_ms(options.programs, options.agents, options.rounds)
    floor, _ = floor_of(options.programs, options.agents, 30)
    etcd = etcd_ms(options.agents, options.rounds)
    median = statistics.median(times)
    figures = {"agents": options.agents, "coppice_ms": median, "coppice_longest_ms": max(times),
               "floor_ms": floor, "etcd_ms": etcd, "coppice_to_floor": median / floor}
    if etcd is not None:
        figures["etcd_to_coppice"] = etcd / median
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="the folder with the programs")
    parser.add_argument("--agents", type=int, default=9000,
                        help="the floor plays all of them in one process, which may have 20,000 descriptors")
    parser.add_argument("--rounds", type=int, default=9, help="pushes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.programs = options.programs.resolve()
    figures = measure(options)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value if not isinstance(value, float) else round(value, 2)}")


if __name__ == "__main__":
    main()
