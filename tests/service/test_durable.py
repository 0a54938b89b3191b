"""kill -9 again and again: what was acknowledged is there, and nothing else is."""

import contextlib
import http.client
import itertools
import os
import random
import threading
import time
from pathlib import Path

from playhead import wait_until
from wire import PATIENCE_S

ROUNDS = int(os.environ.get("PLAYHEAD_KILL_ROUNDS", "8"))
# For a long run, script/soak: at least so long, and so many rounds.
SECONDS = int(os.environ.get("PLAYHEAD_KILL_SECONDS", "0"))
WRITERS = 4
VIDEOS = 12

# What a video may be: gone, or at a position; marked as watched or not; in the row or not.
GONE = None


class Writer:
    """One client. It knows of each video what was acknowledged last, and what may have become of
    the one request that was under way when the server died."""

    def __init__(self, server, number):
        self.viewer = server.viewer()
        self.random = random.Random(number)  # the same in every run
        self.known = {f"v{i}": GONE for i in range(VIDEOS)}
        self.known |= {f"marked{i}": False for i in range(4)} | {f"shown{i}": False
                                                                 for i in range(4)}
        self.possible = {}  # after a request without an answer
        self.position = 600_000
        self.answered = 0
        self.thread = None
        self.failure = None

    def step(self):
        """One request; gives what it makes of which videos."""
        kind = self.random.choices(["report", "batch", "forget", "erase", "mark", "hide"],
                                   [55, 20, 8, 2, 8, 7])[0]
        if kind == "mark":
            video, mark = f"marked{self.random.randrange(4)}", self.random.random() < 0.5
            return {video: mark}, lambda: self.viewer.call("PUT" if mark else "DELETE",
                                                           f"/v1/watched/{video}")
        if kind == "hide" and self.random.random() < 0.5:
            video = f"shown{self.random.randrange(4)}"
            return {video: False}, lambda: self.viewer.call("DELETE", f"/v1/keep-watching/{video}")
        if kind == "hide":
            video = f"shown{self.random.randrange(4)}"
            self.position += 1
            body = self.viewer.body(video, self.position, duration_ms=100_000_000)
            return {video: True}, lambda: self.viewer.post(body)
        videos = self.random.sample([video for video in sorted(self.known) if video[0] == "v"],
                                    5 if kind == "batch" else 1)
        if kind == "forget":
            path = f"/v1/progress/{videos[0]}"
            return {videos[0]: GONE}, lambda: self.viewer.call("DELETE", path)
        if kind == "erase":
            gone = {video: GONE if video[0] == "v" else False for video in self.known}
            return gone, lambda: self.viewer.call("DELETE", "/v1/me")
        wanted = {}
        for video in videos:
            self.position += 1
            wanted[video] = self.position
        bodies = [self.viewer.body(video, position, duration_ms=100_000_000)
                  for video, position in wanted.items()]
        if kind == "batch":
            return wanted, lambda: self.viewer.batch(bodies)
        return wanted, lambda: self.viewer.post(bodies[0])

    def run(self):
        try:
            while True:
                # Two requests within a millisecond have an order of their own tests.
                time.sleep(0.002)
                wanted, send = self.step()
                try:
                    answer = send()
                except (OSError, http.client.HTTPException):
                    self.possible = wanted
                    return
                assert answer.status in (200, 204), answer
                self.known.update(wanted)
                self.answered += 1
        except Exception as failure:  # told by the thread of the test
            self.failure = failure

    def start(self):
        self.possible = {}
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def join(self):
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
        assert self.failure is None, self.failure

    def verify(self):
        points = self.viewer.points(*self.known)
        row = {item["video_id"] for item in self.viewer.page(limit=100)["items"]}
        found = {point["video_id"]: point.get("position_ms") for point in points}
        found |= {f"shown{i}": f"shown{i}" in row for i in range(4)}
        found |= {f"marked{i}": False for i in range(4)}
        found |= {point["video_id"]: point["state"] == "finished" for point in points
                  if point["video_id"].startswith("marked")}
        applied = set()
        for video, known in self.known.items():
            now = found.get(video, GONE)  # of the lists, each has its answer
            allowed = {known, self.possible.get(video, known)}
            assert now in allowed, f"{video} is {now}, and may be {allowed}"
            if video in self.possible and self.possible[video] != known:
                applied.add(now == self.possible[video])
            self.known[video] = now
        assert len(applied) <= 1, "half of a batch was written"


def test_killed_again_and_again_it_keeps_what_it_acknowledged(serve):
    server = serve({"http.threads": 2})
    writers = [Writer(server, number) for number in range(WRITERS)]
    seconds = random.Random(ROUNDS)
    started = time.monotonic()
    rounds = 0
    while rounds < ROUNDS or time.monotonic() < started + SECONDS:
        rounds += 1
        before = sum(writer.answered for writer in writers)
        for writer in writers:
            writer.start()
        time.sleep(seconds.uniform(0.1, 0.6))
        while sum(writer.answered for writer in writers) < before + 50:
            time.sleep(0.01)
            assert all(writer.thread.is_alive() for writer in writers)
        server.kill9()
        for writer in writers:
            writer.join()
        server.start()
        for writer in writers:
            writer.verify()
    print(f"killed {rounds} times, {sum(writer.answered for writer in writers)} acknowledged")


def test_erasures_and_forgets_stay_after_a_kill(serve):
    server = serve()
    erased, forgotten = server.viewer(), server.viewer()
    for _ in range(3):
        for viewer in (erased, forgotten):
            viewer.report("v", 600_000)
        erased.erase()
        forgotten.forget("v")
        server.kill9()
        server.start()
        assert not erased.has_point("v") and not forgotten.has_point("v")
        assert erased.row() == forgotten.row() == []


def test_answer_and_kill_at_once(serve):
    """The kill comes right behind an answer: it must have been on disk by then."""
    server = serve()
    viewer = server.viewer()
    for position in range(600_000, 600_005):
        viewer.report("v", position)
        server.kill9()
        server.start()
        assert viewer.position("v") == position


def nice_by_thread(server):
    nice = {}
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            name = (task / "comm").read_text().strip()
            nice[name] = os.getpriority(os.PRIO_PROCESS, int(task.name))
    return nice


def test_commit_thread_leaves_the_core_to_the_loops(serve):
    server = serve()
    server.viewer().report("v", 600_000)  # by then all threads have begun
    nice = nice_by_thread(server)
    assert nice["commit"] == nice["loop"] + 4


def test_flushes_make_way_for_commits_of_a_server_that_is_nice_itself(serve):
    """Flushes had nice 5 whatever the process had, and a commit thread 4 more than that."""
    server = serve({"store.write_buffer_bytes": "1MiB"})
    own = nice_by_thread(server)["playhead"] + 1
    os.setpriority(os.PRIO_PROCESS, server.process.pid, own)  # the main thread's
    viewer = server.viewer()
    positions = itertools.count(600_000, 1_000)

    def flushed():
        position = next(positions)
        viewer.batch([viewer.body(f"v{i:03}", position, session="s" * 60) for i in range(100)])
        return nice_by_thread(server)["rocksdb:high"] == min(own + 5, 19)
    wait_until(flushed, "a flush")
