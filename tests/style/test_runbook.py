"""The runbook has an entry for everything that says trouble."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "operations" / "runbook.md").read_text()
ENTRIES = re.findall(r"^### `(\w+)`$", RUNBOOK, re.MULTILINE)

# What tells of load and of life, and of no trouble by itself.
NO_TROUBLE = {
    "playhead_build_info", "playhead_http_connections_accepted_total", "playhead_reports_total",
    "playhead_acts_total", "playhead_commit_coalesced_total", "playhead_commit_batch_entries",
    "playhead_store_memory_bytes", "playhead_store_records", "playhead_store_hot_reads_total",
    "process_cpu_seconds_total", "process_max_fds"}


def metrics():
    text = (ROOT / "tests" / "service" / "metric_names.txt").read_text()
    return {line.split()[0] for line in text.splitlines()}


def events(levels):
    found = set()
    for path in (ROOT / "src").rglob("*.cc"):
        found |= set(re.findall(rf'LogLevel::(?:{levels}),\s*"(\w+)"', path.read_text()))
    return found


def test_each_metric_that_tells_of_trouble_has_an_entry():
    assert NO_TROUBLE <= metrics()
    assert metrics() - NO_TROUBLE == {entry for entry in ENTRIES if entry in metrics()}


def test_each_warning_and_error_has_an_entry():
    told = events("warn|error")
    assert len(told) > 5
    assert told == set(ENTRIES) - metrics()


def test_each_trouble_of_the_store_has_a_row():
    header = (ROOT / "src" / "store" / "trouble.h").read_text()
    words = set(re.findall(r'return "(\w+)"', header))
    assert len(words) >= 5
    assert words == set(re.findall(r"^\| `(\w+)` \|", RUNBOOK, re.MULTILINE))


def test_each_event_is_in_the_table_of_the_log():
    page = (ROOT / "docs" / "operations" / "deploy.md").read_text()
    missing = {event for event in events(r"\w+") if f"\n| `{event}` |" not in page}
    assert not missing


def test_entries_are_there_once():
    assert len(ENTRIES) == len(set(ENTRIES))
