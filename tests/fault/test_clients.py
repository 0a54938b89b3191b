"""Clients that misbehave in thousands: honest ones are answered, and everything comes back."""

import multiprocessing
import resource
import socket
import time

import pytest

from playhead import wait_until

# Of the whole machine's limit of a process; the server's own is the other side of each.
HELD_BY_ONE = 4_000


def holder(port, count, kind, say):
    """A process that opens `count` connections and does with them what `kind` says."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    request = b"POST /v1/progress HTTP/1.1\r\nHost: slow\r\nX-Slow: " + b"x" * 4_000
    held = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", port), timeout=30)
        if kind == "half-closed":
            one.sendall(request[:20])
            one.shutdown(socket.SHUT_WR)
        held.append(one)
    for second in range(10_000):
        if second == (3 if kind == "slow" else 0):  # slow ones have sent some bytes by then
            say.send("held")
        for one in held if kind == "slow" else []:
            try:
                one.send(request[second:second + 1])
            except OSError:  # timed out by the server, as it should be
                pass
        if say.poll(1):
            break
    if kind == "reset":
        for one in held:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    for one in held:
        one.close()


class Crowd:
    """Connections of one kind, held by as many processes as it takes."""

    def __init__(self, server, count, kind):
        self.processes = []
        spawn = multiprocessing.get_context("spawn")
        while count > 0:
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=holder,
                                    args=(server.port, min(count, HELD_BY_ONE), kind, theirs))
            process.start()
            self.processes.append((process, ours))
            count -= HELD_BY_ONE

    def all_say(self, word):
        for process, say in self.processes:
            assert say.poll(120) and say.recv() == word

    def __enter__(self):
        self.all_say("held")
        return self

    def __exit__(self, *_):
        for _, say in self.processes:
            say.send("go")
        for process, _ in self.processes:
            process.join(60)
            if process.is_alive():
                process.kill()


def connections(server):
    return server.metrics()["playhead_http_connections"]


@pytest.mark.parametrize("kind, count, enough", [
    ("slow", 5_000, 4_900), ("idle", 18_900, 18_900), ("reset", 5_000, 5_000),
    ("half-closed", 2_000, 0)])
def test_honest_clients_are_answered_and_resources_come_back(serve, kind, count, enough):
    server = serve({"http.idle_timeout_ms": "5m", "http.request_timeout_ms": "1m",
                    "http.connections_per_address_max": 0})
    viewer = server.viewer()
    viewer.report("v", 600_000)
    before = server.metrics()
    with Crowd(server, count, kind):
        if enough:
            wait_until(lambda: connections(server) >= enough, "the crowd")
        # On connections of their own, old and new, as ever.
        for i in range(20):
            viewer.report(f"v{i}", 600_000)
            someone = server.viewer()
            someone.report("v", 600_000)
            assert someone.row() == ["v"]
            someone.close()
        during = server.metrics()
        # Buffers are shared: what a connection that says little costs is small (the bench: 659 B).
        grown = during["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
        assert grown < count * 8_192 + (32 << 20)
    wait_until(lambda: connections(server) <= 3, "the connections to end")
    wait_until(lambda: server.metrics()["process_open_fds"] <= before["process_open_fds"] + 16,
               "the descriptors to come back")
    viewer.report("v", 700_000)
    assert viewer.position("v") == 700_000


def test_slow_senders_are_timed_out(serve):
    server = serve({"http.request_timeout_ms": "1s"})
    with Crowd(server, 500, "slow"):
        viewer = server.viewer()
        viewer.report("v", 600_000)
        viewer.close()
        wait_until(lambda: server.metrics()[
            'playhead_http_timeouts_total{listener="public"}'] >= 500, "their time to be up")
        wait_until(lambda: connections(server) <= 2, "their connections to close")


def test_without_descriptors_for_clients_those_that_are_in_are_served(serve):
    """connections_max is fitted to the limit, so the store keeps some; the rest is refused."""
    server = serve(nofile=256)
    lowered = server.find_event("connections_max_lowered")
    assert lowered["connections_max"] == 128
    viewer = server.viewer()
    viewer.report("v", 600_000)
    with Crowd(server, 600, "idle"):
        wait_until(lambda: server.metrics()[
            'playhead_http_connections_refused_total{listener="public"}'] >= 400, "refusals")
        for i in range(20):
            viewer.report(f"v{i}", 600_000)
    wait_until(lambda: connections(server) <= 3, "room")
    server.viewer().report("v", 600_000)


def test_without_any_descriptor_accepting_rests_and_is_told_once(serve):
    """What the limit leaves is taken away while it runs: an accept fails, and nothing else does."""
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    used = int(server.metrics()["process_open_fds"])
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used, hard[1]))
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(50)]
    line = server.wait_for_event("accept_failed")
    assert line["level"] == "warn" and "LimitNOFILE" in line["msg"]
    viewer.report("v", 700_000)
    time.sleep(0.5)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, hard)
    for one in waiting:
        one.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 200 ")
        one.close()
    told = [event for event in server.events() if event["event"] == "accept_failed"]
    assert 1 <= len(told) <= 4  # once for each loop
    assert server.metrics()['playhead_http_accept_failures_total{listener="public"}'] > 0
