"""A full queue: ticks are refused first, and what was acknowledged is kept."""

import threading

import pytest

from playhead import wait_until
from viewer import FILM
from wire import PATIENCE_S, Wire, assert_problem


def shed(server, priority):
    return server.metrics()[f'playhead_shed_total{{priority="{priority}"}}']


def batch(viewer, count, last=None, **fields):
    reports = [viewer.body(f"v{i}", 600_000, **fields) for i in range(count)]
    if last:
        reports[-1] = {**reports[-1], **last}
    return viewer.batch(reports)


@pytest.fixture
def small(serve):
    """Room for 40 entries, of which ordinary ones may have 30."""
    return serve({"commit.queue_entries_max": 40, "commit.reserve_percent": 25,
                  "commit.retry_after_s": 5})


def assert_shed(answer):
    assert_problem(answer, 503, "queue_full")
    # Jittered, so that those who were refused together do not come back together.
    assert 5 <= int(answer.headers["retry-after"]) <= 10


def test_ordinary_reports_leave_the_reserve_alone(small):
    viewer = small.viewer()
    assert batch(viewer, 30).status == 200
    assert_shed(batch(viewer.profile("kids"), 31))
    assert viewer.profile("kids").points(*(f"v{i}" for i in range(31))) == []
    assert (shed(small, "ordinary"), shed(small, "reserved")) == (31, 0)


@pytest.mark.parametrize("event", ["pause", "stop", "ended"])
def test_what_no_later_report_tells_again_has_a_reserve(small, event):
    viewer = small.viewer()
    assert batch(viewer, 40, {"event": event}).status == 200
    assert viewer.state("v39") == ("finished" if event == "ended" else "in_progress")
    assert_shed(batch(viewer.profile("kids"), 41, {"event": event}))
    assert (shed(small, "ordinary"), shed(small, "reserved")) == (0, 41)


@pytest.mark.parametrize("event", ["tick", "play", "seek"])
def test_what_a_later_report_tells_again_has_none(small, event):
    assert_shed(batch(small.viewer(), 31, event=event))


def test_queue_is_bounded_in_bytes_too(serve):
    viewer = serve({"commit.queue_bytes_max": "64KiB"}).viewer()
    ids = {"session": "s" * 64, "device": "d" * 64, "series": {"id": "s" * 128}}
    reports = [{"video_id": f"{i:0128}", "percent": 50, **ids} for i in range(100)]
    # 40 KiB of ids alone, and what holds them: over 48 KiB, which ordinary reports may have.
    assert_problem(viewer.batch(reports), 503, "queue_full")
    assert viewer.batch(reports[:40]).status == 200


def test_ticks_are_refused_and_acts_are_not_where_all_is_reserve_but_nothing(serve):
    """No room for a tick at all: 90 % of one entry is none."""
    server = serve({"commit.queue_entries_max": 1, "commit.reserve_percent": 90})
    viewer = server.viewer()
    for _ in range(5):
        assert_problem(viewer.post(viewer.body("v", 600_000)), 503, "queue_full")
    viewer.report("v", 600_000, event="pause")
    viewer.mark("v")
    viewer.hide("v")
    viewer.unhide("v")
    viewer.unmark("v")
    assert viewer.position("v") == 600_000
    viewer.forget("v")
    viewer.report("v", FILM, event="ended")
    viewer.erase()
    assert not viewer.has_point("v")
    assert server.admin("/readyz").status == 200
    assert (shed(server, "ordinary"), shed(server, "reserved")) == (5, 0)


class Flood:
    """Many connections, one tick at a time each, all at once, over and over."""

    def __init__(self, server, connections):
        self.server = server
        self.viewers = [server.viewer() for _ in range(connections)]
        self.wires = [Wire(server.port) for _ in range(connections)]
        self.positions = [0] * connections
        self.acknowledged = [0] * connections
        self.statuses = set()
        self.shed = 0
        self.failure = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def round(self):
        for i, (viewer, wire) in enumerate(zip(self.viewers, self.wires)):
            self.positions[i] += 1
            wire.send(viewer.request("POST", "/v1/progress",
                                     viewer.body("v", 600_000 + self.positions[i])))
        for i, wire in enumerate(self.wires):
            answer = wire.answer()
            self.statuses.add(answer.status)
            if answer.status == 204:
                self.acknowledged[i] = self.positions[i]
            else:
                assert_problem(answer, 503, "queue_full")
                assert int(answer.headers["retry-after"]) > 0
                self.shed += 1

    def run(self):
        try:
            while not self.stopping.is_set():
                self.round()
        except Exception as failure:  # told by the thread of the test
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(PATIENCE_S)
        for wire in self.wires:
            with wire:
                pass


def test_flood_of_ticks_starves_no_act_and_loses_nothing_acknowledged(serve):
    server = serve({"commit.queue_entries_max": 20, "commit.reserve_percent": 80,
                    "http.threads": 2})
    viewer = server.viewer()
    with Flood(server, 100) as flood:
        wait_until(lambda: flood.shed >= 100 or flood.failure, "refused ticks")
        for i in range(40):
            video_id = f"v{i}"
            viewer.report(video_id, 600_000, event="pause")
            viewer.hide(video_id)
            viewer.unhide(video_id)
            viewer.mark(video_id)
            viewer.unmark(video_id)
            assert viewer.position(video_id) == 600_000
            viewer.report(video_id, FILM, event="ended", session="end")
            assert viewer.state(video_id) == "finished"
            viewer.forget(video_id)
            assert not viewer.has_point(video_id)
        viewer.erase()
    assert flood.failure is None
    assert flood.statuses == {204, 503}
    for someone, acknowledged in zip(flood.viewers, flood.acknowledged):
        if acknowledged:
            assert someone.position("v") == 600_000 + acknowledged
        else:
            assert not someone.has_point("v")
    assert shed(server, "ordinary") == flood.shed
    assert shed(server, "reserved") == 0
    # And it is as before.
    viewer.report("v", 700_000)
    assert server.metrics()["playhead_commit_queue_entries"] == 0
