"""SDK-HMAC-SHA256, written from signing.md sections 1 to 6 and from nothing else, so that neither side of the C code
can be wrong unnoticed."""
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "SDK-HMAC-SHA256"
_AUTHORIZATION = re.compile(r"SDK-HMAC-SHA256 Access=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def sdk_date(at=None):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() if at is None else at))


def _encode(data):
    return quote(data, safe="-_.~")


def _canonical_uri(path):
    segments = unquote_to_bytes(path or "/").split(b"/")
    uri = "/".join(_encode(segment) for segment in segments)
    return uri if uri.endswith("/") else uri + "/"


def _canonical_query(query):
    pairs = []
    for piece in filter(None, query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(pairs))


def canonical_request(method, target, headers, signed, body):
    """headers: a dict; signed: ordered lower-case names."""
    path, _, query = target.partition("?")
    by_name = {name.lower(): value.strip(" \t") for name, value in headers.items()}
    payload = by_name.get("x-sdk-content-sha256") or hashlib.sha256(body).hexdigest()
    lines = [method, _canonical_uri(path), _canonical_query(query)]
    lines += [f"{name}:{by_name[name]}" for name in signed]
    return "\n".join(lines + ["", ";".join(signed), payload])


def signature(secret_key, date, canonical):
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(secret_key.encode(), f"{ALGORITHM}\n{date}\n{digest}".encode(), hashlib.sha256).hexdigest()


def authorization(method, target, headers, body, access_key, secret_key, signed=None):
    """The Authorization value; headers must hold Host and X-Sdk-Date. All headers are signed unless `signed` says which."""
    signed = sorted(name.lower() for name in (headers if signed is None else signed))
    date = next(value for name, value in headers.items() if name.lower() == "x-sdk-date")
    mac = signature(secret_key, date, canonical_request(method, target, headers, signed, body))
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(signed)}, Signature={mac}"


def fault_in(method, target, headers, body, access_key, secret_key):
    """None when the request is signed well, else what is wrong with it."""
    by_name = {name.lower(): value for name, value in headers.items()}
    parts = _AUTHORIZATION.fullmatch(by_name.get("authorization", ""))
    if parts is None:
        return "Authorization missing or malformed"
    access, names, mac = parts.group(1), parts.group(2).split(";"), parts.group(3)
    if access != access_key:
        return "AccessKey unknown"
    if names != sorted(set(names)) or not {"host", "x-sdk-date", "content-type"} <= set(names):
        return "SignedHeaders not in order, or without host, x-sdk-date, content-type"
    if not set(names) <= set(by_name):
        return "a signed header is absent"
    expected = signature(secret_key, by_name["x-sdk-date"], canonical_request(method, target, headers, names, body))
    return None if hmac.compare_digest(expected, mac) else "signature wrong"
