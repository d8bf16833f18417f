"""Load on a fleet whose processes die, and the oracle: what was acknowledged stays, what hosts have never goes back."""
import http.client
import json
import os
import random
import threading
import urllib.error
import urllib.request


def ask(fleet, method, path, body=None):
    """Status and JSON of an answer; (None, None) when there was no whole answer."""
    request = urllib.request.Request(f"http://{fleet.api}{path}", data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refusal:
        return refusal.code, None
    except (OSError, http.client.HTTPException, ValueError):
        return None, None


class Watcher:
    """Reads the pushed files of all hosts over and over. Each begins with a number, which only grows;
    and a host that was never restarted writes no value twice: one content stays one file."""

    def __init__(self, fleet, topics):
        self.fleet, self.topics = fleet, topics
        self.seen = {}  # (host, topic): number and identity of the file
        self.restarted = set()
        self.problems = []
        self.lock = threading.Lock()

    def look(self):
        with self.lock:
            for name in list(self.fleet.agents):
                for topic in self.topics:
                    self.look_at(name, topic)

    def look_at(self, name, topic):
        try:
            with open(self.fleet.file(name, topic), "rb") as file:
                stat = os.fstat(file.fileno())
                now = int(file.read().split(b" ", 1)[0]), (stat.st_ino, stat.st_mtime_ns)
        except FileNotFoundError:
            now = 0, None
        before = self.seen.get((name, topic), (0, None))
        if now[0] < before[0]:
            self.problems.append(f"{name} went from {before[0]} back to {now[0]} in {topic}")
        if now[0] == before[0] and now != before and name not in self.restarted:
            self.problems.append(f"{name} wrote number {now[0]} of {topic} twice")
        self.seen[name, topic] = now

    def number(self, name, topic):
        return self.seen.get((name, topic), (0, None))[0]


class Workload:
    """Threads that push, make tokens, drain and undrain without end, and remember what the manager
    acknowledged. `core` are hosts that are there from the beginning."""
    topics = ("all", "core")

    def __init__(self, fleet, core, seed):
        self.fleet, self.core, self.random = fleet, core, random.Random(seed)
        self.watcher = Watcher(fleet, self.topics)
        self.lock = threading.Lock()  # of all below
        self.pushes = {}   # id: topic, version, number, hosts that it was for
        self.tokens = set()
        self.drains = {}   # host: what was acknowledged last; none while it is not known
        self.ids = {}      # host: its id, of all that were ever shown
        self.refusals = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.repeat, args=work, daemon=True) for work in (
            (0.1, self.pusher("all", None)), (0.1, self.pusher("core", ",".join(core))),
            (0.3, self.make_token), (0.3, self.drain), (0.02, self.watcher.look))]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def repeat(self, pause, work):
        while not self.ended.wait(pause):
            work()

    def request(self, method, path, body=None):
        """What an acknowledged request was answered; none for one that met a dead manager."""
        status, answer = ask(self.fleet, method, path, body)
        if status is not None and status >= 400 and status != 503:
            self.refusals.append(f"{method} {path} was answered {status}")
        return answer if status is not None and status < 300 else None

    def pusher(self, topic, hosts):
        number = 0
        where = f"&where=host+in+{hosts}" if hosts else ""

        def push():
            nonlocal number
            number += 1
            with self.lock:
                target = set(self.core) if hosts else set(self.ids)
                size = self.random.choice((10, 1_000, 20_000))
            answer = self.request("POST", f"/v1/pushes?topic={topic}{where}",
                                  f"{number} ".encode() + b"x" * size)
            if answer:
                with self.lock:
                    self.pushes[answer["push"]] = (topic, answer["version"], number, target)
        return push

    def make_token(self):
        answer = self.request("POST", "/v1/tokens", b'{"uses": 3}')
        if answer:
            with self.lock:
                self.tokens.add(answer["id"])

    def drain(self):
        with self.lock:
            host = self.random.choice(self.core[:2])
            wanted = not self.drains.get(host)
            self.drains[host] = None
        if self.request("POST", f"/v1/hosts/{host}/{'drain' if wanted else 'undrain'}"):
            with self.lock:
                self.drains[host] = wanted

    def problems(self):
        """What the manager and the hosts should have now, and have not."""
        with self.lock:
            pushes, tokens = dict(self.pushes), set(self.tokens)
            ids, drains = dict(self.ids), dict(self.drains)
        receipts = {receipt["push"]: receipt for receipt in self.fleet.get("/v1/pushes")}
        shown = {token["id"] for token in self.fleet.get("/v1/tokens")}
        hosts = self.fleet.hosts()
        self.watcher.look()
        found = [*self.watcher.problems, *self.refusals]
        found += [f"token {token} is gone" for token in tokens - shown]
        for name, host_id in ids.items():
            if name not in hosts or hosts[name]["id"] != host_id:
                found.append(f"host {name} of id {host_id} is gone")
        with self.lock:
            for name, is_drained in drains.items():
                is_steady = is_drained is not None and self.drains[name] == is_drained
                if is_steady and hosts[name]["drained"] != is_drained:
                    found.append(f"host {name} is no longer drained={is_drained}")
            self.ids |= {name: host["id"] for name, host in hosts.items()}
        for push, (topic, version, number, target) in pushes.items():
            found += self.push_problems(receipts.get(push), push, topic, version, number, target)
        return found

    def push_problems(self, receipt, push, topic, version, number, target):
        if receipt is None or (receipt["topic"], receipt["version"]) != (topic, version):
            return [f"push {push} is gone: it was version {version} of {topic}"]
        if not receipt["complete"]:
            return []
        return [f"push {push} is complete, but {host} has number {self.watcher.number(host, topic)} of "
                f"{topic}, not {number}"
                for host in target if self.watcher.number(host, topic) < number]

    def registered_problems(self):
        """Hosts that were told of their registration and are not known."""
        hosts = self.fleet.hosts()
        return [f"{name} was registered and is gone" for name in self.fleet.agents
                if name not in hosts and
                b"this host is now a" in (self.fleet.folder / f"{name}.log").read_bytes()]

    def all_complete(self):
        return all(receipt["complete"] for receipt in self.fleet.get("/v1/pushes"))
