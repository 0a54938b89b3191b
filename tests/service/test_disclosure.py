"""What answers tell: enough for the caller, and nothing of the inside."""

import re

import pytest

from wire import Wire, request_bytes

# A path, a source file, a type's or library's name, an address in memory.
INSIDE = re.compile(rb"/(home|root|tmp|var|usr|src|work|build)/|\.(cc|h|sst|log)\b|std::|boost|"
                    rb"rocksdb|simdjson|openssl|0x[0-9a-f]{6,}|errno|exception", re.IGNORECASE)

SECRET = "eyJhbGciOiJIUzI1NiJ9.bm90IGEgdG9rZW4.c2lnbmF0dXJl"


# Requests that are refused, for every reason that can be had by asking.
REFUSED = {
    "broken": lambda viewer: b"GARBAGE\r\n\r\n",
    "no route": lambda viewer: viewer.request("GET", "/v2/nothing"),
    "other method": lambda viewer: viewer.request("PATCH", "/v1/progress"),
    "no token": lambda viewer: request_bytes("GET", "/v1/keep-watching"),
    "other scheme": lambda viewer: request_bytes("GET", "/v1/keep-watching",
                                                 {"Authorization": "Basic YTpi"}),
    "not a token": lambda viewer: request_bytes("GET", "/v1/keep-watching",
                                                {"Authorization": f"Bearer {SECRET}"}),
    "no json": lambda viewer: viewer.request("POST", "/v1/progress", b'{"video_id": '),
    "other type": lambda viewer: viewer.request("POST", "/v1/progress", b"{}",
                                                **{"Content-Type": "text/plain"}),
    "wrong field": lambda viewer: viewer.request("POST", "/v1/progress",
                                                 {"video_id": "v", "position_ms": "x"}),
    "wrong cursor": lambda viewer: viewer.request("GET", "/v1/keep-watching?cursor=AAAA"),
    "wrong limit": lambda viewer: viewer.request("GET", "/v1/keep-watching?limit=9999"),
    "broken query": lambda viewer: viewer.request("GET", "/v1/keep-watching?limit=%zz"),
    "not watched": lambda viewer: viewer.request("GET", "/v1/progress/unseen"),
    "too long": lambda viewer: viewer.request("POST", "/v1/progress", b"x" * (17 << 10)),
    "other version": lambda viewer: b"GET /livez HTTP/3.7\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusal_tells_nothing_of_the_inside(server, viewer, what):
    with Wire(server.port) as wire:
        wire.send(REFUSED[what](viewer))
        answer = wire.answer()
    assert 400 <= answer.status <= 505
    told = b"\n".join(f"{name}: {value}".encode() for name, value in answer.headers.items())
    told += answer.body
    assert not INSIDE.search(told), told
    for secret in (SECRET, viewer.account, viewer.headers["Authorization"].split()[1]):
        assert secret.encode() not in told
    assert "server" not in answer.headers


def test_every_answer_forbids_to_guess_its_type(viewer):
    viewer.report("v", 600_000)
    for path in ("/v1/progress/v", "/v1/progress/unseen", "/v1/keep-watching"):
        assert viewer.call("GET", path).headers["x-content-type-options"] == "nosniff"
