"""Requests as players send them: tokens of 300 characters, reports of 120 bytes."""

import base64
import hashlib
import hmac
import json
import random
import time

TOKEN_CHARACTERS = 300
REPORT_BYTES = 120
# At 50,000 reports a second an audience that reports every ten seconds is 500,000 viewers. Here they
# are as many as a loop's cache of tokens holds in either of its halves, with a request each: of
# more, wrk's collection of garbage is the longest pause (nginx's own p99 was 40 ms with 60,000).
VIEWERS, VIDEOS = 30_000, 2_000


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key, account):
    """An HS256 token of about 300 characters, as identity providers send them."""
    head = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = {"sub": account, "exp": int(time.time()) + 86_400, "jti": ""}
    spare = TOKEN_CHARACTERS - len(f"{head}.{base64url(json.dumps(claims).encode())}.{'x' * 43}")
    claims["jti"] = "j" * max(0, spare * 3 // 4)
    signed = f"{head}.{base64url(json.dumps(claims).encode())}"
    return f"{signed}.{base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def account(number):
    return f"viewer-{number:06}"


def video(number):
    return f"video-{number:06}"


def report(rng, videos=VIDEOS):
    """A report whose position requests.lua changes each time it is sent: one that did not move, or
    that has a seq seen before, would be answered and not written."""
    body = {"video_id": video(rng.randrange(videos)), "position_ms": 1_000_000,
            "duration_ms": 2_640_000, "session": "".join(rng.choices("0123456789abcdef", k=8))}
    text = json.dumps(body)
    return text + " " * (REPORT_BYTES - len(text))


def write_reports(path, key):
    """A file of reports for requests.lua, one of each viewer."""
    rng = random.Random(1)
    with path.open("w") as out:
        for number in range(VIEWERS):
            out.write(f"POST\t/v1/progress\t{token(key, account(number))}\t{report(rng)}\n")


def write_request(path, method, target, who):
    path.write_text(f"{method}\t{target}\t{who}\t\n")


def write_tokens(path, key, accounts):
    with path.open("w") as out:
        for number in range(accounts):
            out.write(token(key, account(number)) + "\n")
