#!/usr/bin/env python3
"""api_reference.py OPENAPI.json: prints the API that the file describes as a page in Markdown."""
import json
import sys
from pathlib import Path

document = {}


def resolved(value):
    """What a reference leads to."""
    while "$ref" in value:
        *_, kind, name = value["$ref"].split("/")
        value = document["components"][kind][name]
    return value


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def code(value):
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def link(reference):
    name = reference.rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def schema_link(schema):
    return link(schema["$ref"]) if "$ref" in schema else type_of(schema)


# --- Types ---

RULES = (("minimum", "at least {}"), ("maximum", "at most {}"), ("minLength", "at least {} characters"),
         ("maxLength", "at most {} characters"), ("minItems", "at least {}"), ("maxItems", "at most {}"),
         ("pattern", "`{}`"), ("default", "default {}"))


def named_type(schema):
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(code(value) for value in schema["enum"])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = {"array": f"array of {schema_link(schema['items'])}"} if "items" in schema else {}
    if "format" in schema:
        words["string"] = schema["format"]
    return " or ".join(words.get(kind, kind) for kind in kinds) or "anything"


def type_of(schema):
    """A few words, rules included."""
    if "$ref" in schema:
        return link(schema["$ref"])
    if "oneOf" in schema:
        return " or ".join(type_of(choice) for choice in schema["oneOf"])
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {schema_link(schema['additionalProperties'])}"
    rules = [words.format(schema[name]) for name, words in RULES if name in schema]
    return ", ".join([named_type(schema), *rules])


def rows_of(schema, prefix=""):
    """A row for each member, those of objects within behind them."""
    for name, member in schema.get("properties", {}).items():
        must = "yes" if name in schema.get("required", ()) else ""
        yield f"| {prefix}{name} | {cell(type_of(member))} | {must} | {cell(member.get('description', ''))} |"
        within = member.get("items", member)
        yield from rows_of(within, f"{prefix}{name}{'[]' if within is not member else ''}.")


# --- Operations ---

def print_parameters(operation):
    parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
    if parameters:
        print("| parameter | in | type | must | |\n|---|---|---|---|---|")
    for parameter in parameters:
        print(f"| {parameter['name']} | {parameter['in']} | {cell(type_of(parameter['schema']))} | "
              f"{'yes' if parameter.get('required') else ''} | {cell(parameter.get('description', ''))} |")
    if parameters:
        print()


def contents(of):
    """The bodies that a request or an answer may have."""
    return "; ".join(kind if not body.get("schema") or kind.startswith("text/event") else f"{kind}: {schema_link(body['schema'])}"
                     for kind, body in of.get("content", {}).items())


def print_answers(operation):
    print("| status | | body |\n|---|---|---|")
    for status, response in operation["responses"].items():
        response = resolved(response)
        print(f"| {status} | {cell(response['description'])} | {cell(contents(response))} |")
    print()


def who_may(operation):
    if "x-admission" in operation:
        return f"Who may: {operation['x-admission']}."
    ways = [" and ".join(way) for way in operation.get("security", ())]
    return f"Needs: {' or '.join(ways)}." if ways else ""


def print_operation(method, path, operation):
    print(f"### {operation['summary']}\n\n`{method.upper()} {path}`\n")
    for text in (who_may(operation), operation.get("description")):
        if text:
            print(f"{text}\n")
    print_parameters(operation)
    if "requestBody" in operation:
        print(f"Body: {contents(resolved(operation['requestBody']))}\n")
    for name, schema in operation.get("x-events", {}).items():
        print(f"Event `{name}`: {schema_link(schema)}\n")
    print_answers(operation)


def print_operations():
    printed = set()
    for tag in document["tags"]:
        if tag["name"] in printed:
            continue
        printed.add(tag["name"])
        # With its description, so that no schema's heading has the same anchor.
        print(f"## {tag['name']}: {tag['description']}\n")
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if operation["tags"][0] == tag["name"]:
                    print_operation(method, path, operation)


# --- Schemas and the rest ---

def print_schema(name, schema):
    print(f"### {name}\n")
    if schema.get("description"):
        print(f"{schema['description']}\n")
    rows = list(rows_of(schema))
    if rows:
        print("| member | type | must | |\n|---|---|---|---|")
        print("\n".join(rows))
    else:
        print(type_of(schema))
    print()
    for example in schema.get("examples", ()):
        if isinstance(example, dict):
            print(f"```json\n{json.dumps(example, ensure_ascii=False)}\n```\n")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: api_reference.py OPENAPI.json")
    document.update(json.loads(Path(sys.argv[1]).read_text()))
    print(f"# {document['info']['title']}\n\n{document['info']['description']}\n")
    print(f"Made by `tools/api_reference.py` of [{sys.argv[1]}](../../{sys.argv[1]}).\n")
    ways = document["components"].get("securitySchemes", {})
    for name, way in ways.items():
        words = way.get("description") or " ".join(way[key] for key in ("type", "scheme", "in", "name") if key in way)
        print(f"- **{name}**: {words}")
    if ways:
        print()
    print_operations()
    print("## Schemas\n")
    for name, schema in document["components"]["schemas"].items():
        print_schema(name, schema)


main()
