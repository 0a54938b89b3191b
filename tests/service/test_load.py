"""`playhead load` and the real server: what it sends, what it counts, what it says."""

import json
import signal
import subprocess
import threading
import time
from xml.etree import ElementTree

import pytest

from loading import answers, load, load_arguments, promises
from playhead import binary, environment, run, wait_until
from tokens import HS256, good_claims, sign
from viewer import now_ms

EXIT_SLO_MISSED = 3


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module({"http.threads": 2})


def test_viewers_report_and_read_and_all_of_it_is_kept(server):
    began_ms = now_ms()
    result, done = load(server, "--viewers", 3000, "--duration", "3s", "--threads", 2, "--verify")
    assert result["errors"] == 0
    assert result["due"] == result["succeeded"] == result["latency"]["count"]
    routes = result["routes"]
    share = routes["POST /v1/progress"]["latency"]["count"] / result["due"]
    assert 0.7 < share < 0.9
    assert routes["GET /v1/keep-watching"]["latency"]["count"] > 0
    assert routes["GET /v1/progress/{video_id}"]["latency"]["count"] > 0
    # 0.1 requests a second of each, within five standard deviations and the rounding of a beat.
    assert 800 < result["due"] < 1200
    assert "acknowledged positions: 0 missing, 0 older" in done.stdout
    assert sum(slot["due"] for slot in result["course"]) == result["due"]
    assert began_ms <= result["started_at_ms"] <= now_ms() - result["measured_ms"]
    assert result["service"]["p50_us"] <= result["latency"]["p50_us"]


def test_runs_at_the_same_time_have_viewers_of_their_own(server):
    runs = {}

    def run_from(first):
        file = server.folder / f"promises-{first}"
        done = load(server, "--rate", 500, "--duration", "3s", "--first-viewer", first,
                    "--threads", 2, "--verify", "--verify-file", file)
        runs[first] = (*done, {viewer for viewer, _ in promises(file)})

    threads = [threading.Thread(target=run_from, args=(first,)) for first in (100_000, 200_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for first, (result, done, viewers) in runs.items():
        assert result["errors"] == 0
        assert "0 missing, 0 older" in done.stdout
        assert len(viewers) > 500  # 5,000 of them report every ten seconds
        assert all(first <= viewer < first + 5_000 for viewer in viewers)
    assert len(runs) == 2


def test_the_server_counts_what_it_was_sent(serve):
    server = serve()
    result, _ = load(server, "--rate", 500, "--duration", "2s", "--reads", 0)
    metrics = server.metrics()
    taken = sum(metrics[f'playhead_reports_total{{verdict="{verdict}"}}']
                for verdict in ("written", "unmoved", "nothing_watched"))
    assert taken == result["due"] == result["succeeded"]
    assert answers(result) == {("POST /v1/progress", 204, ""): result["due"]}


def with_a_stall(server, stall_s, *options):
    """The result of a run in which the server stands still so long, soon after its start."""
    file = server.folder / "load.json"
    process = subprocess.Popen([binary(), *load_arguments(server, *options, "--json", file)],
                               env=environment(), stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: server.metrics().get("playhead_commit_batch_entries_sum", 0) > 100,
                   "reports")
        server.signal(signal.SIGSTOP)
        time.sleep(stall_s)
        server.signal(signal.SIGCONT)
        assert process.wait(60) == 0
    finally:
        process.kill()
    return json.loads(file.read_text())


def test_a_stall_counts_in_every_request_that_was_due_in_it(serve):
    # More than there are connections: the rest waits in the generator, and that must count too.
    result = with_a_stall(serve(), 1, "--rate", 400, "--duration", "4s", "--connections", 4)
    assert result["errors"] == 0
    # A quarter of all requests were due in that second; they waited half of it on average.
    assert result["latency"]["max_us"] > 900_000
    assert result["latency"]["mean_us"] > 60_000
    assert result["service"]["count"] == result["due"]
    # From their writing on only the four that were under way were slow.
    assert result["service"]["p95_us"] < result["latency"]["p95_us"] / 2
    assert result["generator"]["waited_for_connection"] > 300


def test_refused_reports_are_counted_by_kind(serve):
    server = serve({"commit.queue_entries_max": 1, "commit.reserve_percent": 0})
    result, done = load(server, "--rate", 2000, "--duration", "2s", "--reads", 0, "--slo",
                        "errors=0", "--verify", code=EXIT_SLO_MISSED)
    refused = answers(result)["POST /v1/progress", 503, "queue_full"]
    assert refused == result["errors"] > 0
    assert "queue_full" in done.stdout and "SLO missed: errors are" in done.stdout
    assert "0 missing, 0 older" in done.stdout


def test_an_objective_sets_the_exit_code(server):
    load(server, "--rate", 100, "--duration", "1s", "--slo", "p99=3000s,errors=0")
    load(server, "--rate", 100, "--duration", "1s", "--slo", "max=1us", code=EXIT_SLO_MISSED)


def test_everyone_in_step(server):
    result, _ = load(server, "--viewers", 300, "--arrivals", "aligned", "--beat", "1s",
                     "--duration", "3s")
    assert result["routes"]["POST /v1/progress"]["latency"]["count"] == 900
    at_once = [slot["due"] for slot in result["course"] if slot["due"]]
    assert len(at_once) == 3 and min(at_once) > 300 and sum(at_once) == result["due"]


def test_percentiles_as_a_file(server):
    file = server.folder / "load.hgrm"
    result, _ = load(server, "--rate", 200, "--duration", "1s", "--hgrm", file)
    lines = file.read_text().splitlines()
    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    assert f"Total count    = {result['due']:12}]" in lines[-2]
    steps = [line.split() for line in lines[2:-3]]
    assert [float(step[0]) for step in steps] == sorted(float(step[0]) for step in steps)
    assert int(steps[-1][2]) == result["due"]


def test_the_page_asks_for_nothing_and_shows_the_numbers(server):
    file = server.folder / "load.html"
    result, _ = load(server, "--rate", 300, "--duration", "1s", "--html", file)
    page = file.read_text()
    assert "://" not in page and "url(" not in page and "@import" not in page
    # Well-formed but for the doctype and the meta elements, which HTML leaves open.
    body = page[page.index("<main>"):page.index("</main>") + len("</main>")]
    main = ElementTree.fromstring(body)
    assert [svg.get("tabindex") for svg in main.iter("svg")] == ["0"] * 3
    assert f"errors of {result['due']}" in "".join(main.itertext())
    for figure in main.iter("figure"):
        places, words = json.loads(figure.get("data-x")), json.loads(figure.get("data-words"))
        lines = json.loads(figure.get("data-values"))
        assert len(places) == len(words) > 0
        assert {len(line) for line in lines} == {len(places)}
        assert places == sorted(places)


def test_tokens_from_a_file(server):
    file = server.folder / "tokens"
    file.write_text("".join(sign(server.key, HS256, good_claims(f"mine-{i}")) + "\n"
                            for i in range(20)))
    result, _ = load(server, "--tokens", file, "--rate", 200, "--duration", "1s", tokens=True)
    assert result["errors"] == 0
    file.write_text("no-token\n")
    result, done = load(server, "--tokens", file, "--rate", 200, "--duration", "1s", code=1,
                        tokens=True)
    assert answers(result)["POST /v1/progress", 401, "token_malformed"] > 0
    assert "nothing was answered with success" in done.stderr


def test_progress_where_it_is_asked_for(server):
    done = run(*load_arguments(server, "--rate", 50, "--duration", "3s", "--progress"))
    assert done.stderr.count("answers/s") >= 2
    assert run(*load_arguments(server, "--rate", 50, "--duration", "2s")).stderr == ""


def test_a_signal_ends_it_with_a_result(server):
    file = server.folder / "load.json"
    process = subprocess.Popen([binary(), *load_arguments(server, "--rate", 50, "--duration", "1h",
                                                          "--progress", "--json", file)],
                               env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    try:
        assert "answers/s" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "requests due in" in out
    result = json.loads(file.read_text())
    assert result["errors"] == 0
    assert result["measured_ms"] < 600_000 and result["due_per_s"] > 5, "counted over the hour"
    assert result["stopped"] and result["course"][-1]["at_ms"] < result["measured_ms"]


def test_a_signal_ends_it_where_the_server_hangs(server):
    process = subprocess.Popen([binary(), *load_arguments(server, "--rate", 50, "--duration", "1h",
                                                          "--timeout", "1s", "--progress")],
                               env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    try:
        assert "answers/s" in process.stderr.readline()
        server.signal(signal.SIGSTOP)
        assert "answers/s" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        server.signal(signal.SIGCONT)
    assert process.returncode == 0
    assert "timeout" in out and "generator:" in out


def test_what_comes_after_the_end_is_no_throughput(serve):
    """A server that stands still until the run is over, and then answers everything."""
    server = serve({"commit.queue_age_max_ms": 60_000})
    result = with_a_stall(server, 6, "--rate", 200, "--duration", "5s")
    assert result["succeeded"] == result["due"]
    assert result["succeeded_per_s"] * 5 == pytest.approx(
        sum(slot["answered"] for slot in result["course"]))
    assert result["succeeded_per_s"] < result["due_per_s"]


def test_runs_differ_unless_told_otherwise(server):
    def watched(*options):
        load(server, "--viewers", 20, "--rate", 100, "--duration", "1s", "--reads", 0,
             "--verify-file", server.folder / "promises", *options)
        return set(promises(server.folder / "promises"))
    one, other = watched(), watched()
    assert one and other and one != other
    assert watched("--seed", 7) == watched("--seed", 7)


@pytest.mark.parametrize("options, told", [
    (["--target", "http://10.1.2.3:80"], "--allow-remote"),
    (["--arrivals", "aligned", "--rate", "100"], "--viewers"),
    (["--arrivals", "aligned", "--duration", "8s"], "--duration must be longer"),
    (["--target", "http://127.0.0.1:1"], "nothing takes connections"),
    (["--data", "/nowhere"], "no key in /nowhere"),
    (["--tokens", "/nowhere"], "/nowhere cannot be read"),
    (["--tokens", "/dev/null"], "holds no tokens"),
    (["--html", "/nowhere/a.html"], "/nowhere/a.html cannot be written: No such file"),
    (["--verify-file", "/nowhere/a"], "/nowhere/a cannot be written: No such file"),
    (["--json", "/proc"], "/proc cannot be written: Is a directory"),
    (["--slo", "p99=fast"], "p99=30ms"),
    (["--duration", "soon"], "--duration"),
    (["--verify-only", "/nowhere"], "cannot be read"),
    (["--viewers", "2", "--first-viewer", "9999999"], "10000000 viewers at most"),
])
def test_it_says_why_it_cannot_run(server, options, told):
    arguments = load_arguments(server, "--duration", "100ms")
    for name, value in zip(options[::2], options[1::2]):
        if name in arguments:
            arguments[arguments.index(name) + 1] = value
        else:
            arguments += [name, value]
    done = run(*arguments)
    assert done.returncode == 1
    assert told in done.stderr


def test_what_cannot_be_written_is_told_before_the_run_and_nothing_is_left(server):
    kept = server.folder / "kept.json"
    kept.write_text("before")
    done = run(*load_arguments(server, "--duration", "1h", "--json", kept, "--hgrm",
                               server.folder / "new", "--html", "/nowhere/a.html"))
    assert done.returncode == 1 and "cannot be written" in done.stderr and done.stdout == ""
    assert kept.read_text() == "before"
    assert not (server.folder / "new").exists()


def test_one_output_that_fails_after_all_costs_none_of_the_others(server):
    file = server.folder / "other.json"
    done = run(*load_arguments(server, "--rate", 20, "--duration", "1s", "--hgrm", "/dev/full",
                               "--json", file))
    assert done.returncode == 1 and "/dev/full cannot be written" in done.stderr
    assert json.loads(file.read_text())["due"] > 0


def test_it_goes_on_where_the_server_comes_back(serve):
    """Connections that are lost are opened again, as players do."""
    server = serve()
    port = server.port
    restarted = threading.Event()

    def restart():
        wait_until(lambda: server.metrics().get("playhead_commit_batch_entries_sum", 0) > 50,
                   "reports")
        server.stop()
        server.start(**{"http.listen": f"127.0.0.1:{port}"})
        restarted.set()

    thread = threading.Thread(target=restart)
    thread.start()
    result, _ = load(server, "--rate", 200, "--duration", "4s", "--connections", 8)
    thread.join()
    assert restarted.is_set()
    assert result["generator"]["connects"] > 8
    assert result["course"][-2]["answered"] > 0
