"""An OpenAPI file as the tests hold answers against it, and what was seen of each of its operations."""
import json
import re

import jsonschema


def _pattern(path):
    return re.compile("".join("[^/]+" if piece.startswith("{") else re.escape(piece)
                              for piece in re.split(r"(\{\w+\})", path)))


class OpenapiDocument:
    def __init__(self, file, anywhere):
        """anywhere: statuses with which the server answers before the route is looked at."""
        self._document = json.loads(file.read_text())
        self._name, self._anywhere = f"{file.parent.name}/{file.name}", anywhere
        self.resolver = jsonschema.RefResolver("", self._document)
        self.seen = set()  # (operationId, status)
        self.operations = {(method.upper(), path): operation for path, item in self._document["paths"].items()
                           for method, operation in item.items()}
        self._patterns = [(method, _pattern(path), operation) for (method, path), operation in self.operations.items()]

    def find(self, method, path):
        """The operation, or None for what the file does not know."""
        wanted = "GET" if method == "HEAD" else method
        return next((operation for known, pattern, operation in self._patterns
                     if known == wanted and pattern.fullmatch(path.partition("?")[0])), None)

    def resolved(self, value):
        while "$ref" in value:
            value = self.resolver.resolve(value["$ref"])[1]
        return value

    def check(self, method, path, status, headers, body):
        """Raises what differs between the answer and the file."""
        operation = self.find(method, path)
        if operation is None:
            return
        self.seen.add((operation["operationId"], status))
        response = operation["responses"].get(str(status))
        if response is None:
            if status in self._anywhere:
                return
            raise AssertionError(f"{method} {path}: {self._name} knows no {status}")
        response = self.resolved(response)
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
            jsonschema.Draft202012Validator(content[kind]["schema"], resolver=self.resolver).validate(json.loads(body))
