"""Bearer tokens, the good ones and the odd ones."""

import base64
import hashlib
import hmac
import json
import time


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(key, header, claims, digest=hashlib.sha256):
    """A token of any header and claims; each is a dict, or the text itself."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    text = ".".join(base64url(part.encode()) for part in parts)
    return text + "." + base64url(hmac.new(key, text.encode(), digest).digest())


HS256 = {"alg": "HS256", "typ": "JWT"}


def good_claims(account, **more):
    claims = {"sub": account, "exp": int(time.time()) + 3600, **more}
    return {name: value for name, value in claims.items() if value is not None}


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
