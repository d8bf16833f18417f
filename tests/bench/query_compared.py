#!/usr/bin/env python3
"""The same question, `count()` to every host and one answer, on Coppice and on bare ZeroMQ, in one run.

  tests/bench/query_compared.py build/release/bin [--agents 5000] [--rounds 100] [--expr TEXT] [--json]

Coppice with CURVE on every link, from the request to the API until its answer is read. The floor is a tree of bare
ZeroMQ sockets without CURVE: about as many bytes down and up every link as a frame of ours has, and an interior host
answers once all its children have. It is measured before and after. Needs a quiet machine.
"""
import statistics

from swarm_bench import SwarmFleet, cpu_ns, floor_of, parser_of, show

FRAME_BYTES = ("--down", "96", "--up", "96")
FLOOR_ROUNDS = 100
LIVE_BOUND_S = 600  # on a busy machine 5,000 agents need minutes


def coppice(options):
    """Times until the answer, how many lacked somebody, and the CPU of a question: the manager's, the agents'."""
    fleet = SwarmFleet(options.programs, options.agents)
    try:
        fleet.all_live(LIVE_BOUND_S)
        fleet.quiet_writes()
        fleet.questions(3, options.expr)  # the first ones open what is opened once
        pids = [fleet.fleet.manager.pid, fleet.swarm_process()]
        before = [cpu_ns(pid) for pid in pids]
        times, partial = fleet.questions(options.rounds, options.expr)
        return times, partial, [(cpu_ns(pid) - was) / 1e6 / options.rounds for pid, was in zip(pids, before)]
    finally:
        fleet.end()


def measure(options):
    floors = [floor_of(options.programs, options.agents, FLOOR_ROUNDS, *FRAME_BYTES)]
    times, partial, cpu_ms = coppice(options)
    floors.append(floor_of(options.programs, options.agents, FLOOR_ROUNDS, *FRAME_BYTES))
    floor_ms, floor_cpu_ms = (statistics.mean(column) for column in zip(*floors))
    p50 = statistics.median(times)
    return {"agents": options.agents, "p50_ms": p50,
            "p90_ms": statistics.quantiles(times, n=10)[-1], "longest_ms": max(times),
            "answers_that_lack_somebody": partial,
            "cpu_ms": dict(zip(("manager", "agents"), cpu_ms)),
            "floor_ms": floor_ms, "floors_ms": [floor for floor, _ in floors],
            "floor_cpu_ms": floor_cpu_ms, "p50_to_floor": p50 / floor_ms,
            "cpu_to_floor": sum(cpu_ms) / floor_cpu_ms}


def main():
    parser = parser_of(__doc__, 5000, 100, "questions")
    parser.add_argument("--expr", default="count()", help="the question")
    options = parser.parse_args()
    show(measure(options), options.json)


if __name__ == "__main__":
    main()
