#!/usr/bin/env python3
"""The same push, 100 B to every host and a receipt from each, on Coppice, on bare ZeroMQ and on etcd, in one run.

  tests/bench/push_compared.py build/release/bin [--agents 9000] [--rounds 9] [--json]

Coppice with CURVE on every link, its agents in several processes of coppice-swarm; agents of one process verify a
push's signature once for all of them. The floor is a tree of bare ZeroMQ sockets without CURVE, whose one process has
descriptors (20,000) for some 9,300 hosts. etcd as in
etcd_push.py, which says what it needs; without it that figure is left out. Needs a quiet machine.
"""
import json
import statistics
import subprocess
import sys
from pathlib import Path

from swarm_bench import SwarmFleet, cpu_ns, floor_of, parser_of, show


def coppice(programs, agents, rounds):
    """Times until the complete receipt, the stages of the last one, and the manager's CPU of a push."""
    fleet = SwarmFleet(programs, agents)
    try:
        fleet.all_live()
        fleet.quiet_writes()
        fleet.pushes(2)  # the first ones open what is opened once
        manager = fleet.fleet.manager.pid
        before = cpu_ns(manager)
        times = fleet.pushes(rounds)
        cpu_ms = (cpu_ns(manager) - before) / 1e6 / rounds
        return times, fleet.fleet.get("/v1/pushes")[0]["stages"], cpu_ms
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
    times, stages, manager_cpu_ms = coppice(options.programs, options.agents, options.rounds)
    floor, _ = floor_of(options.programs, options.agents, 30)
    etcd = etcd_ms(options.agents, options.rounds)
    median = statistics.median(times)
    figures = {"agents": options.agents, "coppice_ms": median, "coppice_longest_ms": max(times),
               "coppice_stages_ms": stages, "manager_cpu_ms": manager_cpu_ms,
               "floor_ms": floor, "etcd_ms": etcd, "coppice_to_floor": median / floor}
    if etcd is not None:
        figures["etcd_to_coppice"] = etcd / median
    return figures


def main():
    options = parser_of(__doc__, 9000, 9).parse_args()
    show(measure(options), options.json)


if __name__ == "__main__":
    main()
