#!/usr/bin/env python3
"""The same as role_watcher.cpp with nothing but the standard library: the socket speaks HTTP and JSON.

usage: role_watcher.py SOCKET
"""
import http.client
import json
import socket
import sys
import time


class Agent(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path):
        super().__init__("agent")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def events(path, last_id=""):
    """Pairs of name and content, for ever; after a break it goes on where it was."""
    while True:
        try:
            agent = Agent(path)
            agent.request("GET", "/v1/events", headers={"Last-Event-ID": last_id})
            event = {}
            for line in agent.getresponse():
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if line == b"\n" and "data" in event:
                    last_id = event.get("id", last_id)
                    yield event["event"], json.loads(event["data"])
                event = {} if line == b"\n" else {**event, field: value}
        except OSError:
            pass
        yield "lost", None
        time.sleep(0.5)


def is_valid(role):
    """A process that stood still finds out by itself: CLOCK_BOOTTIME is the same for all of a host."""
    expires = role["expires_at_ns"]
    return expires is None or time.clock_gettime_ns(time.CLOCK_BOOTTIME) < expires


def main():
    role = None
    for name, content in events(sys.argv[1]):
        if name == "lost":
            print("the agent is gone", flush=True)
            role = None
        elif name == "lease":  # only the expiry has moved
            role.update(content)
        elif name in ("reset", "role"):
            role = content["role"] if name == "reset" else content
            fence = role["fence"]
            print(f"{role['name']} is {role['role']}{'' if is_valid(role) else ' no more for sure'}, "
                  f"fence {fence['term']}.{fence['generation']}", flush=True)


if __name__ == "__main__":
    main()
