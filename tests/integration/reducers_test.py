"""Daemons that fold questions with their own code: well, badly, never."""
import base64
import threading

from local_daemon import Local, LocalTest
from support import main


class Reducer:
    """Adds numbers up; or throws, or hangs, while it is told to."""

    def __init__(self, test, name, mood="works"):
        self.test, self.name, self.mood = test, name, mood
        self.events = test.listen(name, method="POST", address="/v1/reducers", body={"names": ["sum"]})
        self.asked = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.stop)

    def stop(self):
        self.is_over.set()
        self.thread.join(10)

    def serve(self):
        done = 0
        while not self.is_over.wait(0.002):
            for one in self.events.named("reduce")[done:]:
                done += 1
                self.asked.append(one["id"])
                if self.mood == "hangs":
                    continue
                numbers = [int(base64.b64decode(part)) for part in one["parts"]]
                if self.mood == "throws":
                    self.test.ask(self.name, "POST", f"/v1/reductions/{one['id']}/failed", {"reason": "no idea"})
                else:
                    self.test.ask(self.name, "POST", f"/v1/reductions/{one['id']}/reduced",
                                  str(sum(numbers)).encode())

    def answer_late(self):
        return self.test.ask(self.name, "POST", f"/v1/reductions/{self.asked[-1]}/reduced", b"0")[0]


class Reducers(LocalTest):
    HOSTS = 7

    def fleet_of_reducers(self):
        self.start(self.HOSTS)
        self.names = sorted(self.fleet.agents)
        self.reducers = {name: Reducer(self, name) for name in self.names}
        for number, name in enumerate(self.names, 1):
            self.assertEqual(self.ask(name, "PUT", "/v1/contributions/sum?for_s=600", str(number).encode())[0], 200)
        self.sum = str(sum(range(1, self.HOSTS + 1)))

    def query(self, question="reduce(sum)", deadline="2s"):
        return self.fleet.coppice("query", question, "--deadline", deadline)

    def branch(self):
        return next(name for name, node in self.fleet.tree().items() if node["role"] == "branch")

    def test_all_levels_fold_with_the_code_of_daemons(self):
        self.fleet_of_reducers()
        answer = self.query()
        self.assertEqual(answer["value"], [self.sum])
        self.assertEqual(answer["coverage"]["included"], self.HOSTS)
        self.assertNotIn("notes", answer)
        self.assertTrue(self.reducers[self.branch()].asked and self.reducers[self.root()].asked)
        groups = self.query("reduce(sum) by host where host in n00[1-2]")["groups"]
        self.assertEqual([group["value"] for group in groups], [["1"], ["2"]])

    def test_a_reducer_that_throws_or_is_gone_costs_the_reduction_alone(self):
        self.fleet_of_reducers()
        branch, root = self.branch(), self.root()
        self.reducers[branch].mood = "throws"
        answer = self.query()
        self.assertEqual(answer["value"], [self.sum])
        self.assertEqual(answer["notes"], ["reducer sum failed on 1 host: no idea"])
        self.reducers[branch].mood = "works"
        self.reducers[root].events.close()

        def is_in_parts():
            answer = self.query()
            self.assertEqual(sum(int(part) for part in answer["value"]), int(self.sum))
            return len(answer["value"]) > 1 and "no daemon of the host that folds last" in answer["notes"][0]
        self.wait("parts", 10, is_in_parts)
        self.assertIn("part 1 of", self.run_plainly("query", "reduce(sum)").stdout)

    def test_a_reducer_that_hangs_is_waited_for_once(self):
        self.fleet_of_reducers()
        branch = self.branch()
        self.reducers[branch].mood = "hangs"
        answer = self.query(deadline="4s")
        self.assertEqual(answer["value"], [self.sum])
        self.assertIn("it did not answer within", answer["notes"][0])
        self.assertGreater(answer["age_ms"], 500)
        answer = self.query(deadline="4s")
        self.assertEqual(answer["value"], [self.sum])
        self.assertEqual(answer["notes"],
                         ["reducer sum failed on 1 host: its daemon has not answered an earlier question yet"])
        self.assertLess(answer["age_ms"], 500)
        self.assertEqual(self.fleet.coppice("query", "count()")["value"], self.HOSTS)
        self.assertEqual(self.reducers[branch].answer_late(), 409)
        self.reducers[branch].mood = "works"
        self.assertNotIn("notes", self.query())

    def test_what_is_no_text_and_what_is_wrong(self):
        self.start(1)
        self.assertEqual(self.ask("n001", "PUT", "/v1/contributions/raw", b"\xff\x00")[0], 200)
        self.assertEqual(self.query("reduce(raw)")["value"], [{"base64": "/wA="}])
        self.local("n001", "contribute", "words", "a line\nand one more")
        self.assertEqual(self.query("reduce(words)")["value"], ["a line\nand one more"])
        status, problem = self.ask("n001", "PUT", "/v1/contributions/raw", b"x" * 16385)
        self.assertEqual((status, problem["detail"]), (413, "a contribution has 16385 bytes; at most 16384"))
        self.assertIn("is not a name", self.local("n001", "contribute", "Words", "x", code=1))
        answer = self.fleet.coppice("query", "reduce(nothing)", code=1)
        self.assertEqual((answer["value"], answer["without_value"]), (None, {"nothing": 1}))
        self.assertIn('no host that answered has a contribution "nothing"', answer["notes"][0])

    def test_a_whole_part_goes_to_the_daemon_and_back(self):
        self.start(1)
        connection = Local(self.socket("n001"))
        connection.request("PUT", "/v1/contributions/large", bytes(range(256)) * 64)
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        value = self.query("reduce(large)")["value"]
        self.assertEqual(base64.b64decode(value[0]["base64"]), bytes(range(256)) * 64)


if __name__ == "__main__":
    main()
