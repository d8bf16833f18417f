#!/usr/bin/env python3
"""How soon the manager knows of deaths of real agents, and how soon orphans have a parent again.

One process each on this machine, interval 1 s. Rounds of three kinds, each with a host of its own that comes back before
the next round:

  killed     SIGKILL of a leaf until the manager calls it lost
  stopped    SIGSTOP of a leaf until the manager calls it lost
  interior   SIGKILL of a branch: until it is called lost, and for each of its children until the
             manager has it, live, below another parent
  next       the same as soon as the tree is sound again: some orphans have places and spares that
             died with the branch before

The API is asked for all hosts every few milliseconds, which is the resolution. The parts of a
fail-over are what each orphan logs at level debug, to the millisecond:

  detect     from the signal until the orphan gives its parent up
  choose     until it opens the connection to the parent that takes it, vain tries included
  connect    until that connection stands
  join       until that parent has said welcome
  restore    until that parent has all that it is to know of the subtree
  failover   from choose to restore
"""
import argparse
import datetime
import json
import math
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples"))
from local_fleet import Fleet  # noqa: E402

BOUND_S = 30
COOL_DOWN = "1s"
QUIET_S = 4
PARTS = ("detect", "choose", "connect", "join", "restore", "failover")


class LoudFleet(Fleet):
    """Agents that log each step on the way to a parent."""

    def agent_command(self, name, token=None, *more):
        return super().agent_command(name, token, "--log", "json", "--log-level", "debug", *more)

    def log_of(self, name):
        return self.folder / f"{name}.log"


def figures(times):
    times = sorted(times)
    return {"count": len(times), "median_ms": round(statistics.median(times) * 1000),
            "p99_ms": round(times[math.ceil(0.99 * len(times)) - 1] * 1000),
            "max_ms": round(times[-1] * 1000)}


def until(conditions):
    """For each name the seconds until its condition held; all are asked of one picture."""
    start, found, fleet_hosts = time.monotonic(), {}, None
    while len(found) < len(conditions):
        fleet_hosts = conditions.fleet.hosts()
        now = time.monotonic() - start
        for name, condition in conditions.items():
            if name not in found and condition(fleet_hosts):
                found[name] = now
        if now > BOUND_S:
            sys.exit(f"after {BOUND_S} s still waiting for {sorted(set(conditions) - set(found))}")
    return found


class Conditions(dict):
    """What is waited for, by name."""

    def __init__(self, fleet, **conditions):
        super().__init__(**conditions)
        self.fleet = fleet


def is_lost(name):
    return lambda hosts: hosts[name]["state"] == "lost"


def settle(fleet, count):
    fleet.wait(f"{count} live hosts", BOUND_S, lambda: fleet.live() == count)
    fleet.wait("a sound tree", BOUND_S, lambda: fleet.coppice("tree", "check", code=None)["ok"])


def rest(fleet):
    """Until no order has been made for some time: everybody has the spares that it is to have."""
    quiet = {"generation": None, "since": time.monotonic()}

    def is_quiet():
        generation = fleet.get("/v1/status")["cells"][0]["generation"]
        if generation != quiet["generation"]:
            quiet.update(generation=generation, since=time.monotonic())
        return time.monotonic() - quiet["since"] > QUIET_S
    fleet.wait("a quiet tree", BOUND_S, is_quiet)


def steps(log, start):
    """What an agent has logged from that byte on: (time, what, text)."""
    with open(log, encoding="utf-8") as file:
        file.seek(start)
        for line in file:
            row = json.loads(line)
            yield datetime.datetime.fromisoformat(row["time"]).timestamp(), row["what"], row["text"]


def parts_of(found, killed):
    """The parts of one fail-over, in seconds; none when the orphan was moved before it noticed."""
    lost = tried = connection = connected = joined = None
    for at, what, text in found:
        if what == "uplink.lost" and lost is None:
            lost = at
        elif lost is None:
            continue
        elif what == "uplink.try":
            tried, connection, connected = at, text.rsplit(" ", 1)[1], None
        elif what == "link.connected" and text.split(" ")[1] == connection:
            connected = at
        elif what == "uplink.joined":
            joined = at
        elif what == "uplink.restored" and joined is not None:
            return {"detect": lost - killed, "choose": tried - lost, "connect": connected - tried,
                    "join": joined - connected, "restore": at - joined, "failover": at - lost}
    return None


def leaves(fleet):
    return [name for name, node in sorted(fleet.tree().items())
            if node["role"] == "leaf" and node["parent"]]


def kill_leaf(fleet, number):
    name = leaves(fleet)[number]
    fleet.kill(name)
    found = until(Conditions(fleet, lost=is_lost(name)))
    fleet.start_agent(name)
    return found["lost"]


def stop_leaf(fleet, number):
    name = leaves(fleet)[-1 - number]
    pid = fleet.agents[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        return until(Conditions(fleet, lost=is_lost(name)))["lost"]
    finally:
        os.kill(pid, signal.SIGCONT)


def kill_branch(fleet, number):
    """The time to know of it, the times of its orphans, and the parts of each fail-over."""
    tree = fleet.tree()
    branches = sorted((name for name, node in tree.items()
                       if node["role"] == "branch" and node["children"] > 0),
                      key=lambda name: (-tree[name]["children"], name))
    victim = branches[number % len(branches)]

    def is_adopted(orphan):
        return lambda hosts: (hosts[orphan]["parent"] not in ("", victim)
                              and hosts[orphan]["state"] == "live")

    orphans = [name for name, node in tree.items() if node["parent"] == victim]
    conditions = Conditions(fleet, **{name: is_adopted(name) for name in orphans})
    sizes = {name: fleet.log_of(name).stat().st_size for name in orphans}
    killed = time.time()
    fleet.kill(victim)
    found = until(Conditions(fleet, **conditions, **{victim: is_lost(victim)}))
    fleet.start_agent(victim)
    settle(fleet, len(tree))
    known = found.pop(victim)
    parts = [parts_of(steps(fleet.log_of(name), sizes[name]), killed) for name in orphans]
    return known, list(found.values()), [one for one in parts if one]


def kill_branches(fleet, options, begin):
    """Of as many rounds; `begin` is waited for before each."""
    known, orphans, parts = [], [], []
    for number in range(options.rounds):
        begin(fleet)
        time_known, times, found = kill_branch(fleet, number)
        known.append(time_known)
        orphans += times
        parts += found
    return {"known": figures(known), "attached": figures(orphans),
            **{part: figures([one[part] for one in parts]) for part in PARTS}}


def measure(options, folder, fanout):
    fleet = LoudFleet(options.programs, folder, "--fanout", str(fanout), "--interval", "1s",
                      manager_words=("--cool-down", COOL_DOWN))
    try:
        fleet.start_manager()
        for number in range(1, options.agents + 1):
            fleet.start_agent(f"n{number:03}")
        settle(fleet, options.agents)
        killed, stopped = [], []
        for number in range(options.rounds):
            killed.append(kill_leaf(fleet, number))
            settle(fleet, options.agents)
        for number in range(options.stops):
            stopped.append(stop_leaf(fleet, number))
            settle(fleet, options.agents)
        found = {"killed": figures(killed), "stopped": figures(stopped)}
        for kind, begin in (("interior", rest), ("next", lambda _: None)):
            for part, values in kill_branches(fleet, options, begin).items():
                found[f"{kind}_{part}"] = values
        return found
    finally:
        fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=256)
    parser.add_argument("--fanout", type=int, action="append", help="default 16 and 64")
    parser.add_argument("--rounds", type=int, default=10, help="deaths of leaves, and of branches")
    parser.add_argument("--stops", type=int, default=3, help="leaves that are stopped")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    found = {"agents": options.agents}
    for fanout in options.fanout or [16, 64]:
        with tempfile.TemporaryDirectory(prefix="coppice-bench-") as folder:
            found[f"fanout_{fanout}"] = measure(options, Path(folder), fanout)
        if not options.json:
            print(f"{options.agents} agents, fan-out {fanout}")
            for what, values in found[f"fanout_{fanout}"].items():
                print(f"  {what:18}" + "".join(f"{key} {value:<8}" for key, value in values.items()),
                      flush=True)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
