"""The layers and the size limits of ARCHITECTURE.md and CONTRIBUTING.md, kept by a test."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 100

# base <- domain <- store <- {command | query} <- http <- app; each room also includes itself.
BELOW_STORE = {"base", "domain"}
BELOW_HTTP = BELOW_STORE | {"store"}
MAY_INCLUDE = {
    "base": set(),
    "domain": {"base"},
    "store": BELOW_STORE,
    "store/memory": BELOW_HTTP,
    "store/rocksdb": BELOW_HTTP,
    "command": BELOW_HTTP,
    "query": BELOW_HTTP,
    "http": BELOW_HTTP | {"command", "query"},
    "auth": BELOW_STORE,
    "telemetry": BELOW_STORE,
    "load": BELOW_STORE,
    "app": BELOW_HTTP | {"command", "query", "http", "auth", "telemetry", "load",
                         "store/memory", "store/rocksdb"},
}

# Headers that cost seconds to compile, and who may include them.
EXPENSIVE = {
    r"boost/beast/": {"src/http/connection.cc", "src/http/request_fields.cc",
                      "src/http/request_fields.h", "src/http/request_parser.cc",
                      "src/http/request_parser.h", "src/http/request_target.cc"},
    r"rocksdb/": {f"src/store/rocksdb/{name}" for name in (
        "database.cc", "database.h", "husk_filter.cc", "husk_filter.h", "info_log.cc",
        "info_log.h", "keys.cc", "merge_operators.cc", "merge_operators.h", "options.cc",
        "options.h", "purge.cc", "record_memtable.cc", "record_memtable.h", "rocks_store.cc",
        "zeroed_logs.cc", "zeroed_logs.h")} | {
            f"tests/contract/{name}_test.cc" for name in (
                "long_chains", "record_memtable", "rocksdb", "zeroed_logs")},
}


def files(*patterns):
    found = [path for pattern in patterns for path in ROOT.glob(pattern)]
    assert found
    return sorted(found)


SOURCES = files("src/**/*.cc", "src/**/*.h")
TESTS = files("tests/**/*.cc", "tests/**/*.h")
PYTHON = files("tests/**/*.py")


def assert_none(offenders):
    assert not offenders, "\n".join(["offenders:", *offenders])


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def room_of(include):
    """The room of "store/rocksdb/keys.h" is store/rocksdb, of "store/store.h" store."""
    return include.rsplit("/", 1)[0]


def includes(path):
    """(line, what, whether in quotes) of each include."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if match:
            yield number, match[2], match[1] == '"'


def test_includes_go_down_the_layers():
    offenders = []
    for path in SOURCES:
        room = room_of(path.relative_to(ROOT / "src").as_posix())
        assert room in MAY_INCLUDE, f"{name_of(path)} is in a room without a place in the layers"
        for number, what, quoted in includes(path):
            if quoted and room_of(what) not in MAY_INCLUDE[room] | {room}:
                offenders.append(f"{name_of(path)}:{number}: {room} includes {what}")
    assert_none(offenders)


def test_expensive_headers_stay_in_few_files():
    offenders = []
    for path in SOURCES + TESTS:
        for number, what, quoted in includes(path):
            for header, allowed in EXPENSIVE.items():
                if not quoted and re.match(header, what) and name_of(path) not in allowed:
                    offenders.append(f"{name_of(path)}:{number}: {what}")
    assert_none(offenders)


def test_own_headers_are_in_quotes_and_by_their_full_path():
    offenders = []
    for path in SOURCES:
        for number, what, quoted in includes(path):
            generated = what == "app/version.h"
            if quoted != ((ROOT / "src" / what).exists() or generated):
                offenders.append(f"{name_of(path)}:{number}: {what}")
    assert_none(offenders)


def test_files_are_short():
    offenders = []
    for path in SOURCES + TESTS + PYTHON:
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES_MAX:
            offenders.append(f"{name_of(path)}:{FILE_LINES_MAX}: {lines} lines")
    assert_none(offenders)


def test_lines_are_narrow():
    offenders = []
    for path in SOURCES + TESTS + PYTHON:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > COLUMNS_MAX:
                offenders.append(f"{name_of(path)}:{number}: {len(line)} columns")
    assert_none(offenders)


def test_each_file_opens_with_one_line_that_says_what_it_is_for():
    offenders = []
    for path in SOURCES + TESTS:
        first, second = (path.read_text() + "\n\n").split("\n")[:2]
        if not re.match(r"// \S", first) or second.startswith("//"):
            offenders.append(f"{name_of(path)}:1: {first}")
    assert_none(offenders)


def without_literals(text):
    """The code with comments and the insides of literals taken out; lines stay where they are."""
    pattern = r'''R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+\''''
    # A digit before a quote is a separator: 1'000.
    text = re.sub(r"(?<=[0-9A-Fa-f])'(?=[0-9A-Fa-f])", "", text)
    return re.sub(pattern, lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)


def functions(text):
    """(first line, lines, head) of each outermost function; a lambda counts with its own."""
    code = without_literals(text)
    blocks = []  # of each open brace: a function, other, or None for a value
    head_start, function_depth = 0, None
    for match in re.finditer(r"[{};]", code):
        sign, place = match[0], match.start()
        if sign == "{" and code[place - 1] not in " \n":
            blocks.append(None)  # a value: c_{x}
            continue
        if sign == "}" and blocks.pop() is None:
            continue
        head = code[head_start:place].strip()
        if sign == "{":
            is_function = re.search(r"\)[^()]*$", head) and not re.match(
                r"(namespace|class|struct|enum|union|extern)\b|.*=\s*$", head, re.DOTALL)
            if is_function and "function" not in blocks:
                first = code.count("\n", 0, code.index(head, head_start)) + 1
                function_head, function_depth = " ".join(head.split()), len(blocks)
                blocks.append("function")
            else:
                blocks.append("other")
        elif sign == "}" and "function" not in blocks and len(blocks) == function_depth:
            function_depth = None
            yield first, code.count("\n", 0, place) + 2 - first, function_head
        head_start = place + 1


def test_scan_finds_functions():
    text = """
namespace x {
struct A : B {
  A(int x) : b_(x), c_{x} {
    if (x) { y(); }
  }
  int b_ = 1'000; // {
};
const char* f() {
  return R"({)";
}
}
"""
    assert [(first, lines) for first, lines, _ in functions(text)] == [(4, 3), (9, 3)]


def test_functions_are_short():
    offenders, found = [], 0
    for path in SOURCES + TESTS:
        for first, lines, head in functions(path.read_text()):
            found += 1
            if lines > FUNCTION_LINES_MAX:
                offenders.append(f"{name_of(path)}:{first}: {lines} lines: {head[:60]}")
    assert found > len(SOURCES)
    assert_none(offenders)


@pytest.mark.skipif(not shutil.which("clang-format"), reason="clang-format is missing")
def test_formatted_by_clang_format():
    checked = subprocess.run(["clang-format", "--dry-run", "-Werror", *SOURCES, *TESTS], cwd=ROOT,
                             capture_output=True, text=True, timeout=120, check=False)
    told = checked.stderr.replace(f"{ROOT}/", "").splitlines()
    assert_none([line for line in told if "error:" in line])
    assert checked.returncode == 0, checked.stderr
