"""mock-ita's control API as its own OpenAPI file describes it: every answer is held to its schema, and what was called is
remembered, so that a test can say that nothing of the file was left out."""
import http.client
import json
import re
from datetime import datetime
from urllib.parse import quote, urlencode

import jsonschema

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value):
    return not isinstance(value, str) or (value.endswith("Z") and bool(datetime.fromisoformat(value[:-1])))


class Answer:
    def __init__(self, response):
        self.status, self.headers, body = response.status, response.headers, response.read()
        self.json = json.loads(body) if body else None

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return f"{self.status} {json.dumps(self.json)[:2000]}"


class ControlApi:
    def __init__(self, port):
        self.authority = f"127.0.0.1:{port}"
        self.document = self.ask("GET", "/openapi.json").json
        self.operations = {operation["operationId"]: (method.upper(), path, operation)
                           for path, item in self.document["paths"].items() for method, operation in item.items()}
        self.seen = set()  # (operationId, status)
        self._resolver = jsonschema.RefResolver("", self.document)

    def ask(self, method, target, body=None, headers=(), content_type="application/json"):
        """Anything at all, unchecked."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        headers = dict(headers)
        if body is not None and content_type is not None:
            headers["Content-Type"] = content_type
        connection = http.client.HTTPConnection(self.authority, timeout=30)
        try:
            connection.request(method, target, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def resolved(self, value):
        while "$ref" in value:
            value = self._resolver.resolve(value["$ref"])[1]
        return value

    def _check(self, value, schema):
        jsonschema.Draft202012Validator(schema, resolver=self._resolver, format_checker=_formats).validate(value)

    def _check_answer(self, operation, answer):
        described = operation["responses"].get(str(answer.status))
        if described is None:
            raise AssertionError(f"{operation['operationId']}: an answer that the file does not know: {answer}")
        content = self.resolved(described).get("content")
        if content is None:
            if answer.json is not None:
                raise AssertionError(f"{operation['operationId']}: {answer.status} has no body in the file: {answer}")
            return
        self._check(answer.json, content[answer.headers["Content-Type"]]["schema"])

    def target_of(self, operation_id, query=None, **params):
        path = re.sub(r"{(\w+)}", lambda found: quote(str(params.pop(found.group(1))), safe=""),
                      self.operations[operation_id][1])
        if params:
            raise AssertionError(f"{operation_id} has no {params}")
        return path + ("?" + urlencode(query) if query else "")

    def call(self, operation_id, body=None, query=None, is_wrong=False, **params):
        """An operation by its ID. What is sent is held to the file, too, unless it is meant to be wrong."""
        method, _, operation = self.operations[operation_id]
        if body is not None and not is_wrong:
            self._check(body, operation["requestBody"]["content"]["application/json"]["schema"])
        answer = self.ask(method, self.target_of(operation_id, query, **params), body)
        self.seen.add((operation_id, answer.status))
        self._check_answer(operation, answer)
        return answer
