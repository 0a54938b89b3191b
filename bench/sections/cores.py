"""Two cores against one, with the generator's share taken into account.

The generator needs a core of its own, and two are all there is on a small machine; so what two
loops reach is told from the CPU they need. One loop alone on a core takes c1 of CPU a report. With
two loops on two cores, which the generator shares, they take c2: c2 holds what two loops cost each
other (locks, cache lines, the one commit thread). Two whole cores then give 2 * c1 / c2 times what
one does, as long as both loops had work at the same time, which the run checks by their shares.
"""

import statistics
import sys
from pathlib import Path

from load import wrk
from machine import LOAD_CORE, SERVER_CORE
from traffic import write_reports
from servers import metric, playhead


def run(bench):
    requests = bench.folder / "reports"
    write_reports(requests, bench.key)
    one, two, shares, ratios = [], [], [], []
    for _ in range(bench.rounds):
        with playhead(bench.data) as server:
            wrk(server, 1, requests=requests)
            one.append(wrk(server, bench.seconds, requests=requests))
        with playhead(bench.data, threads=2, cores=f"{SERVER_CORE},{LOAD_CORE}") as server:
            wrk(server, 1, requests=requests)
            before = _busiest(server.pid)
            two.append(wrk(server, bench.seconds, requests=requests))
            used = sorted((now - before.get(task, 0)
                           for task, now in _busiest(server.pid).items()), reverse=True)
            shares.append(used[1] / used[0])
        ratios.append(2 * one[-1]["cpu_us"] / two[-1]["cpu_us"])
        print(f"  one {one[-1]['cpu_us']:.2f} us, two {two[-1]['cpu_us']:.2f} us, "
              f"{ratios[-1]:.2f} times", file=sys.stderr)
    return {"one_cpu_us": statistics.median(run["cpu_us"] for run in one),
            "two_cpu_us": statistics.median(run["cpu_us"] for run in two),
            "two_per_s": statistics.median(run["rate"] for run in two),
            "second_loop_share": statistics.median(shares),
            "times": statistics.median(ratios)}


def _busiest(pid):
    """CPU ticks of each thread; loops come first by far."""
    ticks = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
        ticks[task.name] = int(fields[11]) + int(fields[12])
    return ticks


def rows(result):
    return [("two cores / one core, by CPU a report",
             f"{result['times']:.2f} ({result['one_cpu_us']:.1f} us with one loop, "
             f"{result['two_cpu_us']:.1f} us with two, the second at "
             f"{result['second_loop_share']:.0%} of the first)", "at least 1.70")]
