"""What a viewer does, in the words of the tests."""

import json
import threading
import time
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from wire import PATIENCE_S, Http, Wire, assert_problem, request_bytes

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# The film of most tests: long enough for every rule, and what the documents use.
FILM = 44 * MINUTE


def now_ms():
    return int(time.time() * 1000)


class Viewer:
    """A viewer of a server: an account, or one profile of it, with a connection of its own."""

    def __init__(self, server, account, profile=None):
        self.server = server
        self.account = account
        self.profile_name = profile
        self.headers = server.bearer(account)
        self.http = None
        self.port = None
        self.reported_at = 0

    def profile(self, name):
        """The same account under another profile."""
        return Viewer(self.server, self.account, name)

    def call(self, method, path, body=None, headers=None, **query):
        if self.profile_name is not None and body is None:
            query.setdefault("profile", self.profile_name)
        if query:
            path += "?" + urlencode(query, doseq=True)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        headers = {**self.headers, **(headers or {})}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if self.http is None or self.port != self.server.port:  # it was restarted
            self.close()
            self.port = self.server.port
            self.http = Http(self.port)
        return self.http.call(method, path, body, headers)

    def close(self):
        if self.http:
            self.http.close()

    def post(self, body, **headers):
        """One report, as it is."""
        return self.call("POST", "/v1/progress", body, headers)

    def body(self, video_id, position_ms=None, **fields):
        """A report's body; by default of the film."""
        if position_ms is not None:
            fields = {"position_ms": position_ms, "duration_ms": FILM, **fields}
        if self.profile_name is not None:
            fields.setdefault("profile", self.profile_name)
        return {"video_id": video_id, **fields}

    def report(self, video_id, position_ms=None, **fields):
        # Reports of one millisecond have no order but their sessions' names.
        while now_ms() <= self.reported_at:
            time.sleep(0.0005)
        answer = self.post(self.body(video_id, position_ms, **fields))
        self.reported_at = now_ms()
        assert answer.status == 204, answer
        return answer

    def batch(self, reports, **headers):
        return self.call("POST", "/v1/progress/batch", {"reports": reports}, headers)

    def get_point(self, video_id):
        return self.call("GET", "/v1/progress/" + quote(video_id, safe=""))

    def point(self, video_id):
        answer = self.get_point(video_id)
        assert answer.status == 200, answer
        return answer.json

    def has_point(self, video_id):
        answer = self.get_point(video_id)
        if answer.status != 200:
            assert_problem(answer, 404, "no_resume_point")
        return answer.status == 200

    def state(self, video_id):
        return self.point(video_id)["state"]

    def position(self, video_id):
        return self.point(video_id)["position_ms"]

    def points(self, *video_ids):
        answer = self.call("GET", "/v1/progress", video_id=video_ids)
        assert answer.status == 200, answer
        return answer.json["items"]

    def page(self, **query):
        answer = self.call("GET", "/v1/keep-watching", **query)
        assert answer.status == 200, answer
        return answer.json

    def row(self, **query):
        """The ids of the keep-watching row."""
        return [item["video_id"] for item in self.page(**query)["items"]]

    def act(self, method, collection, video_id):
        answer = self.call(method, f"/v1/{collection}/{quote(video_id, safe='')}")
        assert (answer.status, answer.body) == (204, b""), answer

    def forget(self, video_id):
        self.act("DELETE", "progress", video_id)

    def hide(self, video_id):
        self.act("DELETE", "keep-watching", video_id)

    def unhide(self, video_id):
        self.act("PUT", "keep-watching", video_id)

    def mark(self, video_id):
        self.act("PUT", "watched", video_id)

    def unmark(self, video_id):
        self.act("DELETE", "watched", video_id)

    def erase(self, **query):
        answer = self.call("DELETE", "/v1/me", **query)
        assert (answer.status, answer.body) == (204, b""), answer

    def request(self, method, path, body=None, **headers):
        """A request of this viewer for a Wire."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        return request_bytes(method, path, {**self.headers, **headers}, body)

    def report_request(self, position_ms, video_id="v", **headers):
        return self.request("POST", "/v1/progress", self.body(video_id, position_ms), **headers)


@contextmanager
def background_load(server, connections=4, pipelined=20):
    """Others who report all the while, so that commits are always in flight."""
    stopping = threading.Event()
    failures = []

    def write():
        viewer = server.viewer()
        position = 600_000
        try:
            with Wire(server.port) as wire:
                while not stopping.is_set():
                    position += 1
                    wire.send(b"".join(
                        viewer.request("POST", "/v1/progress", viewer.body(f"v{i}", position))
                        for i in range(pipelined)))
                    assert {wire.answer().status for _ in range(pipelined)} == {204}
        except Exception as failure:  # told below, by the thread of the test
            failures.append(failure)

    threads = [threading.Thread(target=write) for _ in range(connections)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert failures == []


def chunked(viewer, body, size, path="/v1/progress"):
    """The body in chunks of `size`, with an extension and a trailer."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = viewer.request("POST", path, **{"Transfer-Encoding": "chunked"})
    parts = [body[i:i + size] for i in range(0, len(body), size)]
    return head + b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
