"""`playhead capacity` with servers of its own, and `playhead plan` from its file."""

import json
import os
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from playhead import binary, environment, run, wait_until

# An objective that any machine keeps, and few rates: what is tested is not the machine.
QUICK = ["--slo", "p99=60s", "--duration", "300ms", "--warmup", "0s", "--repeats", 1,
         "--first", 200, "--most", 400, "--records", 2000, "--idle-connections", 20,
         "--connections", 16]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The folder of a finished search, and what it printed."""
    folder = tmp_path_factory.mktemp("capacity")
    done = run("capacity", *QUICK, "--threads-max", 1, "--folder", folder, "--json",
               folder / "capacity.json", "--html", folder / "capacity.html",
               "--audience", 1_000_000)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done


def children(pid):
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]


def test_it_searches_and_weighs(searched):
    folder, done = searched
    result = json.loads((folder / "capacity.json").read_text())
    assert [one["threads"] for one in result["threads"]] == [1]
    assert result["threads"][0]["knee_per_s"] == 400
    assert result["threads"][0]["at_least"] is True
    assert [run["rate_per_s"] for run in result["threads"][0]["runs"]] == [200, 400]
    assert all(run["kept"] and run["server_cpu_us"] > 0 for run in result["threads"][0]["runs"])
    footprint = result["footprint"]
    assert footprint["records"] == 2000 and footprint["connections"] == 20
    # A record's key alone has its viewer and its video; a report is a record and more.
    assert 10 < footprint["per_record_disk_bytes"] < 2000
    assert all(run["written_bytes"] > 10 for run in result["threads"][0]["runs"])
    assert footprint["at_rest_bytes"] > 2**20
    assert "viewers at the same time" in done.stdout and "measured, on" in done.stdout


def test_it_leaves_nothing_behind(searched):
    folder, _ = searched
    assert sorted(path.name for path in folder.iterdir()) == ["capacity.html", "capacity.json"]


def test_the_page_has_the_knee(searched):
    page = (searched[0] / "capacity.html").read_text()
    assert "://" not in page
    main = ElementTree.fromstring(page[page.index("<main>"):page.index("</main>") + 7])
    words = "".join(main.itertext())
    assert "at least 400/s" in words and "The knee, 1 thread" in words
    assert len(list(main.iter("svg"))) == 1


def test_plan_does_the_arithmetic_from_the_file(searched):
    folder, done = searched
    planned = run("plan", "--from", folder / "capacity.json", "--audience", 1_000_000)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout == done.stdout
    # A core held 400/s = 3,200 viewers; 70 % of them are 2,240; a million needs 446.4 of them.
    rows = {line[2:26].strip(): line.split()[-1]
            for line in planned.stdout.split("arithmetic from both\n")[1].splitlines()}
    assert rows["containers for CPU"] == "446.43"
    assert rows["containers, 1 core each"] == "447"
    cautious = run("plan", "--from", folder / "capacity.json", "--audience", 1_000_000, "--use", 35)
    assert "893" in cautious.stdout
    tight = run("plan", "--from", folder / "capacity.json", "--audience", 1_000_000,
                "--container-memory", "100MiB", "--use-memory", 90)
    assert "1 core, 100 MiB" in tight.stdout and "90 %" in tight.stdout, tight.stderr
    usual = run("plan", "--from", folder / "capacity.json").stdout
    assert all(audience in usual for audience in ("100,000", "1,000,000", "10,000,000"))


def test_one_rate_makes_a_page_too(searched, tmp_path):
    result = json.loads((searched[0] / "capacity.json").read_text())
    threads = result["threads"][0]
    threads["runs"] = [dict(threads["runs"][0], rate_per_s=2e7)]
    threads["knee_per_s"] = 2e7
    result["footprint"]["per_connection_bytes"] = 0  # lost in the noise, and measured all the same
    (tmp_path / "one.json").write_text(json.dumps(result))
    done = run("plan", "--from", tmp_path / "one.json", "--html", tmp_path / "one.html")
    assert done.returncode == 0, done.stderr
    assert "20,000,000/s" in done.stdout
    page = (tmp_path / "one.html").read_text()
    assert len(page) < 100_000 and "nan" not in page and "inf" not in page


def test_a_result_of_before_some_were_measured_carries_a_plan(searched, tmp_path):
    result = json.loads((searched[0] / "capacity.json").read_text())
    del result["footprint"]["per_connection_kernel_bytes"]
    for one in result["threads"][0]["runs"]:
        del one["written_bytes"]
    (tmp_path / "old.json").write_text(json.dumps(result))
    done = run("plan", "--from", tmp_path / "old.json", "--audience", 5)
    assert done.returncode == 0, done.stderr
    assert "the kernel's part was not seen" in done.stdout
    assert done.stdout.split("written to disk a day, all")[1].split("\n")[0].strip() == "not seen"


def test_plan_says_what_it_cannot_read(tmp_path):
    (tmp_path / "no.json").write_text('{"machine": "m"}')
    for name, told in (("no.json", "not what capacity --json wrote"), ("none", "cannot be read")):
        done = run("plan", "--from", tmp_path / name)
        assert done.returncode == 1 and told in done.stderr, done.stderr


def test_a_server_that_runs_can_be_searched(server):
    done = run("capacity", *QUICK, "--target", f"http://127.0.0.1:{server.port}", "--data",
               server.data)
    assert done.returncode == 0, done.stderr
    assert "the server" in done.stdout and "at least 400/s" in done.stdout
    assert "arithmetic" not in done.stdout


def test_an_objective_that_no_rate_keeps_is_told_and_fails(server):
    done = run("capacity", "--slo", "p99=1us", *QUICK[2:], "--target",
               f"http://127.0.0.1:{server.port}", "--data", server.data)
    assert done.returncode == 3, done.stderr
    assert "no rate kept p99=1us" in done.stderr
    assert "none, down to 2/s" in done.stdout and "p99 there" not in done.stdout


def start(folder):
    process = subprocess.Popen(
        [binary(), "capacity", *[str(one).replace("300ms", "1m") for one in QUICK], "--folder",
         str(folder)],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return process, wait_until(lambda: children(process.pid), "a server")[0]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_signal_ends_it_and_its_server(tmp_path):
    process, child = start(tmp_path)
    try:
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1 and "stopped by a signal" in error
    assert not alive(child)
    assert list(tmp_path.iterdir()) == []


def test_a_configured_key_weighs_too(tmp_path):
    done = run("capacity", *QUICK, "--threads-max", 1, "--folder", tmp_path,
               env={"PLAYHEAD_AUTH_KEY": "k" * 43})
    assert done.returncode == 0, done.stderr
    assert "disk of a million records" in done.stdout


def test_its_server_does_not_outlive_it(tmp_path):
    process, child = start(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_until(lambda: not alive(child), "the server's end")


def test_it_says_why_it_cannot_run(tmp_path):
    for options, told in ((["--slo", "fast"], "--slo"), (["--duration", "soon"], "--duration"),
                          (["--folder", tmp_path / "none"], "--folder"),
                          (["--json", tmp_path / "none/a.json"], "cannot be written"),
                          (["--target", "http://127.0.0.1:1", "--audience", 5], "--audience"),
                          (["--target", "http://10.0.0.1:80"], "--allow-remote")):
        done = run("capacity", *options)
        assert done.returncode == 1 and told in done.stderr, done.stderr
