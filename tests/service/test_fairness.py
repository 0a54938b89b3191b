"""No account and no address takes what is the others'."""

import re
import signal
import time
from contextlib import ExitStack

import pytest

from playhead import wait_until
from wire import Wire, assert_problem, call, request_bytes


@pytest.fixture(scope="module")
def strict(serve_module):
    """Two requests a second, six at once, and two loops that share the count."""
    return serve_module({"http.account_requests_per_s": 2, "http.account_burst": 6,
                         "http.threads": 2, "http.allowed_origins": "https://tv.example"})


def assert_limited(answer):
    assert_problem(answer, 429, "too_many_requests")
    wait_s = int(answer.headers["retry-after"])
    assert 1 <= wait_s <= 3  # six requests are made good in three seconds
    assert answer.headers["ratelimit-policy"] == '"account";q=6;w=3'
    assert answer.headers["ratelimit"] == f'"account";r=0;t={wait_s}'
    return answer


def spend(viewer, path="/v1/keep-watching"):
    """Asks until it is refused; gives the refusal."""
    def refused():
        answer = viewer.call("GET", path)
        return None if answer.status == 200 else answer
    return assert_limited(wait_until(refused, "a refusal"))


def test_account_that_asks_too_often_is_told_when_to_come_back(strict):
    viewer = strict.viewer()
    spend(viewer)
    assert_limited(viewer.post(viewer.body("v", 600_000)))
    # Refusals cost nothing, so it is served again however often it asks.
    wait_until(lambda: viewer.call("GET", "/v1/keep-watching").status == 200, "a new request")


def test_others_are_served_meanwhile(strict):
    loud, quiet = strict.viewer(), strict.viewer()
    spend(loud)
    quiet.report("v", 600_000)
    assert quiet.position("v") == 600_000


def test_profiles_and_connections_share_the_accounts_budget(strict):
    viewer = strict.viewer()
    wires = [Wire(strict.port) for _ in range(8)]  # on both loops
    statuses = []
    for i, wire in enumerate(wires):
        wire.send(viewer.request("GET", f"/v1/keep-watching?profile=p{i}"))
    for wire in wires:
        statuses.append(wire.answer().status)
        with wire:
            pass
    assert statuses.count(429) >= 1
    assert statuses.count(200) >= 6


def test_refused_report_leaves_nothing(strict):
    viewer = strict.viewer()
    spend(viewer)
    assert_limited(viewer.post(viewer.body("refused", 600_000)))
    wait_until(lambda: viewer.get_point("refused").status == 404, "an answer")


def test_batch_costs_what_its_reports_would(strict):
    viewer = strict.viewer()
    assert viewer.batch([viewer.body(f"v{i}", 600_000) for i in range(6)]).status == 200
    assert_limited(viewer.batch([viewer.body(f"w{i}", 600_000) for i in range(6)]))


def test_erasures_are_dear(serve):
    server = serve({"http.account_requests_per_s": 1, "http.account_burst": 60})
    viewer = server.viewer()
    viewer.erase()
    assert_problem(viewer.call("DELETE", "/v1/me"), 429, "too_many_requests")
    viewer.report("v", 600_000)


def test_reads_that_take_a_worker_are_dear(serve):
    """The read threads are everyone's: what takes one is charged as ten requests."""
    records, left = 4_100, 400  # a loop reads 4,000
    server = serve({"http.account_requests_per_s": 1, "http.account_burst": records + left})
    viewer = server.viewer()
    for first in range(0, records, 100):
        bodies = [viewer.body(f"v{i}", 600_000) for i in range(first, first + 100)]
        assert viewer.batch(bodies).status == 200
    statuses = []
    while 429 not in statuses:
        statuses.append(viewer.call("GET", "/v1/keep-watching").status)
    assert left // 10 - 1 <= statuses.count(200) <= left // 5
    assert server.viewer().report("v", 600_000).status == 204


def test_smallest_budget_pays_for_a_read_that_takes_a_worker(serve):
    server = serve({"http.account_requests_per_s": 1, "http.account_burst": 2})
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.kill9()
    server.start()  # nothing is in the block cache
    assert viewer.position("v") == 600_000


def test_wait_for_a_dear_read_is_long_enough(serve):
    """Who comes back when told to pays for the request again, and is served."""
    server = serve({"http.account_requests_per_s": 2, "http.account_burst": 12})
    viewer = server.viewer()
    viewer.report("v", 600_000)
    server.kill9()
    server.start()
    for _ in range(4):
        assert viewer.call("GET", "/v1/progress/none").status == 404
    answer = viewer.call("GET", "/v1/progress/v")
    if answer.status == 429:
        time.sleep(int(answer.headers["retry-after"]))
        answer = viewer.call("GET", "/v1/progress/v")
    assert answer.status == 200


def test_page_may_read_the_limit(strict):
    viewer = strict.viewer()
    spend(viewer)
    answer = viewer.call("GET", "/v1/keep-watching", headers={"Origin": "https://tv.example"})
    exposed = re.split(", *", answer.headers["access-control-expose-headers"])
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)


def test_health_has_no_budget(strict):
    for _ in range(20):
        assert call(strict.port, "GET", "/livez").status == 200


def test_no_limit_where_none_is_set(serve):
    viewer = serve({"http.account_requests_per_s": 0, "http.account_burst": 1}).viewer()
    for _ in range(30):
        viewer.row()


def test_refusals_are_counted(strict):
    viewer = strict.viewer()
    spend(viewer)
    metrics = strict.metrics()
    assert metrics['playhead_http_requests_total{route="get_keep_watching",status="429"}'] >= 1
    assert metrics["playhead_http_requests_uncounted_total"] == 0


def served(wire):
    wire.send(request_bytes("GET", "/livez"))
    return wire.answer().status == 200


def test_address_with_too_many_connections_is_told_so_and_others_come_in(serve):
    server = serve({"http.connections_per_address_max": 3, "http.threads": 2})
    held = [Wire(server.port) for _ in range(3)]
    assert all(served(wire) for wire in held)
    with Wire(server.port) as over:
        over.send(request_bytes("GET", "/livez"))
        answer = assert_problem(over.answer(), 429, "too_many_from_address")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["connection"] == "close"
        over.assert_closed()
    with Wire(server.port, source="127.0.0.2") as other:
        assert served(other)
    assert server.admin("/livez").status == 200
    metrics = server.metrics()
    assert metrics['playhead_http_addresses_refused_total{listener="public"}'] == 1
    assert metrics['playhead_http_connections_refused_total{listener="public"}'] == 0
    for wire in held:
        with wire:
            pass

    def let_in():
        with Wire(server.port) as wire:
            wire.send(request_bytes("GET", "/livez"))
            return wire.answer().status == 200
    wait_until(let_in, "room for a connection")


def test_refused_connection_reads_its_answer_though_it_has_sent(serve):
    """A reset must not overtake the answer of a client that sent before it was refused."""
    server = serve({"http.connections_max": 1})
    with Wire(server.port) as first:
        assert served(first)
        for _ in range(20):
            with Wire(server.port) as over:
                over.send(request_bytes("GET", "/livez"))
                assert_problem(over.answer(), 503, "too_many_connections")
                over.assert_closed()


def test_who_connects_to_a_busy_loop_does_not_wait_for_all_who_were_there(serve):
    """One connection taken a turn was as many turns as there were players who came at once."""
    server = serve({"store.kind": "memory", "http.threads": 1, "http.account_burst": 100_000,
                    "http.connections_per_address_max": 1_000})
    viewer = server.viewer()
    # Five turns of the loop, and no wait for a commit among them, and then a report.
    many = viewer.request("GET", "/v1/progress/nothing") * 150
    there, coming = [f"there-{i}" for i in range(64)], [f"new-{i}" for i in range(80)]

    def last_report_of(video_ids):
        return max(viewer.point(video_id)["watched_at"] for video_id in video_ids)

    with ExitStack() as stack:
        old = [stack.enter_context(Wire(server.port)) for _ in there]
        for wire in old:
            wire.send(request_bytes("GET", "/livez"))
            assert wire.answer().status == 200
        server.signal(signal.SIGSTOP)
        for wire, video_id in zip(old, there):
            wire.send(many + viewer.report_request(600_000, video_id))
        new = [stack.enter_context(Wire(server.port)) for _ in coming]
        for wire, video_id in zip(new, coming):
            wire.send(viewer.report_request(600_000, video_id))
        server.signal(signal.SIGCONT)
        assert [wire.answer().status for wire in new] == [204] * len(new)
        for wire in old:
            assert [wire.answer().status for _ in range(151)] == [404] * 150 + [204]
    assert last_report_of(coming) < last_report_of(there)
