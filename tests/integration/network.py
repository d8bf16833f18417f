"""A network of a test's own: each host in a namespace, joined by a router here that cuts, delays and loses packets."""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
import unittest

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEADER = 0x1001
PACKET_MAX = 65536


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest(f"{' '.join(command)}: {done.stderr.strip()}")


def enter_a_namespace():
    """This thread, and what it starts, leave the machine's network for one that ends with them."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise unittest.SkipTest(f"networks of one's own need root: {os.strerror(ctypes.get_errno())}")
    try:
        run("ip", "link", "set", "lo", "up")
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        raise unittest.SkipTest(f"networks of one's own need iproute2 and /dev/net/tun: {error}") from error


class Network:
    """Hosts by name, each with an address. Namespaces have no names and end with their processes."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.addresses, self.devices, self.holders = {}, {}, {}
        self.cuts = set()   # (source, target) addresses whose packets are dropped
        self.delay = 0.0    # seconds each way
        self.loss = 0.0     # share of packets
        self.epoll, self.late, self.count = select.epoll(), [], 0
        self.wake_read, self.wake_write = os.pipe()
        self.epoll.register(self.wake_read, select.EPOLLIN)
        self.router = threading.Thread(target=self.route, daemon=True)
        self.router.start()

    # --- hosts ---------------------------------------------------------------------------------

    def add(self, name, is_here=False):
        """A host in a namespace of its own, or in the one of this process."""
        number = len(self.addresses) + 1
        device, address = f"tun{number}", f"10.77.0.{number}"
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN_WITHOUT_HEADER))
        if not is_here:
            holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.holders[name] = holder
            if holder.stdout.readline() != b"ready\n":
                raise unittest.SkipTest("unshare --net does not work here")
            run("ip", "link", "set", device, "netns", str(holder.pid))
        run(*self.inside(name), "ip", "address", "add", f"{address}/24", "dev", device)
        for each in ("lo", device):
            run(*self.inside(name), "ip", "link", "set", each, "up")
        self.addresses[name] = address
        self.devices[self.packed(name)] = tun
        self.epoll.register(tun, select.EPOLLIN)
        return address

    def inside(self, name):
        """What comes before a command that is to run on that host."""
        holder = self.holders.get(name)
        return ("nsenter", f"--net=/proc/{holder.pid}/ns/net") if holder else ()

    def close(self):
        os.write(self.wake_write, b"x")
        self.router.join()
        for fd in (*self.devices.values(), self.wake_read, self.wake_write):
            os.close(fd)
        for holder in self.holders.values():
            holder.kill()
            holder.communicate()

    # --- faults --------------------------------------------------------------------------------

    def packed(self, name):
        return bytes(int(part) for part in self.addresses[name].split("."))

    def cut_one_way(self, source, target):
        self.cuts = self.cuts | {(self.packed(source), self.packed(target))}

    def cut(self, left, right):
        self.cut_one_way(left, right)
        self.cut_one_way(right, left)

    def isolate(self, name):
        for other in self.addresses:
            if other != name:
                self.cut(name, other)

    def mend(self):
        self.cuts = set()

    # --- packets -------------------------------------------------------------------------------

    def route(self):
        while True:
            wait = max(0.0, self.late[0][0] - time.monotonic()) if self.late else None
            for fd, _ in self.epoll.poll(wait):
                if fd == self.wake_read:
                    return
                self.take(os.read(fd, PACKET_MAX))
            while self.late and self.late[0][0] <= time.monotonic():
                self.deliver(heapq.heappop(self.late)[2])

    def take(self, packet):
        is_lost = self.loss > 0 and self.random.random() < self.loss
        if packet[0] >> 4 != 4 or is_lost or (packet[12:16], packet[16:20]) in self.cuts:
            return
        if self.delay == 0:
            return self.deliver(packet)
        self.count += 1
        heapq.heappush(self.late, (time.monotonic() + self.delay, self.count, packet))

    def deliver(self, packet):
        device = self.devices.get(packet[16:20])
        if device is None:
            return
        try:
            os.write(device, packet)
        except OSError:
            pass  # the queue is full, or the device went: a lost packet
