"""Measures playhead against nginx's empty 204 on the same core, in turn, and prints ratios first.

The server runs on one core, wrk on the other. CPU a request is the server process's user and system
time over the run, divided by the requests it answered. Medians over the rounds; the noise of a
shared machine hits both sides alike, which is why ratios are what counts.
"""

import argparse
import atexit
import base64
import hashlib
import hmac
import json
import os
import platform
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAYHEAD = ROOT / "build/release/playhead"
SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 256
TOKEN_CHARACTERS = 300
REPORT_BYTES = 120
VIEWERS, VIDEOS, REQUESTS = 5_000, 2_000, 40_000


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key, account):
    """An HS256 token of about 300 characters, as identity providers send them."""
    head = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = {"sub": account, "exp": int(time.time()) + 86_400, "jti": ""}
    spare = TOKEN_CHARACTERS - len(f"{head}.{base64url(json.dumps(claims).encode())}.{'x' * 43}")
    claims["jti"] = "j" * max(0, spare * 3 // 4)
    signed = f"{head}.{base64url(json.dumps(claims).encode())}"
    return f"{signed}.{base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def report(rng):
    body = {"video_id": f"video-{rng.randrange(VIDEOS):06}", "position_ms": rng.randrange(130_000, 2_400_000),
            "duration_ms": 2_640_000, "session": "".join(rng.choices("0123456789abcdef", k=8)), "seq": 1}
    text = json.dumps(body)
    return text + " " * (REPORT_BYTES - len(text))


def write_requests(path, key, accounts, line):
    rng = random.Random(1)
    tokens = [token(key, account) for account in accounts]
    with path.open("w") as out:
        for _ in range(REQUESTS):
            out.write(line(rng, rng.choice(tokens)) + "\n")


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")


class Server:
    """A process on the server's core, and the pids whose CPU counts."""

    def __init__(self, command, port):
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *command],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        atexit.register(self.process.kill)  # whatever fails here, nothing goes on running
        self.port = port
        deadline = time.time() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.time() > deadline or self.process.poll() is not None:
                    raise RuntimeError(self.process.stderr.read().decode()) from None
                time.sleep(0.05)

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def nginx(folder):
    config = folder / "nginx.conf"
    config.write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:28090; location / {{ return 204; }} }} }}
""")
    return Server(["nginx", "-c", str(config), "-p", str(folder)], 28090)


def playhead(data, *options):
    return Server([str(PLAYHEAD), "serve", "--listen", "127.0.0.1:28080", "--admin-listen", "127.0.0.1:28081",
                   "--data", str(data), "--threads", "1", *options], 28080)


def load(server, requests, seconds, connections=CONNECTIONS, delay_ms=0):
    """One run of wrk; returns its result with the server's CPU microseconds a request."""
    environment = {**os.environ, "REQUESTS": str(requests), "DELAY_MS": str(delay_ms)}
    before = cpu_seconds(server.pids())
    done = subprocess.run(["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s",
                           "-s", str(ROOT / "bench/requests.lua"), f"http://127.0.0.1:{server.port}"],
                          env=environment, capture_output=True, text=True, check=True)
    used = cpu_seconds(server.pids()) - before
    result = json.loads(done.stdout.split("RESULT ")[1])
    if result["failed"]:
        raise RuntimeError(f"{result['failed']} requests failed: {done.stdout}")
    result["cpu_us"] = used / result["requests"] * 1e6
    result["rate"] = result["requests"] / result["duration_us"] * 1e6
    return result


def metric(name):
    page = urllib.request.urlopen("http://127.0.0.1:28081/metrics", timeout=5).read().decode()
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def measure_reports(folder, data, key, rounds, seconds):
    """The headline: CPU a durable report against nginx's 204, in turn."""
    requests = folder / "reports"
    write_requests(requests, key, [f"viewer-{i:06}" for i in range(VIEWERS)],
                   lambda rng, who: f"POST\t/v1/progress\t{who}\t{report(rng)}")
    floor, ours, ratios, per_sync = [], [], [], []
    for _ in range(rounds):
        server = nginx(folder)
        load(server, requests, 1)
        floor.append(load(server, requests, seconds))
        server.stop()
        server = playhead(data)
        load(server, requests, 2)
        reports, syncs = metric("playhead_commit_batch_entries_sum"), metric("playhead_commit_batch_entries_count")
        ours.append(load(server, requests, seconds))
        per_sync.append((metric("playhead_commit_batch_entries_sum") - reports) /
                        (metric("playhead_commit_batch_entries_count") - syncs))
        server.stop()
        ratios.append(ours[-1]["cpu_us"] / floor[-1]["cpu_us"])
        print(f"  nginx {floor[-1]['cpu_us']:.2f} us, playhead {ours[-1]['cpu_us']:.2f} us, ratio {ratios[-1]:.2f}",
              file=sys.stderr)
    middle = lambda runs, field: statistics.median(run[field] for run in runs)
    return {"cpu_ratio": statistics.median(ratios), "nginx_cpu_us": middle(floor, "cpu_us"),
            "report_cpu_us": middle(ours, "cpu_us"), "reports_per_s": middle(ours, "rate"),
            "nginx_per_s": middle(floor, "rate"), "reports_a_sync": statistics.median(per_sync),
            "p50_ms": middle(ours, "p50_us") / 1e3, "p99_ms": middle(ours, "p99_us") / 1e3}


def measure_steady_rate(folder, data, rounds, seconds):
    """Latency at about 1,500 reports a second: 256 connections, each pausing 170 ms on average."""
    runs = []
    for _ in range(rounds):
        server = playhead(data)
        runs.append(load(server, folder / "reports", seconds, delay_ms=170))
        server.stop()
    return {"rate_per_s": statistics.median(run["rate"] for run in runs),
            "p50_ms": statistics.median(run["p50_us"] for run in runs) / 1e3,
            "p99_ms": statistics.median(run["p99_us"] for run in runs) / 1e3}


def measure_row(folder, data, key, rounds, seconds):
    """CPU of the keep-watching row of a viewer with 300 videos, just written and after a restart."""
    server = playhead(data)
    who = token(key, "row-viewer")
    for start in range(0, 300, 100):
        reports = [{"video_id": f"video-{i:06}", "position_ms": 754_000, "duration_ms": 2_640_000, "session": f"s{i}",
                    "device": "tv", "seq": 1} for i in range(start, start + 100)]
        urllib.request.urlopen(urllib.request.Request(
            "http://127.0.0.1:28080/v1/progress/batch", json.dumps({"reports": reports}).encode(),
            {"Authorization": f"Bearer {who}", "Content-Type": "application/json"}), timeout=10).read()
    requests = folder / "rows"
    requests.write_text(f"GET\t/v1/keep-watching\t{who}\t\n")
    result = {}
    for state in ("fresh", "reopened"):
        load(server, requests, 1, connections=32)
        result[f"{state}_cpu_us"] = statistics.median(
            load(server, requests, seconds, connections=32)["cpu_us"] for _ in range(rounds))
        server.stop()
        server = playhead(data)
    server.stop()
    return result


def measure_memory(data, key, connections):
    server = playhead(data)
    at_rest = resident_bytes(server.process.pid)
    header = f"Authorization: Bearer {token(key, 'idle')}\r\nHost: x\r\n".encode()
    idle = []
    for _ in range(connections):
        idle.append(socket.create_connection(("127.0.0.1", 28080), timeout=10))
        idle[-1].sendall(b"GET /v1/progress/none HTTP/1.1\r\n" + header + b"\r\n")
    for one in idle:
        if not one.recv(4096).startswith(b"HTTP/1.1 404"):
            raise RuntimeError("an idle connection was not answered")
    time.sleep(1)
    grown = resident_bytes(server.process.pid) - at_rest
    for one in idle:
        one.close()
    server.stop()
    return {"at_rest_mib": at_rest / 2**20, "connections": connections, "bytes_a_connection": grown / connections}


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "commit": commit.stdout.strip(),
            "date": time.strftime("%Y-%m-%d")}


def table(result):
    reports, steady, row, memory = result["reports"], result["steady"], result["row"], result["memory"]
    rows = [
        ("CPU of a durable report / nginx's empty 204", f"{reports['cpu_ratio']:.2f}", "1.8"),
        ("CPU of a durable report", f"{reports['report_cpu_us']:.1f} us", ""),
        ("CPU of nginx's empty 204", f"{reports['nginx_cpu_us']:.1f} us", ""),
        ("durable reports a second, one core", f"{reports['reports_per_s']:,.0f}", ""),
        ("reports a sync", f"{reports['reports_a_sync']:.0f}", ""),
        ("p99 at that rate, 256 connections", f"{reports['p99_ms']:.1f} ms", ""),
        (f"p99 at {steady['rate_per_s']:,.0f} reports/s", f"{steady['p99_ms']:.2f} ms", "3 ms"),
        ("row of 300 videos, just written", f"{row['fresh_cpu_us']:.0f} us", "150 us"),
        ("row of 300 videos, after a restart", f"{row['reopened_cpu_us']:.0f} us", "150 us"),
        ("resident memory at rest", f"{memory['at_rest_mib']:.0f} MiB", "64 MiB"),
        (f"memory an idle connection ({memory['connections']:,} held)", f"{memory['bytes_a_connection']:,.0f} B",
         "8,192 B"),
    ]
    lines = ["| what | measured | at most |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--connections", type=int, default=20_000, help="idle connections to hold")
    options = arguments.parse_args()
    # A descriptor a connection, here and in the server, which inherits the limit.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = min(options.connections, hard - 1_100)
    if connections < options.connections:
        print(f"holding {connections:,} connections: the system allows {hard:,} descriptors", file=sys.stderr)

    # Beside the sources, not in /tmp: that is a RAM disk on many machines, and a sync there is free.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    data = folder / "data"
    try:
        server = playhead(data)
        server.stop()
        text = (data / "token.key").read_text().strip()
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        result = {"machine": machine(),
                  "reports": measure_reports(folder, data, key, options.rounds, options.seconds),
                  "steady": measure_steady_rate(folder, data, min(3, options.rounds), options.seconds),
                  "row": measure_row(folder, data, key, min(3, options.rounds), max(2, options.seconds // 2)),
                  "memory": measure_memory(data, key, connections)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    (results / f"{result['machine']['date']}-{result['machine']['commit']}.json").write_text(
        json.dumps(result, indent=2) + "\n")
    print(table(result))


if __name__ == "__main__":
    main()
