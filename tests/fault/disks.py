"""Disks that fail: real ones that are small, and a shim that does as it is told."""

import errno
import os
import struct
import subprocess

from playhead import Server, wait_until


def can_mount():
    """Whether this process may mount, asked once."""
    if not hasattr(can_mount, "answer"):
        asked = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                               capture_output=True, check=False)
        can_mount.answer = asked.returncode == 0 and os.geteuid() == 0
    return can_mount.answer


class ShimDisk:
    """The disk under a server's store as the shim makes it; everything works until it is told."""

    FIELDS = ("sync_error", "write_error", "read_error", "hold_syncs", "syncs",
              "failed_syncs", "create_error")

    def __init__(self, shim, path):
        self.path = path
        self.control = path / "control"
        self.control.write_bytes(bytes(4 * len(self.FIELDS)))
        self.store = path / "data" / "store"
        self.env = {"LD_PRELOAD": str(shim), "FAULT_CONTROL": str(self.control),
                    "FAULT_FOLDER": str(self.store), "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def set(self, **fields):
        with open(self.control, "r+b") as control:
            for name, value in fields.items():
                control.seek(4 * self.FIELDS.index(name))
                control.write(struct.pack("i", value))

    def get(self, name):
        return struct.unpack_from("i", self.control.read_bytes(), 4 * self.FIELDS.index(name))[0]

    def fill(self):
        self.set(write_error=errno.ENOSPC)

    def make_room(self):
        self.set(write_error=0)

    def make_read_only(self):
        self.set(write_error=errno.EROFS, create_error=errno.EROFS)

    def make_writable(self):
        self.set(write_error=0, create_error=0)

    def unmount(self):
        """Nothing is mounted."""


class TmpfsDisk:
    """A file system of 48 MiB under a server's folder."""

    env = {}

    def __init__(self, path):
        self.path = path
        self.mount("-t", "tmpfs", "-o", "size=48m", "tmpfs")
        self.filler = path / "filler"
        self.store = path / "data" / "store"

    def mount(self, *arguments):
        subprocess.run(["mount", *arguments, self.path], check=True)

    def fill(self):
        """Takes the last byte: a page at a time, as others free some now and then."""
        with open(self.filler, "ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        continue
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error

    def make_room(self):
        self.filler.unlink()

    def make_read_only(self):
        self.mount("-o", "remount,ro")

    def make_writable(self):
        self.mount("-o", "remount,rw")

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.path], check=True)


def server_on(disk, settings):
    """A server that is not started, and its disk."""
    # The log is elsewhere: what is tested is the store's disk.
    server = Server(disk.path, {"store.write_buffer_bytes": "1MiB", **settings}, disk.env)
    server.log_path = disk.path.parent / f"{disk.path.name}.log"
    return server, disk


def lines(server, name):
    """The log lines of one event."""
    return [event for event in server.events() if event["event"] == name]


def reasons(server):
    """What /readyz gives as its reasons; empty where it is ready."""
    answer = server.get("/readyz")
    found = answer.json["reasons"]
    assert (answer.status, answer.json["ready"]) == ((503, False) if found else (200, True))
    return found


def wait_until_ready(server):
    wait_until(lambda: not reasons(server), "readiness")
