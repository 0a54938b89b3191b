"""Requests that two parsers could read in two ways: refused, and nothing behind them is read."""

import pytest

from wire import Wire, assert_refused


def head(*lines):
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


POST = "POST /v1/progress HTTP/1.1"
CHUNKED = "Transfer-Encoding: chunked"
DOUBTFUL = {
    "length, then chunked": head(POST, "Host: x", "Content-Length: 5", CHUNKED),
    "chunked, then length": head(POST, "Host: x", CHUNKED, "Content-Length: 5"),
    "one length twice": head(POST, "Host: x", "Content-Length: 5", "Content-Length: 5"),
    "two lengths": head(POST, "Host: x", "Content-Length: 5", "Content-Length: 6"),
    "list of lengths": head(POST, "Host: x", "Content-Length: 5, 5"),
    "length with a plus": head(POST, "Host: x", "Content-Length: +5"),
    "negative length": head(POST, "Host: x", "Content-Length: -5"),
    "hexadecimal length": head(POST, "Host: x", "Content-Length: 0x5"),
    "empty length": head(POST, "Host: x", "Content-Length: "),
    "unknown coding": head(POST, "Host: x", "Transfer-Encoding: gzip"),
    "two codings": head(POST, "Host: x", "Transfer-Encoding: gzip, chunked"),
    "chunked twice": head(POST, "Host: x", CHUNKED, CHUNKED),
    "chunked in 1.0": head("POST /v1/progress HTTP/1.0", "Host: x", CHUNKED),
    "no host": head("GET /livez HTTP/1.1"),
    "two hosts": head("GET /livez HTTP/1.1", "Host: a", "Host: b"),
    "space before a colon": head("GET /livez HTTP/1.1", "Host: a", "Header : value"),
    "two spaces": head("GET  /livez HTTP/1.1", "Host: a"),
    "no version": head("GET /livez", "Host: a"),
    "NUL": head("GET /li\0vez HTTP/1.1", "Host: a"),
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
}


@pytest.mark.parametrize("what", DOUBTFUL)
def test_doubtful_framing_is_refused_and_nothing_behind_it_is_read(wire, what):
    wire.send(DOUBTFUL[what] + SMUGGLED)
    assert_refused(wire, 400, "malformed_request")


def test_bare_line_feeds_end_no_line(wire):
    wire.send(b"GET /livez HTTP/1.1\nHost: x\n\n" + SMUGGLED)
    assert wire.answer().status in (400, 505)
    wire.half_close()
    wire.assert_closed()


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9"])
def test_other_versions_are_refused(wire, version):
    wire.send(head(f"GET /livez {version}", "Host: x") + SMUGGLED)
    assert_refused(wire, 505, "http_version_not_supported")


def test_http_1_0_closes_unless_it_is_asked_not_to(server):
    with Wire(server.port) as wire:
        wire.send(b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "keep-alive")
        wire.send(b"GET /livez HTTP/1.0\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        wire.assert_closed()
