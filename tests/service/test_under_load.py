"""Everything at once: what the threads share is what this looks at, most of all under TSan."""

import http.client
import threading

import pytest

from playhead import wait_until
from viewer import FILM, background_load
from wire import Wire, request_bytes

ROUNDS = 25


class Crowd:
    """Threads that each do one kind of thing over and over; the first failure is told."""

    def __init__(self, *acts):
        self.threads = [threading.Thread(target=self.repeat, args=(act,)) for act in acts]
        self.failures = []
        self.stopping = threading.Event()

    def repeat(self, act):
        try:
            while not self.stopping.is_set():
                act()
        except Exception as failure:  # told by the thread of the test
            self.failures.append(failure)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert self.failures == []


@pytest.fixture(params=["memory", "rocksdb"])
def busy(request, serve):
    """Four loops and few of everything, so that bounds are met too."""
    return serve({"store.kind": request.param, "http.threads": 4, "store.read_threads": 2,
                  "commit.batch_entries_max": 64, "commit.live_sessions_max": 8,
                  "auth.cached_tokens_max": 4, "http.account_requests_per_s": 10_000,
                  "http.account_burst": 100_000, "store.write_buffer_bytes": "1MiB",
                  "store.block_cache_bytes": "1MiB"})


def live(server, viewer):
    """One of everything a viewer can do, and a look at what it made."""
    viewer.report("film", 600_000, session="a", seq=1)
    viewer.report("film", 610_000, session="a", seq=2)
    viewer.report("film", 610_000, event="pause", session="a", seq=3)
    assert viewer.batch([viewer.body(f"v{i}", 600_000 + i) for i in range(30)]).status == 200
    assert viewer.position("film") == 610_000
    assert len(viewer.points(*(f"v{i}" for i in range(30)))) == 30
    assert len(viewer.row(limit=100)) == 31
    viewer.hide("v0")
    viewer.mark("v1")
    viewer.forget("v2")
    viewer.report("v3", FILM, event="ended")
    assert "v0" not in viewer.row(limit=100)
    viewer.erase()
    assert viewer.row() == []
    assert server.admin("/readyz").status == 200


def come_and_go(server):
    """Connections that end in every way."""
    for request in (b"", b"GET /livez HTTP/1.1\r\nHo", request_bytes("GET", "/livez"),
                    b"nonsense\r\n\r\n"):
        with Wire(server.port) as wire:
            wire.send(request)


def test_everything_at_once(busy):
    others = Crowd(busy.metrics, lambda: come_and_go(busy))
    with background_load(busy, connections=2, pipelined=10), others:
        for _ in range(ROUNDS):
            viewer = busy.viewer()
            live(busy, viewer)
            viewer.close()
    assert busy.metrics()["playhead_commit_queue_entries"] == 0


def test_drain_in_the_middle_of_it(busy):
    """SIGTERM while all of it goes on: every request is answered or its connection ends."""
    answered = []

    def report():
        viewer = busy.viewer()
        try:
            while True:
                viewer.report("v", 600_000 + len(answered))
                answered.append(1)
        except (OSError, http.client.HTTPException):
            pass  # the listener has closed
        finally:
            viewer.close()

    threads = [threading.Thread(target=report) for _ in range(6)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answered) > 100, "reports")
    busy.signal()
    assert busy.wait() == 0
    for thread in threads:
        thread.join()
    assert busy.find_event("stopped")
    assert not busy.find_event("drain_cut_short")
