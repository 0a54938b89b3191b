"""Two instances behind haproxy, restarted in turn under load: not one failed request."""

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading

import pytest

from playhead import ROOT, Server, wait_until
from tokens import HS256, base64url, good_claims, sign
from wire import PATIENCE_S, Http

KEY = b"a key that is long enough for HS256"
PAGE = ROOT / "docs" / "operations" / "deploy.md"


def free_ports(count):
    """Ports nobody has; haproxy and the servers keep theirs over restarts."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def haproxy_config(port, servers):
    """The snippet of deploy.md, with the ports of this test and checks that are quicker."""
    text = re.search(r"```haproxy\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    text = text.replace("bind :443 ssl crt /etc/ssl/private/playhead.pem", f"bind 127.0.0.1:{port}")
    for number, server in enumerate(servers, 1):
        text = text.replace(f"10.0.0.{number}:8080", f"127.0.0.1:{server}")
    assert "10.0.0" not in text and "ssl" not in text
    return text.replace("inter 1s", "inter 400ms")


@pytest.fixture
def pair(tmp_path):
    """(port of haproxy, two servers with the same key)."""
    assert shutil.which("haproxy"), "haproxy is missing: script/bootstrap --test"
    front, *ports = free_ports(3)
    key = tmp_path / "token.key"
    servers = []
    for number, port in enumerate(ports):
        server = Server(tmp_path / f"server{number}", {
            "http.listen": f"127.0.0.1:{port}", "auth.key_file": key,
            "life.drain_delay_ms": "3s"})
        servers.append(server)
    key.write_text(base64url(KEY))
    key.chmod(0o600)
    config = tmp_path / "haproxy.cfg"
    config.write_text(haproxy_config(front, ports))
    proxy = None
    try:
        for server in servers:
            server.start()
        with open(tmp_path / "haproxy.log", "wb") as log:
            proxy = subprocess.Popen(["haproxy", "-f", config, "-db"], stdout=log, stderr=log)
        wait_until(lambda: answers(front), "haproxy")
        yield front, servers
        for server in servers:
            server.end()
    finally:
        if proxy:
            proxy.kill()
            proxy.wait()
        for server in servers:
            server.abandon()


def answers(port):
    try:
        client = Http(port)
        return client.call("GET", "/livez").status == 200
    except (OSError, http.client.HTTPException):
        return False


class Player:
    """Reports one after another on a kept connection, as a player's browser does."""

    def __init__(self, port, number, stopping):
        token = sign(KEY, HS256, good_claims(f"account-{number}"))
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.http, self.stopping = Http(port), stopping
        self.answered, self.failures = 0, []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            body = json.dumps({"video_id": "v", "position_ms": 600_000 + self.answered,
                               "duration_ms": 100_000_000, "event": "pause"})
            try:
                answer = self.http.call("POST", "/v1/progress", body.encode(), self.headers)
                if answer.status != 204:
                    self.failures.append(answer)
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(failure)
            self.answered += 1


def test_restarted_in_turn_under_load_no_request_fails(pair):
    front, servers = pair
    stopping = threading.Event()
    players = [Player(front, number, stopping) for number in range(8)]

    def answered():
        return sum(player.answered for player in players)

    try:
        for _ in range(2):
            for server in servers:
                before = answered()
                wait_until(lambda: answered() > before + 200, "load")
                server.stop()
                server.start()
                # haproxy sends it requests again before the other one goes.
                wait_until(lambda: server.metrics().get(
                    'playhead_reports_total{verdict="written"}', 0) > 20, "its share of the load")
    finally:
        stopping.set()
        for player in players:
            player.thread.join(PATIENCE_S)
    assert [player.failures for player in players] == [[]] * len(players)
