"""Bursts: five times the sustained rate for 30 s, on a server that cannot take it."""

import math
import statistics
import subprocess
import sys
import threading
import time

from load import kept, open_load
from machine import SERVER_CORE
from servers import metric, playhead

FACTOR = 5
BEFORE_S, BURST_S, AFTER_S = 20, 30, 20
ROUND_S = BEFORE_S + BURST_S + AFTER_S
BACK_WITHIN_S = 5
# So long must all be normal for the end of the burst to be over: that a slot of a shared core is
# slow now and then is normal too.
STEADY_S = 2
# Busy processes on the server's core. The generator has one core and cannot send five times what
# a server with a whole core sustains; a server with a fifth of a core it can overload.
NEIGHBOURS = 4
FLOOD_PER_S, FLOOD_S = 30_000, 10  # more than it answers, long enough for all to connect
# A connection for each viewer who may wait for an answer; who would need another skips the report,
# as players do, and does not send it late.
STEADY = ["--connections", "4000", "--waiting-max", "1000"]
BURST = ["--connections", "8000", "--waiting-max", "1000"]
SETTINGS = ["--set", "http.connections_per_address_max=20000"]


def run(bench):
    neighbours = [subprocess.Popen(["taskset", "-c", SERVER_CORE, sys.executable, "-c",
                                    "while True: pass"]) for _ in range(NEIGHBOURS)]
    try:
        with playhead(bench.data, *SETTINGS) as server:
            capacity = _capacity(bench, server)
            return {"capacity_per_s": capacity, **_bursts(bench, server, capacity / 2)}
    finally:
        for one in neighbours:
            one.kill()
            one.wait()


def _capacity(bench, server):
    """What it answers of the same requests when far more are due. Of the 256 connections of the
    headline, all of whose viewers it has met, it would answer twice as many."""
    flood = open_load(server, bench.data, FLOOD_PER_S, FLOOD_S, *STEADY)
    return flood["succeeded_per_s"]


def _bursts(bench, server, sustained):
    """One after the other over one steady load; what is told of each is what its own steady time
    before was."""
    shed = {name: metric(f'playhead_shed_total{{priority="{name}"}}')
            for name in ("ordinary", "reserved")}
    done = {}

    def send(name, rate, seconds, options):
        done[name] = open_load(server, bench.data, rate, seconds, *options, "--verify-file",
                               bench.folder / f"{name}-promises", warmup=0)

    steady = threading.Thread(target=send, args=("steady", sustained, bench.rounds * ROUND_S,
                                                 STEADY))
    steady.start()
    started = time.monotonic()
    for number in range(bench.rounds):
        time.sleep(max(0, started + number * ROUND_S + BEFORE_S - time.monotonic()))
        # Viewers of its own: a later position of the same would not tell that an earlier is kept.
        send(f"burst {number}", sustained * (FACTOR - 1), BURST_S,
             [*BURST, "--first-viewer", (number + 2) * 1_000_000])
    steady.join()
    bursts = [name for name in done if name != "steady"]
    return {
        "sustained_per_s": sustained, "burst_per_s": sustained * FACTOR,
        "due": sum(done[name]["due"] for name in done),
        "succeeded": sum(done[name]["succeeded"] for name in done),
        # Not earlier: reading back is a load of its own.
        "verified": all([kept(server, bench.data, bench.folder / f"{name}-promises")
                         for name in done]),
        "shed_ticks": metric('playhead_shed_total{priority="ordinary"}') - shed["ordinary"],
        "shed_others": metric('playhead_shed_total{priority="reserved"}') - shed["reserved"],
        "back": [_back(done["steady"], done[name]) for name in bursts],
        "answers": {name: done[name]["answers"] for name in done},
        "said": {name: done[name]["said"] for name in done},
        "limits": {name: done[name]["generator"]["limit"] for name in done},
    }


def _back(steady, burst):
    """What was normal before a burst, and how long after its end it was so again; None: never.
    The times are those that the generators tell: signing the burst's tokens takes it seconds."""
    begin_ms = burst["started_at_ms"] - steady["started_at_ms"]
    end_ms = begin_ms + BURST_S * 1_000
    before = [slot["p99_us"] for slot in steady["course"]
              if begin_ms - BEFORE_S * 1_000 < slot["at_ms"] < begin_ms - 1_000]
    # Nine slots of ten are below; the disk of a shared machine stalls for a second now and then.
    usual_us = statistics.quantiles(before, n=10)[-1]
    after = [slot for slot in steady["course"]
             if end_ms < slot["at_ms"] < end_ms + AFTER_S * 1_000]
    if not after or after[-1]["at_ms"] - end_ms < 2 * BACK_WITHIN_S * 1_000:
        raise RuntimeError(f"only {len(after)} slots of the steady load are after the burst")
    back_ms = _normal_from_ms(after, 2 * usual_us, steady["slot_ms"])
    return {"p99_before_ms": usual_us / 1e3,
            "after_s": None if back_ms is None else (back_ms - end_ms) / 1e3}


def _normal_from_ms(slots, normal_us, slot_ms):
    """When all slots of STEADY_S seconds begin to be normal; None where they never do. Who skips a
    report, because the last has no answer, is not back to normal either."""
    normal = [slot["p99_us"] <= normal_us and not slot["errors"] for slot in slots]
    steady = STEADY_S * 1_000 // slot_ms
    starts = (slots[at]["at_ms"] for at in range(len(normal) - steady + 1)
              if all(normal[at:at + steady]))
    return next(starts, None)


def rows(result):
    # One that never ended is later than any that did.
    back_s = statistics.median(math.inf if one["after_s"] is None else one["after_s"]
                               for one in result["back"])
    each = ", ".join("never" if one["after_s"] is None else f"{one['after_s']:.1f}"
                     for one in result["back"])
    return [
        (f"bursts of {result['burst_per_s']:,.0f}/s for {BURST_S} s over "
         f"{result['sustained_per_s']:,.0f}/s: acknowledged reports lost",
         "none" if result["verified"] else "SOME", "none"),
        ("requests answered with success, of those due",
         f"{result['succeeded']:,} of {result['due']:,}", ""),
        ("shed: ticks; pauses, stops and other acts",
         f"{result['shed_ticks']:,.0f}; {result['shed_others']:,.0f}", "ticks only"),
        ("back to normal latency (twice what nine slots of ten had as p99 before) after",
         f"{'never' if back_s == math.inf else f'{back_s:.1f} s'} ({each})", f"{BACK_WITHIN_S} s"),
    ]
