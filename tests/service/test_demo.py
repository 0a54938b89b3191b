"""`playhead demo`: its page and videos, its sign-in, its scaled rules; only it has them."""

import base64
import gzip
import json
import re

import pytest

from playhead import ROOT, Server, run, wait_until
from viewer import SECOND
from wire import Wire, call, request_bytes

PAGE = ROOT / "web" / "demo"
FILM = PAGE / "videos" / "film.mp4"
GUARDS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
          "cross-origin-resource-policy": "same-origin", "cache-control": "no-cache"}


class Demo(Server):
    command = ("demo",)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    server = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield server.start()
        server.end()
    finally:
        server.abandon()


def sign_in(demo, viewer):
    answer = call(demo.port, "POST", f"/demo/sign-in/{viewer}")
    assert answer.status == 200
    return answer.json["token"]


def ask(demo, viewer, method, path, body=None):
    headers = {"Authorization": "Bearer " + sign_in(demo, viewer),
               "Content-Type": "application/json"}
    return call(demo.port, method, path, body and json.dumps(body), headers)


def report(demo, viewer, video_id, position_ms, duration_ms=120 * SECOND, **more):
    body = {"video_id": video_id, "position_ms": position_ms, "duration_ms": duration_ms, **more}
    answer = ask(demo, viewer, "POST", "/v1/progress", body)
    assert answer.status == 204
    return answer


# --- the files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path, file, media_type", [
    ("/demo", PAGE / "index.html", "text/html; charset=utf-8"),
    ("/demo/demo.css", PAGE / "demo.css", "text/css; charset=utf-8"),
    ("/demo/main.js", PAGE / "main.js", "text/javascript; charset=utf-8"),
    ("/demo/icon.svg", PAGE / "icon.svg", "image/svg+xml"),
    ("/demo/film.jpg", PAGE / "videos" / "film.jpg", "image/jpeg"),
    ("/demo/film.mp4", FILM, "video/mp4"),
    ("/demo/sdk/index.js", ROOT / "sdk" / "js" / "src" / "index.js",
     "text/javascript; charset=utf-8")])
def test_files_come_as_they_are_and_compressed_where_that_helps(demo, path, file, media_type):
    plain = demo.get(path)
    assert (plain.status, plain.body) == (200, file.read_bytes())
    assert plain.headers["content-type"] == media_type
    assert GUARDS.items() <= plain.headers.items()
    packed = demo.get(path, **{"Accept-Encoding": "br, gzip;q=0.5"})
    text = file.suffix in (".html", ".css", ".js", ".svg")
    assert (packed.headers.get("content-encoding") == "gzip") == text
    assert (gzip.decompress(packed.body) if text else packed.body) == plain.body
    assert (packed.headers["etag"] != plain.headers["etag"]) == text
    assert (plain.headers.get("vary") == "Accept-Encoding") == text
    refused = demo.get(path, **{"Accept-Encoding": "gzip;q=0, *"})
    assert refused.body == plain.body
    for answer in (plain, packed):
        again = demo.get(path, **{"Accept-Encoding": "gzip" if answer is packed else "",
                                  "If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]


def test_the_page_may_run_only_what_came_with_it_and_talk_only_to_its_server(demo):
    rules = dict(rule.split(" ", 1) for rule in
                 demo.get("/demo").headers["content-security-policy"].split("; "))
    assert rules == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "img-src": "'self'", "media-src": "'self'", "connect-src": "'self'",
        "frame-src": "'self'", "frame-ancestors": "'self'", "base-uri": "'none'",
        "form-action": "'none'"}


def test_everything_the_page_names_is_there(demo):
    found, waiting = set(), ["/demo"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        answer = demo.get(path)
        assert answer.status == 200, path
        text = answer.body.decode()
        names = re.findall(r'(?:src|href)="(/[^"]+)"', text)
        names += [f"/demo/{name}" for name in re.findall(r"from '\./([^']+)'", text)
                  if not path.startswith("/demo/sdk/")]
        names += [f"/demo/sdk/{name}" for name in re.findall(r"from '\./([^']+)'", text)
                  if path.startswith("/demo/sdk/")]
        waiting += [name for name in names if not name.endswith((".mp4", ".jpg"))]
    assert {"/demo/main.js", "/demo/sdk/index.js", "/demo/demo.css"} <= found
    for title in ("film", "ep-1", "ep-2", "ep-3"):
        for suffix in ("jpg", "mp4"):
            assert demo.get(f"/demo/{title}.{suffix}").status == 200


def test_the_videos_stay_small():
    assert sum(path.stat().st_size for path in (PAGE / "videos").iterdir()) <= 1_000_000


def test_head_tells_the_same_without_the_body(demo):
    with Wire(demo.port) as wire:
        wire.send(request_bytes("HEAD", "/demo/film.mp4", {"Range": "bytes=0-9"}))
        answer = wire.answer(head=True)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == FILM.stat().st_size
    assert answer.headers["accept-ranges"] == "bytes"


SIZE = FILM.stat().st_size


@pytest.mark.parametrize("asked, first, last", [
    ("bytes=0-99", 0, 99), ("bytes=100-", 100, SIZE - 1), ("bytes=0-", 0, SIZE - 1),
    ("bytes=-100", SIZE - 100, SIZE - 1), (f"bytes=-{SIZE + 5}", 0, SIZE - 1),
    (f"bytes={SIZE - 1}-{10 ** 30}", SIZE - 1, SIZE - 1)])
def test_a_part_of_a_video_can_be_asked_for(demo, asked, first, last):
    answer = demo.get("/demo/film.mp4", Range=asked)
    assert (answer.status, answer.headers["content-type"]) == (206, "video/mp4")
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.body == FILM.read_bytes()[first:last + 1]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={10 ** 30}-", "bytes=-0"])
def test_a_part_that_is_not_there_is_told(demo, asked):
    answer = demo.get("/demo/film.mp4", Range=asked)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=a-b", "bytes=", "bytes=-", "items=0-1",
                                   "bytes=0-1,4-5", "bytes=1", "bytes= 0-1"])
def test_a_range_that_cannot_be_read_is_passed_over(demo, asked):
    answer = demo.get("/demo/film.mp4", Range=asked)
    assert (answer.status, len(answer.body)) == (200, SIZE)


def test_a_part_is_of_the_bytes_that_are_meant(demo):
    tag = demo.get("/demo/film.mp4").headers["etag"]
    same = demo.get("/demo/film.mp4", Range="bytes=0-1", **{"If-Range": tag})
    other = demo.get("/demo/film.mp4", Range="bytes=0-1", **{"If-Range": '"another"'})
    assert (same.status, other.status) == (206, 200)


def test_text_comes_whole(demo):
    assert demo.get("/demo/main.js", Range="bytes=0-1").status == 200


def test_many_answers_that_nobody_reads_cost_the_server_no_memory(demo):
    def resident():
        return demo.metrics()["process_resident_memory_bytes"]

    request = request_bytes("GET", "/demo/film.mp4") * 40
    wires = [Wire(demo.port) for _ in range(40)]
    try:
        before = resident()
        for wire in wires:
            wire.send(request)
        call(demo.port, "GET", "/livez")  # a turn of the loop later
        # 40 connections times 40 videos would be 400 MB; what is held is a view of the program.
        assert resident() - before < 40 * SIZE / 2
    finally:
        for wire in wires:
            wire.socket.close()
    assert demo.get("/demo/film.mp4").body == FILM.read_bytes()


def test_a_reader_that_takes_too_long_is_let_go(tmp_path):
    demo = Demo(tmp_path, {"http.request_timeout_ms": "300ms"}).start()
    try:
        with Wire(demo.port) as wire:
            wire.send(request_bytes("GET", "/demo/film.mp4") * 200)
            # More than any socket's buffers hold; the server gives up on it.
            name = 'playhead_http_timeouts_total{listener="public"}'
            wait_until(lambda: demo.metrics()[name] >= 1, "the time-out")
        demo.end()
    finally:
        demo.abandon()


@pytest.mark.parametrize("path", ["/demo/", "/demo/nothing.js", "/demo/sdk/", "/demo/sdk/main.js",
                                  "/demo/..%2fserver", "/demo/sdk/a/b", "/demo/index.html"])
def test_what_is_not_there_is_not_found(demo, path):
    assert demo.get(path).status == 404


# --- signing in ----------------------------------------------------------------------------------


def test_two_viewers_can_sign_in_for_a_short_while(demo):
    accounts = set()
    for viewer in ("mia", "noah"):
        answer = call(demo.port, "POST", f"/demo/sign-in/{viewer}")
        assert answer.headers["cache-control"] == "no-store"
        claims = answer.json["token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        assert claims["exp"] - claims["iat"] == answer.json["expires_in_ms"] / 1000 == 600
        accounts.add(claims["sub"])
    assert accounts == {"demo-mia", "demo-noah"}


@pytest.mark.parametrize("name", ["eve", "alice", "demo-mia", "Mia", "mia%00", "%6dia", "mia "])
def test_nobody_else_can(demo, name):
    assert call(demo.port, "POST", f"/demo/sign-in/{name.replace(' ', '%20')}").status == 404


def test_signing_in_is_a_post(demo):
    assert demo.get("/demo/sign-in/mia").status in (404, 405)


def test_tokens_fit_a_configured_issuer_and_audience(tmp_path):
    demo = Demo(tmp_path, {"auth.issuer": "us", "auth.audiences": "tv"}).start()
    try:
        assert ask(demo, "mia", "GET", "/v1/keep-watching").status == 200
        demo.end()
    finally:
        demo.abandon()


# --- the rules -----------------------------------------------------------------------------------


def test_short_videos_are_started_listed_and_finished_and_beats_are_quick(demo):
    answer = report(demo, "noah", "short", 1_900)
    assert answer.headers["playhead-interval"] == "2"
    row = ask(demo, "noah", "GET", "/v1/keep-watching").json["items"]
    assert "short" not in [item["video_id"] for item in row]
    report(demo, "noah", "short", 2_000)
    row = ask(demo, "noah", "GET", "/v1/keep-watching").json["items"]
    assert "short" in [item["video_id"] for item in row]
    report(demo, "noah", "short", 72_000, 75 * SECOND)
    assert ask(demo, "noah", "GET", "/v1/progress/short").json["state"] == "finished"


def test_what_the_operator_sets_goes_before_what_the_demo_sets(tmp_path):
    demo = Demo(tmp_path, {"http.playhead_interval_s": 7},
                {"PLAYHEAD_POLICY_START_POSITION_MS": "4s"}).start()
    try:
        assert report(demo, "mia", "v", 3_900, 3_600 * SECOND).headers["playhead-interval"] == "7"
        assert ask(demo, "mia", "GET", "/v1/progress/v").json["state"] == "opened"
        demo.end()
    finally:
        demo.abandon()


# --- where it is ---------------------------------------------------------------------------------


def test_only_the_demo_has_it(server, viewer):
    for method, path in (("GET", "/demo"), ("GET", "/demo/film.mp4"),
                         ("GET", "/demo/sdk/index.js"), ("POST", "/demo/sign-in/mia")):
        assert call(server.port, method, path).status == 404
    assert viewer.report("v", 600_000).headers["playhead-interval"] == "10"


def test_the_admin_listener_has_no_demo(demo):
    assert demo.admin("/demo").status == 404


def test_it_counts_its_requests_by_route(demo):
    demo.get("/demo/film.mp4", Range="bytes=0-1")
    name = 'playhead_http_requests_total{route="get_demo_file",status="206"}'
    assert demo.metrics()[name] >= 1


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_it_does_not_listen_where_others_can_reach_it(tmp_path, address):
    refused = run("demo", "--listen", address, "--data", tmp_path / "data")
    assert refused.returncode == 2
    assert "--any-address" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_it_does_where_that_is_meant(tmp_path):
    demo = Demo(tmp_path, {"http.listen": "0.0.0.0:0"})
    demo.command = ("demo", "--any-address")
    demo.start()
    try:
        assert demo.get("/demo").status == 200
        demo.end()
    finally:
        demo.abandon()
