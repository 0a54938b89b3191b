"""The table of docs/http.md: how requests are read that two parsers could read in two ways."""

import re
from dataclasses import dataclass

import pytest

from playhead import ROOT
from wire import Wire, assert_problem, request_bytes

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b'{"video_id":"v","percent":28.6}'
HEADER_MAX = 8 << 10
STAYS, CLOSES = "stays open", "closes"


@dataclass
class Case:
    """What is sent (TOKEN stands for a good one), and what must come."""
    name: str
    request: bytes
    status: int
    code: str = ""
    then: str = CLOSES


CASES = []


def head(*lines, ends=b"\r\n"):
    return b"".join(line + ends for line in lines) + ends


def case(name, request, status, code="", then=CLOSES):
    CASES.append(Case(name, request, status, code, then))


def refused(name, request, status=400, code="malformed_request"):
    case(name, request, status, code)


def get(target=b"/livez", *more, method=b"GET", version=b"HTTP/1.1", host=b"Host: x"):
    return head(b" ".join((method, target, version)), *([host] if host else []), *more)


def post(*framing):
    return head(b"POST /v1/progress HTTP/1.1", b"Host: x", b"Authorization: Bearer TOKEN", *framing)


def chunked(*parts):
    return post(b"Transfer-Encoding: chunked") + b"".join(parts)


CHUNK = b"1f\r\n" + BODY + b"\r\n"
LENGTH = b"Content-Length: "

# Lengths.
case("a length", post(LENGTH + b"31") + BODY, 204, then=STAYS)
case("a length with zeros in front", post(LENGTH + b"0031") + BODY, 204, then=STAYS)
case("a body where none is wanted", get(b"/livez", LENGTH + b"31") + BODY, 200, then=STAYS)
refused("a length, then chunked", post(LENGTH + b"31", b"Transfer-Encoding: chunked") + BODY)
refused("chunked, then a length", post(b"Transfer-Encoding: chunked", LENGTH + b"31") + CHUNK)
refused("one length twice", post(LENGTH + b"31", LENGTH + b"31") + BODY)
refused("two lengths", post(LENGTH + b"31", LENGTH + b"5") + BODY)
for what, length in {"a list of lengths": b"31, 31", "an empty length": b"",
                     "a length with a plus": b"+31", "a negative length": b"-31",
                     "a hexadecimal length": b"0x1f", "a length with a fraction": b"31.0",
                     "a length with a space in it": b"3 1", "a length with a tab in it": b"3\t1",
                     "a length of 2^64": b"18446744073709551616",
                     "a length of 21 digits": b"000000000000000000031"}.items():
    refused(what, post(LENGTH + length) + BODY)
refused("a length of 2^64 - 1", post(LENGTH + b"18446744073709551615") + BODY, 413,
        "body_too_large")
refused("a body of over 16 KiB", post(LENGTH + b"16385") + BODY, 413, "body_too_large")

# Codings and chunks.
case("chunks", chunked(CHUNK, b"0\r\n\r\n"), 204, then=STAYS)
case("a chunk's size in capitals, with zeros in front",
     chunked(b"001F\r\n" + BODY + b"\r\n0\r\n\r\n"), 204, then=STAYS)
case("a chunk's extension", chunked(b"1f;a=b;c=\"d;e\"\r\n" + BODY + b"\r\n0;f\r\n\r\n"), 204,
     then=STAYS)
case("a trailer", chunked(CHUNK, b"0\r\nAuthorization: Bearer x\r\n\r\n"), 204, then=STAYS)
for what, coding in {"another coding": b"gzip", "two codings": b"gzip, chunked",
                     "chunked, then another coding": b"chunked, gzip",
                     "a coding that is nearly chunked": b"xchunked",
                     "chunked in quotes": b'"chunked"', "chunked with a parameter": b"chunked;a=b",
                     "the coding identity": b"identity", "an empty coding": b""}.items():
    refused(what, post(b"Transfer-Encoding: " + coding) + CHUNK + b"0\r\n\r\n")
refused("chunked twice",
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + CHUNK + b"0\r\n\r\n")
for what, line in {"a chunk without a size": b"", "a chunk's size of no digits": b"xyz",
                   "a negative chunk's size": b"-1f", "a chunk's size with 0x": b"0x1f",
                   "a chunk's size with a space in front": b" 1f",
                   "a chunk's size with a space behind": b"1f ",
                   "a space before a chunk's extension": b"1f ;a=b",
                   "a chunk's size of 2^64": b"10000000000000000",
                   "a chunk's size of 17 digits": b"0000000000000001f",
                   "a chunk's extension without a name": b"1f;", "a chunk's extension with a NUL":
                   b'1f;a="\0"', "a chunk's extension with a bare LF": b'1f;a="\n"',
                   "a chunk's extension with a bare CR": b'1f;a="\r"',
                   "a chunk's extension that quotes a line's end": b'1f;a="\r\n"',
                   "a chunk's extension of over 512 bytes": b"1f;a=" + b"b" * 512}.items():
    refused(what, chunked(line + b"\r\n" + BODY + b"\r\n0\r\n\r\n"))
for what, size in {"a chunk of over 16 KiB": b"4001",
                   "a chunk's size of 2^64 - 1": b"ffffffffffffffff"}.items():
    refused(what, chunked(size + b"\r\n" + BODY + b"\r\n0\r\n\r\n"), 413, "body_too_large")
refused("a bare LF behind a chunk's size", chunked(b"1f\n" + BODY + b"\r\n0\r\n\r\n"))
refused("a bare CR behind a chunk's size", chunked(b"1f\r" + BODY + b"\r\n0\r\n\r\n"))
refused("a bare LF behind a chunk", chunked(b"1f\r\n" + BODY + b"\n0\r\n\r\n"))
refused("a chunk longer than its size", chunked(b"1e\r\n" + BODY + b"\r\n0\r\n\r\n"))
refused("a bare LF in a trailer", chunked(CHUNK, b"0\r\nA: b\nC: d\r\n\r\n"))
refused("a folded trailer", chunked(CHUNK, b"0\r\nA: b\r\n c\r\n\r\n"))
refused("a length in a trailer", chunked(CHUNK, b"0\r\nContent-Length: 5\r\n\r\n"))
refused("a trailer of over 512 bytes", chunked(CHUNK, b"0\r\n" + b"A:\r\n" * 200 + b"\r\n"))

# Lines and fields.
refused("lines that end in a bare LF", head(b"GET /livez HTTP/1.1", b"Host: x", ends=b"\n"))
refused("lines that end in a bare CR", head(b"GET /livez HTTP/1.1", b"Host: x", ends=b"\r"))
refused("an empty line in front", b"\r\n" + get())
refused("a bare LF in a field", get(b"/livez", b"A: b\nC: d"))
refused("a bare CR in a field", get(b"/livez", b"A: b\rC: d"))
refused("a NUL in a field", get(b"/livez", b"A: b\0"))
refused("a NUL in a field's name", get(b"/livez", b"A\0: b"))
refused("a NUL in the target", get(b"/li\0vez"))
refused("a space before a colon", get(b"/livez", b"A : b"))
refused("a tab before a colon", get(b"/livez", b"Content-Length\t: 31") + BODY)
refused("a field without a name", get(b"/livez", b": b"))
refused("a field without a colon", get(b"/livez", b"A"))
refused("a folded field", get(b"/livez", b"A: b", b" c"))
refused("a field folded by a tab", get(b"/livez", b"Authorization: Bearer", b"\tTOKEN"))
refused("a field that begins folded", get(b"/livez", b"Transfer-Encoding:", b" chunked"))
refused("a space before the first field", head(b"GET /livez HTTP/1.1", b" Host: x"))
refused("two tokens", get(b"/v1/keep-watching", b"Authorization: Bearer TOKEN",
                          b"Authorization: Bearer TOKEN"))

# The request line.
case("a whole URI", get(b"http://x/livez"), 200, then=STAYS)
case("a whole URI of another host", get(b"HTTPS://y.example:8080/livez?a=b"), 200, then=STAYS)
case("a whole URI without a path", get(b"http://x"), 404, "route_not_found", STAYS)
case("the asterisk", get(b"*", method=b"OPTIONS"), 204, then=STAYS)
case("a whole URI without a path, for OPTIONS", get(b"http://x", method=b"OPTIONS"), 204,
     then=STAYS)
for what, target in {"the asterisk, for GET": b"*", "another scheme": b"ftp://x/livez",
                     "a URI without a host": b"http:///livez",
                     "a URI with a name and password": b"http://a:b@x/livez",
                     "a target without a slash": b"livez", "a host and port": b"x:80",
                     "a fragment": b"/livez#a", "a backslash": b"/livez\\a",
                     "a byte past ASCII in the target": b"/livez\xc3\xa9",
                     "a tab in the target": b"/livez\ta", "no target": b""}.items():
    refused(what, get(target))
refused("CONNECT", get(b"x:443", method=b"CONNECT"))
refused("two spaces", get(b" /livez"))
refused("a tab for a space", head(b"GET\t/livez HTTP/1.1", b"Host: x"))
refused("a space behind the version", get(version=b"HTTP/1.1 "))
refused("a method that is no token", get(method=b"G(T"))
refused("no version", head(b"GET /livez", b"Host: x"))
refused("a version in small letters", get(version=b"http/1.1"))
refused("another protocol", get(version=b"RTSP/1.0"))
case("a method that is not known", get(method=b"FETCH"), 405, "method_not_allowed", STAYS)
case("a method in small letters", get(method=b"get"), 405, "method_not_allowed", STAYS)
for what, version in {"HTTP/1.2": b"HTTP/1.2", "HTTP/2.0": b"HTTP/2.0",
                      "HTTP/0.9": b"HTTP/0.9"}.items():
    refused(what, get(version=version), 505, "http_version_not_supported")
refused("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
        "http_version_not_supported")
refused("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)))
case("HTTP/1.0", get(version=b"HTTP/1.0", host=b""), 200)
case("HTTP/1.0 that keeps alive",
     head(b"GET /livez HTTP/1.0", b"Connection: keep-alive"), 200, then=STAYS)
case("HTTP/1.0 that keeps alive and closes",
     head(b"GET /livez HTTP/1.0", b"Connection: keep-alive, close"), 200)
case("HTTP/1.0 that closes and keeps alive, in two fields",
     head(b"GET /livez HTTP/1.0", b"Connection: Close", b"Connection: keep-alive"), 200)
case("HTTP/1.1 that keeps alive and closes", get(b"/livez", b"Connection: keep-alive, close"), 200)
refused("chunked in HTTP/1.0", chunked(CHUNK, b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"))

# Host.
for what, host in {"a host and port, an address in brackets": b"[::1]:8080"}.items():
    case(what, get(host=b"Host: " + host), 200, then=STAYS)
refused("no Host", get(host=b""))
refused("two Hosts", get(b"/livez", b"Host: x"))
for what, host in {"an empty Host": b"", "a Host with a space": b"a b", "a list of Hosts": b"a,b c",
                   "a Host with a path": b"x/y", "a Host with a name": b"a@x",
                   "a Host with letters for a port": b"x:y", "a Host with two ports": b"x:1:2",
                   "a Host with an open bracket": b"[::1"}.items():
    refused(what, get(host=b"Host: " + host))

# Limits.
filled = HEADER_MAX - len(get(b"/"))
case("a target that fills 8 KiB", get(b"/" + b"x" * filled), 404, "route_not_found", STAYS)
refused("a target and fields of over 8 KiB", get(b"/" + b"x" * (filled + 1)), 431,
        "header_too_large")
refused("a request line of over 8 KiB", get(b"/" + b"x" * HEADER_MAX), 414, "target_too_long")
filled = HEADER_MAX - len(get(method=b""))
case("a method that fills 8 KiB", get(method=b"X" * filled), 405, "method_not_allowed", STAYS)
refused("a method of over 8 KiB", get(method=b"X" * HEADER_MAX), 414, "target_too_long")
refused("fields of over 8 KiB", get(b"/livez", b"A: " + b"b" * HEADER_MAX), 431,
        "header_too_large")

NAMED = {one.name: one for one in CASES}


def shown(one):
    return (one.name, f"{one.status} `{one.code}`" if one.code else str(one.status), one.then)


def test_names_are_unique():
    assert len(NAMED) == len(CASES)


def test_the_document_has_this_table():
    text = (ROOT / "docs/http.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert rows[1:] == [shown(one) for one in CASES], "the table must be:\n" + "\n".join(
        "| " + " | ".join(shown(one)) + " |" for one in CASES)


@pytest.fixture(scope="module")
def server(serve_module):
    """One where an account may ask as often as these tests do."""
    return serve_module({"http.account_requests_per_s": 0})


@pytest.fixture(scope="module")
def token(server):
    return server.token("framing").encode()


def check(server, one, pieces):
    """Sends the pieces, and a request behind them that only an open connection answers."""
    with Wire(server.port) as wire:
        for piece in pieces:
            wire.send(piece)
        answer = wire.answer()
        assert answer.status == one.status, (one.name, answer)
        if one.code:
            assert_problem(answer, one.status, one.code)
        if one.then == STAYS:
            assert answer.headers.get("connection") != "close"
            assert wire.answer().status == 404, "the request behind it"
            wire.half_close()
        else:
            assert answer.headers["connection"] == "close"
            wire.half_close()
        wire.assert_closed()


def bytes_of(one, token):
    return one.request.replace(b"TOKEN", token) + SMUGGLED


@pytest.mark.parametrize("name", NAMED)
def test_is_answered_as_the_table_says(server, token, name):
    check(server, NAMED[name], [bytes_of(NAMED[name], token)])


@pytest.mark.parametrize("name", NAMED)
def test_is_answered_the_same_byte_by_byte(server, token, name):
    data = bytes_of(NAMED[name], token)
    check(server, NAMED[name], [data[i:i + 1] for i in range(len(data))])


@pytest.mark.parametrize("name", NAMED)
def test_is_answered_the_same_cut_anywhere(server, token, name):
    data = bytes_of(NAMED[name], token)
    # Long ones are long in one place; their cuts are at the ends and now and then between.
    step = 1 if len(data) < 1000 else 257
    for i in [*range(1, min(len(data), 200), step), *range(200, len(data), step)]:
        check(server, NAMED[name], [data[:i], data[i:]])


def test_garbage_behind_a_good_request_is_refused_after_its_answer(server):
    for garbage in (b"\0\1\2\3\r\n\r\n", b"\x16\x03\x01\x02\x00", get(host=b""), b"{}\r\n\r\n"):
        with Wire(server.port) as wire:
            wire.send(request_bytes("GET", "/livez") * 3 + garbage + SMUGGLED)
            assert [wire.answer().status for _ in range(3)] == [200] * 3
            assert_problem(wire.answer(), 400, "malformed_request")
            wire.half_close()
            wire.assert_closed()


def test_a_folded_token_is_no_token(server, token):
    """Once it was read from memory that was no longer there."""
    with Wire(server.port) as wire:
        wire.send(get(b"/v1/keep-watching", b"Authorization: Bearer", b" " + token) + SMUGGLED)
        assert_problem(wire.answer(), 400, "malformed_request")
        wire.half_close()
        wire.assert_closed()
