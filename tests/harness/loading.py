"""`playhead load` as the tests run it."""

import itertools
import json

from playhead import run


RUNS = itertools.count()


def load_arguments(server, *options, **more):
    arguments = ["load", "--target", f"http://127.0.0.1:{server.port}", "--warmup", "0s"]
    if "tokens" not in more:
        arguments += ["--data", server.data]
    return [*map(str, arguments), *map(str, options)]


def load(server, *options, code=0, **more):
    """Runs it to its end, and gives what it wrote as JSON and printed."""
    file = server.folder / f"load-{next(RUNS)}.json"  # runs may go on at the same time
    done = run(*load_arguments(server, "--json", file, *options, **more))
    assert done.returncode == code, done.stdout + done.stderr
    return (json.loads(file.read_text()) if file.exists() else None), done


def answers(result):
    """(route, status, code) -> how often."""
    return {(a["route"], a["status"], a["code"]): a["count"] for a in result["answers"]}


def promises(file):
    """(viewer, video) -> position, of a file of promises."""
    lines = [line.split() for line in file.read_text().splitlines()[1:-1]]
    return {(int(viewer), int(video)): int(position) for viewer, video, position in lines}
