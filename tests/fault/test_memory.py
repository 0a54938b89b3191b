"""256 MiB for all of it, page cache included: a container of an operator who must save."""

import os
from pathlib import Path

import pytest

from viewer import background_load
from playhead import wait_until

LIMIT = 256 << 20
SETTINGS = {"store.block_cache_bytes": "32MiB", "store.write_buffer_bytes": "16MiB",
            "store.hot_viewers_bytes": "8MiB",
            "commit.live_sessions_max": 65_536, "auth.cached_tokens_max": 16_384,
            "commit.queue_bytes_max": "16MiB"}


class MemoryGroup:
    """A control group of 256 MiB, of either version."""

    def __init__(self, name):
        v1 = Path("/sys/fs/cgroup/memory")
        self.folder = (v1 if v1.exists() else Path("/sys/fs/cgroup")) / name
        self.limit = "memory.limit_in_bytes" if v1.exists() else "memory.max"
        self.folder.mkdir()
        (self.folder / self.limit).write_text(str(LIMIT))

    def take(self, process):
        (self.folder / "cgroup.procs").write_text(str(process))

    def out_of_memory_kills(self):
        for name in ("memory.oom_control", "memory.events"):
            if (self.folder / name).exists():
                words = (self.folder / name).read_text().split()
                return int(words[words.index("oom_kill") + 1])
        raise AssertionError("the group does not tell")


@pytest.fixture
def memory_group():
    """The group; where none can be made, what says so."""
    try:
        group = MemoryGroup(f"playhead-test-{os.getpid()}")
    except OSError:
        print("control groups cannot be made here: the limit is watched, not enforced")
        yield None
        return
    yield group
    group.folder.rmdir()


def test_it_serves_with_256_mib(memory_group, serve):
    server = serve(SETTINGS)
    if memory_group:
        memory_group.take(server.process.pid)
    viewer = server.viewer()
    with background_load(server, connections=8, pipelined=50):
        wait_until(lambda: server.metrics()['playhead_reports_total{verdict="written"}'] > 20_000,
                   "load")
        for i in range(100):
            viewer.report(f"v{i}", 600_000)
    assert len(viewer.page(limit=100)["items"]) == 100
    assert server.metrics()["process_resident_memory_bytes"] < LIMIT
    if memory_group:
        assert memory_group.out_of_memory_kills() == 0
    server.stop()
