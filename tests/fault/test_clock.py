"""The clock steps an hour back and an hour forward while the server runs."""

from pathlib import Path

import pytest

from viewer import HOUR, now_ms

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture
def clocked(serve, tmp_path):
    """A server whose wall clock runs as a file says: (server, set it off by so many seconds)."""
    assert LIBRARY, "libfaketime is missing: script/bootstrap --test"
    offset = tmp_path / "offset"

    def step(seconds):
        offset.write_text(f"{seconds:+d}\n")
    step(0)
    server = serve(env={"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(offset),
                        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                        "ASAN_OPTIONS": "verify_asan_link_order=0"})
    return server, step


def test_step_back_holds_time_still_and_newer_reports_win(clocked):
    server, step = clocked
    viewer = server.viewer()
    viewer.report("v", 600_000)
    before = viewer.point("v")["watched_at"]
    step(-3600)
    for i in range(1, 20):
        # Of one session, in order: the tie of their instants is told by the number.
        viewer.report("v", 600_000 + i, session="s", seq=i)
        assert viewer.position("v") == 600_000 + i
        assert viewer.point("v")["watched_at"] >= before
    viewer.mark("w")
    viewer.unmark("w")
    assert not viewer.has_point("w") or viewer.state("w") != "finished"
    viewer.forget("v")
    assert not viewer.has_point("v")
    viewer.report("v", 650_000)
    viewer.erase()
    assert viewer.row() == []
    viewer.report("v", 660_000)
    assert viewer.position("v") == 660_000


def test_step_forward_and_back_again_loses_nothing_of_what_comes_after(clocked):
    server, step = clocked
    viewer = server.viewer()
    viewer.report("v", 600_000)
    step(3600 - 10)  # the token is good for an hour
    viewer.report("v", 610_000)
    ahead = viewer.point("v")["watched_at"]
    assert ahead > now_ms() + HOUR // 2
    step(0)
    viewer.report("v", 620_000, session="s", seq=1)
    assert viewer.position("v") == 620_000
    assert viewer.point("v")["watched_at"] >= ahead


def test_timeouts_and_health_do_not_hang_on_the_wall_clock(clocked):
    server, step = clocked
    viewer = server.viewer()
    for seconds in (-3600, 1800, 0):
        step(seconds)
        viewer.report("v", 600_000 + abs(seconds))  # on the connection that was open before
        assert server.get("/readyz").status == 200
    assert server.metrics()['playhead_http_timeouts_total{listener="public"}'] == 0
