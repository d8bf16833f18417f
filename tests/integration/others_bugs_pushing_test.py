"""Bugs that other systems of this kind had with data on its way, as procedures with what must come out.

X numbers are listed in docs/testing.md.
"""
import os
import signal
import statistics
import threading

from support import FleetTest, main
from workload import ask

PAYLOAD_MAX = 64 * 1024
TOPICS_MAX = 256
HELD_MAX = 16 * 1024 * 1024
QUESTIONS_MAX = 64


class Pushes(FleetTest):
    init_words = ("--fanout", "2", "--interval", "500ms")  # the smallest fan-out

    def push(self, topic, content, expected=201):
        status, receipt = ask(self.fleet, "POST", f"/v1/pushes?topic={topic}", content)
        self.assertEqual(status, expected)
        return receipt

    def is_complete(self, push):
        return self.fleet.get(f"/v1/pushes/{push}")["complete"]

    def all_complete(self):
        return all(receipt["complete"] for receipt in self.fleet.get("/v1/pushes"))

    def signal(self, name, what):
        os.kill(self.fleet.agents[name].pid, what)


class Queues(Pushes):
    def test_x7_a_child_that_does_not_read_holds_up_nobody_and_gets_all(self):
        """Twenty times what may be under way to one child, to a leaf and to a branch that stand still."""
        self.start(7)
        self.clean_tree()
        tree = self.fleet.tree()
        branch = self.interior()
        leaf = next(name for name, node in tree.items()
                    if node["role"] == "leaf" and node["parent"] != branch)
        payload = os.urandom(PAYLOAD_MAX)
        for name in (leaf, branch):
            self.signal(name, signal.SIGSTOP)
            try:
                pushes = [self.push(f"big/{number}", payload)["push"] for number in range(40)]
                self.wait("the others", 60, lambda wanted=pushes: all(
                    self.fleet.get(f"/v1/pushes/{push}")["applied"] == 6 for push in wanted))
            finally:
                self.signal(name, signal.SIGCONT)
            self.wait("all to be complete", 60, self.all_complete)
        self.wait("all to be live", 30, lambda: self.fleet.live() == 7)
        self.clean_tree()

    def test_x7_topics_and_held_bytes_up_to_their_limits_reach_a_late_host(self):
        self.start(3)
        payload = os.urandom(PAYLOAD_MAX)
        for number in range(HELD_MAX // PAYLOAD_MAX):
            self.push(f"t{number}", payload)
        self.push("one-more", b"x", expected=413)
        self.push("t0", payload, expected=413)  # as large as the whole that is held already
        self.wait("all to be complete", 90, self.all_complete)
        self.fleet.start_agent("n004")  # 256 values at once, and all of its queues are full
        self.wait("the late host's files", 90, lambda: all(
            self.fleet.file("n004", f"t{number}").exists() for number in range(TOPICS_MAX)))
        self.wait("its receipts", 30, lambda: not any(
            receipt["refused"] for receipt in self.fleet.get("/v1/pushes")))
        self.wait("an answer of all", 30, lambda: (
            self.fleet.coppice("query", "count()", code=None)["coverage"]["included"] == 4))

    def test_x7_questions_beyond_their_limit_are_refused_and_the_others_answered(self):
        self.start(3)
        self.signal("n003", signal.SIGSTOP)  # so that questions stay open until their deadline
        answers = []
        try:
            askers = [threading.Thread(target=lambda: answers.append(ask(
                self.fleet, "POST", "/v1/query", b'{"expr": "count()", "deadline_ms": 1000}')))
                for _ in range(QUESTIONS_MAX + 36)]
            for asker in askers:
                asker.start()
            for asker in askers:
                asker.join()
        finally:
            self.signal("n003", signal.SIGCONT)
        statuses = [status for status, _ in answers]
        self.assertLessEqual(set(statuses), {200, 503})
        self.assertGreaterEqual(statuses.count(200), QUESTIONS_MAX)
        self.wait("an answer of all", 30, lambda: (
            self.fleet.coppice("query", "count()", code=None)["coverage"]["included"] == 3))


class Concurrency(Pushes):
    def test_x9_concurrent_pushes_of_one_topic_through_changes_of_term(self):
        """Four writers of one topic and a manager that is killed meanwhile: each acknowledged push
        has a version of its own, and no host writes a value twice."""
        self.start(6)
        acknowledged, problems, files = {}, [], {}
        ended = threading.Event()

        def write(writer):
            count = 0
            while not ended.wait(0.05):
                count += 1
                value = f"{writer}-{count}"
                status, receipt = ask(self.fleet, "POST", "/v1/pushes?topic=t", value.encode())
                if status == 201 and receipt:
                    acknowledged[receipt["push"]] = (receipt["version"], value)

        def look():
            while not ended.wait(0.005):
                for name in self.fleet.agents:
                    try:
                        with open(self.fleet.file(name, "t"), "rb") as file:
                            value, inode = file.read(), os.fstat(file.fileno()).st_mtime_ns
                    except FileNotFoundError:
                        continue
                    if files.setdefault((name, value), inode) != inode:
                        problems.append(f"{name} wrote {value} twice")

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        threads.append(threading.Thread(target=look))
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                before = len(acknowledged)
                self.wait("some pushes", 30, lambda old=before: len(acknowledged) > old + 10)
                self.fleet.kill_manager()
                self.fleet.start_manager()
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        self.assertEqual(problems, [])
        receipts = {receipt["push"]: receipt["version"] for receipt in self.fleet.get("/v1/pushes")}
        self.assertEqual(len(set(receipts.values())), len(receipts), "a version was given twice")
        for push, (version, _) in acknowledged.items():
            self.assertEqual(receipts.get(push), version, f"push {push} is lost")
        self.wait("all to be complete", 30, self.all_complete)
        newest = {self.fleet.file(name, "t").read_bytes() for name in self.fleet.agents}
        self.assertEqual(len(newest), 1, "hosts ended with different values")
        version, value = max(acknowledged.values())
        if version == max(receipts.values()):
            self.assertEqual(newest, {value.encode()})

    def test_x25_small_pushes_stay_quick_between_large_ones(self):
        self.start(6)
        self.clean_tree()
        times = {"alone": [], "among large": []}
        payload = os.urandom(PAYLOAD_MAX)
        for number in range(60):  # in turns, so that whatever else runs here meets both alike
            kind = "among large" if number % 10 >= 5 else "alone"
            large = [self.push(f"large/{topic}", payload)["push"] for topic in range(2)] \
                if kind == "among large" else []
            small = self.push("small", os.urandom(1024))["push"]
            self.wait("all of them", 30, lambda wanted=(*large, small): all(
                self.is_complete(push) for push in wanted))
            times[kind].append(self.fleet.get(f"/v1/pushes/{small}")["time_ms"]["max"])
        worst = {kind: sorted(values)[-2] for kind, values in times.items()}
        middle = {kind: statistics.median(values) for kind, values in times.items()}
        print(f"  X25: small pushes complete after ms: median {middle}, last but one {worst}", flush=True)
        self.assertLess(worst["among large"], 2 * worst["alone"] + 500, "more than an interval longer")


if __name__ == "__main__":
    main()
