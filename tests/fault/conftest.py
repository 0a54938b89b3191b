"""Servers on disks that fail."""

import subprocess
from pathlib import Path

import pytest

pytest.register_assert_rewrite("disks")

from disks import ShimDisk, TmpfsDisk, can_mount, server_on  # noqa: E402

SHIM = Path(__file__).with_name("shim")


def pytest_report_header():
    if not can_mount():
        return ("fault: mounting is not permitted here (be root, not in a container without "
                "CAP_SYS_ADMIN): full disks are made by the shim alone")
    return None


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The library to preload, built from shim/disk.c."""
    library = tmp_path_factory.mktemp("shim") / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
                    SHIM / "disk.c"], check=True)
    return library


@pytest.fixture
def serve_on(shim, tmp_path):
    """Starts a server with settings of its own on a disk that fails when told: (server, disk)."""
    started = []

    def start(settings):
        server, disk = server_on(ShimDisk(shim, tmp_path), settings)
        started.append(server)
        return server.start(), disk
    yield start
    _end(started)


@pytest.fixture
def faulty(serve_on):
    """Such a server with the usual settings."""
    return serve_on({})


@pytest.fixture(params=["tmpfs", "shim"] if can_mount() else ["shim"])
def small_disk(request, tmp_path):
    """A server whose disk can be filled: (server, disk)."""
    if request.param == "tmpfs":
        disk = TmpfsDisk(tmp_path)
    else:
        disk = ShimDisk(request.getfixturevalue("shim"), tmp_path)
    server, _ = server_on(disk, {})
    try:
        yield server.start(), disk
        _end([server])
    finally:
        server.abandon()
        disk.unmount()


def _end(servers):
    try:
        for server in servers:
            server.end()
    finally:
        for server in servers:
            server.abandon()
