"""Growth: the same reports over ten thousand stored records and over ten million; and of the audience
of the latter over an empty store, for a hundred viewers are all in the processor's cache, and a hundred
thousand are not, whatever is stored of them."""

import json
import random
import re
import socket
import statistics
import sys
import time

from load import wrk
from machine import folder_bytes, settle, written_bytes
from traffic import token, video, write_tokens
from servers import PLAYHEAD_PORT, playhead

VIDEOS = 100  # of each viewer; one batch a viewer
SMALL, LARGE = 10_000, 10_000_000
FILL_CONNECTIONS = 64
BATCHES = 251
# Every viewer's token is known to the loop in all runs.
SETTINGS = ["--set", "auth.cached_tokens_max=262144"]


def run(bench):
    many = min(LARGE, bench.records_max)
    stores = {"small": _Store(bench, "small", SMALL // VIDEOS, SMALL),
              "empty": _Store(bench, "empty", many // VIDEOS, 0),
              "large": _Store(bench, "large", many // VIDEOS, many)}
    for _ in range(bench.rounds):
        for store in stores.values():
            store.overwrite(bench)
        print("  " + ", ".join(f"{name} {store.runs[-1]['rate']:,.0f}/s"
                               for name, store in stores.items()), file=sys.stderr)
    ratios = {of: statistics.median(one["rate"] / other["rate"] for one, other
                                    in zip(stores["large"].runs, stores[of].runs))
              for of in ("small", "empty")}
    return {"ratio": ratios["small"], "store_ratio": ratios["empty"],
            **{name: store.result() for name, store in stores.items()}}


class _Store:
    """A data folder, filled and settled; its runs, and what they had written to disk."""

    def __init__(self, bench, name, viewers, records):
        self.data = bench.new_data(f"growth-{name}")
        self.records = records
        self.tokens = bench.folder / f"tokens-{name}"
        write_tokens(self.tokens, bench.key, viewers)
        self.runs, self.written_bytes, self.reports = [], 0, 0
        with playhead(self.data, *SETTINGS) as server:
            started, before = time.monotonic(), written_bytes(server.pid)
            _fill(bench.key, records // VIDEOS)
            self.fill_s = time.monotonic() - started
            settle(server.pid)
            self.fill_written_bytes = written_bytes(server.pid) - before
        # Opened anew and settled, so that the log is gone and the tables are what there is.
        with playhead(self.data, *SETTINGS) as server:
            settle(server.pid)
            self.bytes_a_record = folder_bytes(self.data / "store") / max(records, 1)

    def overwrite(self, bench):
        load = {"script": "overwrite.lua", "tokens": self.tokens, "videos": VIDEOS}
        with playhead(self.data, *SETTINGS) as server:
            settle(server.pid)
            before = written_bytes(server.pid)
            warmed = wrk(server, bench.seconds, **load)
            self.runs.append(wrk(server, 2 * bench.seconds, **load))
            settle(server.pid)
            self.written_bytes += written_bytes(server.pid) - before
            self.reports += warmed["requests"] + self.runs[-1]["requests"]

    def result(self):
        medians = {field: statistics.median(one[field] for one in self.runs)
                   for field in ("rate", "cpu_us", "p99_us")}
        a_report = self.written_bytes / self.reports
        amplified = {} if self.records == 0 else {
            "write_amplification": a_report / self.bytes_a_record,
            "fill_write_amplification":
                self.fill_written_bytes / (self.records * self.bytes_a_record)}
        return {"records": self.records, "fill_s": self.fill_s,
                "fill_written_bytes": self.fill_written_bytes,
                "bytes_a_record": self.bytes_a_record, "written_bytes_a_report": a_report,
                **amplified, **medians}


def _fill(key, viewers):
    """One batch of all videos for each viewer, pipelined over a few connections."""
    rng = random.Random(1)
    # Some of each, so that no block of a table is one record again and again.
    requests = [_batch(rng) for _ in range(BATCHES)]
    head = b"POST /v1/progress/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
    wires = [socket.create_connection(("127.0.0.1", PLAYHEAD_PORT), 60)
             for _ in range(FILL_CONNECTIONS)]
    for start in range(0, viewers, FILL_CONNECTIONS):
        turn = range(start, min(viewers, start + FILL_CONNECTIONS))
        for wire, number in zip(wires, turn):
            wire.sendall(head + token(key, f"viewer-{number:06}").encode() +
                         requests[number % BATCHES])
        for wire, _ in zip(wires, turn):
            _answered(wire)
    for wire in wires:
        wire.close()


def _batch(rng):
    """What follows the token in a request: one report of each video."""
    body = json.dumps({"reports": [
        {"video_id": video(i), "position_ms": rng.randrange(130_000, 2_300_000),
         "duration_ms": 2_640_000, "session": f"{rng.getrandbits(32):08x}", "device": "tv"}
        for i in range(VIDEOS)]}).encode()
    head = f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _answered(wire):
    got = b""
    while b"\r\n\r\n" not in got:
        got += wire.recv(65536)
    head, rest = got.split(b"\r\n\r\n", 1)
    missing = int(re.search(rb"Content-Length: (\d+)", head)[1]) - len(rest)
    while missing > 0:
        missing -= len(wire.recv(65536))
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())


def rows(result):
    small, large = result["small"], result["large"]
    return [
        (f"throughput over {large['records']:,} records / over {small['records']:,}",
         f"{result['ratio']:.2f} ({large['rate']:,.0f}/s, {small['rate']:,.0f}/s; "
         f"p99 {large['p99_us'] / 1e3:.1f}, {small['p99_us'] / 1e3:.1f} ms)", "at least 0.80"),
        ("the same over an empty store, with the same audience",
         f"{result['store_ratio']:.2f} ({result['empty']['rate']:,.0f}/s)", ""),
        ("disk a stored record, compacted by itself",
         f"{large['bytes_a_record']:.0f} B ({small['bytes_a_record']:.0f} B of the small store)",
         ""),
        ("written to disk for an overwriting report, log and compaction included",
         f"{large['written_bytes_a_report']:.0f} B ({small['written_bytes_a_report']:.0f} B)", ""),
        ("write amplification: written to disk / what a record takes there; overwriting, filling",
         f"{large['write_amplification']:.1f}, {large['fill_write_amplification']:.1f}", ""),
        (f"filling {large['records']:,} records by batches",
         f"{large['fill_s']:.0f} s, {large['records'] / large['fill_s']:,.0f}/s, "
         f"{large['fill_written_bytes'] / large['records']:.0f} B written a record", ""),
    ]
