"""Three times what it can hold: ticks are shed, everything else is answered, nothing is lost."""

import threading
from contextlib import contextmanager

from loading import answers, load
from playhead import wait_until

RATE = 9_000
SLOW_S = 0.1


@contextmanager
def slow(disk):
    """The disk takes a sync now and then: a full queue is all that a moment can write."""
    stopping = threading.Event()

    def hold_and_release():
        while not stopping.is_set():
            before = disk.get("syncs")
            disk.set(hold_syncs=1)
            stopping.wait(SLOW_S)
            disk.set(hold_syncs=0)
            while disk.get("syncs") == before and not stopping.wait(0.0005):
                continue

    thread = threading.Thread(target=hold_and_release)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        disk.set(hold_syncs=0)


class Purposeful(threading.Thread):
    """Somebody who pauses, stops, ends, marks and erases all the while; each must be answered."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.stopping = threading.Event()
        self.rounds = 0
        self.failure = None

    def run(self):
        try:
            while not self.stopping.is_set():
                viewer = self.server.viewer()
                viewer.report("film", 600_000, event="pause")
                viewer.report("film", 700_000, event="stop")
                viewer.report("episode", 2_640_000, event="ended")
                viewer.mark("film")
                assert viewer.state("film") == viewer.state("episode") == "finished"
                viewer.hide("film")
                viewer.erase()
                assert not viewer.has_point("film")
                viewer.close()
                self.rounds += 1
        except Exception as failure:  # told by the thread of the test
            self.failure = failure


def test_three_times_what_it_holds(serve_on):
    server, disk = serve_on({"commit.queue_entries_max": 200, "commit.reserve_percent": 50,
                             "http.threads": 2})
    memory = server.metrics()["process_resident_memory_bytes"]
    purposeful = Purposeful(server)
    with slow(disk):
        purposeful.start()
        # What it acknowledged it reads back, and fails where one report is missing or older.
        result, done = load(server, "--rate", RATE, "--duration", "8s", "--connections", 512,
                            "--reads", 0, "--verify")
        purposeful.stopping.set()
        purposeful.join()
    assert purposeful.failure is None
    assert purposeful.rounds >= 3
    assert "0 missing, 0 older" in done.stdout

    counts = answers(result)
    taken = counts[("POST /v1/progress", 204, "")]
    shed = counts[("POST /v1/progress", 503, "queue_full")]
    assert set(counts) == {("POST /v1/progress", 204, ""), ("POST /v1/progress", 503, "queue_full")}
    assert taken + shed >= 3 * taken, "it was not three times too much"
    metrics = server.metrics()
    assert metrics['playhead_shed_total{priority="ordinary"}'] == shed
    assert metrics['playhead_shed_total{priority="reserved"}'] == 0
    assert metrics["process_resident_memory_bytes"] < memory + (64 << 20)

    # And it is as before: the same server, with a disk that keeps up.
    wait_until(lambda: server.metrics()["playhead_commit_queue_entries"] == 0, "an empty queue")
    wait_until(lambda: load(server, "--rate", 100, "--duration", "1s")[0]["errors"] == 0,
               "a second without a refusal")
