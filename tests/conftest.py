"""Servers for the tests: one shared by most, others with settings of their own."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("harness")))
pytest.register_assert_rewrite("playhead", "viewer", "wire", "loading")

from playhead import Server  # noqa: E402  (after the path and the rewriting)
from wire import Wire  # noqa: E402


def _servers(folder_of):
    """Gives a factory of running servers; afterwards each is ended and checked."""
    started = []

    def start(settings=None, env=None, **more):
        server = Server(folder_of(), settings, env, **more)
        started.append(server)
        return server.start()

    yield start
    try:
        for server in started:
            server.end()
    finally:
        for server in started:
            server.abandon()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The shared server; every test has accounts of its own there."""
    for start in _servers(lambda: tmp_path_factory.mktemp("server")):
        yield start()


@pytest.fixture(scope="module")
def serve_module(tmp_path_factory):
    """Starts servers with settings of their own, for a whole file of tests."""
    yield from _servers(lambda: tmp_path_factory.mktemp("server"))


@pytest.fixture
def serve(tmp_path_factory):
    """Starts servers with settings of their own, for one test."""
    yield from _servers(lambda: tmp_path_factory.mktemp("server"))


@pytest.fixture
def viewer(server):
    """Someone whom the shared server has not met yet."""
    someone = server.viewer()
    yield someone
    someone.close()


@pytest.fixture
def wire(server):
    """A raw connection to the shared server."""
    with Wire(server.port) as opened:
        yield opened
