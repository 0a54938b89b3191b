"""Memory of idle connections: as many as the system lets us hold, each still answering."""

import socket
import statistics
import struct
import sys
import time

from machine import resident_bytes
from traffic import token
from servers import NGINX_PORT, PLAYHEAD_PORT, nginx, playhead

WANTED = 100_000
# Descriptors for everything else: the server keeps 1,024 for its store.
SPARE = 1_100
# Of one address the server takes 10,000, and the system has some 28,000 ports to one port of it.
PER_ADDRESS = 9_000
NGINX_CONNECTIONS = 10_000  # it closes idle ones when it comes near its own bound


def run(bench):
    count = min(WANTED, bench.descriptors - SPARE)
    if count < WANTED:
        print(f"  holding {count:,} of {WANTED:,}: the system allows {bench.descriptors:,} "
              "descriptors", file=sys.stderr)
    head = f"Authorization: Bearer {token(bench.key, 'idle')}\r\nHost: x\r\n\r\n"
    request = f"GET /v1/progress/none HTTP/1.1\r\n{head}".encode()
    held, floors = [], []
    for _ in range(bench.rounds):
        with playhead(bench.data) as server:
            held.append(_hold(server.pid, PLAYHEAD_PORT, request, b"HTTP/1.1 404", count))
        with nginx(bench.folder) as server:
            worker = int(open(f"/proc/{server.pid}/task/{server.pid}/children").read().split()[0])
            floors.append(_hold(worker, NGINX_PORT, request, b"HTTP/1.1 204",
                                min(count, NGINX_CONNECTIONS)))
        print(f"  {held[-1]}", file=sys.stderr)
    result = {"connections": count, **{name: statistics.median(one[name] for one in held)
                                       for name in held[0]}}
    result["nginx_bytes_a_connection"] = statistics.median(one["bytes_a_connection"]
                                                           for one in floors)
    result["mib_for_100k"] = (result["resident_mib"] +
                              (WANTED - count) * result["bytes_a_connection"] / 2**20)
    return result


def _hold(pid, port, request, expected, count):
    """What each of the second half adds: the first half has the server make what all share."""
    at_rest = resident_bytes(pid)
    idle, sizes = [], []
    try:
        for until in (count // 2, count):
            for number in range(len(idle), until):
                source = f"127.0.0.{2 + number // PER_ADDRESS}"
                idle.append(socket.create_connection(("127.0.0.1", port), 10, (source, 0)))
            for one in idle:
                one.sendall(request)
            for one in idle:
                if not (got := one.recv(4096)).startswith(expected):
                    raise RuntimeError(f"one of {until} connections was answered {got[:80]}")
            time.sleep(1)
            sizes.append(resident_bytes(pid))
    finally:
        for one in idle:
            # No port of ours need rest for a minute: the next round wants as many.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
    return {"at_rest_mib": at_rest / 2**20, "resident_mib": sizes[1] / 2**20,
            "bytes_a_connection": (sizes[1] - sizes[0]) / (count - count // 2)}


def rows(result):
    held = f"{result['connections']:,}"
    return [
        ("resident memory at rest", f"{result['at_rest_mib']:.0f} MiB", ""),
        (f"resident memory with {held} idle connections", f"{result['resident_mib']:.0f} MiB", ""),
        ("memory an idle connection", f"{result['bytes_a_connection']:,.0f} B "
         f"(nginx {result['nginx_bytes_a_connection']:,.0f} B)", ""),
        ("resident memory with 100,000" + ("" if result["connections"] == WANTED
                                           else " (arithmetic from the two above)"),
         f"{result['mib_for_100k']:.0f} MiB", "128 MiB"),
    ]
