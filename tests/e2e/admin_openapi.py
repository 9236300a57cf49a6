"""gateway/admin_api/openapi.json as the tests hold answers against it: whoever asks the admin API through administrator.py
has every answer checked, and what was seen of each operation is remembered."""
import json
import re
from pathlib import Path

import jsonschema

FILE = Path(__file__).resolve().parent.parent.parent / "gateway/admin_api/openapi.json"
_document = json.loads(FILE.read_text())
resolver = jsonschema.RefResolver("", _document)
seen = set()  # (operationId, status)


def _pattern(path):
    return re.compile("".join("[^/]+" if piece.startswith("{") else re.escape(piece)
                              for piece in re.split(r"(\{\w+\})", path)))


operations = {(method.upper(), path): operation for path, item in _document["paths"].items()
              for method, operation in item.items()}
_patterns = [(method, _pattern(path), operation) for (method, path), operation in operations.items()]


def find(method, path):
    """The operation, or None for what the file does not know."""
    wanted = "GET" if method == "HEAD" else method
    return next((operation for known, pattern, operation in _patterns
                 if known == wanted and pattern.fullmatch(path.partition("?")[0])), None)


def _resolved(value):
    while "$ref" in value:
        value = resolver.resolve(value["$ref"])[1]
    return value


def check(method, path, status, headers, body):
    """Raises what differs between the answer and the file."""
    operation = find(method, path)
    if operation is None:
        return
    seen.add((operation["operationId"], status))
    # What the server itself says before the route is looked at, of any route.
    response = operation["responses"].get(str(status))
    if response is None:
        if status in (400, 405, 413, 414, 431, 503):
            return
        raise AssertionError(f"{method} {path}: openapi.json knows no {status}")
    response = _resolved(response)
    for name in response.get("headers", {}):
        if name != "Set-Cookie" and name not in headers:
            raise AssertionError(f"{method} {path}: {status} without {name}")
    content = response.get("content", {})
    if not content:
        if body:
            raise AssertionError(f"{method} {path}: {status} has a body")
        return
    kind = (headers["Content-Type"] or "").partition(";")[0]
    if kind not in content:
        raise AssertionError(f"{method} {path}: {status} is {kind}, not {', '.join(content)}")
    if method != "HEAD" and kind.endswith("json"):
        jsonschema.Draft202012Validator(content[kind]["schema"], resolver=resolver).validate(json.loads(body))
