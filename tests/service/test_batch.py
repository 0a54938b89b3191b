"""Offline queues: many reports in one request, a result for each."""

import json

import pytest

from viewer import FILM, MINUTE
from wire import assert_problem


def test_each_report_has_its_result_in_order(viewer):
    answer = viewer.batch([
        viewer.body("a", 600_000),
        viewer.body("b", -1),
        "not an object",
        viewer.body("", 600_000),
        viewer.body("c", 700_000, series={"id": "s", "season": "two"}),
        viewer.body("d", 800_000),
    ])
    assert answer.status == 200
    assert answer.headers["playhead-interval"] == "10"
    results = answer.json["results"]
    assert [result["status"] for result in results] == [204, 422, 422, 422, 422, 204]
    assert {result.get("code") for result in results} == {None, "invalid_field"}
    assert [[error["pointer"] for error in result.get("errors", [])] for result in results] == [
        [], ["/reports/1/position_ms"], ["/reports/2"], ["/reports/3/video_id"],
        ["/reports/4/series/season"], []]
    assert [v for v in "abcd" if viewer.has_point(v)] == ["a", "d"]


def test_a_hundred_reports_are_taken_and_no_more(viewer):
    answer = viewer.batch([viewer.body(f"v{i}", 600_000) for i in range(100)])
    assert answer.json == {"results": [{"status": 204}] * 100}
    assert all(viewer.has_point(f"v{i}") for i in (0, 50, 99))
    answer = viewer.batch([viewer.body(f"w{i}", 600_000) for i in range(101)])
    assert assert_problem(answer, 422, "too_many_items").pointers == ["/reports"]
    assert not viewer.has_point("w0")


@pytest.mark.parametrize("body", ['{"reports":{}}', '{"reports":null}', "{}", '{"reports":"v"}'])
def test_reports_that_are_no_list_are_refused(viewer, body):
    answer = viewer.call("POST", "/v1/progress/batch", body)
    assert assert_problem(answer, 422, "invalid_field").pointers == ["/reports"]


@pytest.mark.parametrize("body, code", [
    ("[]", "malformed_json"), ("", "missing_body"), ('{"reports":[', "malformed_json")])
def test_body_that_is_no_json_object_is_refused(viewer, body, code):
    assert_problem(viewer.call("POST", "/v1/progress/batch", body), 400, code)


def test_empty_list_is_a_good_batch(viewer):
    answer = viewer.batch([])
    assert (answer.status, answer.json) == (200, {"results": []})


def test_newest_report_of_a_video_wins_in_any_order(viewer):
    ages = [3 * MINUTE, MINUTE, 2 * MINUTE]
    viewer.batch([viewer.body("v", 600_000 + age, age_ms=age, device=f"d{age}") for age in ages])
    assert viewer.position("v") == 600_000 + MINUTE
    assert viewer.point("v")["furthest_position_ms"] == 600_000 + 3 * MINUTE


def test_sequence_numbers_order_the_reports_of_a_session(viewer):
    positions = {1: 600_000, 2: 900_000, 3: 700_000}
    viewer.batch([viewer.body("v", positions[seq], session="s", seq=seq) for seq in (1, 2, 3)])
    assert viewer.position("v") == 700_000


def test_batch_sent_again_changes_nothing(viewer):
    reports = [viewer.body(f"v{i}", 600_000 + i, session="s", seq=i, age_ms=MINUTE + i)
               for i in range(10)]
    assert viewer.batch(reports).status == 200
    before = viewer.points(*(f"v{i}" for i in range(10)), "none")
    again = viewer.batch(reports + reports)
    assert again.json == {"results": [{"status": 204}] * 20}
    assert viewer.points(*(f"v{i}" for i in range(10)), "none") == before


def test_profiles_and_private_sessions_of_a_batch(viewer):
    answer = viewer.batch([
        viewer.body("v", 600_000), viewer.body("v", 700_000, profile="kids"),
        viewer.body("w", 600_000, private=True)])
    assert answer.json == {"results": [{"status": 204}] * 3}
    assert viewer.position("v") == 600_000
    assert not viewer.has_point("w")
    assert [p["video_id"] for p in viewer.profile("kids").page()["items"]] == ["v"]


def test_batch_of_private_reports_alone_stores_nothing(viewer):
    assert viewer.batch([viewer.body("v", 600_000, private=True)]).status == 200
    assert not viewer.has_point("v")


@pytest.mark.parametrize("size, status", [(64 << 10, 200), ((64 << 10) + 1, 413)])
def test_body_may_be_64_kib(viewer, size, status):
    body = json.dumps({"reports": [viewer.body("v", FILM // 2)], "padding": ""})
    body = body[:-2] + "x" * (size - len(body)) + body[-2:]
    answer = viewer.call("POST", "/v1/progress/batch", body)
    assert answer.status == status
    if status == 413:
        assert_problem(answer, 413, "body_too_large")
    assert viewer.has_point("v") == (status == 200)
