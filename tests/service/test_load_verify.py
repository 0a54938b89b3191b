"""`playhead load --verify`: what was acknowledged is read back, and a planted loss is found."""

import signal
import subprocess
import time

import pytest

from loading import load, load_arguments, promises
from playhead import binary, environment, run, wait_until
from tokens import HS256, good_claims, sign

EXIT_PROMISE_BROKEN = 4
DURATION_MAX_MS = 200 * 60_000  # the longest title there is


class LoadViewer:
    """One of the generator's viewers, by number."""

    def __init__(self, server, number):
        self.viewer = server.viewer()
        self.viewer.headers = server.bearer(f"load-{number:07}")

    def __getattr__(self, name):
        return getattr(self.viewer, name)


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module({"http.threads": 2})


def test_the_verifier_finds_a_planted_loss(server):
    file = server.folder / "promises"
    load(server, "--viewers", 500, "--duration", "2s", "--verify-file", file)
    check = load_arguments(server, "--verify-only", file)
    done = run(*check)
    assert done.returncode == 0 and "0 missing, 0 older" in done.stdout

    known = promises(file)
    (gone_viewer, gone_video), (old_viewer, old_video) = list(known)[3], list(known)[-4]
    LoadViewer(server, gone_viewer).forget(f"video-{gone_video:06}")
    older = LoadViewer(server, old_viewer)
    older.forget(f"video-{old_video:06}")
    older.report(f"video-{old_video:06}", known[old_viewer, old_video] - 1,
                 duration_ms=DURATION_MAX_MS)
    done = run(*check)
    assert done.returncode == EXIT_PROMISE_BROKEN
    assert "1 missing, 1 older than acknowledged" in done.stdout
    assert f"load-{gone_viewer:07} video-{gone_video:06}" in done.stdout
    assert f"load-{old_viewer:07} video-{old_video:06}" in done.stdout
    assert f"found {known[old_viewer, old_video] - 1} ms" in done.stdout


def test_what_was_acknowledged_outlives_a_kill_in_the_middle(serve):
    server = serve()
    listen = {"http.listen": f"127.0.0.1:{server.port}"}
    file = server.folder / "promises"
    process = subprocess.Popen(
        [binary(), *load_arguments(server, "--rate", 1000, "--duration", "4s", "--verify-file",
                                   file, "--verify")],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: server.metrics().get("playhead_commit_batch_entries_sum", 0) > 500,
                   "reports")
        server.signal(signal.SIGSTOP)  # so that there are requests without an answer
        time.sleep(0.2)
        server.kill9()
        server.start(**listen)
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, out + error
    assert "0 missing, 0 older" in out
    assert "connection_lost" in out, "the kill went unnoticed"
    server.kill9()
    server.start()
    done = run(*load_arguments(server, "--verify-only", file))
    assert done.returncode == 0, done.stdout
    assert len(promises(file)) > 500


def test_to_verify_each_viewer_needs_a_token_of_its_own(server):
    """What another viewer of one account watched looked like a loss."""
    file = server.folder / "tokens"
    file.write_text("".join(sign(server.key, HS256, good_claims(f"own-{i}")) + "\n"
                            for i in range(29)))
    short = ["--tokens", file, "--viewers", 20, "--duration", "1s", "--first-viewer", 10]
    _, done = load(server, *short, "--verify", code=1, tokens=True)
    assert "holds 29 tokens" in done.stderr and "each of 30 viewers" in done.stderr
    with file.open("a") as more:
        more.write(sign(server.key, HS256, good_claims("own-29")) + "\n")
    _, done = load(server, *short, "--verify", "--beat", "1s", tokens=True)
    assert "0 missing, 0 older" in done.stdout and "verified 0 " not in done.stdout


def test_to_verify_later_there_are_as_many_tokens_as_at_the_run(server):
    file, kept = server.folder / "tokens", server.folder / "promises"
    tokens = [sign(server.key, HS256, good_claims(f"later-{i}")) + "\n" for i in range(5)]
    file.write_text("".join(tokens))
    load(server, "--tokens", file, "--viewers", 5, "--beat", "200ms", "--duration", "2s",
         "--verify-file", kept, tokens=True)
    assert {viewer for viewer, _ in promises(kept)} == set(range(5))
    check = load_arguments(server, "--tokens", file, "--verify-only", kept, tokens=True)
    done = run(*check)
    assert done.returncode == 0 and "0 missing, 0 older" in done.stdout
    file.write_text("".join(tokens[:4]))
    done = run(*check)
    assert done.returncode == 1
    assert "holds 4 tokens" in done.stderr and "each of 5 viewers" in done.stderr


def test_nothing_acknowledged_is_nothing_verified(server):
    file = server.folder / "empty"
    load(server, "--rate", 20, "--duration", "1s", "--reads", 0, "--verify-file", file)
    file.write_text(file.read_text().splitlines()[0] + "\nend of 0\n")
    done = run(*load_arguments(server, "--verify-only", file))
    assert done.returncode == 1 and "holds nothing that was acknowledged" in done.stderr
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:1]))
    done = run(*load_arguments(server, "--verify-only", file))
    assert done.returncode == 1 and "was cut short" in done.stderr
