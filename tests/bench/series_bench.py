#!/usr/bin/env python3
"""What a series costs a manager whose fleet is large: its CPU with a window a second, and without.

  tests/bench/series_bench.py build/release/bin [--agents 10000] [--rounds 30] [--json]

The series asks for the moments of 20 measurements. The agents share this machine with the manager, so windows that
its processors cannot carry in time lack hosts; that is told. CPU time, so that what else runs disturbs little.
"""
import time

from swarm_bench import SwarmFleet, cpu_ns, parser_of, show

MEASUREMENTS = ("load1", "load5", "load15", "cores", "threads", "mem_total", "mem_free", "mem_available", "mem_used",
                "mem_cached", "mem_free_part", "swap_total", "swap_used", "disk_total", "disk_used", "disk_free",
                "inodes_free", "net_rx", "net_tx", "uptime")
LIVE_BOUND_S = 600


def cpu_us_per_s(pid, seconds):
    before, start = cpu_ns(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_ns(pid) - before) / 1000 / (time.monotonic() - start)


def windows(fleet):
    return fleet.fleet.get("/v1/series/bench?limit=10000")["windows"]


def measure(options):
    fleet = SwarmFleet(options.programs, options.agents)
    try:
        fleet.all_live(LIVE_BOUND_S)
        fleet.quiet_writes()
        pid = fleet.fleet.manager.pid
        idle = cpu_us_per_s(pid, options.rounds)
        question = ", ".join(f"avg({name})" for name in MEASUREMENTS)
        fleet.fleet.coppice("series", "add", "bench", question, "--every", "1s")
        fleet.fleet.wait("the first windows", 60, lambda: len(windows(fleet)) > 2)
        skipped = len(windows(fleet))
        with_series = cpu_us_per_s(pid, options.rounds)
        closed = windows(fleet)[skipped:]
        fleet.fleet.coppice("series", "remove", "bench")
        idle_after = cpu_us_per_s(pid, options.rounds)
    finally:
        fleet.end()
    covered = [window["coverage"]["included"] / options.agents for window in closed]
    before_and_after = (idle + idle_after) / 2
    return {"agents": options.agents, "idle_us_per_s": [idle, idle_after], "with_series_us_per_s": with_series,
            "windows": len(covered), "covered_mean": sum(covered) / max(1, len(covered)),
            "window_ms": [window["took_ms"] for window in closed[:5]],
            "share_of_a_core": (with_series - before_and_after) / 1e6}


def main():
    options = parser_of(__doc__, 10000, 30, "seconds of each part").parse_args()
    show(measure(options), options.json)


if __name__ == "__main__":
    main()
