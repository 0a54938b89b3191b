"""HTTP/1.1 as it comes over the wire: framing, methods, limits, time."""

import json
import socket
import time

import pytest

from tokens import HS256, good_claims, sign
from viewer import background_load, chunked
from wire import PATIENCE_S, Wire, assert_problem, assert_refused, request_bytes

POST = "POST", "/v1/progress"


# --- one connection, many requests ---------------------------------------------------------------


def test_connection_is_kept_for_the_next_request(wire, viewer):
    for position in (600_000, 610_000, 620_000):
        wire.send(viewer.report_request(position))
        answer = wire.answer()
        assert answer.status == 204
        assert "connection" not in answer.headers
    assert viewer.position("v") == 620_000


def test_pipelined_requests_are_answered_in_order(wire, viewer):
    """Writes wait for a disk and reads do not; their answers keep the order all the same."""
    rounds = 60
    for i in range(rounds):
        wire.send(viewer.request(*POST, viewer.body(f"v{i}", 600_000 + i))
                  + viewer.request("GET", f"/v1/progress/v{i}")
                  + viewer.request("GET", "/none"))
    for i in range(rounds):
        assert wire.answer().status == 204
        assert wire.answer().json["position_ms"] == 600_000 + i
        assert_problem(wire.answer(), 404, "route_not_found")


def test_client_that_reads_late_gets_every_answer(wire, viewer):
    """Answers of some 10 MB: more than any socket buffer takes."""
    viewer.batch([viewer.body(f"{'v' * 100}{i}", 600_000) for i in range(100)])
    expected = viewer.call("GET", "/v1/keep-watching?limit=100&x=").body
    rounds = 400
    wire.socket.settimeout(PATIENCE_S)
    request = viewer.request("GET", "/v1/keep-watching?limit=100&x=")
    wire.send(request * rounds)
    time.sleep(0.2)
    for _ in range(rounds):
        assert wire.answer().body == expected
    wire.send(viewer.report_request(600_000))
    assert wire.answer().status == 204


def test_request_cut_at_any_byte_gets_the_same_answer(server, viewer):
    request = viewer.report_request(600_000) + viewer.request("GET", "/v1/progress/v?profile=")
    with Wire(server.port) as wire:
        for cut in range(1, len(request)):
            wire.send(request[:cut])
            time.sleep(0.001)  # so that the server reads the part alone
            wire.send(request[cut:])
            answers = wire.answer(), wire.answer()
            assert [answer.status for answer in answers] == [204, 200], (cut, answers)
            assert answers[1].json["position_ms"] == 600_000


def test_request_may_come_byte_by_byte(wire, viewer):
    for byte in viewer.report_request(600_000):
        wire.send(bytes([byte]))
    assert wire.answer().status == 204
    assert viewer.position("v") == 600_000


def test_connection_close_is_answered_and_obeyed(wire, viewer):
    wire.send(viewer.report_request(600_000, Connection="close") + viewer.report_request(700_000))
    answer = wire.answer()
    assert (answer.status, answer.headers["connection"]) == (204, "close")
    wire.assert_closed()
    assert viewer.position("v") == 600_000


def test_client_that_has_said_everything_is_still_answered(wire, viewer):
    wire.send(viewer.report_request(600_000) + viewer.request("GET", "/v1/progress/v"))
    wire.half_close()
    assert [wire.answer().status, wire.answer().status] == [204, 200]
    wire.assert_closed()


def test_end_that_comes_with_the_last_bytes_is_seen(wire, viewer):
    """One segment holds the request and the end, so the kernel tells of both at once, once."""
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    wire.send(viewer.request("GET", "/v1/progress/v"))
    wire.half_close()
    assert_problem(wire.answer(), 404, "no_resume_point")
    wire.assert_closed()


def test_client_that_goes_away_harms_nobody(server, viewer):
    for _ in range(50):
        with Wire(server.port) as wire:
            wire.send(viewer.report_request(600_000))
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert viewer.report("w", 600_000).status == 204


# --- bodies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunked_body(wire, viewer, size):
    wire.send(chunked(viewer, viewer.body("v", 600_000), size)
              + viewer.report_request(700_000, "w"))
    assert [wire.answer().status, wire.answer().status] == [204, 204]
    assert (viewer.position("v"), viewer.position("w")) == (600_000, 700_000)


def test_chunked_body_byte_by_byte(wire, viewer):
    for byte in chunked(viewer, viewer.body("v", 600_000), 3):
        wire.send(bytes([byte]))
        time.sleep(0.0002)
    assert wire.answer().status == 204
    assert viewer.position("v") == 600_000


def test_chunk_header_has_a_bound(wire, viewer):
    wire.send(viewer.request(*POST, **{"Transfer-Encoding": "chunked"}) + b"5;x=")
    try:
        for _ in range(64):
            wire.send(b"x" * (16 << 10))
    except OSError:
        return  # refused, and closed before we had said everything
    # Not 408: that would mean that all of it was kept until then.
    assert wire.answer().status in (400, 413, 431)


def test_expect_continue_is_told_to_go_on(wire, viewer):
    body = json.dumps(viewer.body("v", 600_000)).encode()
    wire.send(viewer.request(*POST, **{"Expect": "100-continue", "Content-Length": len(body)}))
    assert wire.answer().status == 100
    wire.send(body)
    assert wire.answer().status == 204
    # One that does not wait for it is answered, too.
    wire.send(viewer.request(*POST, body, Expect="100-continue")
              + viewer.report_request(700_000, "w"))
    answers = [wire.answer().status for _ in range(2)]
    if answers[0] == 100:
        answers = answers[1:] + [wire.answer().status]
    assert answers == [204, 204]


def test_expect_continue_is_refused_where_the_body_would_be_too_large(wire, viewer):
    wire.send(viewer.request(*POST, **{"Expect": "100-continue", "Content-Length": 1 << 20}))
    assert_refused(wire, 413, "body_too_large")


@pytest.mark.parametrize("method, path, status", [
    ("POST", "/none", 404), ("POST", "/v1/keep-watching", 405), ("GET", "/livez", 413)])
def test_body_of_a_stranger_is_not_waited_for(wire, method, path, status):
    wire.send(request_bytes(method, path, {"Expect": "100-continue", "Content-Length": 16_000}))
    answer = wire.answer()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    wire.half_close()
    wire.assert_closed()


def test_body_that_no_endpoint_reads_is_passed_over(wire, viewer):
    wire.send(viewer.request("GET", "/livez", b"some body") + viewer.request("GET", "/livez"))
    assert [wire.answer().status, wire.answer().status] == [200, 200]


# --- methods and paths ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/progress/v", "/v1/progress/none", "/v1/keep-watching",
                                  "/livez", "/readyz", "/none"])
def test_head_has_the_head_of_get(viewer, path):
    viewer.report("v", 600_000)
    get, head = (viewer.call(method, path) for method in ("GET", "HEAD"))
    assert head.body == b""
    get.headers.pop("date"), head.headers.pop("date")
    assert (head.status, head.headers) == (get.status, get.headers)


def test_head_leaves_nothing_of_a_body_on_the_wire(wire, viewer):
    wire.send(viewer.request("HEAD", "/v1/keep-watching") + viewer.request("GET", "/livez"))
    assert wire.answer(head=True).headers["content-length"] != "0"
    assert wire.answer().json == {"live": True}


METHODS = {
    "/v1/progress": "GET, HEAD, POST",
    "/v1/progress/batch": "DELETE, GET, HEAD, POST",  # a video may have that name
    "/v1/progress/v": "DELETE, GET, HEAD",
    "/v1/keep-watching": "GET, HEAD",
    "/v1/keep-watching/v": "DELETE, PUT",
    "/v1/watched/v": "DELETE, PUT",
    "/v1/me": "DELETE",
    "/livez": "GET, HEAD",
    "/readyz": "GET, HEAD",
}


@pytest.mark.parametrize("path, methods", METHODS.items())
def test_options_and_405_name_the_methods(viewer, path, methods):
    expected = sorted(methods.split(", ") + ["OPTIONS"])
    options = viewer.call("OPTIONS", path)
    assert (options.status, options.body) == (204, b"")
    assert sorted(options.headers["allow"].split(", ")) == expected
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"} - set(expected):
        answer = assert_problem(viewer.call(method, path), 405, "method_not_allowed")
        assert sorted(answer.headers["allow"].split(", ")) == expected


def test_options_of_the_server_itself(wire):
    wire.send(request_bytes("OPTIONS", "*"))
    assert wire.answer().status == 204


@pytest.mark.parametrize("path", ["/", "/none", "/v1", "/v1/", "/v1/progress/", "/v1/progress/a/b",
                                  "/v1/watched", "/V1/progress", "//v1/progress", "/metrics",
                                  "/v1/me/", "/v1/../livez"])
def test_other_paths_are_404(viewer, path):
    for method in ("GET", "POST", "OPTIONS"):
        assert_problem(viewer.call(method, path), 404, "route_not_found")


@pytest.mark.parametrize("headers, status", [
    ({"Content-Type": "application/json"}, 204),
    ({"Content-Type": "Application/JSON; charset=utf-8"}, 204),
    ({"Content-Type": "application/json;charset=utf-8"}, 204),
    ({}, 204),
    ({"Content-Encoding": "identity"}, 204),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ({"Content-Type": "application/jsonx"}, 415),
    ({"Content-Encoding": "gzip"}, 415),
])
def test_body_must_be_plain_json(wire, viewer, headers, status):
    wire.send(viewer.report_request(600_000, **headers))
    answer = wire.answer()
    assert answer.status == status
    if status == 415:
        encoded = "Content-Encoding" in headers
        assert_problem(answer, 415, "unsupported_content_encoding" if encoded
                       else "unsupported_media_type")
    # Either way the connection goes on.
    wire.send(request_bytes("GET", "/livez"))
    assert wire.answer().status == 200


def test_one_connection_may_speak_for_several_accounts(server):
    viewers = [server.viewer() for _ in range(3)]
    with Wire(server.port) as wire:
        for i, viewer in enumerate(viewers * 3):
            wire.send(viewer.report_request(600_000 + i))
            assert wire.answer().status == 204
        stranger = sign(b"x" * 32, HS256, good_claims(viewers[0].account))
        wire.send(request_bytes("GET", "/v1/progress/v", {"Authorization": "Bearer " + stranger}))
        assert_problem(wire.answer(), 401, "token_invalid")
        for i, viewer in enumerate(viewers):
            wire.send(viewer.request("GET", "/v1/progress/v"))
            assert wire.answer().json["position_ms"] == 600_006 + i


def test_answers_belong_to_their_requests_under_load(server):
    viewer = server.viewer()
    with background_load(server), Wire(server.port) as wire:
        for i in range(100):
            wire.send(viewer.report_request(600_000 + i, f"v{i}")
                      + viewer.request("GET", f"/v1/progress/v{i}"))
            assert wire.answer().status == 204
            assert wire.answer().json["position_ms"] == 600_000 + i


def test_every_answer_is_dated_and_typed(viewer):
    viewer.report("v", 600_000)
    answers = [viewer.get_point("v"), viewer.get_point("none"), viewer.report("v", 610_000)]
    for answer in answers:
        assert answer.headers["date"].endswith(" GMT")
    assert answers[0].headers["content-type"] == "application/json"
    assert answers[0].headers["x-content-type-options"] == "nosniff"
