"""Where each microsecond of a report goes, by sampling the server while it is loaded.

`perf record` takes a sample of the server's CPU 4,000 times a second. A sample in the kernel counts
for the system call that led there, one in the program for the function it is in, and what is in a
library that several stages use for the thread. So shares are exact to about 0.05 µs.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter

from load import wrk
from traffic import write_reports
from servers import playhead

HERTZ = 4_000
SYNC, WRITE = "log: sync", "log: write"

# In the kernel, by the system call; the first that fits.
CALLS = [(r"sys_(recvfrom|read)$", "kernel: receive"), (r"sys_(sendto|sendmsg|writev)$", "kernel: send"),
         (r"sys_epoll", "kernel: epoll"), (r"sys_(fdatasync|fsync|sync_file_range)", SYNC),
         (r"sys_p?write(64)?$", WRITE), (r"sys_futex", "kernel: waking threads")]
# In the program, by the function.
FUNCTIONS = [
    (r"RequestParser|basic_parser|beast::", "parser"),
    (r"CRYPTO_|EVP_|SHA256|OPENSSL|ENGINE|TokenCache|identify|bearer|check_time|same_token|equal_in",
     "token"),
    (r"simdjson|ReportDecoder|read_report|read_id|read_integer|integer_of|check_id|read_fields",
     "decode"),
    (r"CommitLane|CommitChunk|CommitQueue|Exchange::commit|bytes_of", "queue"),
    (r"AnswerWriter|Connection::answer|on_committed|append_head_lines|Histogram", "answer"),
    (r"GroupCommit|LiveSession|raw_hash_set|flat_hash|decide|RecentActs|remember", "decide, coalesce"),
    (r"rocksdb|rocks::|RocksStore|playhead::encode|append_varint|encode_playhead|record_key|crc32",
     "write batch, memtable"),
    (r"Connection|EventLoop|SocketPoll|Router|asio|endpoints|Exchange", "loop, connection, route"),
    (r"mem(cpy|move|set|cmp|chr)|malloc|free|basic_string|operator (new|delete)",
     "strings and memory of all stages"),
    (r"clock|tsc|Clock", "clocks"),
]


def run(bench):
    if shutil.which("perf") is None:
        raise RuntimeError("perf is missing: script/bootstrap --bench installs it")
    requests = bench.folder / "reports"
    write_reports(requests, bench.key)
    data, seconds = bench.folder / "perf.data", 2 * bench.seconds
    with playhead(bench.data) as server:
        wrk(server, 2, requests=requests)
        recorder = subprocess.Popen(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "-g", "-p",
             str(server.pid), "-o", str(data), "--", "sleep", str(seconds)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = wrk(server, seconds, requests=requests)
        recorder.wait(timeout=60)
    script = subprocess.run(["perf", "script", "-i", str(data), "-F", "comm,ip,sym"],
                            capture_output=True, text=True, check=True).stdout
    shares = _shares(_samples(script))
    for stage, share in shares.items():
        print(f"  {share * done['cpu_us']:6.2f} us  {stage}", file=sys.stderr)
    return {"cpu_us": done["cpu_us"], "rate": done["rate"],
            "stages_us": {stage: share * done["cpu_us"] for stage, share in shares.items()}}


def _samples(script):
    """(name of the thread, whether it was in the kernel, its frames, innermost first) of each."""
    for block in script.split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) < 2:
            continue
        frames = [(line.split(None, 1) + [""])[1] for line in lines[1:]]
        in_kernel = lines[1].strip().startswith("ffff")
        yield lines[0].split()[0], in_kernel, frames


def _shares(samples):
    counted = Counter(_stage(*sample) for sample in samples)
    return {stage: count / counted.total() for stage, count in counted.most_common()}


def _stage(thread, in_kernel, frames):
    for pattern, stage in CALLS:
        if any(re.search(pattern, frame) for frame in frames):
            return stage
    if in_kernel:
        return "kernel: the rest"
    if re.search(r"hash128|XXH", frames[0]):  # the loop finds tokens by it, the commit sessions
        return "token" if thread == "loop" else "decide, coalesce"
    for pattern, stage in FUNCTIONS:
        if re.search(pattern, frames[0]):
            return stage
    return f"{thread}: the rest"


def rows(result):
    return [(f"stage of a report: {stage}", f"{us:.2f} us", "")
            for stage, us in result["stages_us"].items()]
