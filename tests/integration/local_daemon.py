"""A daemon of a host as tests play it: what it asks of the agent's socket, what it hears there."""
import http.client
import json
import socket
import subprocess
import threading

from support import PROGRAMS, FleetTest


class Local(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path, timeout=20):
        super().__init__("agent", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Events:
    """An event stream that is read by a thread."""

    def __init__(self, path, method="GET", address="/v1/events", body=None, after=""):
        self.connection = Local(path)
        self.connection.request(method, address, body and json.dumps(body),
                                headers={"Last-Event-ID": after})
        answer = self.connection.getresponse()
        assert answer.status == 200, answer.read()
        self.answer = answer
        self.seen, self.is_over = [], False
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        event = {}
        try:
            for line in self.answer:
                if line == b"\n":
                    if "data" in event:
                        self.seen.append((event["event"], json.loads(event["data"]), event.get("id")))
                    event = {}
                else:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    event[field] = value
        except (OSError, ValueError, AttributeError):
            pass
        self.is_over = True

    def named(self, name):
        return [content for kind, content, _ in self.seen if kind == name]

    def close(self):
        if self.answer.isclosed():
            return
        # The answer holds the socket, too.
        self.answer.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.answer.close()
        self.connection.close()


class LocalTest(FleetTest):
    def socket(self, name):
        return self.folder / name / "agent.sock"

    def ask(self, name, method, path, body=None):
        connection = Local(self.socket(name))
        connection.request(method, path, body if isinstance(body, bytes) else body and json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def role(self, name):
        return self.ask(name, "GET", "/v1/role")[1]

    def listen(self, name, **more):
        events = Events(self.socket(name), **more)
        self.addCleanup(events.close)
        return events

    def subscribe(self, name, *topics):
        return self.listen(name, method="POST", address="/v1/subscriptions", body={"topics": topics})

    def push(self, topic, content=b"x", code=0, wait="20s"):
        path = self.folder / "value"
        path.write_bytes(content)
        return self.fleet.coppice("push", topic, str(path), "--wait", wait, code=code)

    def root(self):
        return next(name for name, node in self.fleet.tree().items() if node["role"] == "root")

    def local(self, name, *words, code=0):
        """The command line on that host: exit code held, output returned."""
        done = subprocess.run([PROGRAMS / "coppice", "local", *words, "--socket", self.socket(name)],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr
