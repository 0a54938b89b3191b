"""The load, always on the load's core: wrk, redis-benchmark, and `playhead load`."""

import json
import os
import re
import subprocess
import time

from machine import LOAD_CORE, ROOT
from servers import PLAYHEAD, REDIS_PORT

CONNECTIONS = 256


def _run(command, **options):
    done = subprocess.run(["taskset", "-c", LOAD_CORE, *command], capture_output=True, text=True,
                          **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def wrk(server, seconds, script="requests.lua", connections=CONNECTIONS, **environment):
    """One run of wrk; its result with the server's CPU microseconds a request."""
    names = {name.upper(): str(value) for name, value in environment.items()}
    before = server.cpu_seconds()
    out = _run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s",
                "-s", str(ROOT / "bench" / script), f"http://127.0.0.1:{server.port}"],
               env={**os.environ, **names})
    used = server.cpu_seconds() - before
    result = json.loads(out.split("RESULT ")[1])
    if result["failed"]:
        raise RuntimeError(f"{result['failed']} requests failed: {out}")
    result["cpu_us"] = used / result["requests"] * 1e6
    result["rate"] = result["requests"] / result["duration_us"] * 1e6
    return result


def redis_benchmark(server, requests, viewers, videos):
    """Writes a report's values to a viewer's hash. Keys and fields are drawn from one range, all the
    tool has: as many of each as there are viewers elsewhere."""
    before, started = server.cpu_seconds(), time.monotonic()
    out = _run(["redis-benchmark", "-p", str(REDIS_PORT), "-c", str(CONNECTIONS), "-n",
                str(requests), "-r", str(max(viewers, videos)), "--csv", "HSET",
                "viewer:__rand_int__", "video:__rand_int__",
                "1795447674481|754000|2640000|3f9a0c41|17|1795447674481|754000"])
    used, took = server.cpu_seconds() - before, time.monotonic() - started
    fields = re.findall(r'"([^"]*)"', out.strip().splitlines()[-1])
    return {"cpu_us": used / requests * 1e6, "rate": requests / took,
            "p50_us": float(fields[4]) * 1e3, "p99_us": float(fields[6]) * 1e3}


def _load(server, data, *options):
    command = ["taskset", "-c", LOAD_CORE, str(PLAYHEAD), "load", "--target",
               f"http://127.0.0.1:{server.port}", "--data", str(data), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True)


def kept(server, data, promises):
    """Whether all that was acknowledged is there, by a file that --verify-file wrote."""
    return _load(server, data, "--verify-only", promises).returncode == 0


def open_load(server, data, rate, seconds, *options, warmup=3):
    """A run of `playhead load`, which sends when a request is due, whatever the server does."""
    out = data.parent / f"load-{time.monotonic_ns()}.json"
    before = server.cpu_seconds()
    done = _load(server, data, "--rate", rate, "--warmup", f"{warmup}s", "--duration",
                 f"{seconds}s", "--json", out, *options)
    if not out.exists():
        raise RuntimeError(f"playhead load {options}: {done.stdout}{done.stderr}")
    result = json.loads(out.read_text())
    result["exit_code"] = done.returncode
    # What it said of an end that is not a clean one, for whoever reads the results.
    result["said"] = (done.stdout + done.stderr)[-2_000:] if done.returncode else ""
    result["server_cpu_s"] = server.cpu_seconds() - before
    return result
