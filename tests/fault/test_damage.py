"""What the disk gives back is not what it was given: cut logs, flipped bytes, lost files."""

import pytest

import wal
from disks import lines, reasons
from playhead import wait_until
from wire import assert_problem


def write_and_die(serve, count=10):
    """A server that was killed with `count` reports of one viewer in its log, each its own."""
    server = serve()
    viewer = server.viewer()
    for i in range(count):
        viewer.report(f"v{i}", 600_000)
    server.kill9()
    return server, viewer


def found(viewer, count=10):
    return [i for i in range(count) if viewer.has_point(f"v{i}")]


def store(server):
    return server.data / "store"


@pytest.mark.parametrize("shorten", [wal.cut, wal.zero], ids=["cut", "zeroed"])
def test_write_that_was_cut_short_by_the_end_is_dropped_and_told(serve, shorten):
    """What a power cut leaves: the last write is there in part, and nobody was answered it."""
    server, viewer = write_and_die(serve)
    log = wal.newest(store(server))
    offset, size = wal.records(log)[-1]
    shorten(log, offset + size // 2)
    server.start()
    assert found(viewer) == list(range(9))
    line, = lines(server, "store_log_cut")
    assert line["level"] == "warn" and log.name in line["error"] and "dropping" in line["error"]
    assert reasons(server) == []
    viewer.report("v9", 600_000)
    server.kill9()
    server.start()
    assert found(viewer) == list(range(10))
    assert lines(server, "store_log_cut") == []


@pytest.mark.parametrize("shorten", [wal.cut, wal.zero], ids=["cut", "zeroed"])
def test_log_whose_last_writes_are_wholly_gone_replays_the_rest(serve, shorten):
    """Nothing tells that a whole record is missing: only a disk that lies about syncs does this."""
    server, viewer = write_and_die(serve)
    log = wal.newest(store(server))
    shorten(log, wal.records(log)[-2][0])
    server.start()
    assert found(viewer) == list(range(8))


def test_log_of_a_killed_server_ends_in_zeroes_and_is_read_to_its_end(serve):
    server, viewer = write_and_die(serve)
    log = wal.newest(store(server))
    offset, size = wal.records(log)[-1]
    behind = log.read_bytes()[offset + size:]
    assert len(behind) > 200 * 1024 and not any(behind)
    server.start()
    assert found(viewer) == list(range(10))
    assert lines(server, "store_log_cut") == []


def test_damage_within_the_log_is_told_and_what_is_before_it_is_kept(serve):
    server, viewer = write_and_die(serve)
    log = wal.newest(store(server))
    offset, size = wal.records(log)[-4]
    wal.flip(log, offset + size - 3)
    server.start()
    assert found(viewer) == list(range(6))
    line, = lines(server, "store_log_cut")
    assert "checksum mismatch" in line["error"]


def test_zeroes_within_the_log_are_told_and_what_is_before_them_is_kept(serve):
    """Pages that a disk lost after it had synced them: they read as what was there before."""
    server, viewer = write_and_die(serve, count=600)
    log = wal.newest(store(server))
    # From the midst of an entry in the second block to the midst of another.
    starts = [offset + size // 2 for offset, size in wal.records(log) if offset > wal.BLOCK_BYTES]
    hole = range(starts[5], starts[100])
    whole = sum(offset + size <= hole.start for offset, size in wal.records(log))
    with open(log, "r+b") as file:
        file.seek(hole.start)
        file.write(bytes(len(hole)))
    server.start()
    kept = found(viewer, count=600)
    assert kept == list(range(len(kept)))
    # The store's own first entry, and one in two parts where a block ends.
    assert whole - 3 <= len(kept) <= whole < 600
    assert lines(server, "store_log_cut") != []


def with_table(serve):
    """A stopped server with 400 records of each of two viewers in one table."""
    server = serve()
    viewers = [server.viewer() for _ in range(2)]
    for viewer in viewers:
        for start in range(0, 400, 100):
            answer = viewer.batch([viewer.body(f"v{i:03}", 600_000, session=f"{i * 7919}")
                                   for i in range(start, start + 100)])
            assert answer.status == 200
    server.restart()  # makes a table of the log
    server.stop()
    tables = sorted(store(server).glob("*.sst"), key=lambda path: path.stat().st_size)
    return server, viewers, tables[-1]


def damage_first_block(table):
    wal.flip(table, 40, 8)


def broken(viewers):
    """(those whose records cannot be read, the others); a table begins with either."""
    bad = [viewer for viewer in viewers if viewer.call("GET", "/v1/keep-watching").status != 200]
    return bad, [viewer for viewer in viewers if viewer not in bad]


def test_damaged_table_fails_the_reads_that_need_it_and_no_others(serve):
    server, viewers, table = with_table(serve)
    damage_first_block(table)
    server.start()
    (bad,), (good,) = broken(viewers)
    assert_problem(bad.call("GET", "/v1/keep-watching"), 503, "store_unavailable")
    assert len(good.page(limit=100)["items"]) == 100
    assert "checksum mismatch" in lines(server, "store_read_failed")[0]["error"]
    assert server.metrics()["playhead_store_read_failures_total"] >= 2
    assert reasons(server) == []  # a restart elsewhere would not help, and the others are served
    good.report("new", 600_000)


def test_compaction_that_meets_damage_stops_writes_for_good_and_says_restore(serve):
    server, viewers, table = with_table(serve)
    damage_first_block(table)
    server.start()
    damaged = ["store_takes_no_writes", "store_damaged"]

    def met():
        """Each start makes a table of what was written; when there are four they are compacted."""
        # Between two videos of the table, so that the tables overlap and are read together.
        if viewers[0].post(viewers[0].body("v1", 600_000)).status == 204:
            server.restart()
        return reasons(server) == damaged
    wait_until(met, "the reasons")
    line, = lines(server, "store_write_failed")
    assert line["trouble"] == "store_damaged" and "restore" in line["msg"]
    assert_problem(viewers[0].post(viewers[0].body("w", 700_000)), 503, "store_unavailable")
    assert len(broken(viewers)[1]) == 1
    assert lines(server, "store_mended") == []  # which would not help


@pytest.mark.parametrize("spoil, words", [
    (lambda store, table: wal.cut(table, table.stat().st_size - 10), "damaged"),
    (lambda store, table: table.unlink(), "damaged"),
    (lambda store, table: (store / "CURRENT").unlink(), "CURRENT"),
    (lambda store, table: (store / "CURRENT").write_text("rubbish\n"), "damaged"),
    (lambda store, table: wal.flip(next(store.glob("MANIFEST-*")), 20, 4), "damaged"),
], ids=["table cut", "table lost", "CURRENT lost", "CURRENT damaged", "MANIFEST damaged"])
def test_server_does_not_start_on_a_damaged_store_and_says_restore(serve, spoil, words):
    server, _, table = with_table(serve)
    spoil(store(server), table)
    before = {path.name for path in store(server).glob("*.sst")}
    server.launch()
    assert server.wait() == 1
    line, = lines(server, "cannot_start")
    assert words in line["msg"] and "restore it from a backup" in line["msg"]
    assert {path.name for path in store(server).glob("*.sst")} == before


def test_store_of_a_newer_format_is_left_alone(serve):
    server = serve()
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.kill9()
    for log in store(server).glob("*.log"):
        if b"format_version" in log.read_bytes():
            wal.replace(log, b"format_version\x011", b"format_version\x012")
    server.launch()
    assert server.wait() == 1
    line, = lines(server, "cannot_start")
    assert "format 2" in line["msg"] and "run the newer program" in line["msg"]
