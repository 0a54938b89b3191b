"""The headline: CPU of a durable report against nginx's empty 204, on the same core, in turn.

Every request has another token than the last of its connection, as behind a proxy; a player's own
connection sends the same again, which is cheaper.
"""

import statistics
import sys

from load import wrk
from traffic import write_reports
from servers import metric, nginx, playhead


def run(bench):
    load = {"requests": bench.folder / "reports"}
    write_reports(load["requests"], bench.key)
    floor, ours, ratios, per_sync = [], [], [], []
    for _ in range(bench.rounds):
        with nginx(bench.folder) as server:
            wrk(server, 1, **load)
            floor.append(wrk(server, bench.seconds, **load))
        with playhead(bench.data) as server:
            wrk(server, 2, **load)
            before = _counts()
            ours.append(wrk(server, bench.seconds, **load))
            entries, batches, written = (now - then for now, then in zip(_counts(), before))
            per_sync.append(entries / batches)
            # What is a duplicate, or has not moved, is answered and not written: no durable report.
            if written < 0.99 * entries:
                raise RuntimeError(f"only {written:,.0f} of {entries:,.0f} reports were written")
        ratios.append(ours[-1]["cpu_us"] / floor[-1]["cpu_us"])
        print(f"  nginx {floor[-1]['cpu_us']:.2f} us, playhead {ours[-1]['cpu_us']:.2f} us, "
              f"ratio {ratios[-1]:.2f}", file=sys.stderr)

    def middle(runs, field):
        return statistics.median(run[field] for run in runs)

    return {"cpu_ratio": statistics.median(ratios), "cpu_ratios": ratios,
            "nginx_cpu_us": middle(floor, "cpu_us"), "report_cpu_us": middle(ours, "cpu_us"),
            "reports_per_s": middle(ours, "rate"), "nginx_per_s": middle(floor, "rate"),
            "reports_a_sync": statistics.median(per_sync),
            "p50_ms": middle(ours, "p50_us") / 1e3, "p99_ms": middle(ours, "p99_us") / 1e3}


def _counts():
    return (metric("playhead_commit_batch_entries_sum"),
            metric("playhead_commit_batch_entries_count"),
            metric('playhead_reports_total{verdict="written"}'))


def rows(result):
    return [
        ("CPU of a durable report / nginx's empty 204", f"{result['cpu_ratio']:.2f}", "1.40"),
        ("CPU of a durable report", f"{result['report_cpu_us']:.1f} us", ""),
        ("CPU of nginx's empty 204", f"{result['nginx_cpu_us']:.1f} us", ""),
        ("durable reports a second, one core", f"{result['reports_per_s']:,.0f}", ""),
        ("reports a sync", f"{result['reports_a_sync']:.0f}", ""),
        ("p99 at that rate, 256 connections", f"{result['p99_ms']:.1f} ms", "30 ms"),
    ]
