"""The data folder is deleted, moved, not writable, or somebody else's."""

import shutil
import threading

import pytest

from disks import lines, reasons, wait_until_ready
from playhead import Server, wait_until
from wire import assert_problem

GONE = ["store_takes_no_writes", "folder_gone"]


@pytest.mark.parametrize("what", ["data", "data/store"])
def test_no_answer_is_given_for_what_went_to_a_deleted_file(serve, what):
    """A deleted file takes writes and syncs, and keeps none of them."""
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    shutil.rmtree(server.folder / what)
    for _ in range(5):
        assert_problem(viewer.post(viewer.body("v", 700_000)), 503, "store_unavailable")
    assert reasons(server) == GONE
    line, = lines(server, "store_write_failed")
    assert line["trouble"] == "folder_gone" and "move the folder back" in line["msg"]


def test_what_a_deleted_log_held_is_kept_in_a_table(serve):
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    for log in (server.data / "store").glob("*.log"):
        log.unlink()
    assert_problem(viewer.post(viewer.body("v", 700_000)), 503, "store_unavailable")
    wait_until_ready(server)
    assert [line["trouble"] for line in lines(server, "store_write_failed")] == ["folder_gone"]
    viewer.report("w", 600_000)
    server.kill9()
    server.start()
    assert viewer.position("v") in (600_000, 700_000) and viewer.has_point("w")


def test_folder_that_is_deleted_under_load_takes_no_answered_report_after_it_is_gone(serve):
    server = serve()
    viewer = server.viewer()
    gone = threading.Event()
    after = []

    def report():
        for i in range(1_000_000):
            was_gone = gone.is_set()
            status = viewer.post(viewer.body("v", 600_000 + i)).status
            if was_gone:
                after.append(status)
            if len(after) == 20:
                return

    thread = threading.Thread(target=report)
    thread.start()
    wait_until(lambda: server.metrics()['playhead_reports_total{verdict="written"}'] > 50, "load")
    shutil.rmtree(server.data)
    gone.set()
    thread.join()
    assert after == [503] * 20
    assert reasons(server) == GONE


def test_folder_that_is_moved_away_and_back_goes_on_with_all_of_it(serve):
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.data.rename(server.folder / "elsewhere")
    assert_problem(viewer.post(viewer.body("v", 700_000)), 503, "store_unavailable")
    (server.folder / "elsewhere").rename(server.data)
    wait_until_ready(server)
    assert viewer.position("v") in (600_000, 700_000)
    viewer.report("v", 800_000)
    server.kill9()
    server.start()
    assert viewer.position("v") == 800_000


def test_folder_that_is_restored_from_a_backup_is_served_after_a_restart(serve):
    """Not before: what is being copied is there in part, and would be opened as all there is."""
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.stop()
    shutil.copytree(server.data, server.folder / "backup")
    server.start()
    viewer.report("w", 600_000)
    shutil.rmtree(server.data)
    assert viewer.post(viewer.body("v", 700_000)).status == 503
    shutil.copytree(server.folder / "backup", server.data)
    assert viewer.post(viewer.body("v", 700_000)).status == 503
    assert reasons(server) == GONE
    server.restart()
    assert viewer.position("v") == 600_000 and not viewer.has_point("w")
    viewer.report("w", 600_000)


def test_deleted_folder_is_not_made_anew_but_by_a_restart_which_says_so(serve):
    server = serve()
    assert len(lines(server, "store_created")) == 1
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.restart()
    assert lines(server, "store_created") == []
    shutil.rmtree(server.data)
    assert viewer.post(viewer.body("v", 700_000)).status == 503
    assert not server.data.exists()
    server.restart()
    line, = lines(server, "store_created")
    assert "mounted" in line["msg"]
    someone = server.viewer()
    someone.report("v", 600_000)
    assert not server.viewer().has_point("v")


def test_other_server_that_takes_the_deleted_folder_keeps_it(serve):
    """The old one must neither write there nor answer for what it cannot keep."""
    old = serve()
    viewer = old.viewer()
    viewer.report("v", 600_000)
    shutil.rmtree(old.data)
    new = Server(old.folder / "new")
    new.data = old.data
    try:
        new.start()
        someone = new.viewer()
        someone.report("v", 600_000)
        for _ in range(5):
            assert_problem(viewer.post(viewer.body("v", 700_000)), 503, "store_unavailable")
        assert reasons(old) == GONE
        assert someone.position("v") == 600_000
        new.end()
    finally:
        new.abandon()


def cannot_start(server):
    server.launch()
    assert server.wait() == 1
    line, = lines(server, "cannot_start")
    return line["msg"]


def test_second_server_on_a_folder_does_not_start_and_leaves_the_first_alone(serve):
    first = serve()
    second = Server(first.folder / "second")
    second.data = first.data
    assert "another process uses it: stop that one" in cannot_start(second)
    viewer = first.viewer()
    viewer.report("v", 600_000)
    assert viewer.position("v") == 600_000


def test_folder_that_cannot_be_written_is_named_with_what_to_do(serve):
    server = serve()
    server.stop()
    shutil.rmtree(server.data / "store")
    (server.data / "store").touch()
    message = cannot_start(server)
    assert str(server.data / "store") in message
    assert "check that the folder can be written" in message
    (server.data / "store").unlink()


def test_disk_that_is_mounted_read_only_is_named_with_what_to_do(small_disk):
    server, disk = small_disk
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.stop()
    disk.make_read_only()
    message = cannot_start(server)
    assert "Read-only file system" in message and "can be written" in message
    disk.make_writable()
    server.start()
    assert viewer.position("v") == 600_000
