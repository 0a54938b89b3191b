"""Web pages of other origins: who may call, and what they may read."""

import pytest

from wire import Wire, call, request_bytes

TV = "https://tv.example"
LOCAL = "http://localhost:3000"


@pytest.fixture(scope="module")
def listing(serve_module):
    return serve_module({"http.allowed_origins": f"{TV},{LOCAL}"})


def preflight(server, origin, path="/v1/progress", method="POST"):
    return call(server.port, "OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type"})


def cors_headers(answer):
    return {name for name in answer.headers if name.startswith("access-control-")}


def words(text):
    return {word.strip().lower() for word in text.split(",")}


@pytest.mark.parametrize("origin", [TV, LOCAL])
@pytest.mark.parametrize("path, method", [
    ("/v1/progress", "POST"), ("/v1/progress/batch", "POST"), ("/v1/progress/v", "DELETE"),
    ("/v1/keep-watching/v", "PUT"), ("/v1/me", "DELETE"), ("/v1/keep-watching", "GET")])
def test_preflight_lets_a_listed_page_call_for_two_hours(listing, origin, path, method):
    answer = preflight(listing, origin, path, method)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert method.lower() in words(answer.headers["access-control-allow-methods"])
    assert {"authorization", "content-type"} <= words(
        answer.headers["access-control-allow-headers"])
    assert answer.headers["access-control-max-age"] == "7200"
    assert "origin" in words(answer.headers["vary"])


@pytest.mark.parametrize("origin", [
    "https://other.example", "https://tv.example.evil", "https://TV.example", "http://tv.example",
    "https://tv.example:8443", "null", "*", "https://tv.exampl"])
def test_page_that_is_not_listed_is_told_nothing(listing, origin):
    viewer = listing.viewer()
    answers = [preflight(listing, origin),
               viewer.post(viewer.body("v", 600_000), Origin=origin)]
    for answer in answers:
        assert cors_headers(answer) == set()
        assert "origin" in words(answer.headers["vary"])


def test_answers_expose_what_a_player_needs(listing):
    viewer = listing.viewer()
    for answer in (viewer.post(viewer.body("v", 600_000), Origin=TV),
                   viewer.call("GET", "/v1/progress/v", headers={"Origin": TV})):
        assert answer.headers["access-control-allow-origin"] == TV
        assert {"etag", "playhead-interval", "retry-after"} <= words(
            answer.headers["access-control-expose-headers"])
        assert "origin" in words(answer.headers["vary"])


def refusals(viewer):
    """Requests that are refused, by the status they get."""
    origin = {"Origin": TV}
    body = viewer.body("v", 600_000)
    return {
        400: viewer.request("POST", "/v1/progress", b"{", **origin),
        401: request_bytes("GET", "/v1/keep-watching", origin),
        404: viewer.request("GET", "/v1/progress/none", **origin),
        405: viewer.request("PUT", "/v1/progress", **origin),
        413: viewer.request("POST", "/v1/progress", b" " * 20_000, **origin),
        415: viewer.request("POST", "/v1/progress", body, **{"Content-Type": "text/csv", **origin}),
        422: viewer.request("POST", "/v1/progress", {**body, "seq": -1}, **origin),
    }


@pytest.mark.parametrize("status", [400, 401, 404, 405, 413, 415, 422])
def test_page_may_read_why_it_was_refused(listing, status):
    with Wire(listing.port) as wire:
        wire.send(refusals(listing.viewer())[status])
        answer = wire.answer()
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == TV
    assert "retry-after" in words(answer.headers["access-control-expose-headers"])


def test_page_may_read_that_a_server_is_full(serve):
    server = serve({"http.allowed_origins": TV, "commit.queue_entries_max": 1})
    viewer = server.viewer()
    answer = viewer.post(viewer.body("v", 600_000), Origin=TV)
    assert answer.status == 503
    assert answer.headers["access-control-allow-origin"] == TV


def test_star_lets_every_page_call(serve):
    server = serve({"http.allowed_origins": "*"})
    for origin in (TV, "null", "https://any.example:1234"):
        answer = preflight(server, origin)
        assert answer.headers["access-control-allow-origin"] in (origin, "*")
        assert answer.headers["access-control-max-age"] == "7200"
        # The token is the credential; cookies are none of ours.
        assert "access-control-allow-credentials" not in answer.headers


def test_without_a_list_there_is_no_cors(server, viewer):
    for answer in (preflight(server, TV), viewer.post(viewer.body("v", 600_000), Origin=TV)):
        assert answer.status == 204
        assert cors_headers(answer) == set()


def test_origins_do_not_leak_from_request_to_request(listing):
    viewer = listing.viewer()
    with Wire(listing.port) as wire:
        wire.send(viewer.request("GET", "/livez", Origin=TV) + viewer.request("GET", "/livez"))
        assert wire.answer().headers["access-control-allow-origin"] == TV
        assert cors_headers(wire.answer()) == set()
        wire.send(viewer.request("GET", "/livez", Origin=TV) + b"nonsense\r\n\r\n")
        assert wire.answer().headers["access-control-allow-origin"] == TV
        assert cors_headers(wire.answer()) == set()
