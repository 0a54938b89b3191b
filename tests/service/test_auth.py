"""Bearer tokens: whom we believe, and why not."""

import hashlib
import json
import stat
import time

import pytest

from playhead import run, wait_until
from tokens import HS256, base64url, claims_of, good_claims, sign
from wire import Wire, assert_problem, request_bytes

PATH = "/v1/keep-watching"


def ask(server, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    return server.get(PATH, **headers)


def assert_unauthorized(answer, code):
    assert_problem(answer, 401, code)
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="playhead"')
    # RFC 6750 §3.1: no error where no token was sent.
    assert ('error="invalid_token"' in challenge) == (code != "token_missing")
    return answer


def now_s():
    return int(time.time())


@pytest.mark.parametrize("authorization, code", [
    (None, "token_missing"), ("", "token_missing"),
    ("Basic YTpi", "token_malformed"), ("Bearer", "token_malformed"),
    ("Bearer ", "token_malformed"), ("Bearer x", "token_malformed"),
    ("Bearer a.b", "token_malformed"), ("Bearer a.b.c.d", "token_malformed"),
    ("Bearer ..", "token_malformed"), ("Bearer a.b.c, Bearer a.b.c", "token_malformed"),
    ("Bearer " + "x" * 5000, "token_malformed"),
])
def test_what_is_no_token_is_refused(server, authorization, code):
    assert_unauthorized(ask(server, authorization), code)


BAD_CLAIMS = {
    "expired": ({"exp": now_s() - 3600}, "token_expired"),
    "not yet valid": ({"nbf": now_s() + 3600}, "token_not_yet_valid"),
    "no exp": ({"exp": None}, "token_invalid"),
    "exp is text": ({"exp": str(now_s() + 3600)}, "token_invalid"),
    "exp is true": ({"exp": True}, "token_invalid"),
    "exp is negative": ({"exp": -1}, "token_invalid"),
    "exp is huge": ({"exp": 1e300}, "token_invalid"),
    "nbf is text": ({"nbf": "0"}, "token_invalid"),
    "no sub": ({"sub": None}, "token_invalid"),
    "sub is empty": ({"sub": ""}, "token_invalid"),
    "sub is a number": ({"sub": 7}, "token_invalid"),
    "sub is too long": ({"sub": "x" * 256}, "token_invalid"),
    "sub has a line feed": ({"sub": "a\nb"}, "token_invalid"),
}


@pytest.mark.parametrize("what", BAD_CLAIMS)
def test_claims_are_checked(server, what):
    claims, code = BAD_CLAIMS[what]
    token = sign(server.key, HS256, good_claims("someone of auth", **claims))
    for _ in range(2):  # the second time from the cache, if there were one of refusals
        assert_unauthorized(ask(server, "Bearer " + token), code)


@pytest.mark.parametrize("claims", [
    {"exp": now_s() + 10**6}, {"exp": now_s() + 10**6 + 0.5}, {"nbf": now_s() - 5},
    {"nbf": now_s() + 10}, {"aud": "any"}, {"iss": "any"}, {"scope": ["x"]}, {"sub": "x" * 255},
    {"sub": "žofie 🎬 / %2F"}])
def test_good_claims_are_taken(server, claims):
    token = sign(server.key, HS256, good_claims("someone of auth", **claims))
    assert ask(server, "Bearer " + token).status == 200


def test_clocks_may_differ_by_the_leeway(server):
    token = sign(server.key, HS256, good_claims("someone of auth", exp=now_s() - 10))
    assert ask(server, "Bearer " + token).status == 200
    token = sign(server.key, HS256, good_claims("someone of auth", exp=now_s() - 40))
    assert_unauthorized(ask(server, "Bearer " + token), "token_expired")


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer   "])
def test_scheme_is_read_as_http_has_it(server, scheme):
    token = sign(server.key, HS256, good_claims("someone of auth"))
    assert ask(server, scheme + token).status == 200


BAD_HEADERS = {
    "none": {"alg": "none"},
    "None": {"alg": "None"},
    "HS512": {"alg": "HS512"},
    "RS256": {"alg": "RS256"},
    "lower case": {"alg": "hs256"},
    "no alg": {"typ": "JWT"},
    "alg is a list": {"alg": ["HS256"]},
    "two algs": '{"alg":"none","alg":"HS256"}',
    "extension": {"alg": "HS256", "crit": ["exp"]},
    "another type": {"alg": "HS256", "typ": "logout+jwt"},
}


@pytest.mark.parametrize("what", BAD_HEADERS)
def test_key_speaks_hs256_and_nothing_else(server, what):
    claims = good_claims("someone of auth")
    token = sign(server.key, BAD_HEADERS[what], claims)
    assert_unauthorized(ask(server, "Bearer " + token), "token_invalid")
    digest = hashlib.sha512 if what == "HS512" else hashlib.sha256
    token = sign(server.key, BAD_HEADERS[what], claims, digest)
    assert_unauthorized(ask(server, "Bearer " + token), "token_invalid")


def test_token_without_a_signature_is_refused(server):
    for header in (HS256, {"alg": "none"}):
        token = sign(server.key, header, good_claims("someone of auth"))
        unsigned = token.rsplit(".", 1)[0] + "."
        assert_unauthorized(ask(server, "Bearer " + unsigned), "token_invalid")


def test_foreign_key_is_refused_also_where_the_token_brings_it(server):
    key = b"k" * 32
    jwk = {"kty": "oct", "k": base64url(key)}
    for header in (HS256, {**HS256, "jwk": jwk}, {**HS256, "kid": "../../dev/null"},
                   {**HS256, "jku": "https://id.example/keys"}, {**HS256, "x5c": [base64url(key)]},
                   {**HS256, "x5u": "https://id.example/cert"}, {**HS256, "kid": ""}):
        token = sign(key, header, good_claims("someone of auth"))
        assert_unauthorized(ask(server, "Bearer " + token), "token_invalid")
    assert_unauthorized(ask(server, "Bearer " + sign(b"", HS256, good_claims("x"))),
                        "token_invalid")


def test_every_changed_character_breaks_a_token(server):
    token = sign(server.key, HS256, good_claims("someone of auth"))
    for i in range(0, len(token) - 1, 3):
        other = "A" if token[i] != "A" else "B"
        answer = ask(server, "Bearer " + token[:i] + other + token[i + 1:])
        assert answer.status == 401, i
    # Of the last character two bits mean nothing; they must be zero all the same.
    assert ask(server, "Bearer " + token).status == 200
    assert ask(server, "Bearer " + token[:-1] + chr(ord(token[-1]) + 1)).status == 401


def test_every_field_changed_breaks_a_token(server):
    claims = good_claims("someone of auth", nbf=1, iat=2, iss="id", aud=["tv"], jti="a")
    head, _, signature = sign(server.key, HS256, claims).split(".")
    others = {"sub": "someone else", "exp": claims["exp"] + 1, "nbf": 0, "iat": 3, "iss": "di",
              "aud": ["web"], "jti": "b", "admin": True}
    for name, value in others.items():
        body = base64url(json.dumps({**claims, name: value}).encode())
        assert_unauthorized(ask(server, f"Bearer {head}.{body}.{signature}"), "token_invalid")
    for name in claims:
        body = base64url(json.dumps({k: v for k, v in claims.items() if k != name}).encode())
        assert_unauthorized(ask(server, f"Bearer {head}.{body}.{signature}"), "token_invalid")


@pytest.mark.parametrize("claims", [
    '{"sub":"a","sub":"b","exp":4000000000}', '{"sub":"a","exp":1,"exp":4000000000}',
    '{"sub":"a","\\u0073ub":"b","exp":4000000000}', '{"sub":"a","exp":4000000000,"nbf":0,"nbf":0}'])
def test_claim_that_is_there_twice_is_refused(server, claims):
    assert_unauthorized(ask(server, "Bearer " + sign(server.key, HS256, claims)), "token_invalid")


@pytest.mark.parametrize("claims", [
    "", "[]", "null", '"a"', "{", '{"sub":"a","exp":4000000000}x', '{"sub":"a","exp":1e400}',
    '{"sub":"a","exp":NaN}', '\ufeff{"sub":"a","exp":4000000000}',
    '{"sub":"\\ud800","exp":4000000000}', '{"a":' + "[" * 1200 + "]" * 1200 + "}"])
def test_claims_that_are_no_object_are_malformed(server, claims):
    assert_unauthorized(ask(server, "Bearer " + sign(server.key, HS256, claims)), "token_malformed")


def test_a_token_is_4096_bytes_at_most(server):
    def padded(size):
        """A token of `size` bytes: its claims end in white space."""
        claims = '{"sub":"someone of auth","exp":4000000000}'
        while len(sign(server.key, HS256, claims)) < size:
            claims += " "
        return sign(server.key, HS256, claims)
    longest = padded(4095)
    assert 4095 <= len(longest) <= 4096
    assert ask(server, "Bearer " + longest).status == 200
    assert_unauthorized(ask(server, "Bearer " + padded(4097)), "token_malformed")
    huge = sign(server.key, HS256, good_claims("someone of auth", roles=["x" * 100] * 35))
    assert_unauthorized(ask(server, "Bearer " + huge), "token_malformed")


@pytest.mark.parametrize("spoil", [
    lambda part: part + "=", lambda part: part + "==", lambda part: part.replace("_", "/"),
    lambda part: part[:4] + "\t" + part[4:], lambda part: part[:4] + "%41" + part[4:],
    lambda part: part + "A", lambda part: part[:4] + "\u00e9" + part[4:]])
def test_other_spellings_of_base64url_are_refused(server, spoil):
    claims = good_claims("someone?>?>?>")  # its base64url has a _
    parts = sign(server.key, HS256, claims).split(".")
    for i in range(3):
        spoiled = spoil(parts[i])
        if spoiled == parts[i]:
            continue
        text = ".".join(parts[:i] + [spoiled] + parts[i + 1:])
        answer = ask(server, "Bearer " + text)
        assert answer.code in ("token_malformed", "token_invalid"), text
        assert_unauthorized(answer, answer.code)


def test_claims_of_another_token_are_refused(server):
    mine, yours = (sign(server.key, HS256, good_claims(who)).split(".") for who in ("me", "you"))
    assert_unauthorized(ask(server, "Bearer " + ".".join([mine[0], yours[1], mine[2]])),
                        "token_invalid")


def test_token_ends_while_its_connection_stays(serve):
    server = serve({"auth.leeway_ms": 0})
    viewer = server.viewer()
    token = server.token(viewer.account, exp=time.time() + 2)
    with Wire(server.port) as wire:
        def status():
            wire.send(request_bytes("GET", PATH, {"Authorization": "Bearer " + token}))
            answer = wire.answer()
            return answer if answer.status != 200 else None
        assert_unauthorized(wait_until(status, "the token's end"), "token_expired")
        assert time.time() >= claims_of(token)["exp"] - 0.001  # the service keeps milliseconds


def test_every_route_but_health_needs_a_token(server):
    for method, path in [("POST", "/v1/progress"), ("POST", "/v1/progress/batch"),
                         ("GET", "/v1/progress"), ("GET", "/v1/progress/v"),
                         ("DELETE", "/v1/progress/v"), ("GET", PATH), ("DELETE", PATH + "/v"),
                         ("PUT", PATH + "/v"), ("PUT", "/v1/watched/v"),
                         ("DELETE", "/v1/watched/v"), ("DELETE", "/v1/me"), ("HEAD", PATH)]:
        with Wire(server.port) as wire:
            wire.send(request_bytes(method, path))
            answer = wire.answer(head=method == "HEAD")
            assert (answer.status, "www-authenticate" in answer.headers) == (401, True), path


# --- what is configured --------------------------------------------------------------------------


def test_audience_and_issuer_are_checked_where_they_are_configured(serve):
    server = serve({"auth.audiences": "tv,web", "auth.issuer": "https://id.example"})
    good = {"aud": "web", "iss": "https://id.example"}
    for claims, status in [
            (good, 200), ({**good, "aud": ["other", "tv"]}, 200), ({**good, "aud": "other"}, 401),
            ({**good, "aud": None}, 401), ({**good, "aud": []}, 401), ({**good, "aud": [7]}, 401),
            ({**good, "aud": "we"}, 401), ({**good, "iss": None}, 401),
            ({**good, "iss": "https://id.example/"}, 401), ({**good, "iss": [good["iss"]]}, 401)]:
        answer = ask(server, server.bearer("someone of auth", **claims)["Authorization"])
        assert answer.status == status, claims
        if status == 401:
            assert_unauthorized(answer, "token_invalid")
    # The token that the program mints is one of its own.
    minted = run("token", "--data", server.data, "--sub", "someone of auth",
                 "--set", "auth.audiences=tv,web", "--set", "auth.issuer=https://id.example")
    assert ask(server, "Bearer " + minted.stdout.strip()).status == 200


def test_key_is_made_at_first_start_for_its_owner_alone(server):
    key_file = server.data / "token.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert len(server.key) >= 32


def test_key_survives_a_restart(serve):
    server = serve()
    viewer = server.viewer()
    server.restart()
    assert viewer.call("GET", PATH).status == 200


def test_key_file_that_others_can_read_is_refused(serve):
    server = serve()
    server.stop()
    key_file = server.data / "token.key"
    key_file.chmod(0o644)
    server.launch()
    assert server.wait() == 1
    message = server.find_event("cannot_start")["msg"]
    assert "chmod 600" in message and str(key_file) in message


@pytest.mark.parametrize("given", ["environment", "file"])
def test_key_may_be_configured(serve, tmp_path, given):
    key = b"a key that somebody else keeps for us"
    text = base64url(key)
    if given == "environment":
        server = serve(env={"PLAYHEAD_AUTH_KEY": text})
    else:
        (tmp_path / "key").write_text(text + "\n")
        server = serve({"auth.key_file": tmp_path / "key"})
    assert not (server.data / "token.key").exists()
    token = sign(key, HS256, good_claims("someone of auth"))
    server.secrets.add(text)
    assert ask(server, "Bearer " + token).status == 200
    assert_unauthorized(ask(server, "Bearer " + sign(b"x" * 32, HS256, good_claims("x"))),
                        "token_invalid")


# --- playhead token ------------------------------------------------------------------------------


def test_token_command_prints_only_the_token(server):
    minted = run("token", "--data", server.data, "--sub", "someone of auth", "--ttl", "90s")
    assert (minted.returncode, minted.stderr) == (0, "")
    assert minted.stdout.count("\n") == 1 and minted.stdout.count(".") == 2
    claims = claims_of(minted.stdout.strip())
    assert claims["sub"] == "someone of auth"
    assert claims["exp"] - claims["iat"] == 90
    assert ask(server, "Bearer " + minted.stdout.strip()).status == 200


def test_token_command_may_come_before_the_first_start(tmp_path):
    first, second = (run("token", "--data", tmp_path / "new", "--sub", who) for who in "ab")
    assert first.returncode == second.returncode == 0
    assert stat.S_IMODE((tmp_path / "new" / "token.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("arguments", [
    ["--sub", ""], ["--sub", "x" * 256], ["--sub", "a\nb"], ["--sub", "a", "--ttl", "0s"],
    ["--sub", "a", "--ttl", "soon"], ["--sub", "a", "--ttl", "-1h"],
    ["--sub", "a", "--ttl", "9999d"], []])
def test_token_command_refuses_nonsense(server, arguments):
    minted = run("token", "--data", server.data, *arguments)
    assert minted.returncode != 0
    assert minted.stdout == "" and minted.stderr != ""
