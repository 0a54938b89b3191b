"""The harness: the real binary, its files, its signals, its death."""

import base64
import json
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

from tokens import HS256, good_claims, sign
from viewer import Viewer
from wire import PATIENCE_S, call

ROOT = Path(__file__).resolve().parents[2]


def binary():
    """The program under test."""
    given = os.environ.get("PLAYHEAD_BINARY")
    if given:
        return Path(given).resolve()
    built = [ROOT / "build" / preset / "playhead" for preset in ("asan", "release", "dev")]
    built = [path for path in built if path.exists()]
    assert built, "no binary: build one, or set PLAYHEAD_BINARY"
    return max(built, key=lambda path: path.stat().st_mtime)


def environment(**more):
    """Ours without PLAYHEAD_*, which the program would take for settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLAYHEAD_")}
    return {**kept, **more}


def run(*arguments, env=None):
    """Runs a subcommand to its end."""
    return subprocess.run([binary(), *map(str, arguments)], env=environment(**(env or {})),
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def wait_until(condition, what):
    """Waits for `condition` to give something true, and gives that."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


class Server:
    """`playhead serve` on ports of its choice, with a folder that outlives restarts."""

    command = ("serve",)

    def __init__(self, folder, settings=None, env=None, nofile=None):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.log_path = folder / "log"
        self.settings = settings or {}
        self.env = env or {}
        self.nofile = nofile  # the limit of file descriptors
        self.process = None
        self.port = self.admin_port = None
        self.secrets = set()  # accounts and tokens: none may ever be in the log
        self.log_start = 0

    def launch(self, **settings):
        """Starts the process and waits for nothing."""
        # Tests hurry; what an account's budget does has tests of its own (test_fairness.py).
        given = {"http.listen": "127.0.0.1:0", "http.admin_listen": "127.0.0.1:0",
                 "http.account_requests_per_s": 0, "data.folder": self.data,
                 **self.settings, **settings}
        flags = {"http.listen": "--listen", "http.admin_listen": "--admin-listen",
                 "data.folder": "--data"}
        arguments = [*self.command]
        for key, value in given.items():
            arguments += [flags[key], str(value)] if key in flags else ["--set", f"{key}={value}"]
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            limit = ["prlimit", f"--nofile={self.nofile}"] if self.nofile else []
            self.process = subprocess.Popen([*limit, binary(), *arguments], stderr=log,
                                            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                            env=environment(**self.env))

    def start(self, **settings):
        self.launch(**settings)
        event = self.wait_for_event("listening")
        self.port, self.admin_port = event["port"], event["admin_port"]
        return self

    def events(self):
        """The log of this run; every line of it must be a JSON object."""
        text = self.log_path.read_bytes()[self.log_start:].decode()
        lines = text.split("\n")[:-1]
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            raise AssertionError(f"not a JSON log:\n{text}") from None

    def find_event(self, name):
        return next((event for event in self.events() if event["event"] == name), None)

    def wait_for_event(self, name):
        def found():
            ended = self.process.poll() is not None
            event = self.find_event(name)
            assert event or not ended, f"the server ended: {self.events()}"
            return event
        return wait_until(found, f"the log line {name}")

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """The exit code."""
        return self.process.wait(timeout=PATIENCE_S)

    def stop(self):
        self.signal()
        assert self.wait() == 0, self.log_path.read_text()

    def kill9(self):
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def restart(self):
        self.stop()
        return self.start()

    def end(self):
        """Ends the server, and checks what must hold of every one."""
        if self.process and self.process.poll() is None:
            self.stop()
        text = self.log_path.read_text()
        for line in text.splitlines():
            assert isinstance(json.loads(line), dict), line
        for secret in self.secrets:
            assert secret not in text, "the log tells an account or a token"

    def abandon(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def key(self):
        text = (self.data / "token.key").read_text().strip()
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def token(self, account, **claims):
        token = sign(self.key, HS256, good_claims(account, **claims))
        self.secrets.update((account, token))
        return token

    def bearer(self, account, **claims):
        return {"Authorization": "Bearer " + self.token(account, **claims)}

    def viewer(self, profile=None):
        """Someone new."""
        return Viewer(self, f"account-{uuid.uuid4().hex[:12]}", profile)

    def get(self, path, **headers):
        return call(self.port, "GET", path, headers=headers)

    def admin(self, path, method="GET"):
        return call(self.admin_port, method, path)

    def metrics(self):
        """Sample with labels -> value."""
        answer = self.admin("/metrics")
        assert answer.status == 200
        samples = (line.rsplit(" ", 1) for line in answer.body.decode().splitlines()
                   if not line.startswith("#"))
        return {name: float(value) for name, value in samples}
