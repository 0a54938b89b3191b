"""Bounds of a request: its header, its body, its time, and the connections."""

import http.client
import json
import time

import pytest

from playhead import wait_until
from viewer import chunked
from wire import Wire, assert_problem, assert_refused, call, request_bytes

POST = "POST", "/v1/progress"


def with_header_of(viewer, size):
    """A GET whose request line and header have `size` bytes."""
    least = len(viewer.request("GET", "/v1/progress/v", **{"X-Padding": ""}))
    return viewer.request("GET", "/v1/progress/v", **{"X-Padding": "x" * (size - least)})


def test_header_may_have_8_kib(server, viewer):
    viewer.report("v", 600_000)
    with Wire(server.port) as wire:
        request = with_header_of(viewer, 8 << 10)
        assert len(request) == 8 << 10
        wire.send(request * 3)
        assert [wire.answer().status for _ in range(3)] == [200] * 3
    with Wire(server.port) as wire:
        wire.send(with_header_of(viewer, (8 << 10) + 1) + request)
        assert_refused(wire, 431, "header_too_large")
    with Wire(server.port) as wire:
        wire.send(request_bytes("GET", "/" + "x" * (8 << 10)))
        assert_refused(wire, 414, "target_too_long")


def test_header_that_never_ends_is_refused(wire):
    wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    try:
        for _ in range(100):
            wire.send(b"X: " + b"y" * 1000 + b"\r\n")
            time.sleep(0.0005)
    except OSError:
        pass
    try:
        assert_problem(wire.answer(), 431, "header_too_large")
    except ConnectionResetError:
        pass  # the answer is lost to who does not read it


def padded(viewer, size):
    body = json.dumps({**viewer.body("v", 600_000), "padding": ""}).encode()
    return body[:-2] + b"x" * (size - len(body)) + body[-2:]


@pytest.mark.parametrize("framed", ["length", "chunked"])
def test_body_may_have_16_kib(server, viewer, framed):
    def send(wire, size):
        body = padded(viewer, size)
        wire.send(viewer.request(*POST, body) if framed == "length" else
                  chunked(viewer, body, 1000))
    with Wire(server.port) as wire:
        send(wire, 16 << 10)
        assert wire.answer().status == 204
    with Wire(server.port) as wire:
        send(wire, (16 << 10) + 1)
        assert_refused(wire, 413, "body_too_large")


def test_batch_may_have_64_kib_chunked(wire, viewer):
    body = json.dumps({"reports": [viewer.body("v", 600_000)], "padding": ""}).encode()
    size = 64 << 10
    body = body[:-2] + b"x" * (size - len(body)) + body[-2:]
    wire.send(chunked(viewer, body, 5000, "/v1/progress/batch"))
    assert wire.answer().status == 200
    wire.send(chunked(viewer, body[:-1] + b" }", 5000, "/v1/progress/batch"))
    assert_refused(wire, 413, "body_too_large")


@pytest.fixture(scope="module")
def hurried(serve_module):
    return serve_module({"http.request_timeout_ms": "500ms", "http.idle_timeout_ms": "1s"})


def test_request_that_takes_too_long_is_answered_408(hurried):
    token = hurried.token("slow").encode()
    for part in (b"GET /livez HTTP/1.1\r\nHost: x\r\n",
                 b"POST /v1/progress HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
                 b"\r\nContent-Length: 9\r\n\r\n{"):
        with Wire(hurried.port) as wire:
            wire.send(part)
            assert_refused(wire, 408, "request_timeout")


@pytest.mark.parametrize("more", ["", "Expect: 100-continue\r\n", "Authorization: Bearer no\r\n"])
def test_no_body_is_waited_for_without_a_token(server, more):
    with Wire(server.port) as wire:
        wire.send(f"POST /v1/progress/batch HTTP/1.1\r\nHost: x\r\n{more}"
                  "Content-Length: 65536\r\n\r\n{".encode())
        assert_refused(wire, 401, "token_malformed" if "Bearer" in more else "token_missing")


def test_trickle_does_not_win_time(hurried):
    with Wire(hurried.port) as wire:
        wire.socket.settimeout(0.1)
        wire.send(b"GET /livez HTTP/1.1\r\nHost: x\r\nX: ")

        def timed_out():
            try:
                wire.send(b"y")
                return wire.socket.recv(1000)
            except TimeoutError:
                return None
        assert wait_until(timed_out, "the answer 408").startswith(b"HTTP/1.1 408 ")


def test_idle_connection_is_closed_without_a_word(hurried):
    with Wire(hurried.port) as unused, Wire(hurried.port) as used:
        used.send(request_bytes("GET", "/livez"))
        assert used.answer().status == 200
        for wire in (unused, used):
            wire.assert_closed()


def test_connection_past_the_bound_is_told_so_and_closed(serve):
    server = serve({"http.connections_max": 2})
    first, second = Wire(server.port), Wire(server.port)
    for wire in (first, second):
        wire.send(request_bytes("GET", "/livez"))
        assert wire.answer().status == 200
    with Wire(server.port) as third:
        answer = assert_problem(third.answer(), 503, "too_many_connections")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["connection"] == "close"
        third.assert_closed()
    # The way in for operators stays open.
    assert server.admin("/livez").status == 200
    with first, second:
        pass

    def let_in():
        try:
            return call(server.port, "GET", "/livez").status == 200
        except (OSError, http.client.HTTPException):
            return False
    wait_until(let_in, "room for a connection")
    assert server.metrics()['playhead_http_connections_refused_total{listener="public"}'] >= 1
