#!/usr/bin/env python3
"""The main job of Coppice on one machine, with real processes, sockets and disks.

A fleet is made, one manager and some agents start, a tree stands; a file is pushed and every host
says that it has it; questions are asked; hosts, the root and the manager are killed. Each step says
what happened and whether what Coppice promises held. Exit code 0 only if all of it held.
"""
import argparse
import filecmp
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local_fleet import Broken, Fleet, seconds


def step(number, title):
    print(f"\n{number}. {title}", flush=True)


def held(fact, sentence):
    if not fact:
        raise Broken(sentence)
    print(f"  ok  {sentence}", flush=True)


def tree_is_clean(fleet):
    held(fleet.show("tree", "check") == 0, "tree check finds nothing")


def a_tree_stands(fleet, count):
    step(2, f"{count} agents join with a token, and the manager builds a tree of them")
    start = time.monotonic()
    for number in range(1, count + 1):
        fleet.start_agent(f"n{number:03}")
    fleet.wait(f"{count} live hosts", 60, lambda: fleet.live() == count)
    print(f"  all {count} processes are live after {seconds(time.monotonic() - start)}")
    fleet.show("status")
    fleet.show("tree")
    roles = [node["role"] for node in fleet.tree().values()]
    if count > 8:
        held(roles.count("root") == 1 and "branch" in roles, "one root, branches below it, leaves")
    tree_is_clean(fleet)


def a_file_reaches_all(fleet, count):
    step(3, "a file of this machine is pushed to all of them")
    source = Path("/etc/services") if Path("/etc/services").exists() else Path(__file__)
    code = fleet.show("push", "etc/services", str(source), "--wait", "30s")
    held(code == 0, "the push is complete")
    receipt = fleet.coppice("topic", "etc/services")[0]
    held(receipt["applied"] == count and receipt["pending"] == 0,
         f"the receipt says {receipt['applied']} applied of {receipt['target']}")
    same = sum(filecmp.cmp(source, fleet.file(name, "etc/services"), shallow=False)
               for name in fleet.agents)
    held(same == count, f"the file on {same} disks equals {source}")


def questions_are_answered(fleet, count):
    step(4, "questions to the whole fleet, each with its coverage")
    for question in ("count()", "avg(load1)", "sum(mem_total)", "max(uptime)"):
        fleet.show("query", question)
        answer = fleet.coppice("query", question)
        held(answer["coverage"]["included"] == count,
             f"{question} covers {answer['coverage']['included']} of {count} hosts")
    fleet.show("top", "--once")
    held(fleet.show("series", "add", "demo", "count(), max(load1)", "--every", "1s") == 0,
         "a question is asked again and again from now on")


def die_and_heal(fleet, victim, what, bound_known, bound_back):
    """Kills one interior host; returns when every other host is live under a living parent."""
    before = fleet.tree()
    orphans = [name for name, node in before.items() if node["parent"] == victim]
    lost_before = {name for name, host in fleet.hosts().items() if host["state"] == "lost"}
    live = len(fleet.agents) - 1
    print(f"  kill -9 of {victim}, {what} with {len(orphans)} children")
    start = time.monotonic()
    fleet.kill(victim)
    fleet.wait(f"{victim} to be known as lost", 10,
               lambda: fleet.hosts()[victim]["state"] == "lost")
    known = time.monotonic() - start

    def all_back():
        tree = fleet.tree()
        return fleet.live() == live and all(
            tree[name]["role"] == "root" or
            (tree[name]["parent"] not in ("", victim) and tree[name]["state"] == "live")
            for name in orphans)
    fleet.wait("the orphans to be back", 30, all_back)
    back = time.monotonic() - start
    host = fleet.hosts()[victim]
    print(f"  the manager knew after {seconds(known)} (cause: {host['cause']}); "
          f"the last orphan was back after {seconds(back)}")
    held(known <= bound_known, f"known within {seconds(bound_known)}")
    held(back <= bound_back, f"all orphans back within {seconds(bound_back)}")
    lost = {name for name, host in fleet.hosts().items() if host["state"] == "lost"}
    held(lost - lost_before == {victim}, "nobody else was declared lost")
    fleet.wait("a clean tree", 10, lambda: not fleet.get("/v1/tree/check")["faults"])
    tree_is_clean(fleet)
    answer = fleet.coppice("query", "count()")
    held(answer["value"] == live, f"count() answers {answer['value']:.0f}: every living host")


def a_branch_dies(fleet):
    step(5, "a branch host dies")
    tree = fleet.tree()
    branch = max((name for name, node in tree.items() if node["role"] == "branch"),
                 key=lambda name: tree[name]["children"])
    die_and_heal(fleet, branch, "a branch", 1.0, 2.0)


def the_root_dies(fleet):
    step(6, "the root host dies")
    root = fleet.get("/v1/tree")["root"]
    die_and_heal(fleet, root, "the root", 1.0, 5.0)
    print(f"  the new root is {fleet.get('/v1/tree')['root']}")


def a_late_host_is_repaired(fleet):
    step(7, "a push while a host is down; the host comes back and is repaired")
    tree = fleet.tree()
    name = next(name for name, node in tree.items()
                if node["role"] == "leaf" and node["state"] == "live")
    fleet.kill(name)
    fleet.wait(f"{name} to be lost", 10, lambda: fleet.hosts()[name]["state"] == "lost")
    value = fleet.folder / "motd"
    value.write_text("second version\n")
    fleet.show("push", "motd", str(value), "--wait", "10s")
    receipt = fleet.coppice("topic", "motd")[0]
    # Two more hosts died above: they are of the target too, and nobody pretends otherwise.
    held(not receipt["complete"] and receipt["settled"] and
         receipt["applied"] == len(fleet.agents),
         f"{receipt['applied']} applied, {receipt['pending']} pending and not reachable: "
         "settled, not complete")
    start = time.monotonic()
    fleet.start_agent(name)
    fleet.wait(f"{name} to be repaired", 15, lambda: fleet.file(name, "motd").exists())
    fleet.wait("its receipt", 10,
               lambda: fleet.get("/v1/topics/motd")[0]["applied"] == len(fleet.agents))
    held(filecmp.cmp(value, fleet.file(name, "motd"), shallow=False),
         f"{name} has the newest version {seconds(time.monotonic() - start)} after its start; "
         "nobody asked for it")


def a_branch_is_drained(fleet):
    step(8, "a branch host is drained for maintenance")
    tree = fleet.tree()
    name = next(name for name, node in tree.items() if node["role"] == "branch")
    held(fleet.show("drain", name, "--reason", "new memory") == 0, f"{name} takes the order")
    took = fleet.wait(f"{name} to be a leaf without children", 15, lambda: (
        fleet.tree()[name]["role"] == "leaf" and fleet.tree()[name]["children"] == 0 and
        fleet.live() == len(fleet.agents)))
    print(f"  its children have moved after {seconds(took)}, and it is a leaf")
    fleet.wait("a clean tree", 10, lambda: not fleet.get("/v1/tree/check")["faults"])
    tree_is_clean(fleet)
    fleet.show("undrain", name)


def the_manager_dies(fleet):
    step(9, "the manager is killed in mid-push and started again")
    value = fleet.folder / "big"
    value.write_bytes(os.urandom(60_000))
    accepted = fleet.coppice("push", "blob", str(value))
    fleet.kill_manager()
    print(f"  push {accepted['push']} was acknowledged; kill -9 of the manager at once")
    print(f"  the manager serves again {seconds(fleet.start_manager())} after its start")
    lost_before = {name for name, host in fleet.hosts().items() if host["state"] == "lost"}
    receipt = fleet.get(f"/v1/pushes/{accepted['push']}")
    held(receipt["version"] == accepted["version"], "the restarted manager knows the push")
    count = len(fleet.agents)
    took = fleet.wait("the receipt", 20, lambda: (
        fleet.get(f"/v1/pushes/{accepted['push']}")["applied"] == count))
    same = sum(filecmp.cmp(value, fleet.file(name, "blob"), shallow=False)
               for name in fleet.agents)
    held(same == count, f"all {same} living hosts have applied it {seconds(took)} after the restart")
    fleet.wait("all hosts live", 15, lambda: fleet.live() == count)
    lost = {name for name, host in fleet.hosts().items() if host["state"] == "lost"}
    held(lost == lost_before, "nobody was declared lost because of it")
    tree_is_clean(fleet)


def main():
    parser = argparse.ArgumentParser(prog="./demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=40, help="agents to start (default 40, at least 16)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and disks")
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hosts < 16:
        parser.error("--hosts: at least 16, so that there are branches to lose")
    folder = Path(tempfile.mkdtemp(prefix="coppice-demo-"))
    begun = time.monotonic()
    fleet, code = None, 1
    try:
        step(1, "a fleet is made, and one manager started")
        fleet = Fleet(options.bin.resolve(), folder, "--fanout", "6")
        print(f"  fleet {fleet.name}, hosts join at {fleet.endpoint}, people at http://{fleet.api}")
        print(f"  the manager serves {seconds(fleet.start_manager())} after its start")
        a_tree_stands(fleet, options.hosts)
        a_file_reaches_all(fleet, options.hosts)
        questions_are_answered(fleet, options.hosts)
        a_branch_dies(fleet)
        the_root_dies(fleet)
        a_late_host_is_repaired(fleet)
        a_branch_is_drained(fleet)
        the_manager_dies(fleet)
        step(10, "what the manager tells of all this")
        fleet.show("events", "--since", "10m")
        fleet.wait("five windows of the series", 30, lambda: len(fleet.get("/v1/series/demo")["windows"]) >= 5)
        fleet.show("series", "show", "demo", "--since", "10m")
        fleet.show("status")
        print(f"\nAll of it held, in {seconds(time.monotonic() - begun)}.")
        code = 0
    except (Broken, OSError, subprocess.TimeoutExpired, KeyError, StopIteration) as broken:
        print(f"\n  BROKEN: {type(broken).__name__}: {broken}\n  logs and disks: {folder}",
              file=sys.stderr, flush=True)
        options.keep = True
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if fleet:
            fleet.stop()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
