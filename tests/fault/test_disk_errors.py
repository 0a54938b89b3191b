"""Syncs and writes that fail or wait, and reads that fail."""

import errno

import pytest

from disks import lines, reasons, wait_until_ready
from playhead import wait_until
from wire import Wire, assert_problem

EIO, EROFS, EDQUOT = errno.EIO, errno.EROFS, errno.EDQUOT


@pytest.mark.parametrize("fault, trouble", [
    ({"sync_error": EIO}, "write_failed"),
    ({"write_error": EIO}, "write_failed"),
    ({"write_error": EDQUOT}, "write_failed"),
    ({"write_error": EROFS, "sync_error": EROFS}, "disk_read_only"),
], ids=["sync", "write", "quota", "read-only"])
def test_failed_write_is_no_answer_and_mends_itself(faulty, fault, trouble):
    server, disk = faulty
    viewer, other = server.viewer(), server.viewer()
    viewer.report("v", 600_000, session="s", seq=1)
    disk.set(**fault)
    assert_problem(viewer.post(viewer.body("v", 700_000, session="s", seq=2)), 503,
                   "store_unavailable")
    assert reasons(server) == ["store_takes_no_writes", trouble]
    line, = lines(server, "store_write_failed")
    assert line["trouble"] == trouble and "kernel's log" in line["msg"]
    assert_problem(other.call("PUT", "/v1/watched/w"), 503, "store_unavailable")
    assert viewer.position("v") == 600_000  # reads go on, and show what was acknowledged

    disk.set(sync_error=0, write_error=0)
    wait_until_ready(server)
    # Its outcome is settled: before or after, and the same from now on.
    settled = viewer.position("v")
    assert settled in (600_000, 700_000)
    # The same report sent again is no duplicate: nothing of the failed batch is remembered.
    assert viewer.post(viewer.body("v", 700_000, session="s", seq=2)).status == 204
    assert viewer.position("v") == 700_000
    server.kill9()
    server.start()
    assert viewer.position("v") == 700_000
    assert not other.has_point("w")


def test_disk_that_never_heals_is_one_line_and_reads_go_on(faulty):
    server, disk = faulty
    viewer = server.viewer()
    viewer.report("v", 600_000)
    disk.set(sync_error=EIO)
    for _ in range(20):
        assert_problem(viewer.post(viewer.body("v", 700_000)), 503, "store_unavailable")
        assert viewer.position("v") == 600_000
    tries = disk.get("failed_syncs")  # it tries, and does not close what it has
    wait_until(lambda: disk.get("failed_syncs") >= tries + 2, "two more tries")
    assert viewer.position("v") == 600_000
    assert len(lines(server, "store_write_failed")) == 1
    assert lines(server, "store_mended") == lines(server, "store_reopen_failed") == []
    disk.set(sync_error=0)
    wait_until_ready(server)


def test_failure_while_others_wait_refuses_all_of_the_batch(faulty):
    """Reports that wait behind the failed sync are refused, too: none is answered 204."""
    server, disk = faulty
    viewers = [server.viewer() for _ in range(20)]
    disk.set(hold_syncs=1)
    wires = [Wire(server.port) for _ in viewers]
    try:
        for viewer, wire in zip(viewers, wires):
            wire.send(viewer.report_request(600_000, event="pause"))
        wait_until(lambda: server.metrics()["playhead_commit_queue_entries"] == 20, "the queue")
        disk.set(sync_error=EIO, hold_syncs=0)
        for wire in wires:
            assert_problem(wire.answer(), 503, "store_unavailable")
    finally:
        for wire in wires:
            with wire:
                pass
    disk.set(sync_error=0)
    wait_until_ready(server)


def test_slow_sync_sheds_ticks_and_takes_acts_until_they_wait_too_long(serve_on):
    server, disk = serve_on({"commit.queue_age_max_ms": "100ms", "commit.wait_max_ms": "2s"})
    viewer, other, slow = server.viewer(), server.viewer(), server.viewer()
    viewer.report("v", 600_000)
    syncs = disk.get("syncs")
    disk.set(hold_syncs=1)
    with Wire(server.port) as waiting, Wire(server.port) as acting:
        waiting.send(slow.report_request(600_000))
        wait_until(lambda: server.metrics()["playhead_commit_queue_entries"] == 1, "the write")

        def shed():
            answer = other.post(other.body("v", 600_000), Connection="close")
            if answer.status == 503 and answer.code == "queue_full":
                return answer
            assert_problem(answer, 503, "store_slow")
            return None
        wait_until(shed, "a refused tick")
        acting.send(viewer.request("PUT", "/v1/watched/w"))
        # Both wait for the disk in vain, and are told so; health and reads are as always.
        assert_problem(waiting.answer(), 503, "store_slow")
        assert_problem(acting.answer(), 503, "store_slow")
        assert disk.get("syncs") == syncs
        assert viewer.position("v") == 600_000
        assert reasons(server) == []
    disk.set(hold_syncs=0)
    # Given up, yet written: what is sent again does no harm.
    wait_until(lambda: slow.has_point("v"), "the late write")
    wait_until(lambda: viewer.has_point("w"), "the late act, in a batch of its own")
    assert viewer.state("w") == "finished"
    wait_until(lambda: other.post(other.body("v", 650_000)).status == 204, "ticks to be taken")
    assert lines(server, "store_write_failed") == []


def test_stop_with_a_hanging_sync_writes_what_waits_once_it_goes_on(faulty):
    server, disk = faulty
    viewer = server.viewer()
    disk.set(hold_syncs=1)
    with Wire(server.port) as wire:
        wire.send(viewer.report_request(600_000))
        wait_until(lambda: server.metrics()["playhead_commit_queue_entries"] == 1, "the write")
        server.signal()
        server.wait_for_event("draining")
        disk.set(hold_syncs=0)
        assert wire.answer().status == 204
    assert server.wait() == 0
    server.start()
    assert viewer.position("v") == 600_000


def test_failing_reads_are_told_and_counted_and_writes_go_on(serve_on):
    server, disk = serve_on({})
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.restart()  # so that it is read from a table
    disk.set(read_error=EIO)
    for _ in range(3):
        assert_problem(viewer.get_point("v"), 503, "store_unavailable")
    assert_problem(viewer.call("GET", "/v1/keep-watching"), 503, "store_unavailable")
    assert viewer.post(viewer.body("w", 600_000)).status == 204
    assert reasons(server) == []
    assert server.metrics()["playhead_store_read_failures_total"] >= 4
    assert 1 <= len(lines(server, "store_read_failed")) <= 4
    disk.set(read_error=0)
    assert viewer.position("v") == 600_000 == viewer.position("w")
