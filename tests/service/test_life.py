"""From start to stop: settings, two servers in each other's way, drain, restart."""

import http.client
import re
import signal
import socket
from collections import Counter
from pathlib import Path

import pytest

from playhead import ROOT, Server, run, wait_until
from viewer import FILM
from wire import PATIENCE_S, Wire, call


def refuses_connections(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except ConnectionResetError:
        return False  # met the listener just as it closed; the next try is refused
    except ConnectionRefusedError:
        return True
    return False


def half_request(viewer, video_id="v"):
    request = viewer.request("POST", "/v1/progress", viewer.body(video_id, 600_000))
    return request[:-5], request[-5:]


def test_threads_go_by_their_names(serve):
    """So that `top -H` tells who is busy."""
    server = serve({"http.threads": 2, "store.read_threads": 3})
    server.viewer().report("v", 600_000)

    def names():
        return Counter((task / "comm").read_text().strip()
                       for task in Path(f"/proc/{server.process.pid}/task").iterdir())

    ours = {"loop": 2, "commit": 1, "read": 3, "housekeeper": 1}
    wait_until(lambda: {name: names()[name] for name in ours} == ours, f"{ours}")
    # Under the program's name the main thread, and RocksDB's timer, which has none of its own.
    assert set(names()) - set(ours) == {"playhead", "rocksdb:low", "rocksdb:high"}


# --- drain ---------------------------------------------------------------------------------------


def test_asked_to_stop_it_is_not_ready_and_serves_on_for_the_delay(serve):
    server = serve({"life.drain_delay_ms": "5m"})
    viewer = server.viewer()
    server.signal()
    server.wait_for_event("draining")
    for port in (server.port, server.admin_port):
        answer = call(port, "GET", "/readyz")
        assert answer.status == 503
        assert answer.json == {"ready": False, "reasons": ["draining"]}
        assert call(port, "GET", "/livez").status == 200
    assert server.metrics()["playhead_ready"] == 0
    viewer.report("v", 600_000)
    assert viewer.position("v") == 600_000
    server.signal()  # the second one does not wait for the delay
    assert server.wait() == 0
    assert server.find_event("stopped")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_answered_and_nothing_new_is_taken(serve, number):
    server = serve()
    viewer = server.viewer()
    start, rest = half_request(viewer)
    with Wire(server.port) as busy, Wire(server.port) as idle:
        busy.send(start)
        # An answer on a later connection of the same loops: the first part was read by then.
        wait_until(lambda: server.metrics()["playhead_http_connections"] >= 2, "both connections")
        server.signal(number)
        wait_until(lambda: refuses_connections(server.port), "the listener to close")
        idle.assert_closed()
        busy.send(rest)
        answer = busy.answer()
        assert (answer.status, answer.headers["connection"]) == (204, "close")
        busy.half_close()
        busy.assert_closed()
    assert server.wait() == 0
    assert not server.find_event("drain_cut_short")
    server.start()
    assert viewer.position("v") == 600_000


def hang(server):
    """A connection that keeps the drain waiting."""
    wire = Wire(server.port)
    wire.send(half_request(server.viewer())[0])
    wait_until(lambda: server.metrics()["playhead_http_connections"] >= 1, "the connection")
    return wire


def test_second_signal_hastens(serve):
    server = serve({"life.drain_timeout_ms": "10m", "http.request_timeout_ms": "10m"})
    with hang(server):
        server.signal()
        server.wait_for_event("draining")
        wait_until(lambda: refuses_connections(server.port), "the listener to close")
        assert server.process.poll() is None
        server.signal()
        assert server.wait() == 0
    assert server.find_event("drain_cut_short")["connections"] == 1


def test_drain_is_bounded(serve):
    server = serve({"life.drain_timeout_ms": "300ms", "http.request_timeout_ms": "10m"})
    with hang(server):
        server.signal()
        assert server.wait() == 0
    assert server.find_event("drain_cut_short")
    assert server.find_event("stopped")


def test_everything_acknowledged_is_there_after_a_stop_under_load(serve):
    server = serve()
    viewer = server.viewer()
    acknowledged = 0
    with Wire(server.port) as wire:
        sent = 0
        try:
            while True:
                for _ in range(20):
                    sent += 1
                    body = viewer.body("v", 600_000 + sent, seq=sent, session="s")
                    wire.send(viewer.request("POST", "/v1/progress", body))
                for _ in range(20):
                    assert wire.answer().status == 204
                    acknowledged += 1
                if acknowledged == 200:
                    server.signal()
        except (OSError, AssertionError):
            assert acknowledged >= 200
    assert server.wait() == 0
    server.start()
    assert 600_000 + acknowledged <= viewer.position("v") <= 600_000 + sent


# --- two servers ---------------------------------------------------------------------------------


def cannot_start(folder, settings=None, data=None):
    """Starts a server that must fail at once, and gives its reason."""
    second = Server(folder, settings)
    second.data = data or second.data
    try:
        second.launch()
        assert second.wait() == 1
        return second.find_event("cannot_start")["msg"]
    finally:
        second.abandon()


def test_data_folder_has_one_server(server, tmp_path, viewer):
    message = cannot_start(tmp_path, data=server.data)
    assert str(server.data) in message
    assert re.search("another|in use|already", message)
    viewer.report("v", 600_000)


@pytest.mark.parametrize("key", ["http.listen", "http.admin_listen"])
def test_port_has_one_server(server, tmp_path, key):
    port = server.port if key == "http.listen" else server.admin_port
    message = cannot_start(tmp_path, {key: f"127.0.0.1:{port}"})
    assert f"127.0.0.1:{port}" in message
    assert re.search("another|in use|already", message)


def test_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "none" / "data", tmp_path / "file"):
        assert str(folder) in cannot_start(tmp_path / "server", data=folder)


# --- settings ------------------------------------------------------------------------------------


def config(tmp_path, text):
    path = tmp_path / "playhead.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("command", [["serve"], ["config", "check"], ["config", "show"],
                                     ["token", "--sub", "a"]])
def test_unknown_key_ends_with_2_and_names_the_nearest(tmp_path, command):
    path = config(tmp_path, "[http]\nlisen = '127.0.0.1:0'\n[commit]\nqueue_max = 1\n")
    done = run(*command, "--config", path, "--data", tmp_path / "data")
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{path}:2: ") and "http.lisen" in first and "http.listen" in first
    assert second.startswith(f"{path}:4: ") and "commit.queue_max" in second
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments, env, words", [
    (["--set", "htp.listen=127.0.0.1:1"], {}, ["htp.listen", "http.listen"]),
    ([], {"PLAYHEAD_HTTP_LISEN": "x"}, ["PLAYHEAD_HTTP_LISEN", "PLAYHEAD_HTTP_LISTEN"]),
    (["--set", "http.threads=1000"], {}, ["http.threads", "256"]),
    ([], {"PLAYHEAD_HTTP_THREADS": "many"}, ["PLAYHEAD_HTTP_THREADS", "http.threads", "many"]),
    (["--set", "store.kind=mysql"], {}, ["store.kind", "rocksdb", "memory"]),
    (["--listen", "everywhere"], {}, ["http.listen", "everywhere"]),
])
def test_wrong_setting_ends_with_2_and_says_what_is_wrong(arguments, env, words):
    done = run("config", "check", *arguments, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr


def test_secret_is_never_shown(tmp_path):
    secret = "c2VjcmV0" * 8
    shown = run("config", "show", env={"PLAYHEAD_AUTH_KEY": secret})
    assert shown.returncode == 0
    assert "<redacted>" in shown.stdout and secret not in shown.stdout + shown.stderr
    refused = run("config", "check", env={"PLAYHEAD_AUTH_KEY": "tooshortasecret"})
    assert refused.returncode == 2
    assert "tooshortasecret" not in refused.stdout + refused.stderr


def test_flag_beats_environment_beats_file(tmp_path):
    path = config(tmp_path, "[http]\nthreads = 3\nplayhead_interval_s = 30\n"
                            "idle_timeout_ms = '20s'\n")
    env = {"PLAYHEAD_HTTP_THREADS": "4", "PLAYHEAD_HTTP_PLAYHEAD_INTERVAL_S": "40"}
    shown = run("config", "show", "--config", path, "--threads", "5", env=env)
    assert shown.returncode == 0
    for line in ("threads = 5 ", "playhead_interval_s = 40 ", 'idle_timeout_ms = "20s"'):
        assert f"\n{line}" in shown.stdout
    # What it shows is a file that says the same.
    again = run("config", "show", "--config", config(tmp_path, shown.stdout))
    assert [line.split("#")[0] for line in again.stdout.splitlines()] == [
        line.split("#")[0] for line in shown.stdout.splitlines()]


def test_config_file_is_obeyed(tmp_path, serve):
    path = config(tmp_path, "[http]\nplayhead_interval_s = 33\n")
    assert run("config", "check", "--config", path).stdout == "the settings are good\n"
    server = serve(env={"PLAYHEAD_HTTP_PLAYHEAD_INTERVAL_S": "44"})
    assert server.viewer().report("v", 600_000).headers["playhead-interval"] == "44"


def test_configuration_page_is_the_program_s_own():
    page = (ROOT / "docs" / "operations" / "configuration.md").read_text()
    assert run("config", "reference").stdout == page


def test_flag_is_given_as_the_configuration_page_says():
    page = (ROOT / "docs" / "operations" / "configuration.md").read_text()
    example = re.search(r"\n +playhead serve (--.*)\n", page)[1]
    shown = run("config", "show", *example.split())
    assert shown.returncode == 0, shown.stderr
    assert 'listen = "0.0.0.0:8080"' in shown.stdout


def test_version_is_the_project_s():
    version = re.search(r"project\(playhead VERSION ([\d.]+)",
                        (ROOT / "CMakeLists.txt").read_text())[1]
    assert run("version").stdout == f"playhead {version}\n"


@pytest.mark.parametrize("arguments", [[], ["sing"], ["serve", "--loud"], ["config"],
                                       ["serve", "--config", "/none"]])
def test_wrong_command_line_is_refused(arguments):
    done = run(*arguments)
    assert done.returncode != 0
    assert done.stderr != ""


# --- restart -------------------------------------------------------------------------------------


def tell_everything(viewer):
    viewer.report("v", 600_000, device="tv", session="s", series={"id": "x", "season": 1,
                                                                   "episode": 2})
    viewer.report("v", 500_000, session="s", event="seek")
    viewer.report("opened", 30_000)
    viewer.report("percentage", percent=50.5)
    viewer.report("live", 600_000, duration_ms=None)
    viewer.report("ended", FILM, event="ended")
    viewer.mark("marked")
    viewer.report("hidden", 600_000)
    viewer.hide("hidden")
    viewer.report("forgotten", 600_000)
    viewer.forget("forgotten")


def everything_of(viewer):
    videos = ["v", "opened", "percentage", "live", "ended", "marked", "hidden", "forgotten"]
    return viewer.page(), [viewer.get_point(video).body for video in videos]


@pytest.mark.parametrize("end", ["stop", "kill9"])
def test_restart_keeps_everything(serve, end):
    server = serve()
    viewer = server.viewer("kids")
    tell_everything(viewer)
    before = everything_of(viewer)
    assert len(before[0]["items"]) == 2
    for _ in range(2):
        getattr(server, end)()
        server.start()
        assert everything_of(viewer) == before


def test_memory_store_serves_and_forgets(serve):
    server = serve({"store.kind": "memory"})
    viewer = server.viewer()
    tell_everything(viewer)
    assert len(everything_of(viewer)[0]["items"]) == 2
    server.restart()
    assert not viewer.has_point("v")
    viewer.report("v", 600_000)


def test_without_an_admin_listener_the_api_serves_alone(serve):
    server = serve({"http.admin_listen": ""})
    assert server.admin_port == 0
    assert server.get("/readyz").json == {"ready": True, "reasons": []}


def test_idle_server_stops_though_connections_are_open(serve):
    server = serve()
    connections = [Wire(server.port) for _ in range(50)]
    server.stop()
    for wire in connections:
        with wire:
            wire.assert_closed()
    with pytest.raises((OSError, http.client.HTTPException)):
        server.get("/livez")
