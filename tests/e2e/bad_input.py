"""What breaks a JSON schema or a parameter of an OpenAPI document, made from the document alone."""
import json
from urllib.parse import quote

import jsonschema

BODY_MAX = 64 * 1024
NESTED_TOO_DEEP = 1000
LONGER_THAN_ANY_RULE = 5000
OF_EVERY_TYPE = ("text", 7, 1.5, True, None, [], ["text"], {}, {"nosuch": 1})
NO_JSON = {"nothing but a brace": b"{", "no JSON": b"nosuch=1", "two values": b"{} {}", "a trailing comma": b'{"a":1,}',
           "single quotes": b"{'a':1}", "an array": b"[]", "a text": b'"x"', "a number": b"1", "null": b"null",
           "NaN": b'{"a":NaN}', "a NUL": b"{}\0", "an escaped NUL": rb'{"a":"\u0000"}', "UTF-16": '{"a":1}'.encode("utf-16"),
           "a lone surrogate": rb'{"a":"\ud800"}', "invalid UTF-8": b'{"a":"\xff"}', "overlong UTF-8": b'{"a":"\xc0\xaf"}',
           "nested too deep": b'{"a":' + b"[" * NESTED_TOO_DEEP + b"]" * NESTED_TOO_DEEP + b"}",
           "a name twice": b'{"a":1,"a":1}'}
NO_NAMES = {"a NUL": "%00", "a slash": "%2F", "dots": "%2E%2E", "a line": "a%0D%0AX-Injected:%20b", "invalid UTF-8": "%FF",
            "very long": "a" * LONGER_THAN_ANY_RULE, "quotes": quote("'\"--;"), "another": "nosuch"}


def pointer(*names):
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


class Schemas:
    """Schemas of one document."""

    def __init__(self, resolver):
        self._resolver = resolver

    def resolved(self, value):
        while "$ref" in value:
            value = self._resolver.resolve(value["$ref"])[1]
        return value

    def is_good(self, schema, value):
        return jsonschema.Draft202012Validator(schema, resolver=self._resolver).is_valid(value)

    def example(self, schema, known, name=None):
        """A good value: the document's own example, or what is known by the member's name, or made."""
        schema = self.resolved(schema)
        if "examples" in schema:
            return schema["examples"][0]
        if name in known:
            return known[name]
        kind = schema["type"]
        if "enum" in schema:
            return schema["enum"][0]
        if kind == "object":
            return {member: self.example(of, known, member) for member, of in schema["properties"].items()
                    if member in schema["required"]}
        if kind == "array":
            return [self.example(schema["items"], known)] * schema.get("minItems", 0)
        return {"boolean": True, "integer": schema.get("minimum", 0), "string": "a" * schema.get("minLength", 1)}[kind]

    @staticmethod
    def _candidates(schema):
        """Values of which those that the schema forbids are bad input."""
        yield from OF_EVERY_TYPE
        if "string" in schema.get("type", ()) or "enum" in schema:
            yield from ("", "nosuch", "a" * (schema.get("maxLength", LONGER_THAN_ANY_RULE) + 1))
        if "integer" in schema.get("type", ()):
            yield from (schema.get("minimum", 0) - 1, schema.get("maximum", 2 ** 63) + 1, 10 ** 300)

    def bad_values(self, schema, at=()):
        """(where, value within the whole, replaced): each breaks one rule of the schema."""
        schema = self.resolved(schema)
        for value in self._candidates(schema):
            if not self.is_good(schema, value):
                yield at, value
        # Rules that no document tells, because they hold everywhere.
        if "string" in schema.get("type", ()):
            yield from ((at, value) for value in ("a\nb", "a\x1bb", "\x7f", "a" * LONGER_THAN_ANY_RULE))

    def bad_objects(self, schema, good):
        """(what is wrong, body, pointer that names it); the rest of the body is good."""
        schema = self.resolved(schema)
        yield "an unknown member", {**good, "nosuch": 1}, "/nosuch"
        yield "an unknown member with a name to escape", {**good, "no/such~": 1}, pointer("no/such~")
        for name in schema["required"]:
            yield f"no {name}", {member: value for member, value in good.items() if member != name}, pointer(name)
        for name, of in schema["properties"].items():
            of = self.resolved(of)
            for _, value in self.bad_values(of):
                yield f"{name}: {value!r:.60}", {**good, name: value}, pointer(name)
            if of.get("type") == "array":
                for _, value in self.bad_values(of["items"]):
                    yield f"{name}: [{value!r:.60}]", {**good, name: [value]}, pointer(name, 0)


def no_json(good):
    """(what is wrong, body) of bodies that are no JSON object, or one that says a thing twice."""
    yield from NO_JSON.items()
    text = json.dumps(good)
    for name, value in good.items():
        yield f"{name} twice", f"{text[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}".encode()


def bad_queries(parameter, is_good):
    """(what is wrong, query) of one parameter."""
    name, schema = parameter["name"], parameter["schema"]
    values = ["%00", "%FF", "%zz", "a%0Ab", "a" * LONGER_THAN_ANY_RULE]
    if schema.get("type") != "string" or len(schema) > 1:
        values += ["nosuch", "1.5", "-1", "", "0x1", "%201", "1" * 30, "1e3"]
    for limit, step in (("minimum", -1), ("maximum", 1)):
        if limit in schema:
            values.append(str(schema[limit] + step))
    for value in values:
        if not (schema.get("type") == "string" and is_good(schema, value) and schema.get("format") is None and len(schema) > 1):
            yield f"{name}={value:.60}", f"{name}={value}"
    good = quote(str(schema.get("default", schema.get("enum", ["1"])[0])))
    yield f"{name} twice", f"{name}={good}&{name}={good}"
