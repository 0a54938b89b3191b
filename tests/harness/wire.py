"""HTTP as the tests speak it: a client that is comfortable, and one that is raw."""

import http.client
import json
import re
import socket
from dataclasses import dataclass

# The longest wait for anything: the machine may be busy, and the binary instrumented.
PATIENCE_S = 30


@dataclass
class Answer:
    """What the server said; header names in lower case."""
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["code"]

    @property
    def pointers(self):
        return [error["pointer"] for error in self.json["errors"]]


def headers_of(pairs):
    headers = {}
    for name, value in pairs:
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def assert_problem(answer, status, code):
    """An RFC 9457 answer with this status and code."""
    assert (answer.status, answer.body and answer.code) == (status, code), answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert problem["title"] and problem["type"]
    return answer


class Http:
    """A client with one connection that it opens again when it must."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def call(self, method, path, body=None, headers=None):
        try:
            self.connection.request(method, path, body, headers or {})
            response = self.connection.getresponse()
            return Answer(response.status, headers_of(response.getheaders()), response.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def close(self):
        self.connection.close()


def call(port, method, path, body=None, headers=None):
    """One request on a connection of its own."""
    client = Http(port)
    try:
        return client.call(method, path, body, headers)
    finally:
        client.close()


class Wire:
    """A raw connection: bytes out, answers in."""

    def __init__(self, port, source=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S,
                                               source_address=source and (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.input.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, head=False):
        """The next answer, 1xx included; `head` where it has no body for being one to HEAD."""
        line = self.input.readline()
        match = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [^\r\n]+\r\n", line)
        assert match, f"not a status line: {line!r}"
        status = int(match[1])
        pairs = []
        while (line := self.input.readline()) != b"\r\n":
            name, value = line.decode().rstrip("\r\n").split(": ", 1)
            pairs.append((name, value))
        headers = headers_of(pairs)
        empty = head or status in (204, 304) or status < 200
        size = 0 if empty else int(headers["content-length"])
        body = self.input.read(size)
        assert len(body) == size
        return Answer(status, headers, body)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def assert_closed(self):
        """The server closed, and said nothing more."""
        try:
            rest = self.input.read()
        except ConnectionResetError:
            rest = b""
        assert rest == b""


def request_bytes(method, path, headers=(), body=None, host="test"):
    """A request as it goes over the wire, with Content-Length where it has a body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in dict(headers).items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def assert_refused(wire, status, code):
    """A problem, said with `Connection: close`, and then the end."""
    answer = assert_problem(wire.answer(), status, code)
    assert answer.headers["connection"] == "close"
    wire.half_close()
    wire.assert_closed()
    return answer
