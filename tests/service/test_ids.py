"""Ids as they come: any printable UTF-8 within its limit is kept, and comes back, to the byte."""

import json
import random
from urllib.parse import quote, quote_plus

import pytest

from viewer import FILM, Viewer
from wire import assert_problem

LIMITS = {"video_id": 128, "session": 64, "device": 64, "profile": 64, "series": 128}
ACCOUNT_MAX = 255

# What keys, paths, queries, JSON and logs could take for something of theirs.
PIECES = ["/", "|", ":", "%", "+", "&", "=", "?", "#", ";", ",", " ", "\\", '"', "'", "<", ">", "`",
          "~", "..", "//", "%2F", "%00", "%", "{id}", "v", "null", "a", "A", "é", "e\u0301", "ß",
          "\u00a0", "\u200b", "\u200d", "\u202e", "\u2028", "\u2029", "\u05d0\u05d1", "\u0627",
          "\ufeff", "\ufffd", "\uffff", "\ud7ff", "\ue000", "漢", "🎬", "👩\u200d🚀", "🇨🇿",
          "\U0010ffff"]
CONTROLS = ["\0", "\x01", "\t", "\n", "\r", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9f"]
RANDOM = random.Random(20_120_727)


def any_id(bytes_max):
    """Some pieces, often up to the limit."""
    size = RANDOM.choice([RANDOM.randint(1, bytes_max), bytes_max])
    text = ""
    while len(text.encode()) < size:
        text += RANDOM.choice(PIECES)
    return text.encode()[:size].decode(errors="ignore") or "x"


def full(bytes_max, piece="é"):
    """An id of just so many bytes."""
    count = bytes_max // len(piece.encode())
    return piece * count + "x" * (bytes_max - count * len(piece.encode()))


def percent_encoded(text):
    """Every byte, also those that need it not."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def report_of(ids):
    return {"position_ms": 600_000, "duration_ms": FILM, "video_id": ids["video_id"],
            "session": ids["session"], "device": ids["device"], "profile": ids["profile"],
            "series": {"id": ids["series"]}}


def assert_kept(item, ids):
    assert (item["video_id"], item["device"], item["series"]["id"]) == (
        ids["video_id"], ids["device"], ids["series"])


CASES = ([{name: piece for name in LIMITS} for piece in PIECES]
         + [{name: full(limit, piece) for name, limit in LIMITS.items()}
            for piece in ("x", "é", "漢", "🎬", "/", "%", '"')]
         + [{name: any_id(limit) for name, limit in LIMITS.items()} for _ in range(60)])


@pytest.mark.parametrize("escaped", [False, True])
def test_ids_come_back_by_every_way(server, escaped):
    account = server.viewer().account
    for number, ids in enumerate(CASES):
        plain = Viewer(server, f"{account}-{number}")
        viewer = plain.profile(ids["profile"])
        answer = viewer.post(json.dumps(report_of(ids), ensure_ascii=escaped))
        assert answer.status == 204, (ids, answer)
        for path in (quote(ids["video_id"], safe=""), percent_encoded(ids["video_id"])):
            profile = percent_encoded(ids["profile"])
            point = plain.call("GET", f"/v1/progress/{path}?profile={profile}")
            assert point.status == 200, (ids, point)
            assert_kept(point.json, ids)
        for encode in (quote_plus, lambda text: quote(text, safe=""), percent_encoded):
            query = f"video_id={encode(ids['video_id'])}&profile={encode(ids['profile'])}"
            points = plain.call("GET", "/v1/progress?" + query).json["items"]
            assert len(points) == 1, (ids, query)
            assert_kept(points[0], ids)
        (row,) = viewer.page()["items"]
        assert_kept(row, ids)
        viewer.forget(ids["video_id"])
        assert not viewer.has_point(ids["video_id"])
        plain.close()
        viewer.close()


def test_accounts_are_kept_apart_to_the_byte(server):
    base = server.viewer().account
    accounts = {base + piece for piece in PIECES} | {base + piece + "a" for piece in PIECES}
    accounts |= {base + full(ACCOUNT_MAX - len(base), piece) for piece in "xé漢🎬"}
    accounts |= {base + any_id(ACCOUNT_MAX - len(base)) for _ in range(20)}
    for number, account in enumerate(accounts):
        viewer = Viewer(server, account)
        viewer.report("v", 600_000 + number)
        viewer.close()
    for number, account in enumerate(accounts):
        viewer = Viewer(server, account)
        assert viewer.position("v") == 600_000 + number, account
        viewer.close()


def test_sessions_are_told_apart_to_the_byte(viewer):
    """A report that comes again in its session is a duplicate; in any other it is not."""
    sessions = sorted({full(64, piece) for piece in "xé漢🎬"} | set(PIECES))
    for number, session in enumerate(sessions):
        viewer.report("v", 600_000 + number * 1_000, session=session, seq=5)
        assert viewer.position("v") == 600_000 + number * 1_000, session
        viewer.report("v", 300_000, session=session, seq=5)
        assert viewer.position("v") == 600_000 + number * 1_000, session


@pytest.mark.parametrize("name", LIMITS)
def test_an_id_past_its_limit_is_refused_where_it_stands(viewer, name):
    ids = {other: "x" for other in LIMITS}
    pointer = "/series/id" if name == "series" else "/" + name
    past = [full(LIMITS[name] - 1, piece) + piece for piece in ("é", "漢", "🎬")]
    for bad in [full(LIMITS[name] + 1, "x"), *past]:
        answer = viewer.post(report_of({**ids, name: bad}))
        assert_problem(answer, 422, "invalid_field")
        assert answer.pointers == [pointer], bad
    for control in CONTROLS:
        for bad in (control, "a" + control, control + "a"):
            answer = viewer.post(report_of({**ids, name: bad}))
            assert_problem(answer, 422, "invalid_field")
            assert answer.pointers == [pointer], bad


def test_what_no_id_is_reaches_nothing_by_path_and_query(viewer):
    bad = ["%00", "%1f", "%0a", "%7f", "%c2%85", "%ff", "%c3", "%c0%af", "%ed%a0%80",
           "%f4%90%80%80", "%", "%4", "%zz", "x" * 129, "%c3%a9" * 65]
    for text in bad:
        for method, path in (("GET", f"/v1/progress/{text}"), ("DELETE", f"/v1/progress/{text}"),
                             ("PUT", f"/v1/watched/{text}"),
                             ("DELETE", f"/v1/keep-watching/{text}"),
                             ("GET", f"/v1/progress?video_id={text}"),
                             ("GET", f"/v1/keep-watching?profile={text}"),
                             ("DELETE", f"/v1/me?profile={text}")):
            answer = viewer.call(method, path)
            assert answer.status in (400, 422), (method, path, answer)
    assert viewer.page()["items"] == []
