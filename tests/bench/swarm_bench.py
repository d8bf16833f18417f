"""What a fleet of thousands of real agents on one machine costs: each figure beside its floor.

  tests/bench/swarm_bench.py build/release/bin [--agents 5000] [--small 500] [--rounds 15] [--json]

Needs a quiet machine: agents, manager and floor share its cores. Everything it starts ends with it.
"""
import argparse
import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
from local_fleet import Fleet  # noqa: E402  (the path comes first)

IDLE_SECONDS = 20
PAYLOAD = b"x" * 100


def cpu_ns(pid):
    """Of all threads of a process, in nanoseconds."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in Path(f"/proc/{pid}/task").iterdir())


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


class SwarmFleet:
    """A manager and a swarm; its files are in memory, so that no disk is measured."""

    def __init__(self, programs, agents, *more):
        self.folder = Path(tempfile.mkdtemp(prefix="coppice-bench-", dir="/dev/shm"))
        self.fleet = Fleet(programs, self.folder, "--fanout", "32", "--interval", "1s")
        self.fleet.start_manager()
        self.fleet.coppice("series", "remove", "hosts")  # what is measured is asked for
        self.agents = agents
        self.started = time.monotonic()
        with open(self.folder / "swarm.log", "wb") as log:
            self.swarm = subprocess.Popen(
                [programs / "coppice-swarm", "--manager", self.fleet.endpoint, "--token",
                 self.fleet.token, "--agents", str(agents), "--json", *more],
                stdout=subprocess.PIPE, stderr=log, text=True)

    def all_live(self, bound=120):
        self.fleet.wait("all live", bound, lambda: self.fleet.live() == self.agents)
        return time.monotonic() - self.started

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.fleet.api}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        raise KeyError(name)

    def quiet_writes(self):
        """Waits until nothing is written for five intervals, within a minute."""
        last, since = self.metric("coppice_store_writes_total"), time.monotonic()
        end = since + 60
        while time.monotonic() - since < 5 and time.monotonic() < end:
            time.sleep(0.25)
            now = self.metric("coppice_store_writes_total")
            if now != last:
                last, since = now, time.monotonic()

    def idle(self):
        """CPU of the manager in microseconds a second, and rows written meanwhile."""
        self.quiet_writes()
        pid = self.fleet.manager.pid
        writes, start, cpu = (self.metric("coppice_store_writes_total"), time.monotonic(),
                              cpu_ns(pid))
        time.sleep(IDLE_SECONDS)
        cpu = (cpu_ns(pid) - cpu) / 1000 / (time.monotonic() - start)
        return cpu, self.metric("coppice_store_writes_total") - writes

    def pushes(self, rounds):
        value = self.folder / "value"
        times = []
        for number in range(rounds):
            value.write_bytes(PAYLOAD[:-6] + f"{number:06}".encode())
            receipt = self.fleet.coppice("push", "bench", str(value), "--wait", "60s")
            assert receipt["complete"] and receipt["applied"] == self.agents, receipt
            times.append(receipt["time_ms"]["max"])
        return times

    def questions(self, rounds, expression):
        """Times until the answer has come, in milliseconds, over a connection to the API that is open, and how many
        answers lacked somebody."""
        api = http.client.HTTPConnection(self.fleet.api, timeout=60)
        times, partial = [], 0
        for _ in range(rounds):
            start = time.monotonic()
            api.request("POST", "/v1/query", json.dumps({"expr": expression}))
            answer = json.load(api.getresponse())
            times.append((time.monotonic() - start) * 1000)
            partial += answer["coverage"]["included"] < self.agents
        api.close()
        return times, partial

    def restart_manager(self):
        """Seconds until a killed manager serves the full picture again, and who was lost."""
        self.fleet.kill_manager()
        start = time.monotonic()
        self.fleet.start_manager()
        ready = time.monotonic() - start

        def is_full():
            answer = self.fleet.coppice("query", "count()", code=None)
            return bool(answer) and answer["coverage"]["included"] == self.agents
        self.fleet.wait("an answer of all", 60, is_full)
        full = time.monotonic() - start
        lost = {event["hosts"] for event in self.fleet.get("/v1/events")
                if event["kind"] in ("host.lost", "hosts.lost")}
        return ready, full, sorted(lost)

    def swarm_process(self):
        """The first process with agents."""
        children = Path(f"/proc/{self.swarm.pid}/task/{self.swarm.pid}/children").read_text()
        return int(children.split()[0])

    def end(self):
        self.swarm.terminate()
        out, _ = self.swarm.communicate(timeout=30)
        self.fleet.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return json.loads(out)


def floor_of(programs, agents, rounds, *more):
    """The median of a push through bare sockets, and its CPU, in milliseconds."""
    done = subprocess.run([programs / "bench_zmq_floor", "--hosts", str(agents), "--rounds",
                           str(rounds), "--json", *more], capture_output=True, text=True,
                          check=True, timeout=120)
    floor = json.loads(done.stdout)
    return floor["median_ms"], floor["cpu_us_per_message"] * 2 * agents / 1000


def storm(programs, agents):
    """The manager dies, then the root, then the manager is started again."""
    round_s, ahead_s, away_s = 20, 2, 4
    fleet = SwarmFleet(programs, agents, "--kill-root", "--round", f"{round_s}s", "--down", "15s")
    try:
        fleet.all_live()
        root = fleet.fleet.get("/v1/tree")["root"]
        time.sleep(round_s - ahead_s)
        fleet.fleet.kill_manager()
        time.sleep(away_s)
        start = time.monotonic()
        fleet.fleet.start_manager()

        def answers(count):
            answer = fleet.fleet.coppice("query", "count()", code=None)
            return bool(answer) and answer["coverage"]["included"] >= count
        fleet.fleet.wait("another root and its tree", 60, lambda: answers(agents - 1) and
                         fleet.fleet.get("/v1/tree")["root"] not in ("", root))
        others = time.monotonic() - start
        fleet.fleet.wait("all", 60, lambda: answers(agents))
        whole = time.monotonic() - start
        figures = {"others_answer_s": others, "all_answer_s": whole,
                   "manager_cpu_s": cpu_ns(fleet.fleet.manager.pid) / 1e9,
                   "tree_faults": len(fleet.fleet.get("/v1/tree/check")["faults"])}
    finally:
        report = fleet.end()
    return figures | {"dropped_frames": report["dropped_frames"]}


def measure(options):
    programs = options.programs
    figures = {"agents": options.agents}
    small = SwarmFleet(programs, options.small)
    try:
        small.all_live()
        figures["manager_idle_cpu_us_per_s_small"], _ = small.idle()
    finally:
        small.end()
    fleet = SwarmFleet(programs, options.agents)
    try:
        figures["live_s"] = fleet.all_live()
        figures["manager_idle_cpu_us_per_s"], figures["idle_writes"] = fleet.idle()
        figures["manager_rss_bytes"] = resident(fleet.fleet.manager.pid)
        fleet.pushes(2)  # the first ones open what is opened once
        pids = [fleet.fleet.manager.pid, fleet.swarm_process()]
        before = [cpu_ns(pid) for pid in pids]
        times = fleet.pushes(options.rounds)
        cpu = [(cpu_ns(pid) - was) / 1e6 / options.rounds for pid, was in zip(pids, before)]
        figures["push_ms"] = {"median": statistics.median(times), "max": max(times)}
        figures["push_cpu_ms"] = dict(zip(("manager", "agents"), cpu))
        ready, full, lost = fleet.restart_manager()
        figures |= {"restart_ready_s": ready, "restart_full_s": full, "restart_lost": lost}
    finally:
        figures["swarm"] = fleet.end()
    figures["floor_ms"], figures["floor_cpu_ms"] = floor_of(programs, options.agents, 30)
    figures["push_to_floor"] = figures["push_ms"]["median"] / figures["floor_ms"]
    figures["storm"] = storm(programs, options.agents)
    return figures


def parser_of(description, agents, rounds, what="pushes"):
    """What every benchmark with a swarm is told."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=lambda text: Path(text).resolve(),
                        help="the folder with the programs")
    parser.add_argument("--agents", type=int, default=agents)
    parser.add_argument("--rounds", type=int, default=rounds, help=what)
    parser.add_argument("--json", action="store_true")
    return parser


def show(figures, is_json):
    if is_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32} {value if not isinstance(value, float) else round(value, 3)}")


def main():
    parser = parser_of(__doc__, 5000, 15)
    parser.add_argument("--small", type=int, default=500, help="the fleet to compare with")
    options = parser.parse_args()
    show(measure(options), options.json)


if __name__ == "__main__":
    main()
