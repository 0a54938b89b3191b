"""Bursts: five times the sustained rate for 30 s, on a server that cannot take it."""

import math
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from load import kept, open_load
from machine import SERVER_CORE
from servers import metric, playhead

FACTOR = 5
BEFORE_S, BURST_S, AFTER_S = 20, 30, 20
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
    shed = {name: metric(f'playhead_shed_total{{priority="{name}"}}')
            for name in ("ordinary", "reserved")}
    rounds = []
    for number in range(bench.rounds):
        rounds.append(_burst(bench, server, sustained, number))
        print(f"  {rounds[-1]['p99_before_ms']:.1f} ms before, back after "
              f"{rounds[-1]['back_after_s']} s", file=sys.stderr)
    return {
        "sustained_per_s": sustained, "burst_per_s": sustained * FACTOR,
        "shed_ticks": metric('playhead_shed_total{priority="ordinary"}') - shed["ordinary"],
        "shed_others": metric('playhead_shed_total{priority="reserved"}') - shed["reserved"],
        "rounds": rounds}


def _burst(bench, server, sustained, number):
    """A steady load, a burst over it, and the rest of the steady load. Its viewers are its own: of
    the same, a later position would not tell that an earlier one was kept."""
    first = number * 1_000_000

    def send(name, rate, seconds, *options):
        return open_load(server, bench.data, rate, seconds, *options, "--verify-file",
                         bench.folder / f"{name}-promises", warmup=0)

    with ThreadPoolExecutor(1) as other:
        steady = other.submit(send, "steady", sustained, BEFORE_S + BURST_S + AFTER_S, *STEADY,
                              "--first-viewer", first)
        time.sleep(BEFORE_S)
        burst = send("burst", sustained * (FACTOR - 1), BURST_S, *BURST, "--first-viewer",
                     first + 200_000)
        steady = steady.result()
    return {
        "due": steady["due"] + burst["due"], "succeeded": steady["succeeded"] + burst["succeeded"],
        # Not earlier: reading back is a load of its own.
        "verified": all([kept(server, bench.data, bench.folder / f"{name}-promises")
                         for name in ("steady", "burst")]),
        **_back(steady, burst),
        **{name: {"answers": of["answers"], "said": of["said"], "limit": of["generator"]["limit"]}
           for name, of in (("steady", steady), ("burst", burst))}}


def _back(steady, burst):
    """What was normal before the burst, and how long after its end it was so again; None: not while
    the steady load lasted. Its slots before the burst's generator was started tell the former; the
    end is of the times that the generators tell, for signing the burst's tokens takes it seconds."""
    slot_ms = steady["slot_ms"]
    end_ms = burst["started_at_ms"] - steady["started_at_ms"] + BURST_S * 1_000
    before = [slot["p99_us"] for slot in steady["course"]
              if slot["at_ms"] + slot_ms <= (BEFORE_S - 1) * 1_000]
    # Nine slots of ten are below; the disk of a shared machine stalls for a second now and then.
    usual_us = statistics.quantiles(before, n=10)[-1]
    after = [slot for slot in steady["course"] if slot["at_ms"] > end_ms]
    if not after or after[-1]["at_ms"] - end_ms < 2 * BACK_WITHIN_S * 1_000:
        raise RuntimeError(f"only {len(after)} slots of the steady load are after the burst")
    back_ms = _normal_from_ms(after, 2 * usual_us, slot_ms)
    return {"p99_before_ms": usual_us / 1e3,
            "back_after_s": None if back_ms is None else (back_ms - end_ms) / 1e3}


def _normal_from_ms(slots, normal_us, slot_ms):
    """When all slots of STEADY_S seconds begin to be normal; None where they never do. Who skips a
    report, because the last has no answer, is not back to normal either."""
    normal = [slot["p99_us"] <= normal_us and not slot["errors"] for slot in slots]
    steady = math.ceil(STEADY_S * 1_000 / slot_ms)
    starts = (slots[at]["at_ms"] for at in range(len(normal) - steady + 1)
              if all(normal[at:at + steady]))
    return next(starts, None)


def rows(result):
    rounds = result["rounds"]
    told = ["never" if one["back_after_s"] is None else f"{one['back_after_s']:.1f}"
            for one in rounds]
    # One that never ended is later than any that did.
    back_s = statistics.median(math.inf if one["back_after_s"] is None else one["back_after_s"]
                               for one in rounds)
    return [
        (f"{len(rounds)} bursts of {result['burst_per_s']:,.0f}/s for {BURST_S} s over "
         f"{result['sustained_per_s']:,.0f}/s: acknowledged reports lost",
         "none" if all(one["verified"] for one in rounds) else "SOME", "none"),
        ("requests answered with success, of those due",
         f"{sum(one['succeeded'] for one in rounds):,} of {sum(one['due'] for one in rounds):,}",
         ""),
        ("shed: ticks; pauses, stops and other acts",
         f"{result['shed_ticks']:,.0f}; {result['shed_others']:,.0f}", "ticks only"),
        ("back to normal latency (twice what nine slots of ten had as p99 before) after",
         f"{'never' if back_s == math.inf else f'{back_s:.1f} s'} ({', '.join(told)})",
         f"{BACK_WITHIN_S} s"),
    ]
