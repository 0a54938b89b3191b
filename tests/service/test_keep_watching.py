"""The keep-watching row: what is in it, its order, its pages, its tags."""

import base64

import pytest

from tokens import base64url
from viewer import FILM, HOUR, MINUTE, SECOND
from wire import assert_problem


def watch_many(viewer, count):
    """Reports v00 (newest) to v<count-1> (oldest), a second apart."""
    names = [f"v{i:02}" for i in range(count)]
    answer = viewer.batch([viewer.body(name, 600_000, age_ms=MINUTE + i * SECOND)
                           for i, name in enumerate(names)])
    assert answer.json == {"results": [{"status": 204}] * count}
    return names


def episode(number, series="s"):
    return {"series": {"id": series, "season": 1, "episode": number}}


def test_newest_comes_first_with_its_whole_resume_point(viewer):
    assert viewer.page() == {"items": [], "next_cursor": None}
    viewer.report("a", 600_000, age_ms=2 * SECOND, device="tv")
    viewer.report("b", 700_000, age_ms=SECOND, **episode(3))
    page = viewer.page()
    assert page["next_cursor"] is None
    assert page["items"] == [{**viewer.point("b"), "kind": "continue"},
                             {**viewer.point("a"), "kind": "continue"}]
    viewer.report("a", 610_000, device="tv")
    assert viewer.row() == ["a", "b"]


def test_short_finished_opened_and_live_titles_are_not_listed(viewer):
    viewer.report("short", 200_000, duration_ms=5 * MINUTE - 1)
    viewer.report("long enough", 200_000, duration_ms=5 * MINUTE)
    viewer.report("finished", FILM, event="ended")
    viewer.report("opened", 30_000)
    viewer.report("live", 600_000, duration_ms=None)
    viewer.report("percentage", percent=50)
    assert sorted(viewer.row()) == ["long enough", "percentage"]


def test_window_leaves_out_what_was_watched_before_it(serve):
    viewer = serve({"policy.row_window_ms": "2h"}).viewer()
    viewer.report("old", 600_000, age_ms=3 * HOUR)
    viewer.report("new", 600_000, age_ms=HOUR)
    assert viewer.row() == ["new"]
    assert viewer.has_point("old")


def test_one_entry_a_series_its_newest_unfinished_episode(viewer):
    viewer.report("e1", 600_000, age_ms=3 * SECOND, **episode(1))
    viewer.report("e2", 600_000, age_ms=2 * SECOND, **episode(2))
    viewer.report("other", 600_000, age_ms=SECOND, **episode(1, "t"))
    assert viewer.row() == ["other", "e2"]
    viewer.report("e2", FILM, event="ended", **episode(2))
    assert viewer.row() == ["other", "e1"]


def test_hidden_until_it_moves(viewer):
    viewer.report("v", 600_000, session="s")
    viewer.hide("v")
    assert viewer.row() == []
    assert viewer.position("v") == 600_000
    viewer.report("v", 600_000, session="s", event="pause")  # did not move
    assert viewer.row() == []
    viewer.report("v", 610_000, session="s")
    assert viewer.row() == ["v"]


def test_hiding_is_undone(viewer):
    viewer.report("v", 600_000)
    viewer.hide("v")
    viewer.unhide("v")
    assert viewer.row() == ["v"]


def test_late_report_does_not_bring_a_hidden_title_back(viewer):
    viewer.report("v", 600_000, session="tv")
    viewer.hide("v")
    viewer.report("v", 700_000, session="phone", age_ms=MINUTE)
    assert viewer.row() == []


def test_hiding_an_episode_hides_its_series_until_one_moves(viewer):
    viewer.report("e1", 600_000, age_ms=2 * SECOND, **episode(1))
    viewer.report("e2", 600_000, age_ms=SECOND, **episode(2))
    viewer.hide("e1")
    assert viewer.row() == []
    viewer.report("e3", 600_000, **episode(3))
    assert viewer.row() == ["e3"]
    viewer.hide("e3")
    viewer.unhide("e1")
    assert viewer.row() == ["e3"]


def test_hiding_what_is_not_there_does_no_harm(viewer):
    viewer.hide("none")
    viewer.unhide("none")
    assert viewer.row() == []
    assert not viewer.has_point("none")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1.5", " 5", "99999999999999999999"])
def test_limit_is_from_1_to_100(viewer, limit):
    answer = viewer.call("GET", "/v1/keep-watching", limit=limit)
    assert_problem(answer, 422, "invalid_field")


def test_limit_given_twice_is_refused(viewer):
    answer = viewer.call("GET", "/v1/keep-watching", limit=[5, 6])
    assert_problem(answer, 422, "invalid_field")


@pytest.mark.parametrize("path, name, value", [
    ("/v1/keep-watching", "limit", "0"), ("/v1/keep-watching", "cursor", "forged"),
    ("/v1/keep-watching", "profile", "x" * 65), ("/v1/progress", "video_id", "x" * 129)])
def test_refused_parameter_is_named(viewer, path, name, value):
    answer = viewer.call("GET", path, **{name: value})
    assert answer.status == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [name]


def test_page_has_20_entries_or_as_many_as_asked(viewer):
    names = watch_many(viewer, 100)
    assert viewer.row() == names[:20]
    assert viewer.row(limit=1) == names[:1]
    page = viewer.page(limit=100)
    assert [item["video_id"] for item in page["items"]] == names
    assert page["next_cursor"] is None


def test_paging_neither_skips_nor_repeats_while_heartbeats_sort_the_row_anew(viewer):
    names = watch_many(viewer, 25)
    seen = []
    page = viewer.page(limit=10)
    seen += [item["video_id"] for item in page["items"]]
    viewer.report("v03", 610_000)  # of the page that was seen
    viewer.report("v22", 610_000)  # of one to come: it is on top now
    while page["next_cursor"]:
        page = viewer.page(limit=10, cursor=page["next_cursor"])
        seen += [item["video_id"] for item in page["items"]]
    assert seen == [name for name in names if name != "v22"]
    assert viewer.row(limit=2) == ["v22", "v03"]


def test_cursor_survives_its_title_and_a_restart(serve):
    server = serve()
    viewer = server.viewer()
    names = watch_many(viewer, 25)
    cursor = viewer.page(limit=10)["next_cursor"]
    viewer.forget(names[9])
    server.restart()
    assert viewer.row(limit=100, cursor=cursor) == names[10:]


def damaged(cursor):
    yield "forged", "AAAA" + cursor[4:]
    yield "last character", cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    yield "truncated", cursor[:-4]
    yield "tag alone", cursor[:22]
    yield "longer", cursor + "AAAA"
    yield "garbage", "???"
    yield "huge", "A" * 5000


def test_only_a_cursor_of_this_viewer_opens(viewer, server):
    watch_many(viewer, 5)
    cursor = viewer.page(limit=2)["next_cursor"]
    assert len(viewer.row(cursor=cursor)) == 3
    for what, bad in damaged(cursor):
        answer = viewer.call("GET", "/v1/keep-watching", cursor=bad)
        assert (answer.status, answer.code) == (422, "invalid_cursor"), what
    for stranger in (server.viewer(), viewer.profile("kids")):
        answer = stranger.call("GET", "/v1/keep-watching", cursor=cursor)
        assert_problem(answer, 422, "invalid_cursor")


def test_a_cursor_of_which_one_bit_or_the_end_is_gone_does_not_open(viewer):
    watch_many(viewer, 5)
    cursor = viewer.page(limit=2)["next_cursor"]
    sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = (sealed[:i] + bytes([sealed[i] ^ 1 << bit]) + sealed[i + 1:]
               for i in range(len(sealed)) for bit in (0, 3, 7))
    cut = [cursor[:size] for size in range(1, len(cursor))]
    spelled = [cursor + "=", cursor + "A", cursor[1:]]
    for bad in [base64url(data) for data in flipped] + cut + spelled:
        answer = viewer.call("GET", "/v1/keep-watching", cursor=bad)
        assert (answer.status, answer.code) == (422, "invalid_cursor"), bad
    assert len(viewer.row(cursor=cursor)) == 3


@pytest.mark.parametrize("path", ["/v1/keep-watching", "/v1/progress/v", "/v1/progress?video_id=v"])
def test_tag_saves_what_did_not_change(viewer, path):
    viewer.report("v", 600_000)
    first = viewer.call("GET", path)
    tag = first.headers["etag"]
    assert first.status == 200
    assert first.headers["cache-control"] == "private, no-cache"
    assert "authorization" in first.headers["vary"].lower()
    for given in (tag, "W/" + tag, f'"other", {tag}', "*"):
        answer = viewer.call("GET", path, headers={"If-None-Match": given})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag), given
        assert answer.headers["cache-control"] == "private, no-cache"
    answer = viewer.call("GET", path, headers={"If-None-Match": '"other"'})
    assert (answer.status, answer.body) == (200, first.body)
    viewer.report("v", 610_000)
    answer = viewer.call("GET", path, headers={"If-None-Match": tag})
    assert answer.status == 200
    assert answer.headers["etag"] != tag
