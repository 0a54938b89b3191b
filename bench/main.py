"""Measures playhead beside nginx and Redis on the same core, in turn, and prints ratios first.

The server runs on one core, the load on the other. CPU a request is the server process's user and
system time over the run, divided by the requests it answered. Medians over the rounds; the noise of
a shared machine hits all sides alike, which is why ratios are what counts.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

import sections
from machine import ROOT, describe, raise_descriptor_limit, steal_ticks
from servers import signing_key


class Bench:
    """What every section is given: a folder, a data folder with its key, and how long to run."""

    def __init__(self, folder, options, descriptors):
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.key = signing_key(self.data)
        self.rounds = options.rounds
        self.seconds = options.seconds
        self.records_max = options.records
        self.descriptors = descriptors

    def new_data(self, name):
        """Another data folder, with the same key, so that the same tokens are good there."""
        data = self.folder / name
        data.mkdir()
        shutil.copy(self.data / "token.key", data / "token.key")
        return data


def table(result):
    lines = ["| what | measured | target |", "| --- | --- | --- |"]
    for name, section in sections.ALL.items():
        if name in result:
            lines += [f"| {' | '.join(row)} |" for row in section.rows(result[name])]
    return "\n".join(lines) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", nargs="+", choices=sections.ALL, default=list(sections.ALL),
                           help="sections to run; all by default")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5, help="of one run")
    arguments.add_argument("--records", type=int, default=10_000_000,
                           help="stored records of the growth section, at most")
    options = arguments.parse_args()
    descriptors = raise_descriptor_limit()
    result = {"machine": {**describe(), "rounds": options.rounds, "seconds": options.seconds}}
    failed = []
    # Beside the sources, not in /tmp: that is a RAM disk on many machines, and a sync there is free.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    try:
        bench = Bench(folder, options, descriptors)
        for name in options.only:
            print(f"{name}: {sections.ALL[name].__doc__.splitlines()[0]}", file=sys.stderr)
            started, stolen = time.monotonic(), steal_ticks()
            try:
                result[name] = sections.ALL[name].run(bench)
            except Exception:  # the others are worth keeping
                traceback.print_exc()
                failed.append(name)
                continue
            result["machine"].setdefault("runs", {})[name] = {
                "took_s": round(time.monotonic() - started, 1),
                "stolen_ticks": steal_ticks() - stolen}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    keep(result)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def keep(result):
    """Writes what there is to bench/results, and prints its table."""
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    names = [name for name in sections.ALL if name in result]
    if not names:
        return
    suffix = "" if len(names) == len(sections.ALL) else "-" + "-".join(names)
    stem = f"{result['machine']['date']}-{result['machine']['commit']}{suffix}"
    (results / f"{stem}.json").write_text(json.dumps(result, indent=2) + "\n")
    (results / f"{stem}.md").write_text(table(result))
    print(table(result), end="")


if __name__ == "__main__":
    main()
