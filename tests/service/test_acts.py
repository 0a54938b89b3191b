"""Explicit acts: forget, mark, erase; what they cover, and what comes after them."""

import pytest

from viewer import DAY, FILM, HOUR, MINUTE, background_load
from wire import Wire

# So often that every place of a millisecond's edge between two requests is met.
TRIES = 150


def test_forgotten_video_is_gone_and_late_reports_do_not_bring_it_back(viewer):
    viewer.report("v", 600_000, session="s", seq=1)
    viewer.forget("v")
    assert not viewer.has_point("v")
    assert viewer.row() == []
    viewer.report("v", 610_000, session="late", age_ms=MINUTE)
    viewer.report("v", FILM, session="late", event="ended", age_ms=MINUTE)
    assert not viewer.has_point("v")
    viewer.report("v", 620_000, session="s", seq=2)
    assert viewer.position("v") == 620_000


def test_forgetting_takes_the_furthest_position_too(viewer):
    viewer.report("v", 1_500_000)
    viewer.forget("v")
    viewer.report("v", 700_000)
    assert viewer.point("v")["furthest_position_ms"] == 700_000


def test_forgetting_takes_marks_too_and_is_repeatable(viewer):
    viewer.mark("v")
    viewer.forget("v")
    viewer.forget("v")
    viewer.forget("never seen")
    assert not viewer.has_point("v")


def test_forgetting_is_of_one_video_and_one_profile(viewer):
    kids = viewer.profile("kids")
    for someone in (viewer, kids):
        someone.report("v", 600_000)
        someone.report("w", 600_000)
    kids.forget("v")
    assert not kids.has_point("v")
    assert kids.has_point("w") and viewer.has_point("v") and viewer.has_point("w")


def test_mark_watched_finishes_what_was_not_played(viewer):
    viewer.mark("v")
    point = viewer.point("v")
    assert point.pop("watched_at") == point.pop("finished_at")
    assert point == {"video_id": "v", "state": "finished", "resume_position_ms": 0}
    viewer.unmark("v")
    assert not viewer.has_point("v")


def test_mark_and_unmark_watched_keep_the_position(viewer):
    viewer.report("v", 600_000, session="s")
    viewer.mark("v")
    assert (viewer.state("v"), viewer.row()) == ("finished", [])
    viewer.unmark("v")
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("in_progress", 600_000)
    assert "finished_at" not in point
    assert viewer.row() == ["v"]


def test_unmarked_at_its_end_a_title_starts_from_the_beginning(viewer):
    viewer.report("v", FILM, event="ended")
    viewer.unmark("v")
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("opened", 0)


def test_erasing_a_profile_leaves_the_others(viewer):
    kids, guest = viewer.profile("kids"), viewer.profile("guest")
    for someone in (viewer, kids, guest):
        someone.report("v", 600_000)
    kids.erase()
    assert [v.has_point("v") for v in (viewer, kids, guest)] == [True, False, True]
    viewer.erase(profile="")
    assert [v.has_point("v") for v in (viewer, kids, guest)] == [False, False, True]


def test_erasing_the_account_takes_every_profile(viewer, server):
    other = server.viewer()
    everyone = [viewer, viewer.profile("kids"), viewer.profile("guest"), other]
    for someone in everyone:
        someone.report("v", 600_000)
        someone.mark("w")
    viewer.erase()
    assert [v.row() + [w for w in "vw" if v.has_point(w)] for v in everyone] == [
        [], [], [], ["v", "v", "w"]]


def test_nothing_late_comes_back_after_an_erasure_or_a_restart(serve):
    server = serve()
    viewer = server.viewer()
    kids = viewer.profile("kids")
    others = server.viewer()
    others_kids = others.profile("kids")
    for someone in (viewer, kids, others, others_kids):
        someone.report("v", 600_000)
    viewer.erase()
    others_kids.erase()
    late = [dict(session="late", age_ms=age) for age in (MINUTE, HOUR, 29 * DAY, 40 * DAY)]

    def report_late():
        for someone in (viewer, kids, others_kids):
            for i, fields in enumerate(late):
                someone.report("v", 700_000 + i, **fields)
                someone.report("unseen", FILM, event="ended", **fields)
            assert not someone.has_point("v") and not someone.has_point("unseen")
            assert someone.row() == []

    report_late()
    server.restart()
    report_late()
    server.kill9()
    server.start()
    report_late()
    assert others.position("v") == 600_000
    kids.report("v", 800_000)
    assert kids.position("v") == 800_000


@pytest.mark.parametrize("act", ["DELETE /v1/progress/v", "DELETE /v1/me",
                                 "DELETE /v1/keep-watching/v"])
def test_report_right_behind_an_act_counts(server, act):
    viewer = server.viewer()
    lost = []
    with background_load(server), Wire(server.port) as wire:
        for i in range(10 * TRIES):
            position = 600_000 + i
            wire.send(viewer.request(*act.split())
                      + viewer.request("POST", "/v1/progress",
                                       viewer.body("v", position, session=f"s{i}"))
                      + viewer.request("GET", "/v1/keep-watching"))
            assert [wire.answer().status for _ in range(2)] == [204, 204]
            items = wire.answer().json["items"]
            if [item["position_ms"] for item in items] != [position]:
                lost.append(i)
    assert lost == [], "acknowledged after the act, and not there"


@pytest.mark.parametrize("kind", ["rocksdb", "memory"])
def test_act_right_behind_a_report_covers_it(serve, kind):
    viewer = serve({"store.kind": kind}).viewer()
    acts = {"forget": viewer.forget, "erase": lambda _: viewer.erase(profile="")}
    kept = []
    for i in range(TRIES):
        for name, act in acts.items():
            video_id = f"{name} {i}"
            assert viewer.post(viewer.body(video_id, 600_000)).status == 204
            act(video_id)
            if viewer.has_point(video_id):
                kept.append(video_id)
    assert kept == []


def test_acts_right_behind_each_other_keep_their_order(viewer):
    assert viewer.post(viewer.body("v", 600_000, session="s")).status == 204
    wrong = []
    for i in range(TRIES):
        viewer.mark("v"), viewer.unmark("v")
        if viewer.state("v") != "in_progress":
            wrong.append(("unmark", i))
        viewer.unmark("v"), viewer.mark("v")
        if viewer.state("v") != "finished":
            wrong.append(("mark", i))
        viewer.unmark("v")
        viewer.unhide("v"), viewer.hide("v")
        if viewer.row():
            wrong.append(("hide", i))
        viewer.hide("v"), viewer.unhide("v")
        if not viewer.row():
            wrong.append(("unhide", i))
    assert wrong == []


def test_pipelined_acts_and_reports_keep_their_order(server):
    wrong = []
    for i in range(TRIES):
        viewer = server.viewer()
        with Wire(server.port) as wire:
            def report(position, session, viewer=viewer):
                return viewer.request("POST", "/v1/progress",
                                      viewer.body("v", position, session=session))
            wire.send(report(600_000, "a") + viewer.request("DELETE", "/v1/progress/v")
                      + report(700_000, "b") + viewer.request("DELETE", "/v1/me")
                      + report(800_000, "c") + viewer.request("PUT", "/v1/watched/v")
                      + viewer.request("DELETE", "/v1/watched/v")
                      + viewer.request("GET", "/v1/progress/v"))
            assert [wire.answer().status for _ in range(7)] == [204] * 7
            answer = wire.answer()
        if answer.status != 200 or answer.json["position_ms"] != 800_000:
            wrong.append((i, answer.status))
    assert wrong == []
