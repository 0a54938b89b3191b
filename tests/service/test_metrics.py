"""Metrics, health and logs: what an operator sees."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from playhead import run
from viewer import FILM
from wire import PATIENCE_S, call

NAMES = Path(__file__).with_name("metric_names.txt")


@pytest.fixture(scope="module")
def busy(serve_module):
    """A server that has met most of what it counts."""
    server = serve_module()
    viewer = server.viewer()
    viewer.report("v", 600_000, session="s", seq=1)
    viewer.report("v", 610_000, session="s", seq=1)  # duplicate
    viewer.report("v", 600_000, session="s", seq=2)  # unmoved
    viewer.report("w", 0)  # nothing watched
    viewer.report("w", FILM, event="ended")
    viewer.mark("x")
    viewer.row()
    viewer.get_point("none")
    viewer.call("PUT", "/v1/progress", b"")
    viewer.call("GET", "/none")
    server.get("/v1/keep-watching")
    return server


def exposition(server):
    answer = server.admin("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (package prometheus) is missing")
def test_promtool_finds_nothing_to_say(busy):
    checked = subprocess.run(["promtool", "check", "metrics"], input=exposition(busy), text=True,
                             capture_output=True, timeout=PATIENCE_S, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_names_are_those_of_the_golden_list(busy):
    """Dashboards and alerts hang on these: whoever changes one changes the list, too."""
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", exposition(busy), re.MULTILINE))
    listed = dict(line.split() for line in NAMES.read_text().splitlines())
    assert families == listed


def test_every_sample_belongs_to_a_family_with_help(busy):
    text = exposition(busy)
    helped = set(re.findall(r"^# HELP (\S+) \S", text, re.MULTILINE))
    families = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    assert helped == families
    for sample in re.findall(r"^([a-z_]+)[{ ]", text, re.MULTILINE):
        assert re.sub("_(bucket|sum|count)$", "", sample) in families or sample in families


def test_counters_tell_what_happened(busy):
    now = busy.metrics()
    for sample, value in {
            'playhead_http_requests_total{route="report_progress",status="204"}': 5,
            'playhead_http_requests_total{route="get_resume_point",status="404"}': 1,
            'playhead_http_requests_total{route="get_keep_watching",status="200"}': 1,
            'playhead_http_requests_total{route="get_keep_watching",status="401"}': 1,
            'playhead_http_requests_total{route="none",status="404"}': 1,
            'playhead_http_requests_total{route="none",status="405"}': 1,
            'playhead_http_request_duration_seconds_count{route="report_progress"}': 5,
            'playhead_http_request_duration_seconds_bucket{route="report_progress",le="+Inf"}': 5,
            'playhead_reports_total{verdict="written"}': 2,
            'playhead_reports_total{verdict="duplicate"}': 1,
            'playhead_reports_total{verdict="unmoved"}': 1,
            'playhead_reports_total{verdict="nothing_watched"}': 1,
            "playhead_acts_total": 1,
            'playhead_shed_total{priority="ordinary"}': 0,
            "playhead_commit_batch_entries_sum": 6,
            "playhead_commit_failures_total": 0,
            "playhead_commit_queue_entries": 0,
            "playhead_commit_queue_bytes": 0,
            "playhead_store_healthy": 1,
            "playhead_ready": 1}.items():
        assert now[sample] == value, sample
    assert now["playhead_store_disk_bytes"] > 0
    assert now["playhead_store_memory_bytes"] > 0


def test_latency_is_told_from_a_tenth_of_a_millisecond(busy):
    bounds = re.findall(r'playhead_http_request_duration_seconds_bucket\{route="report_progress",'
                        r'le="([^"]+)"\}', exposition(busy))
    assert float(bounds[0]) <= 0.0001
    assert bounds[-1] == "+Inf"
    assert [float(b) for b in bounds] == sorted(float(b) for b in bounds)


def test_private_reports_leave_no_trace_in_the_commit(serve):
    server = serve()
    server.viewer().report("v", 600_000, private=True)
    now = server.metrics()
    assert now["playhead_commit_batch_entries_count"] == 0


def test_version_is_a_label(busy):
    version = run("version").stdout.split()[1]
    assert busy.metrics()[f'playhead_build_info{{version="{version}"}}'] == 1


def test_health_is_on_both_listeners_and_metrics_on_one(busy):
    for port in (busy.port, busy.admin_port):
        live, ready = (call(port, "GET", path) for path in ("/livez", "/readyz"))
        assert (live.status, live.json) == (200, {"live": True})
        assert (ready.status, ready.json) == (200, {"ready": True, "reasons": []})
        assert live.headers["cache-control"] == ready.headers["cache-control"] == "no-store"
    assert busy.get("/metrics").status == 404
    assert busy.admin("/v1/progress").status == 404
    assert busy.admin("/metrics", "POST").status == 405


def test_log_is_one_json_object_a_line(serve):
    server = serve({"log.level": "debug"})
    viewer = server.viewer()
    viewer.report("v", 600_000)
    viewer.call("GET", "/none")
    server.stop()
    lines = server.log_path.read_text().splitlines()
    for line in lines:
        event = json.loads(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["ts"])
        assert event["level"] in ("debug", "info", "warn", "error")
        assert event["event"] and event["msg"]
    assert "listening" in [json.loads(line)["event"] for line in lines]
    assert json.loads(lines[-1])["event"] == "stopped"
