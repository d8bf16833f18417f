#!/usr/bin/env python3
"""How long the same push takes on etcd: 100 B to every host, 20 B back from each.

    tests/bench/etcd_push.py [--hosts 10000] [--rounds 9]

Starts one etcd of its own on loopback, with its data in a temporary folder, and etcd_push/main.go, which plays
the hosts with etcd's own client. Needs `apt-get install etcd-server golang-go golang-etcd-server-dev`; says so
when they are missing, and ends with 0. Coppice's figure of the same work: tests/bench/swarm_bench.py.
"""
import argparse
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SOURCES = pathlib.Path("/usr/share/gocode/src")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(server, endpoint):
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(endpoint + "/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("etcd does not serve")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    if not (shutil.which("etcd") and shutil.which("go") and (SOURCES / "go.etcd.io/etcd/clientv3").is_dir()):
        print("skipped: install etcd-server, golang-go and golang-etcd-server-dev first")
        return
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "etcd_push"
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
                       "GOCACHE": str(pathlib.Path(folder) / "cache")}
        subprocess.run(["go", "build", "-o", program, "."], check=True, env=environment,
                       cwd=pathlib.Path(__file__).parent / "etcd_push")
        endpoint, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        with open(pathlib.Path(folder) / "etcd.log", "wb") as log:
            server = subprocess.Popen(
                ["etcd", "--data-dir", f"{folder}/data", "--listen-client-urls", endpoint,
                 "--advertise-client-urls", endpoint, "--listen-peer-urls", peers,
                 "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"],
                stdout=log, stderr=log)
        try:
            wait_for(server, endpoint)
            subprocess.run([program, "--endpoint", endpoint, "--hosts", str(arguments.hosts),
                            "--rounds", str(arguments.rounds)], check=True, timeout=600)
        finally:
            server.terminate()
            server.wait(timeout=20)


if __name__ == "__main__":
    main()
