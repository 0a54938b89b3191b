"""JSON that readers take in different ways: what each is answered, over the wire."""

import pytest

from wire import assert_problem

BODY_MAX = 16 << 10
GOOD = b'{"video_id":"v","percent":28.6}'


def report(member):
    return b'{"video_id":"v","position_ms":600000,"duration_ms":2640000,%s}' % member


def at(number):
    """A report at this position."""
    return b'{"video_id":"v","duration_ms":9007199254740991,"position_ms":%s}' % number


def nested(depth, opening=b"[", closing=b"]"):
    return report(b'"a":' + opening * depth + closing * depth)


def named(text):
    return b'{"percent":28.6,"video_id":"%s"}' % text


TAKEN = {
    "least": GOOD,
    "white space on every side": b" \t\r\n{ \"video_id\" :\t\"v\"\n,\r\"percent\" : 28.6 } \t\r\n",
    "white space up to the limit, in front": GOOD.rjust(BODY_MAX),
    "white space up to the limit, behind": GOOD.ljust(BODY_MAX, b"\n"),
    "white space up to the limit, within": GOOD.replace(b",", b",".ljust(BODY_MAX - len(GOOD) + 1)),
    "a key that is escaped": b'{"\\u0076ideo_id":"v","percent":28.6}',
    "an unknown member twice": report(b'"a":1,"a":2'),
    "an unknown member that is nested": nested(8),
    "null for absent": report(b'"session":null,"series":null'),
    "-0": at(b"-0"), "-0.0": at(b"-0.0"), "0e5": at(b"0e5"),
    "2^53 - 1": at(b"9007199254740991"), "an integer with a fraction of zeros": at(b"600000.000"),
    "an integer with an exponent": at(b"6e5"), "1e-400, which is 0": report(b'"a":1e-400'),
    "a pair of surrogates": named(b"\\ud83c\\udfac"),
    "the last code point": named(b"\\udbff\\udfff"),
    "a solidus that is escaped": named(b"a\\/b"),
    "a BOM within a string": named(b"\xef\xbb\xbfv"),
}

# status, code, pointer
MALFORMED = {
    "white space alone": b" ", "a brace, then white space": b"{" + b" " * 1000,
    "two values": GOOD + GOOD,
    "trailing text": GOOD + b"x", "a trailing comma": GOOD + b",", "a trailing NUL": GOOD + b"\0",
    "a comma before the end": GOOD[:-1] + b",}", "a BOM": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"), "a list": b"[" + GOOD + b"]", "a string": b'"v"',
    "null": b"null", "a comment": GOOD + b"//", "single quotes": GOOD.replace(b'"', b"'"),
    "a key without quotes": b'{video_id:"v","percent":5}', "a form feed": b"\x0c" + GOOD,
    "a no-break space": b"\xc2\xa0" + GOOD, "half of it": GOOD[:-1],
    "1e400": at(b"1e400"), "-1e400": at(b"-1e400"), "2^64": at(b"18446744073709551616"),
    "NaN": at(b"NaN"), "Infinity": at(b"Infinity"), "-Infinity": at(b"-Infinity"),
    "a plus": at(b"+1"), "a zero in front": at(b"01"), "hexadecimal": at(b"0x1"),
    "a bare point": at(b"1."), "no digit before the point": at(b".5"), "True": at(b"True"),
    "a lone high surrogate": named(b"\\ud800"), "a lone low surrogate": named(b"\\udc00"),
    "surrogates in the wrong order": named(b"\\udfac\\ud83c"),
    "a high surrogate before a letter": named(b"\\ud83cx"),
    "a surrogate in UTF-8": named(b"\xed\xa0\x80"), "an overlong slash": named(b"\xc0\xaf"),
    "a byte that is never UTF-8": named(b"\xff"), "half a character": named(b"\xc3"),
    "past the last code point": named(b"\xf4\x90\x80\x80"), "a bare line feed": named(b"a\nb"),
    "a bare NUL": named(b"a\0b"), "an unknown escape": named(b"\\x41"),
    "invalid UTF-8 in a member not asked for": report(b'"a":"\xff"'),
    "too deep": nested(64), "too deep by far": nested(5_000),
    "too deep by objects": nested(2_000, b'{"a":', b"}").replace(b":}", b":1}"),
}
FIELDS = {
    "a key twice": (report(b'"video_id":"w"'), "/video_id"),
    "a key twice, with the same value": (report(b'"video_id":"v"'), "/video_id"),
    "a key twice, once null": (report(b'"seq":1,"seq":null'), "/seq"),
    "a key twice, once escaped": (report(b'"\\u0076ideo_id":"w"'), "/video_id"),
    "a key twice, within": (report(b'"series":{"id":"a","\\u0069d":"b"}'), "/series/id"),
    "2^53": (at(b"9007199254740992"), "/position_ms"),
    "2^53 + 1": (at(b"9007199254740993"), "/position_ms"),
    "2^53 + 1 with a fraction": (at(b"9007199254740993.0"), "/position_ms"),
    "2^63": (at(b"9223372036854775808"), "/position_ms"),
    "1e308": (at(b"1e308"), "/position_ms"), "-1": (at(b"-1"), "/position_ms"),
    "a fraction": (at(b"0.5"), "/position_ms"), "text": (at(b'"1"'), "/position_ms"),
    "true": (at(b"true"), "/position_ms"), "a list for a number": (at(b"[1]"), "/position_ms"),
    "an escaped NUL": (named(b"a\\u0000b"), "/video_id"),
    "an escaped C1 control": (named(b"\\u0085"), "/video_id"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_json_is_taken(viewer, what):
    answer = viewer.post(TAKEN[what])
    assert (answer.status, answer.body) == (204, b""), answer


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_not_json_is_refused_whole(viewer, what):
    assert_problem(viewer.post(MALFORMED[what]), 400, "malformed_json")
    assert viewer.page()["items"] == []
    assert viewer.post(GOOD).status == 204, "and the next one is read as ever"


@pytest.mark.parametrize("what", FIELDS)
def test_what_two_readers_take_differently_is_refused_where_it_stands(viewer, what):
    body, pointer = FIELDS[what]
    answer = assert_problem(viewer.post(body), 422, "invalid_field")
    assert answer.pointers == [pointer]
    assert viewer.page()["items"] == []


def test_a_byte_past_the_limit_is_too_much_white_space(viewer):
    assert viewer.post(GOOD.ljust(BODY_MAX)).status == 204
    assert_problem(viewer.post(GOOD.ljust(BODY_MAX + 1)), 413, "body_too_large")


def test_numbers_come_back_as_they_were(viewer):
    for number, position in ((b"9007199254740991", 2**53 - 1), (b"6e5", 600_000),
                             (b"600000.000", 600_000)):
        assert viewer.post(at(number).replace(b'"v"', b'"v%d"' % position)).status == 204
        assert viewer.position(f"v{position}") == position


def test_a_batch_tells_the_items_apart(viewer):
    items = [body for body, _ in FIELDS.values()] + [GOOD]
    answer = viewer.call("POST", "/v1/progress/batch",
                         (b'{"reports":[' + b",".join(items) + b"]}").decode())
    assert answer.status == 200, answer
    codes = [item.get("code") for item in answer.json["results"]]
    assert codes == ["invalid_field"] * len(FIELDS) + [None]
