"""Messages between the daemons of neighbouring hosts: who hears them, and what their senders are told."""
import json
import subprocess

from local_daemon import LocalTest
from support import PROGRAMS, main


class Messages(LocalTest):
    def hear(self, name, *channels):
        return self.listen(name, address="/v1/events?channels=" + ",".join(channels))

    def send(self, name, to, body="x", channel="raft"):
        return self.ask(name, "POST", "/v1/messages", {"channel": channel, "to": to, "body": body})

    def refusal(self, name, to, **more):
        status, problem = self.send(name, to, **more)
        return status, problem.get("detail")

    def test_daemons_talk_with_those_of_parent_and_children(self):
        self.start(4)
        root = self.root()
        leaf, other = [name for name in self.fleet.agents if name != root][:2]
        numbers = {name: self.role(name)["host"] for name in self.fleet.agents}
        above, below = self.hear(root, "raft", "other"), self.hear(leaf, "raft")
        beside, deaf = self.hear(other, "raft"), self.listen(root)
        self.assertEqual(self.send(leaf, "parent", "vote?"), (200, {"to": [numbers[root]]}))
        self.wait("the question", 20, lambda: above.named("message"))
        self.assertEqual(above.named("message"), [
            {"channel": "raft", "from": numbers[leaf], "is_from_parent": False, "body": "vote?"}])
        status, sent = self.send(root, "children", "yes")
        self.assertEqual((status, set(sent["to"])), (200, set(numbers.values()) - {numbers[root]}))
        self.wait("the answer", 20, lambda: below.named("message") and beside.named("message"))
        self.assertEqual(self.send(root, numbers[leaf], "only you \u00e9")[1], {"to": [numbers[leaf]]})
        self.wait("the word", 20, lambda: len(below.named("message")) == 2)
        self.assertEqual(below.named("message")[1], {
            "channel": "raft", "from": numbers[root], "is_from_parent": True, "body": "only you \u00e9"})
        self.assertEqual((len(beside.named("message")), deaf.named("message")), (1, []))

    def test_what_cannot_be_sent_says_why(self):
        self.start(2)
        root = self.root()
        leaf = next(name for name in self.fleet.agents if name != root)
        self.assertEqual(self.refusal(root, "parent"), (409, "this host has no parent now: it is the "
                                                             "root, or looks for one"))
        self.assertEqual(self.refusal(leaf, "children"), (409, "this host has no children now"))
        self.assertEqual(self.refusal(leaf, 99), (409, "host 99 is neither the parent nor a child of "
                                                       "this host now"))
        self.assertEqual(self.refusal(leaf, "parent", body="x" * 4097),
                         (413, "a message has 4097 bytes; at most 4096"))
        self.assertEqual(self.refusal(leaf, "parent", channel="a b")[0], 400)
        answers = [self.send(leaf, "parent", "x" * 4096)[0] for _ in range(60)]
        self.assertEqual(answers[:16], [200] * 16)
        self.assertIn(503, answers)
        self.assertEqual(self.fleet.live(), 2)

    def test_a_message_for_a_former_parent_goes_to_nobody(self):
        self.start(6)
        root = self.root()
        former = self.role(root)["host"]
        children = [name for name, node in self.fleet.tree().items() if node["parent"] == root]
        heard = self.hear(root, "raft")
        for child in children:
            self.assertEqual(self.send(child, former), (200, {"to": [former]}))
        self.wait("the messages", 20, lambda: len(heard.named("message")) == len(children))
        self.fleet.coppice("drain", root)
        self.wait("another root", 20, lambda: self.root() != root)
        leaf = next(name for name in children if self.role(name)["role"] == "leaf")
        self.wait("another parent", 20, lambda: self.role(leaf)["parent"] not in (former, None))
        self.assertEqual(self.send(leaf, former)[0], 409)
        self.assertEqual(self.send(leaf, "parent"), (200, {"to": [self.role(leaf)["parent"]]}))
        self.assertEqual(len(heard.named("message")), len(children))

    def test_commands_send_and_print_messages(self):
        self.start(2)
        root = self.root()
        leaf = next(name for name in self.fleet.agents if name != root)
        watching = subprocess.Popen(
            [PROGRAMS / "coppice", "local", "watch", "--channel", "raft", "--socket", self.socket(root)],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(watching.wait)
        self.addCleanup(watching.terminate)
        self.addCleanup(watching.stdout.close)
        self.assertIn("is root", watching.stdout.readline())
        number = self.role(leaf)["host"]
        self.local(leaf, "send", "raft", "vote?")
        self.assertEqual(watching.stdout.readline(), f"host {number} says on raft: vote?\n")
        sent = json.loads(self.local(root, "send", "raft", "yes", "--to", str(number), "--json"))
        self.assertEqual(sent, {"to": [number]})
        self.assertIn("no children", self.local(leaf, "send", "raft", "up", "--to", "children", code=1))
        self.local(leaf, "send", "raft", "up", "--to", "everybody", code=2)
        self.local(leaf, "watch", "--channel", "a,b", code=2)


if __name__ == "__main__":
    main()
