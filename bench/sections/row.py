"""CPU of a keep-watching row of 300 and 2,000 videos: read again, after each report of its viewer,
and from the database just written, after a restart, in a film, compacted. For the latter, as for a
viewer who comes for the first time, what an earlier read left in memory is switched off."""

import json
import random
import statistics
import urllib.request

from load import wrk
from machine import settle
from traffic import report, token, video, write_request
from servers import PLAYHEAD_PORT, playhead

REPORTS_A_BATCH = 100
# Tables of level 0 that RocksDB compacts are four.
LIVES = 5
FILM_TICKS = 720  # two hours at a beat of ten seconds
# Enough that between a viewer's report and the row there are others', on every connection.
WATCHING = 48
# One account asks more often than the greatest budget allows.
UNCOUNTED = ["--set", "http.account_requests_per_s=0"]
FROM_DATABASE = [*UNCOUNTED, "--set", "store.hot_viewers_bytes=0"]


def run(bench):
    result = {}
    for videos in (300, 2_000):
        who = token(bench.key, f"row-viewer-{videos}")
        requests = bench.folder / "rows"
        write_request(requests, "GET", "/v1/keep-watching", who)
        with playhead(bench.data, *FROM_DATABASE) as server:
            _watch(who, [_report(i) for i in range(videos)])
            result[f"{videos}_fresh_us"] = _cpu(bench, server, requests)
        with playhead(bench.data, *UNCOUNTED) as server:
            result[f"{videos}_again_us"] = _cpu(bench, server, requests)
            result[f"{videos}_watching_us"] = _after_reports(bench, server, videos)
        with playhead(bench.data, *FROM_DATABASE) as server:
            result[f"{videos}_reopened_us"] = _cpu(bench, server, requests)
            _watch(who, [_report(7, tick=i) for i in range(FILM_TICKS)])
            result[f"{videos}_first_in_film_us"] = _cpu(bench, server, requests)
            # It was read meanwhile; the next tick shortens what readers merge.
            _watch(who, [_report(7, tick=FILM_TICKS)])
            result[f"{videos}_in_film_us"] = _cpu(bench, server, requests)
        _compact(bench)
        with playhead(bench.data, *FROM_DATABASE) as server:
            result[f"{videos}_compacted_us"] = _cpu(bench, server, requests)
    return result


def _compact(bench):
    """As a day of others' reports does it: each life of a server leaves a table of what was
    written in it, and of so many RocksDB makes one."""
    other = token(bench.key, "somebody-else")
    for life in range(LIVES):
        with playhead(bench.data, *FROM_DATABASE) as server:
            _watch(other, [_report(life)])
            settle(server.pid)


def _after_reports(bench, server, videos):
    """A report of each viewer, then a row of each, over and over; the report's own share
    is measured apart, and taken off."""
    viewers = [token(bench.key, f"watching-{videos}-{number}") for number in range(WATCHING)]
    for who in viewers:
        _watch(who, [_report(i) for i in range(videos)])
    rng = random.Random(2)
    reports = [f"POST\t/v1/progress\t{who}\t{report(rng, videos)}\n" for who in viewers]
    rows = [f"GET\t/v1/keep-watching\t{who}\t\n" for who in viewers]
    requests = bench.folder / "watching"
    requests.write_text("".join(reports + rows))
    both = 2 * _cpu(bench, server, requests)
    requests.write_text("".join(reports))
    return both - _cpu(bench, server, requests)


def _report(number, tick=0):
    return {"video_id": video(number), "position_ms": 754_000 + tick * 1_000,
            "duration_ms": 7_200_000, "session": f"s{number}", "device": "tv", "seq": tick + 1}


def _watch(who, reports):
    # What is written with one batch is merged before: a film's ticks go one by one.
    size = 1 if len({one["video_id"] for one in reports}) == 1 else REPORTS_A_BATCH
    for start in range(0, len(reports), size):
        body = json.dumps({"reports": reports[start:start + size]}).encode()
        headers = {"Authorization": f"Bearer {who}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{PLAYHEAD_PORT}/v1/progress/batch", body, headers)
        urllib.request.urlopen(request, timeout=10).read()


def _cpu(bench, server, requests):
    wrk(server, 1, connections=32, requests=requests)
    return statistics.median(
        wrk(server, max(2, bench.seconds // 2), connections=32, requests=requests)["cpu_us"]
        for _ in range(bench.rounds))


def rows(result):
    return [(f"row of {videos:,} videos, {label}", f"{result[f'{videos}_{state}_us']:.0f} us",
             f"{most} us" if state != "first_in_film" else "")
            for videos, most in ((300, 100), (2_000, 600))
            for state, label in (("again", "read again"), ("watching", "after a report"),
                                 ("fresh", "just written"),
                                 ("reopened", "after a restart"),
                                 ("compacted", "first read, compacted"),
                                 ("first_in_film", "first read in a film of 720 ticks"),
                                 ("in_film", "later reads in that film"))]
