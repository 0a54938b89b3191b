"""The machine: which cores, what a process used of it, and how it is called in results."""

import os
import platform
import resource
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _two_cores():
    """A core for the server and one for the load: of another physical core, where there is one."""
    mine, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise SystemExit("the bench needs two cores: one for the server, one for the load")
    siblings = Path(f"/sys/devices/system/cpu/cpu{mine}/topology/core_cpus_list")
    shared = {int(one) for part in siblings.read_text().strip().split(",")
              for one in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
              } if siblings.exists() else set()
    return str(mine), str(next((core for core in others if core not in shared), others[0]))


SERVER_CORE, LOAD_CORE = _two_cores()
SETTLED_S_MAX = 120


def _stat(pid):
    """The fields of /proc/PID/stat behind the name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def cpu_seconds(pids):
    """User and system time of processes so far."""
    ticks = 0
    for pid in pids:
        fields = _stat(pid)
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _field(path, name):
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise RuntimeError(f"no {name} in {path}")


def resident_bytes(pid):
    return _field(f"/proc/{pid}/status", "VmRSS:") * 1024


def written_bytes(pid):
    """What a process has had written to disk: log, tables, compactions."""
    return _field(f"/proc/{pid}/io", "write_bytes:")


def settle(pid):
    """Waits until compaction has come to rest: two seconds without a byte written."""
    quiet_since, last = time.monotonic(), written_bytes(pid)
    deadline = time.monotonic() + SETTLED_S_MAX
    while time.monotonic() < min(quiet_since + 2, deadline):
        time.sleep(0.2)
        now = written_bytes(pid)
        if now != last:
            quiet_since, last = time.monotonic(), now


def folder_bytes(folder):
    return sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())


def raise_descriptor_limit():
    """A descriptor a connection, here and in the servers, which inherit the limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def steal_ticks():
    """Time that the hypervisor gave to others: where it is large, a run means little."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8])


def describe():
    model = next((line.split(":")[1].strip()
                  for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True)
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "commit": commit.stdout.strip(), "date": time.strftime("%Y-%m-%d")}
