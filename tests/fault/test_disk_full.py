"""A full disk: no false answer, one line that says what to do, and back by itself."""

from disks import lines, reasons, wait_until_ready
from wire import assert_problem

REASONS = ["store_takes_no_writes", "disk_full"]


def fill_until_refused(viewer, disk):
    """Reports until one is refused; gives what was acknowledged."""
    disk.fill()
    acknowledged = {}
    for i in range(100_000):
        position = 600_000 + i
        answer = viewer.post(viewer.body(f"v{i % 50}", position, session="s", seq=i))
        if answer.status != 204:
            assert_problem(answer, 503, "store_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            return acknowledged
        acknowledged[f"v{i % 50}"] = position
    raise AssertionError("the disk never got full")


def positions(viewer, *video_ids):
    return {point["video_id"]: point["position_ms"] for point in viewer.points(*video_ids)}


def test_full_disk_is_told_reads_go_on_and_it_recovers_by_itself(small_disk):
    server, disk = small_disk
    viewer = server.viewer()
    for i in range(50):
        viewer.report(f"v{i}", 300_000)
    acknowledged = {f"v{i}": 300_000 for i in range(50)} | fill_until_refused(viewer, disk)

    assert reasons(server) == REASONS
    assert server.metrics()["playhead_store_healthy"] == 0
    assert server.metrics()["playhead_ready"] == 0
    # Acts and batches are refused as well, and reads go on.
    assert_problem(viewer.call("PUT", "/v1/watched/v1"), 503, "store_unavailable")
    assert_problem(viewer.batch([viewer.body("v1", 900_000)]), 503, "store_unavailable")
    assert_problem(viewer.call("DELETE", "/v1/me"), 503, "store_unavailable")
    assert positions(viewer, *acknowledged) == acknowledged
    line, = lines(server, "store_write_failed")
    assert line["level"] == "error" and line["trouble"] == "disk_full"
    assert "make room" in line["msg"] and line["error"]

    disk.make_room()
    wait_until_ready(server)
    assert positions(viewer, *acknowledged) == acknowledged
    # What was refused is sent again, with the same number: it is no duplicate.
    refused = viewer.body("v1", 900_000, session="s", seq=1_000_000)
    assert viewer.post(refused).status == 204
    assert viewer.position("v1") == 900_000
    assert server.metrics()["playhead_store_mended_total"] >= 1
    assert server.metrics()["playhead_store_healthy"] == 1
    assert len(lines(server, "store_write_failed")) == 1
    assert len(lines(server, "store_mended")) == 1

    server.kill9()
    server.start()
    assert positions(viewer, *acknowledged) == acknowledged | {"v1": 900_000}


def test_disk_that_fills_up_again_is_refused_again(small_disk):
    server, disk = small_disk
    viewer = server.viewer()
    for _ in range(2):
        fill_until_refused(viewer, disk)
        assert reasons(server) == REASONS
        disk.make_room()
        wait_until_ready(server)
    assert len(lines(server, "store_write_failed")) == 2
    viewer.report("v", 600_000)


def test_server_does_not_start_on_a_full_disk_and_says_so(small_disk):
    server, disk = small_disk
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.stop()
    disk.fill()
    server.launch()
    assert server.wait() == 1
    line, = lines(server, "cannot_start")
    assert "the disk is full: make room" in line["msg"]
    disk.make_room()
    server.start()
    assert viewer.position("v") == 600_000


def test_stop_with_a_full_disk_ends_well(small_disk):
    server, disk = small_disk
    viewer = server.viewer()
    viewer.report("v", 600_000)
    acknowledged = {"v": 600_000} | fill_until_refused(viewer, disk)
    server.stop()
    disk.make_room()
    server.start()
    assert positions(viewer, *acknowledged) == acknowledged
