"""The same reports with every store, and the store people would reach for."""

import statistics
import sys

from load import redis_benchmark, wrk
from traffic import VIDEOS, VIEWERS, write_reports
from servers import nginx, playhead, redis

KINDS = {"memory": ["--set", "store.kind=memory"], "rocksdb": [],
         "rocksdb_unsynced": ["--set", "store.sync=false"]}


def run(bench):
    requests = bench.folder / "reports"
    write_reports(requests, bench.key)
    runs = {name: [] for name in ("nginx", *KINDS, "redis")}
    for _ in range(bench.rounds):
        with nginx(bench.folder) as server:
            wrk(server, 1, requests=requests)
            runs["nginx"].append(wrk(server, bench.seconds, requests=requests))
        for kind, options in KINDS.items():
            with playhead(bench.data, *options) as server:
                wrk(server, 1, requests=requests)
                runs[kind].append(wrk(server, bench.seconds, requests=requests))
        with redis(bench.folder) as server:
            redis_benchmark(server, 50_000, VIEWERS, VIDEOS)
            count = 50_000 * bench.seconds
            runs["redis"].append(redis_benchmark(server, count, VIEWERS, VIDEOS))
        print("  " + ", ".join(f"{name} {done[-1]['cpu_us']:.2f} us"
                               for name, done in runs.items()), file=sys.stderr)
    floors = [one["cpu_us"] for one in runs["nginx"]]
    return {name: {**{field: statistics.median(one[field] for one in done)
                      for field in ("cpu_us", "rate", "p50_us", "p99_us")},
                   "cpu_ratio": statistics.median(one["cpu_us"] / floor
                                                  for one, floor in zip(done, floors))}
            for name, done in runs.items()}


def rows(result):
    names = {"memory": "playhead, memory store", "rocksdb": "playhead, RocksDB, synced",
             "rocksdb_unsynced": "playhead, RocksDB, not synced",
             "redis": "Redis, appendfsync always, HSET by redis-benchmark"}
    return [(f"{label}: CPU / nginx's 204", f"{result[name]['cpu_ratio']:.2f} "
             f"({result[name]['cpu_us']:.1f} us, {result[name]['rate']:,.0f}/s, "
             f"p99 {result[name]['p99_us'] / 1e3:.1f} ms)", "")
            for name, label in names.items()]
