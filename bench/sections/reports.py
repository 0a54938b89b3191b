"""The headline: CPU of a durable report against nginx's empty 204, on the same core, in turn."""

import statistics
import sys

from load import CONNECTIONS, wrk
from traffic import write_reports
from servers import metric, nginx, playhead


def run(bench):
    mixed, own = bench.folder / "reports", bench.folder / "own-reports"
    write_reports(mixed, bench.key)
    # With a thread a connection each reads the file for itself: a short one.
    write_reports(own, bench.key, count=2 * CONNECTIONS)
    result = {"new_token": _compare(bench, {"requests": mixed})}
    result["own_token"] = _compare(bench, {"requests": own, "own_token": 1,
                                           "threads": CONNECTIONS})
    return result


def _compare(bench, load):
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
    new, own = result["new_token"], result["own_token"]
    return [
        ("CPU of a durable report / nginx's empty 204, a token a connection",
         f"{own['cpu_ratio']:.2f}", "1.40"),
        ("the same, another token with each request", f"{new['cpu_ratio']:.2f}", "1.40"),
        ("CPU of a durable report", f"{own['report_cpu_us']:.1f}, {new['report_cpu_us']:.1f} us", ""),
        ("CPU of nginx's empty 204", f"{own['nginx_cpu_us']:.1f}, {new['nginx_cpu_us']:.1f} us", ""),
        ("durable reports a second, one core", f"{new['reports_per_s']:,.0f}", ""),
        ("reports a sync", f"{new['reports_a_sync']:.0f}", ""),
        ("p99 at that rate, 256 connections", f"{new['p99_ms']:.1f} ms", "30 ms"),
    ]
