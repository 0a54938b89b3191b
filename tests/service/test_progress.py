"""Reports in, resume points out: the rules of one video."""

from urllib.parse import quote

import pytest

from viewer import DAY, FILM, HOUR, MINUTE, SECOND, now_ms
from wire import assert_problem


def test_report_is_answered_204_and_steers_the_player(viewer):
    answer = viewer.report("ep-42", 754_000)
    assert answer.body == b""
    assert answer.headers["playhead-interval"] == "10"
    assert "content-length" not in answer.headers


def test_resume_point_has_every_field_of_a_full_report(viewer):
    series = {"id": "s-7", "season": 2, "episode": 3}
    before = now_ms()
    viewer.post({
        "video_id": "ep-42", "position_ms": 754_000, "duration_ms": 2_640_000, "event": "tick",
        "age_ms": 0, "session": "k3J9", "seq": 17, "device": "tv", "series": series,
        "credits_ms": 2_520_000, "private": False})
    after = now_ms()
    point = viewer.point("ep-42")
    assert before <= point.pop("watched_at") <= after
    assert point == {
        "video_id": "ep-42", "state": "in_progress", "position_ms": 754_000,
        "duration_ms": 2_640_000, "percent": 28.56, "resume_position_ms": 754_000,
        "furthest_position_ms": 754_000, "device": "tv", "series": series}


def test_least_report_is_a_percentage(viewer):
    viewer.report("ep-42", percent=28.6)
    point = viewer.point("ep-42")
    del point["watched_at"]
    assert point == {"video_id": "ep-42", "state": "in_progress", "percent": 28.6}


def test_percentage_with_a_duration_gives_a_position(viewer):
    viewer.report("v", percent=28.6, duration_ms=FILM)
    point = viewer.point("v")
    assert (point["position_ms"], point["resume_position_ms"]) == (755_040, 755_040)


@pytest.mark.parametrize("position, duration, state", [
    (119_999, 2 * HOUR, "opened"),
    (120_000, 2 * HOUR, "in_progress"),
    (107_999, HOUR, "opened"),
    (108_000, HOUR, "in_progress"),  # 3 %
])
def test_start_line_is_two_minutes_or_three_percent(viewer, position, duration, state):
    viewer.report("v", position, duration_ms=duration)
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == (state, position)
    assert viewer.row() == (["v"] if state == "in_progress" else [])


def test_opening_never_displaces_a_playhead(viewer):
    viewer.report("v", 754_000, session="tv")
    viewer.report("v", 30_000, session="phone")
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("in_progress", 754_000)


@pytest.mark.parametrize("fields", [
    {"position_ms": 0}, {"percent": 0}, {"position_ms": 754_000, "event": "play"}])
def test_position_zero_and_first_play_write_nothing(viewer, fields):
    viewer.report("v", **fields)
    assert not viewer.has_point("v")


def test_play_counts_once_its_session_has_moved(viewer):
    viewer.report("v", 754_000, session="s", event="play")
    viewer.report("v", 764_000, session="s")
    assert viewer.position("v") == 764_000
    viewer.report("v", 774_000, session="s", event="play")
    assert viewer.position("v") == 774_000


@pytest.mark.parametrize("fields", [
    {"position_ms": FILM}, {"position_ms": 0}, {"position_ms": 1_000_000}, {}, {"percent": 100}])
def test_ended_finishes_wherever_it_comes(viewer, fields):
    before = now_ms()
    viewer.report("v", event="ended", duration_ms=FILM, **fields)
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("finished", 0)
    assert before <= point["finished_at"] <= now_ms()
    assert viewer.row() == []


@pytest.mark.parametrize("position, fields, state", [
    (9 * MINUTE - 1, {"duration_ms": 10 * MINUTE}, "in_progress"),
    (9 * MINUTE, {"duration_ms": 10 * MINUTE}, "finished"),  # 90 %
    (17 * MINUTE - 1, {"duration_ms": 20 * MINUTE}, "in_progress"),
    (17 * MINUTE, {"duration_ms": 20 * MINUTE}, "finished"),  # three minutes left
    (2_519_999, {"credits_ms": 2_520_000}, "in_progress"),  # the credits go before 90 %
    (2_520_000, {"credits_ms": 2_520_000}, "finished"),
])
def test_finish_line(viewer, position, fields, state):
    viewer.report("v", position, **fields)
    assert viewer.state("v") == state


def test_finished_is_sticky_within_its_session(viewer):
    viewer.report("v", FILM, session="s", seq=1, event="ended")
    viewer.report("v", 600_000, session="s", seq=2)
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("finished", 0)
    assert viewer.row() == []


def test_another_session_is_a_rewatch(viewer):
    viewer.report("v", FILM, session="first", event="ended")
    viewer.report("v", 600_000, session="second")
    point = viewer.point("v")
    assert (point["state"], point["resume_position_ms"]) == ("in_progress", 600_000)
    assert "finished_at" in point
    assert viewer.row() == ["v"]


def test_newest_wins_not_furthest(viewer):
    viewer.report("v", 1_200_000, session="s")
    viewer.report("v", 600_000, session="s", event="seek")
    point = viewer.point("v")
    assert (point["position_ms"], point["furthest_position_ms"]) == (600_000, 1_200_000)


def test_paused_device_has_no_claim(viewer):
    viewer.report("v", 600_000, session="tv", seq=1, device="tv")
    viewer.report("v", 900_000, session="phone", seq=1, device="phone")
    viewer.report("v", 600_000, session="tv", seq=2, device="tv", event="pause")
    assert viewer.point("v")["device"] == "phone"
    viewer.report("v", 610_000, session="tv", seq=3, device="tv")
    assert (viewer.point("v")["device"], viewer.position("v")) == ("tv", 610_000)


def test_paused_device_is_told_by_its_name_where_there_is_no_session(viewer):
    viewer.report("v", 600_000, device="tv")
    viewer.report("v", 900_000, device="phone")
    viewer.report("v", 600_000, device="tv")
    assert viewer.position("v") == 900_000


def test_report_that_comes_late_does_not_move_its_device_back(viewer):
    viewer.report("v", 900_000, device="tv")
    viewer.report("v", 600_000, device="tv", age_ms=HOUR)
    viewer.report("v", 600_000, device="tv", event="pause")  # sought back to where it once was
    assert viewer.position("v") == 600_000


def test_duplicate_sequence_number_is_answered_and_ignored(viewer):
    viewer.report("v", 700_000, session="s", seq=2)
    for seq in (2, 1):
        assert viewer.report("v", 800_000, session="s", seq=seq).status == 204
    assert viewer.position("v") == 700_000
    viewer.report("v", 810_000, session="s", seq=3)
    assert viewer.position("v") == 810_000


def test_private_session_stores_nothing(viewer):
    answer = viewer.report("new", 600_000, private=True)
    assert answer.headers["playhead-interval"] == "10"
    assert not viewer.has_point("new")
    viewer.report("old", 600_000, session="s")
    viewer.report("old", FILM, session="p", event="ended", private=True)
    assert viewer.position("old") == 600_000


def test_age_dates_a_report_back(viewer):
    viewer.report("v", 900_000, session="tv")
    viewer.report("v", 600_000, session="phone", age_ms=MINUTE)
    assert viewer.position("v") == 900_000
    before = now_ms()
    viewer.report("w", 600_000, age_ms=HOUR)
    assert before - HOUR <= viewer.point("w")["watched_at"] <= now_ms() - HOUR


@pytest.mark.parametrize("age_ms, counted_ms", [(40 * DAY, 30 * DAY), (-HOUR, 0), (1e15, 30 * DAY),
                                                (2e18, 30 * DAY), (1 << 63, 30 * DAY)])
def test_age_is_clamped_to_thirty_days(viewer, age_ms, counted_ms):
    before = now_ms()
    viewer.report("v", 600_000, age_ms=age_ms)
    assert before - counted_ms <= viewer.point("v")["watched_at"] <= now_ms() - counted_ms


def test_position_past_the_end_is_the_end(viewer):
    viewer.report("v", FILM + SECOND)
    point = viewer.point("v")
    assert (point["position_ms"], point["percent"], point["state"]) == (FILM, 100, "finished")


def test_live_title_is_stored_and_never_listed_or_finished(viewer):
    for position in (600_000, 30 * HOUR):
        viewer.report("live", position, duration_ms=None)
        point = viewer.point("live")
        assert (point["state"], point["resume_position_ms"]) == ("in_progress", position)
        assert "percent" not in point and "duration_ms" not in point
    assert viewer.row() == []


def test_unknown_fields_are_ignored(viewer):
    viewer.report("v", 600_000, colour="red", nested={"a": [1, {"b": None}]})
    assert viewer.position("v") == 600_000


def test_null_means_absent(viewer):
    nulls = dict.fromkeys(("event", "age_ms", "session", "seq", "profile", "device", "series",
                           "credits_ms", "percent", "private"))
    viewer.report("v", 600_000, **nulls)
    assert viewer.position("v") == 600_000
    answer = viewer.post({"video_id": None, "position_ms": 1})
    assert assert_problem(answer, 422, "invalid_field").pointers == ["/video_id"]


def test_numbers_count_however_they_are_written(viewer):
    viewer.post('{"video_id":"v","position_ms":7.54e5,"duration_ms":2640000.0}')
    assert viewer.position("v") == 754_000


def test_profiles_are_apart(viewer):
    kids, grown_up = viewer.profile("kids"), viewer.profile("grown up & co")
    viewer.report("v", 600_000)
    kids.report("v", 700_000)
    grown_up.report("v", 800_000)
    kids.report("only kids", 500_000)
    assert [v.position("v") for v in (viewer, kids, grown_up)] == [600_000, 700_000, 800_000]
    assert not viewer.has_point("only kids") and not grown_up.has_point("only kids")
    assert (viewer.row(), sorted(kids.row())) == (["v"], ["only kids", "v"])
    # The empty profile is the account's own.
    assert viewer.profile("").position("v") == 600_000


IDS = ["a/b", "two words", "🎬 émission", 'say "hi"', "50%", "a+b", "%2F", "?x=1&y#z", "back\\slash",
       "..", "批", "x" * 128, "é" * 64, "<script>", "a;b,c=d:e@f"]


@pytest.mark.parametrize("video_id", IDS)
def test_any_printable_id_makes_the_round_trip(viewer, video_id):
    viewer.report(video_id, 600_000, session=video_id[:16], device=video_id[:16],
                  series={"id": video_id})
    point = viewer.point(video_id)
    assert point["video_id"] == point["series"]["id"] == video_id
    assert [p["video_id"] for p in viewer.points(video_id)] == [video_id]
    assert viewer.row() == [video_id]
    viewer.hide(video_id)
    assert viewer.row() == []
    viewer.forget(video_id)
    assert not viewer.has_point(video_id)


@pytest.mark.parametrize("path", ["bad%zz", "cut%4", "%00", "%ff", "%0a", quote("y" * 129)])
def test_id_that_cannot_be_one_is_refused_in_a_path(viewer, path):
    assert_problem(viewer.call("GET", "/v1/progress/" + path), 422, "invalid_field")


def test_many_points_come_in_the_order_asked_without_the_unknown(viewer):
    viewer.batch([viewer.body(f"v{i}", 600_000 + i) for i in range(100)])
    asked = [f"v{i}" for i in reversed(range(100))]
    assert [p["video_id"] for p in viewer.points(*asked)] == asked
    assert [p["position_ms"] for p in viewer.points("v7", "none", "v3")] == [600_007, 600_003]
    assert viewer.points("none") == []


def test_more_than_a_hundred_videos_at_once_are_refused(viewer):
    answer = viewer.call("GET", "/v1/progress", video_id=[f"v{i}" for i in range(101)])
    assert_problem(answer, 422, "too_many_items")
    assert_problem(viewer.call("GET", "/v1/progress"), 422, "invalid_field")
    assert_problem(viewer.call("GET", "/v1/progress", video_id=["v", ""]), 422, "invalid_field")


def test_unknown_video_is_a_problem_404(viewer):
    assert_problem(viewer.get_point("none"), 404, "no_resume_point")


@pytest.mark.parametrize("fields, pointer", [
    ({"video_id": ""}, "/video_id"),
    ({"video_id": 7}, "/video_id"),
    ({"video_id": "x" * 129}, "/video_id"),
    ({"video_id": "line\nfeed"}, "/video_id"),
    ({"position_ms": -1}, "/position_ms"),
    ({"position_ms": "600000"}, "/position_ms"),
    ({"position_ms": 1.5}, "/position_ms"),
    ({"position_ms": 2**53}, "/position_ms"),
    ({"position_ms": None}, "/position_ms"),  # and no percentage
    ({"duration_ms": True}, "/duration_ms"),
    ({"percent": 100.01}, "/percent"),
    ({"percent": -0.01}, "/percent"),
    ({"event": "jump"}, "/event"),
    ({"age_ms": "now"}, "/age_ms"),
    ({"session": "x" * 65}, "/session"),
    ({"seq": -1}, "/seq"),
    ({"device": ["tv"]}, "/device"),
    ({"profile": "x" * 65}, "/profile"),
    ({"series": "s-7"}, "/series"),
    ({"series": {}}, "/series/id"),
    ({"series": {"id": "s", "season": -1}}, "/series/season"),
    ({"series": {"id": "s", "episode": 2**32}}, "/series/episode"),
    ({"credits_ms": []}, "/credits_ms"),
    ({"private": "yes"}, "/private"),
])
def test_wrong_field_is_named_by_a_pointer(viewer, fields, pointer):
    answer = viewer.post({"video_id": "v", "position_ms": 600_000, **fields})
    assert assert_problem(answer, 422, "invalid_field").pointers == [pointer]
    assert viewer.row() == []


def test_field_given_twice_is_refused(viewer):
    answer = viewer.post('{"video_id":"v","position_ms":600000,"position_ms":700000}')
    assert assert_problem(answer, 422, "invalid_field").pointers == ["/position_ms"]


@pytest.mark.parametrize("body, code", [
    ("", "missing_body"), ("{", "malformed_json"), ("[]", "malformed_json"),
    ('"v"', "malformed_json"), ('{"video_id":"v","percent":28.6}x', "malformed_json"),
    ('{"video_id":"v","percent":NaN}', "malformed_json"), ("{'video_id':'v'}", "malformed_json"),
    (b'{"video_id":"\xff","percent":28.6}', "malformed_json"),
    ('{"video_id":"v","percent":28.6,}', "malformed_json"),
    ('{"video_id":"v","x":' + "[" * 2000 + "]" * 2000 + "}", "malformed_json"),
])
def test_body_that_is_no_json_object_is_refused(viewer, body, code):
    assert_problem(viewer.post(body), 400, code)
    assert not viewer.has_point("v")
