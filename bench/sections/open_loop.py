"""Open loop: reports sent when they are due, from 1,024 connections, and what is the limit."""

import shutil
import statistics
import sys

from load import open_load
from servers import playhead

TARGET_PER_S = 120_000
WARMUP_S = 3
RATES = (1_500, 20_000, 60_000, 90_000, TARGET_PER_S)


def run(bench):
    runs = {rate: [] for rate in RATES}
    for _ in range(bench.rounds):
        for rate in RATES:
            runs[rate].append(_run(bench, rate))
            print(f"  {runs[rate][-1]}", file=sys.stderr)
    return {"runs": [_median(rate, of_rate) for rate, of_rate in runs.items()], "each": runs}


def _run(bench, rate):
    """Over a store of its own: the server would otherwise compact meanwhile what the last run wrote."""
    data = bench.new_data("open-loop")
    with playhead(data) as server:
        done = open_load(server, data, rate, 2 * bench.seconds, "--reads", "0", "--connections",
                         "1024", warmup=WARMUP_S)
    shutil.rmtree(data)
    return _summary(rate, done)


def _median(rate, runs):
    """Of each number; of errors, all of them, for the median of a few is none."""
    numbers = [name for name in runs[0] if name not in ("rate_per_s", "errors", "limit")]
    return {"rate_per_s": rate,
            **{name: statistics.median(one[name] for one in runs) for name in numbers},
            "errors": sum(one["errors"] for one in runs),
            "limited": sum(bool(one["limit"]) for one in runs), "of": len(runs)}


def _summary(rate, done):
    seconds = done["measured_ms"] / 1e3
    # Answers that come after the end count here, and not in what it answers a second.
    all_answered = done["succeeded"] * (seconds + WARMUP_S) / seconds
    return {"rate_per_s": rate, "succeeded_per_s": done["succeeded_per_s"],
            "errors": done["errors"], "cpu_us": done["server_cpu_s"] / all_answered * 1e6,
            "p50_ms": done["latency"]["p50_us"] / 1e3, "p99_ms": done["latency"]["p99_us"] / 1e3,
            "p999_ms": done["latency"]["p999_us"] / 1e3,
            "generator_busy": done["generator"]["busy"], "limit": done["generator"]["limit"]}


def rows(result):
    lines = []
    for one in result["runs"]:
        limit = f"; the limit in {one['limited']} of {one['of']} runs" if one["limited"] else ""
        lines.append((f"open loop, {one['rate_per_s']:,} reports/s due, 1,024 connections",
                      f"{one['succeeded_per_s']:,.0f}/s, p50 {one['p50_ms']:.2f} ms, "
                      f"p99 {one['p99_ms']:.2f} ms, {one['errors']:,} errors, generator "
                      f"{one['generator_busy']:.0%} busy{limit}", ""))
    return lines
